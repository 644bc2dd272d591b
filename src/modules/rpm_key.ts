// rpm_key: rpm trusts a key, or does not.
import { bool, choice, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { fetchProbe, type FetchedState } from '../probes/download.ts';
import { isKeyId, normalId, publicKeys } from './openpgp.ts';

interface Imported {
  readonly kind: 'imported-keys';
  /** Versions of the gpg-pubkey packages: last digits of key ids, upper case, sorted. */
  readonly keys: readonly string[];
}
interface Observed {
  readonly imported: Imported;
  readonly key?: FetchedState;
}

export const rpm_key = defineModule<RpmKeyShape, Observed>({
  name: 'ansible.builtin.rpm_key',
  summary: 'Say which keys rpm trusts',
  args: rpmKeyArgs(),
  example: `
- ansible.builtin.rpm_key:
    key: "8483C65D"
    state: absent
  when: ansible_facts.os_family | default('') == 'RedHat'
`,
  probe: (args): { imported: Probe<Imported>; key?: Probe<FetchedState> } => ({
    imported: scriptProbe('rpm-keys', "rpm -q gpg-pubkey --qf '%{VERSION}\\n' 2>/dev/null; :", (answer) => ({
      kind: 'imported-keys',
      keys: answer.stdout
        .toString('latin1')
        .split('\n')
        .filter((text) => /^[0-9a-fA-F]{8,}$/.test(text))
        .map((text) => text.toUpperCase())
        .sort(),
    })),
    ...(isId(args.key) ? {} : { key: fetchProbe(args.key, args.validate_certs) }),
  }),
})({
  plan: (args, { imported, key }) => {
    if (key !== undefined && key.info.bytes === undefined)
      return { failed: `failed to fetch key at ${args.key}, error was: ${key.info.message}` };
    const keys = key?.info.bytes === undefined ? [] : publicKeys(key.info.bytes);
    if (key !== undefined && keys.length === 0) return { failed: `Not a public key: ${args.key}` };
    const has = (id: string) =>
      imported.keys.find((known) => normalId(id).endsWith(known) || known.endsWith(normalId(id)));
    const ids = isId(args.key) ? [args.key] : keys.map(({ fingerprint }) => fingerprint);
    const there = ids.map(has).filter((id) => id !== undefined);
    if (args.state === 'absent')
      return {
        after:
          there.length === 0
            ? {}
            : { imported: { ...imported, keys: imported.keys.filter((known) => !there.includes(known)) } },
      };
    if (there.length === ids.length) return { after: {} };
    if (isId(args.key)) return { failed: 'When importing a key, a valid file must be given' };
    const wrong = (args.fingerprint ?? []).find((fingerprint) => !keys.some((one) => isKeyId(one, fingerprint)));
    if (wrong !== undefined)
      return {
        failed: `The specified fingerprint, '${wrong}', does not match any key fingerprints in '${keys.map(({ fingerprint }) => fingerprint).join(', ')}'`,
      };
    return {
      after: {
        imported: {
          ...imported,
          keys: [...imported.keys, ...ids.filter((id) => has(id) === undefined).map((id) => id.slice(-8))].sort(),
        },
      },
    };
  },
  apply: (_args, { before, after }) => {
    const removed = before.imported.keys.filter((known) => !after.imported.keys.includes(known));
    if (removed.length > 0)
      return removed.map((known) => ({
        kind: 'run' as const,
        argv: ['rpm', '--erase', '--allmatches', `gpg-pubkey-${known.toLowerCase()}`],
      }));
    const bytes = before.key?.info.bytes;
    if (bytes === undefined) return [];
    return [
      {
        kind: 'script',
        script: `f=$(mktemp) && trap 'rm -f "$f"' EXIT && cat >"$f" && rpm --import "$f"`,
        stdin: bytes,
      },
    ];
  },
});

function rpmKeyArgs() {
  return {
    key: str().describe('Where the key is: a URL or a file of the host; with absent a key id too.'),
    state: choice('absent', 'present').default('present').describe('Whether it is trusted.'),
    validate_certs: bool().default(true).describe('Check certificates.'),
    fingerprint: list(str()).optional().describe('Fingerprints that the key must have.'),
  };
}
type RpmKeyShape = ReturnType<typeof rpmKeyArgs>;

function isId(key: string): boolean {
  return /^(0x)?[0-9a-fA-F]{8,40}$/.test(key.trim());
}
