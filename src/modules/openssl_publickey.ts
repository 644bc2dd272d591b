// openssl_publickey: the public part of a private key that is on the host, in PEM or as OpenSSH has it.
import { createPublicKey } from 'node:crypto';
import type { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { bool, choice, path } from '../core/args.ts';
import { contentOf, type Content } from '../core/content.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { fileAfter, fileArgs } from './parts/file-attributes.ts';
import { fileSteps, putBack, targetOf } from './parts/file-steps.ts';
import {
  backupField,
  fileName,
  flagEffects,
  generatedAfter,
  isThere,
  observedText,
  refusedPlace,
  removeSteps,
} from './parts/generated-file.ts';
import { keyProblem, keySource, privateKeyArgs, privateKeyProbe, type PrivateKey } from './x509/private-key.ts';
import { fingerprints, opensshKey } from './x509/public-key.ts';
import { publicKeyPem } from './x509/request.ts';

const args = {
  path: path().describe('The file.'),
  state: choice('present', 'absent').default('present').describe('Whether it is there.'),
  format: choice('OpenSSH', 'PEM').default('PEM').describe('How the key is written.'),
  force: bool().default(false).describe('Write it each time.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
  return_content: bool().default(false).describe('Tell the key itself in the result.'),
  ...privateKeyArgs,
  select_crypto_backend: choice('auto', 'cryptography')
    .default('auto')
    .describe('Both mean vbx itself, and openssl of the host to read the private key.'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly key: PrivateKey | undefined;
}

export const openssl_publickey = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_publickey',
  summary: 'Write the public part of private keys',
  args,
  check: (given) => {
    if (given.mode === 'preserve') return 'mode "preserve" is for copy and template only';
    if (given.privatekey_path !== undefined && given.privatekey_content !== undefined)
      return 'parameters are mutually exclusive: privatekey_path|privatekey_content';
    return given.state === 'present' && keySource(given) === undefined
      ? 'state is present but any of the following are missing: privatekey_path, privatekey_content'
      : undefined;
  },
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/example.pem
    size: 2048
`,
  example: `
- name: Have its public part beside it
  community.crypto.openssl_publickey:
    path: /etc/ssl/private/example.pub
    privatekey_path: /etc/ssl/private/example.pem
`,
  probe: (given) => {
    const source = keySource(given);
    return {
      at: pathProbe(given.path, { content: 'bytes', ...(given.attributes === undefined ? {} : { flags: true }) }),
      parent: pathProbe(parentOf(given.path)),
      ...(source === undefined ? {} : { key: privateKeyProbe(source) }),
    } as { readonly [K in keyof Observed]: Probe<Observed[K]> };
  },
})({
  plan: (given, { at, parent, key }, basics): Plan<Observed> => {
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    if (given.state === 'absent') return { after: { at: isThere(at) ? { kind: 'absent' } : at } };
    if (key?.kind === 'absent') return { failed: `The private key ${given.privatekey_path} does not exist` };
    const problem = key === undefined ? undefined : keyProblem(keySource(given) ?? {}, key);
    if (problem !== undefined) return { failed: problem };
    const wish = wishOf(given, key);
    if (wish === 'unsupported') return { failed: `A key of type ${key?.type} has no form in OpenSSH` };
    const flags = flagEffects(given.path, at, given);
    if (wish === 'unknown')
      return {
        after: { at: generatedAfter({ path: given.path, wish: given, mode: '0644' }, at, parent, basics, true) },
        effects: [...(isThere(at) ? [{ kind: 'generate', text: `write another key to ${given.path}` }] : []), ...flags],
      };
    if (!given.force && isSame(given, at, wish))
      return {
        after: { at: generatedAfter({ path: given.path, wish: given, mode: '0644' }, at, parent, basics, false) },
        effects: flags,
      };
    const target = targetOf(given.path, at, true).state;
    return {
      after: { at: putBack(at, true, fileAfter(target, wish, given, basics, parent)) },
      effects: [
        ...(given.force && isThere(at) ? [{ kind: 'generate', text: `write ${given.path} again` }] : []),
        ...flags,
      ],
    };
  },
  apply: (given, { before, after, effects }, basics) => {
    if (given.state === 'absent') return removeSteps(given.path, before.at, given.backup);
    const target = targetOf(given.path, before.at, true);
    const again = effects.some(({ kind }) => kind === 'generate');
    return fileSteps(
      target.path,
      again ? withoutContent(target.state) : target.state,
      targetOf(given.path, after.at, true).state,
      given.mode === undefined && !isThere(before.at) ? { ...given, mode: '0644' } : given,
      basics,
    );
  },
  result: (given, { before, after }, done) => ({
    privatekey: given.privatekey_path ?? null,
    filename: fileName(given.path, before.at),
    format: given.format,
    fingerprint:
      given.state === 'absent' || after.key === undefined
        ? {}
        : known(after.key.public) === undefined
          ? after.key.public
          : fingerprints(Buffer.from(after.key.public, 'base64')),
    ...backupField(done),
    ...(given.return_content
      ? { publickey: isThere(after.at) ? (observedText(after.at) ?? afterApply<string>('the public key')) : null }
      : {}),
  }),
});

/** The content that is wished, as far as the key tells it. */
function wishOf({ format }: Args, key: PrivateKey | undefined): Content | 'unknown' | 'unsupported' {
  const spki = key === undefined ? undefined : known(key.public);
  if (spki === undefined) return 'unknown';
  const der = Buffer.from(spki, 'base64');
  if (format === 'PEM') return contentOf(publicKeyPem(der));
  const line = opensshKey(der);
  return line === undefined ? 'unsupported' : contentOf(line);
}

/** Whether the file holds the key already, whatever else (a comment) stands in it. */
function isSame({ format }: Args, at: PathState, wish: Content): boolean {
  const text = observedText(at);
  if (text === undefined) return false;
  const wished = wish.bytes?.toString() ?? '';
  if (format === 'OpenSSH') return text.trim().split(/\s+/).slice(0, 2).join(' ') === wished;
  try {
    return publicKeyPem(createPublicKey(text).export({ type: 'spki', format: 'der' })) === wished;
  } catch {
    return false;
  }
}

function withoutContent(state: PathState): PathState {
  if (state.kind !== 'file') return state;
  const { content: _content, ...rest } = state;
  return rest;
}
