// openssh_keypair: a private key of OpenSSH and its public one beside it, made by the host's own ssh-keygen.
import { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { bool, choice, field, int, path, str } from '../core/args.ts';
import { contentOf } from '../core/content.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { pathWord } from '../probes/path-script.ts';
import { fileAfter, fileArgs } from './parts/file-attributes.ts';
import { fileSteps, putBack, targetOf } from './parts/file-steps.ts';
import {
  fileName,
  flagEffects,
  generatedAfter,
  generatedAttributes,
  installStep,
  isThere,
  observedText,
  refusedPlace,
  removeSteps,
  tellStep,
  toldBy,
  type Generated,
} from './parts/generated-file.ts';
import { keyMakingArgs, NO_PASSPHRASE, NOT_READ_AGAIN, NOT_MADE_AGAIN } from './parts/key-making.ts';
import { reportOf } from './parts/report-lines.ts';

const args = {
  path: path().describe('The private key; the public key is beside it with `.pub` at its end.'),
  state: choice('absent', 'present').default('present').describe('Whether the two are there.'),
  type: choice('rsa', 'dsa', 'rsa1', 'ecdsa', 'ed25519').default('rsa').describe('Kind of the key.'),
  size: int().optional().describe('Bits: from 1024 for rsa (4096 by default); 256, 384 or 521 for ecdsa.'),
  comment: str().optional().describe('Comment of the public key.'),
  ...keyMakingArgs('partial_idempotence'),
  private_key_format: choice('auto', 'pkcs1', 'pkcs8', 'ssh')
    .default('auto')
    .describe('Only auto: as ssh-keygen writes it.'),
  backend: choice('auto', 'cryptography', 'opensshbin')
    .default('auto')
    .describe('auto and opensshbin: ssh-keygen of the host. cryptography is not supported.'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Keypair {
  readonly kind: 'absent' | 'missing' | 'unreadable' | 'keypair';
  readonly size: number;
  readonly type: string;
  readonly fingerprint: string;
  /** Kind and key of the public part, as the private key tells it; empty where it cannot be read. */
  readonly public: string;
}
interface Observed {
  readonly at: PathState;
  readonly pub: PathState;
  readonly parent: PathState;
  readonly key: Keypair;
}
const NO_KEY: Keypair = { kind: 'absent', size: 0, type: '', fingerprint: '', public: '' };

export const openssh_keypair = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssh_keypair',
  summary: 'Make keys of OpenSSH',
  args,
  check: (given) => {
    if (given.passphrase !== undefined) return NO_PASSPHRASE;
    if (given.backend === 'cryptography') return 'backend cryptography is not supported: keys are made by ssh-keygen';
    if (given.private_key_format !== 'auto')
      return "'auto' is the only valid option for 'private_key_format' when 'backend' is not 'cryptography'";
    if (given.mode === 'preserve') return 'mode "preserve" is for copy and template only';
    const size = given.size;
    if ((given.type === 'rsa' || given.type === 'rsa1') && size !== undefined && size < 1024)
      return 'For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. Attempting to use bit lengths under 1024 will cause the module to fail.';
    if (given.type === 'dsa' && size !== undefined && size !== 1024)
      return 'DSA keys must be exactly 1024 bits as specified by FIPS 186-2.';
    return given.type === 'ecdsa' && size !== undefined && ![256, 384, 521].includes(size)
      ? 'For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes: 256, 384 or 521 bits. Attempting to use bit lengths other than these three values for ECDSA keys will cause this module to fail.'
      : undefined;
  },
  example: `
- name: Have a key of this host
  community.crypto.openssh_keypair:
    path: /root/vbx-example-key
    type: ed25519
    comment: example
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => {
    const flags = given.attributes === undefined ? {} : { flags: true };
    return {
      at: pathProbe(given.path, flags),
      pub: pathProbe(`${given.path}.pub`, { content: 'bytes', ...flags }),
      parent: pathProbe(parentOf(given.path)),
      key: scriptProbe(`keypair:${given.path}`, keyScript(given.path), parseKeypair, { touches: [given.path] }),
    };
  },
})({
  plan: (given, observed, basics): Plan<Observed> => {
    const { at, pub, parent, key } = observed;
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    if (key.kind === 'missing') return { failed: 'Failed to find required executable "ssh-keygen" on the host' };
    if (given.state === 'absent')
      return {
        after: { at: isThere(at) ? { kind: 'absent' } : at, pub: isThere(pub) ? { kind: 'absent' } : pub, key: NO_KEY },
      };
    const policy = given.force ? 'always' : given.regenerate;
    const fits = key.size === sizeOf(given) && key.type === given.type;
    const unreadable = isThere(at) && (key.kind !== 'keypair' || key.public === '');
    if (unreadable && policy !== 'full_idempotence' && policy !== 'always')
      return {
        failed: `Unable to read the key. The key is protected with a passphrase or broken. ${NOT_READ_AGAIN}`,
      };
    if (isThere(at) && policy === 'fail' && !fits)
      return {
        failed: `Key has wrong type and/or size. ${NOT_MADE_AGAIN}`,
      };
    const fresh = !isThere(at) || unreadable || policy === 'always' || (policy !== 'never' && !fits);
    const flags = [...flagEffects(given.path, at, given), ...flagEffects(`${given.path}.pub`, pub, given)];
    const [first, second] = filesOf(given);
    if (fresh) {
      const effects: Effect[] = isThere(at) ? [{ kind: 'generate', text: `make a new key ${given.path}` }] : [];
      const made: Keypair = {
        kind: 'keypair',
        size: sizeOf(given),
        type: given.type,
        fingerprint: afterApply<string>('the fingerprint of the key'),
        public: afterApply<string>('the public key'),
      };
      return {
        after: {
          at: generatedAfter(first, at, parent, basics, true),
          pub: generatedAfter(second, pub, parent, basics, true),
          key: made,
        },
        effects: [...effects, ...flags],
      };
    }
    const text = publicText(given, pub, key);
    const target = targetOf(second.path, pub, true);
    return {
      after: {
        at: generatedAfter(first, at, parent, basics, false),
        pub:
          text === undefined
            ? generatedAfter(second, pub, parent, basics, false)
            : putBack(
                pub,
                true,
                fileAfter(
                  target.state,
                  contentOf(text),
                  { ...given, mode: given.mode ?? (isThere(pub) ? undefined : second.mode) },
                  basics,
                  parent,
                ),
              ),
      },
      effects: flags,
    };
  },
  apply: (given, { before, after, effects }, basics) => {
    if (given.state === 'absent')
      return [...removeSteps(given.path, before.at), ...removeSteps(`${given.path}.pub`, before.pub)];
    const [first, second] = filesOf(given);
    const [target, publicTarget] = [targetOf(first.path, before.at, true), targetOf(second.path, before.pub, true)];
    const attributes = generatedAttributes(first, before.at, after.at, before.parent, basics);
    const publicAttributes = generatedAttributes(second, before.pub, after.pub, before.parent, basics);
    const pair = [
      { path: target.path, name: 'key', mode: first.mode },
      { path: publicTarget.path, name: 'key.pub', mode: second.mode },
    ] as const;
    if (after.key === before.key && !effects.some(({ kind }) => kind === 'generate')) {
      if (publicText(given, before.pub, before.key) === undefined) return [...attributes, ...publicAttributes];
      // A comment stands in the private key too.
      if (given.comment !== undefined && given.comment !== '')
        return [
          installStep(
            `cp -- ${quote(target.path)} "$t/key" && ssh-keygen ${quoteAll(['-q', '-P', '', '-c', '-C', given.comment])} -f "$t/key" > /dev/null`,
            [...pair],
            { unsafe: given.unsafe_writes },
          ),
          ...attributes,
          ...publicAttributes,
        ];
      return [
        ...attributes,
        ...fileSteps(
          publicTarget.path,
          publicTarget.state,
          targetOf(second.path, after.pub, true).state,
          { ...given, mode: given.mode ?? second.mode },
          basics,
        ),
      ];
    }
    const command = `ssh-keygen ${quoteAll(['-q', '-N', '', '-b', String(sizeOf(given)), '-t', given.type, '-C', given.comment ?? ''])} -f "$t/key" < /dev/null`;
    return [
      installStep(command, [...pair], { unsafe: given.unsafe_writes }),
      ...attributes,
      ...publicAttributes,
      tellStep(keyScript(given.path)),
    ];
  },
  result: (given, { before, after }, done) => {
    // What is gone is told as it was.
    const { key: seen, pub } = given.state === 'absent' ? before : after;
    const told = toldBy(done, keyScript(given.path));
    const key = told === undefined ? seen : parseKeypair(told);
    const [type, data, comment] = publicParts(observedText(pub));
    return {
      size: sizeOf(given),
      type: given.type,
      filename: fileName(given.path, before.at),
      fingerprint: key.fingerprint,
      ...(known(key.public) === undefined || told !== undefined
        ? { public_key: key.public, comment: given.comment ?? '' }
        : { public_key: data === '' ? '' : `${type} ${data}`, comment }),
    };
  },
});

/** The private and the public file. */
function filesOf(given: Args): [Generated, Generated] {
  return [
    { path: given.path, wish: given, mode: '0600' },
    { path: `${given.path}.pub`, wish: given, mode: '0644' },
  ];
}

function sizeOf({ type, size }: Args): number {
  return type === 'ed25519' ? 256 : (size ?? { rsa: 4096, rsa1: 4096, dsa: 1024, ecdsa: 256 }[type]);
}

function keyScript(file: string): string {
  return `command -v ssh-keygen >/dev/null || { echo '@kind missing'; exit 0; }
p=${pathWord(file)}
[ -e "$p" ] || { echo '@kind absent'; exit 0; }
printf '@info %s\\n' "$(ssh-keygen -l -f "$p" 2>/dev/null < /dev/null)"
printf '@public %s\\n' "$(ssh-keygen -P '' -y -f "$p" 2>/dev/null < /dev/null)"`;
}

/** `256 SHA256:abc comment (ED25519)`, and the public key that the private one tells. */
export function parseKeypair(answer: Answer): Keypair {
  const report = reportOf(answer.stdout.toString('utf8'));
  const kind = report['kind'];
  if (kind === 'missing' || kind === 'absent') return { ...NO_KEY, kind };
  const [type, data] = publicParts(report['public']);
  const [, size, fingerprint, name] = /^(\d+) (\S+) (?:.* )?\(([^()]*)\)$/.exec(report['info']?.trim() ?? '') ?? [];
  if (size === undefined || fingerprint === undefined || name === undefined) return { ...NO_KEY, kind: 'unreadable' };
  return {
    kind: 'keypair',
    size: Number(size),
    type: name.toLowerCase(),
    fingerprint,
    public: data === '' ? '' : `${type} ${data}`,
  };
}

/** Kind, key and comment of a line; empty where they are not there. */
function publicParts(text = ''): [string, string, string] {
  const [, type = '', data = '', comment = ''] =
    /^(\S+) (\S+)(?: (.*))?$/.exec(text.replace(/^[ \n]+|[ \n]+$/g, '')) ?? [];
  return [type, data, comment];
}

/** What the public file must be, where it is not that of the private key or has another comment. */
function publicText({ comment }: Args, pub: PathState, key: Keypair): string | undefined {
  const [type, data, present] = publicParts(observedText(pub));
  if (`${type} ${data}` === key.public && (comment === undefined || comment === present)) return undefined;
  return `${key.public}${comment === undefined || comment === '' ? '' : ` ${comment}`}\n`;
}
