// openssl_csr: a request for a certificate in PEM. vbx says what is asked for, and the host's own openssl signs it with the key that stays there.
import type { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { bool, choice, path } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { targetOf } from './parts/file-steps.ts';
import {
  backupField,
  contentScript,
  fileName,
  flagEffects,
  generatedAfter,
  generatedAttributes,
  installStep,
  isThere,
  refusedPlace,
  removeSteps,
  tellStep,
  toldBy,
  type Generated,
} from './parts/generated-file.ts';
import { nameText } from './x509/names.ts';
import { keyProblem, keySource, privateKeyProbe, signingProblem, type PrivateKey } from './x509/private-key.ts';
import {
  foretoldRequest,
  requestArgs,
  requestFields,
  requestFits,
  requestProblem,
  requestSigner,
  wishedRequest,
} from './x509/request-wish.ts';
import {
  describedRequest,
  REQUEST_LABEL,
  requestDiff,
  requestProbe,
  requestToBeSigned,
  type RequestState,
} from './x509/request.ts';
import { signCommand } from './x509/signing.ts';

const args = {
  path: path().describe('The file.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  force: bool().default(false).describe('Make another each time.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
  return_content: bool().default(false).describe('Tell the request itself in the result.'),
  ...requestArgs,
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly key: PrivateKey;
  readonly request: RequestState;
}

export const openssl_csr = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_csr',
  summary: 'Make requests for certificates',
  args,
  check: (given) => {
    if (given.mode === 'preserve') return 'mode "preserve" is for copy and template only';
    if (given.state === 'present' && keySource(given) === undefined)
      return 'state is present but any of the following are missing: privatekey_path, privatekey_content';
    return requestProblem(given);
  },
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/example.pem
    size: 2048
`,
  example: `
- name: Have a request for a certificate
  community.crypto.openssl_csr:
    path: /etc/ssl/private/example.csr
    privatekey_path: /etc/ssl/private/example.pem
    common_name: www.example.org
    subject_alt_name: DNS:www.example.org,DNS:example.org
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => ({
    at: pathProbe(given.path, given.attributes === undefined ? {} : { flags: true }),
    parent: pathProbe(parentOf(given.path)),
    key: privateKeyProbe(keySource(given) ?? { path: given.path }),
    request: requestProbe(given.path),
  }),
})({
  plan: (given, { at, parent, key, request }, basics): Plan<Observed> => {
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    if (given.state === 'absent')
      return { after: { at: isThere(at) ? { kind: 'absent' } : at, request: { kind: 'absent' } } };
    const problem = keyProblem(keySource(given) ?? {}, key) ?? signingProblem(key);
    if (problem !== undefined) return { failed: problem };
    const fresh = isFresh(given, key, request);
    return {
      after: {
        at: generatedAfter(fileOf(given), at, parent, basics, fresh),
        ...(fresh ? { request: newRequest(given, key) } : {}),
      },
      effects: [
        ...(fresh && request.kind !== 'absent' ? [{ kind: 'generate', text: `make a new request ${given.path}` }] : []),
        ...flagEffects(given.path, at, given),
      ],
    };
  },
  apply: (given, { before, after }, basics) => {
    if (given.state === 'absent') return removeSteps(given.path, before.at, given.backup);
    const attributes = generatedAttributes(fileOf(given), before.at, after.at, before.parent, basics);
    if (!isFresh(given, before.key, before.request)) return attributes;
    const wish = wishedRequest(given, Buffer.from(before.key.public, 'base64'));
    const command = signCommand([requestToBeSigned(wish)], REQUEST_LABEL, requestSigner(given, before.key));
    const target = targetOf(given.path, before.at, true);
    return [
      installStep(command, [{ path: target.path, name: 'new', mode: fileOf(given).mode }], {
        backup: given.backup,
        unsafe: given.unsafe_writes,
        secret: true,
      }),
      ...attributes,
      ...(given.return_content ? [tellStep(contentScript(given.path))] : []),
    ];
  },
  result: (given, { before, after }, done) => ({
    ...requestFields(given),
    filename: fileName(given.path, before.at),
    ...backupField(done),
    ...(given.return_content
      ? { csr: toldBy(done, contentScript(given.path))?.stdout.toString() ?? contentOfRequest(after.request) }
      : {}),
  }),
  diff: (_given, { before, after }) => ({ before: requestDiff(before.request), after: requestDiff(after.request) }),
});

function fileOf(given: Args): Generated {
  return { path: given.path, wish: given, mode: '0644' };
}

/** Whether another request must be made. */
function isFresh(given: Args, key: PrivateKey, { info, signed }: RequestState): boolean {
  const spki = known(key.public);
  if (given.force || info?.parts === undefined || spki === undefined) return true;
  const wish = wishedRequest(given, Buffer.from(spki, 'base64'));
  return !requestFits(given, wish, { ...info.parts, signed: signed === true });
}

function newRequest(given: Args, key: PrivateKey): RequestState {
  const spki = known(key.public);
  if (spki !== undefined) return describedRequest(wishedRequest(given, Buffer.from(spki, 'base64')));
  const { name, extensions } = foretoldRequest(given);
  return {
    kind: 'request',
    subject: nameText(name),
    extensions: extensions ?? afterApply<string[]>('the extensions of the request'),
    public: afterApply<string>('the public key'),
    signed: true,
  };
}

function contentOfRequest(request: RequestState): string | null {
  if (request.kind === 'absent') return null;
  return request.info?.bytes?.toString() ?? afterApply<string>('the content of the request');
}
