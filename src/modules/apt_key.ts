// apt_key: apt trusts a key for all repositories, or does not. Neither apt-key (gone from new releases) nor gpg is needed on the host.
import { bool, choice, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { fetchProbe, type FetchedState } from '../probes/download.ts';
import { isArmored, isKeyId, normalId, publicKeys, type PublicKey } from './openpgp.ts';

/** The keys that apt trusts: fingerprints, sorted. */
interface Trusted {
  readonly kind: 'trusted-keys';
  readonly keys: readonly string[];
  readonly info: { readonly files: readonly { readonly path: string; readonly keys: readonly PublicKey[] }[] };
}
interface Observed {
  readonly trusted: Trusted;
  readonly key?: FetchedState;
}

export const apt_key = defineModule<AptKeyShape, Observed>({
  name: 'ansible.builtin.apt_key',
  summary: 'Say which keys apt trusts for all repositories (deb822_repository ties a key to one)',
  args: aptKeyArgs(),
  check: (args) => {
    const sources = [args.data, args.file, args.url, args.keyserver].filter((source) => source !== undefined);
    if (sources.length > 1) return 'only one of data, file, url, keyserver can be given';
    if (args.keyserver !== undefined && args.id === undefined) return 'id is required with keyserver';
    if (args.id !== undefined && !/^[0-9A-F]{8,64}$/.test(normalId(args.id))) return `${args.id} is no key id`;
    return sources.length === 0 && args.id === undefined
      ? 'one of id, data, file, url, keyserver is required'
      : undefined;
  },
  example: `
- ansible.builtin.apt_key:
    id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA
    state: absent
`,
  probe: (args): { trusted: Probe<Trusted>; key?: Probe<FetchedState> } => {
    const location = locationOf(args);
    return {
      trusted: trustedProbe(args.keyring),
      ...(location === undefined ? {} : { key: fetchProbe(location, args.validate_certs) }),
    };
  },
})({
  plan: (args, { trusted, key }) => {
    const known = trusted.info.files.flatMap(({ keys }) => keys);
    if (args.state === 'absent') {
      const ids = args.id === undefined ? keysOf(args, key).map(({ fingerprint }) => fingerprint) : [args.id];
      const left = trusted.keys.filter(
        (fingerprint) => !known.some((one) => one.fingerprint === fingerprint && ids.some((id) => isKeyId(one, id))),
      );
      return { after: left.length === trusted.keys.length ? {} : { trusted: { ...trusted, keys: left } } };
    }
    // With an id nothing needs to be downloaded where the key is there already.
    if (args.id !== undefined && known.some((one) => isKeyId(one, args.id ?? ''))) return { after: {} };
    if (key !== undefined && key.info.bytes === undefined)
      return { failed: `the key cannot be read from ${locationOf(args) ?? 'its source'}: ${key.info.message}` };
    const wanted = keysOf(args, key);
    if (wanted.length === 0)
      return {
        failed:
          args.id !== undefined && key === undefined && args.data === undefined
            ? `key ${args.id} is not there, and neither data, file, url nor keyserver says where it is`
            : 'there is no public key in what was given',
      };
    if (args.id !== undefined && !wanted.some((one) => isKeyId(one, args.id ?? '')))
      return {
        failed: `Unable to find the requested id ${args.id} in what was given: it has ${wanted.map(({ fingerprint }) => fingerprint).join(', ')}`,
      };
    const missing = wanted
      .map(({ fingerprint }) => fingerprint)
      .filter((fingerprint) => !trusted.keys.includes(fingerprint));
    return {
      after:
        missing.length === 0
          ? {}
          : { trusted: { ...trusted, keys: [...new Set([...trusted.keys, ...missing])].sort() } },
    };
  },
  apply: (args, { before, after }) => {
    const removed = before.trusted.keys.filter((fingerprint) => !after.trusted.keys.includes(fingerprint));
    const added = after.trusted.keys.filter((fingerprint) => !before.trusted.keys.includes(fingerprint));
    const steps: Step[] = before.trusted.info.files.flatMap(({ path: file, keys }): Step[] => {
      const kept = keys.filter(({ fingerprint }) => !removed.includes(fingerprint));
      if (kept.length === keys.length) return [];
      return [
        kept.length === 0 && file.includes('/trusted.gpg.d/')
          ? { kind: 'run', argv: ['rm', '-f', '--', file] }
          : writeStep(file, Buffer.concat(kept.map(({ bytes }) => bytes))),
      ];
    });
    if (added.length === 0) return steps;
    const bytes = args.data === undefined ? before.key?.info.bytes : Buffer.from(args.data);
    const keys = keysOf(args, before.key).filter(({ fingerprint }) => added.includes(fingerprint));
    if (bytes === undefined) return steps;
    if (args.keyring !== undefined) {
      const there = before.trusted.info.files.find(({ path: file }) => file === args.keyring)?.keys ?? [];
      return [...steps, writeStep(args.keyring, Buffer.concat([...there, ...keys].map((one) => one.bytes)))];
    }
    return [
      ...steps,
      writeStep(
        `/etc/apt/trusted.gpg.d/${(keys[0]?.fingerprint ?? 'key').slice(-16).toLowerCase()}.${isArmored(bytes) ? 'asc' : 'gpg'}`,
        bytes,
      ),
    ];
  },
  result: (args, { before, after }) => {
    const id =
      args.id === undefined
        ? after.trusted.keys.find((fingerprint) => !before.trusted.keys.includes(fingerprint))
        : normalId(args.id);
    return {
      ...(id === undefined ? {} : { id, key_id: id.slice(-16), short_id: id.slice(-8), fp: id }),
      before: before.trusted.keys,
      after: after.trusted.keys,
    };
  },
});

function aptKeyArgs() {
  return {
    id: str().optional().describe('The key: its id or, better, its whole fingerprint.'),
    data: str().optional().describe('The key itself, armored.'),
    file: path().optional().describe('A file of the host that holds it.'),
    keyring: path().optional().describe('Another keyring than those below /etc/apt/trusted.gpg.d.'),
    url: str().optional().describe('Where the host downloads it.'),
    keyserver: str().optional().describe('A key server that has it: `keyserver.ubuntu.com`.'),
    state: choice('absent', 'present').default('present').describe('Whether it is trusted.'),
    validate_certs: bool().default(true).describe('Check certificates.'),
  };
}
type AptKeyShape = ReturnType<typeof aptKeyArgs>;

interface Located {
  readonly id?: string | undefined;
  readonly data?: string | undefined;
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly keyserver?: string | undefined;
}

function locationOf(args: Located): string | undefined {
  if (args.keyserver !== undefined)
    return `https://${args.keyserver
      .replace(/^[a-z]+:\/\//, '')
      .replace(/:\d+$/, '')
      .replace(/\/+$/, '')}/pks/lookup?op=get&options=mr&search=0x${normalId(args.id ?? '')}`;
  return args.url ?? args.file;
}

function keysOf(args: Located, key: FetchedState | undefined): PublicKey[] {
  const bytes = args.data === undefined ? key?.info.bytes : Buffer.from(args.data);
  return bytes === undefined ? [] : publicKeys(bytes);
}

function writeStep(file: string, bytes: Buffer): Step {
  const [target, temporary] = [quote(file), quote(`${file}.vbx~`)];
  return {
    kind: 'script',
    script: `umask 022; cat >${temporary} && chmod 644 ${temporary} && mv -f ${temporary} ${target}`,
    stdin: bytes,
  };
}

function trustedProbe(keyring: string | undefined): Probe<Trusted> {
  const files =
    keyring === undefined
      ? '/etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc'
      : quote(keyring);
  return scriptProbe(
    `apt-keys:${keyring ?? ''}`,
    `for f in ${files}; do [ -r "$f" ] && { echo "@@$f"; base64 "$f" 2>/dev/null || openssl base64 -in "$f"; }; done; :`,
    parseTrusted,
  );
}

export function parseTrusted(answer: Answer): Trusted {
  const files = `\n${answer.stdout.toString('latin1')}`
    .split('\n@@')
    .slice(1)
    .map((part) => {
      const [file = '', ...lines] = part.split('\n');
      return { path: file, keys: publicKeys(Buffer.from(lines.join(''), 'base64')) };
    });
  return {
    kind: 'trusted-keys',
    keys: [...new Set(files.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint)))].sort(),
    info: { files },
  };
}
