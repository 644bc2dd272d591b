// community.crypto.openssl_csr_pipe: a request for a certificate that is told in the result, in place of one that is given; no file is made.
import type { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { StepResult } from '../core/step.ts';
import { keyProblem, keySource, privateKeyProbe, signingProblem, type PrivateKey } from './x509/private-key.ts';
import {
  requestArgs,
  requestFields,
  requestFits,
  requestProblem,
  requestSigner,
  wishedRequest,
} from './x509/request-wish.ts';
import { REQUEST_LABEL, requestDiff, requestState, requestToBeSigned } from './x509/request.ts';
import { signCommand } from './x509/signing.ts';

const args = { content: str().optional().describe('The request that there is.'), ...requestArgs };
type Args = z.output<z.ZodObject<typeof args>>;

export const openssl_csr_pipe = defineModule<typeof args, { readonly key: PrivateKey }>({
  name: 'community.crypto.openssl_csr_pipe',
  summary: 'Make requests for certificates that no file holds',
  args,
  check: (given) =>
    keySource(given) === undefined
      ? 'one of the following is required: privatekey_path, privatekey_content'
      : requestProblem(given),
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/example.pem
    size: 2048
- name: Have a request
  community.crypto.openssl_csr:
    path: /etc/ssl/private/example.csr
    privatekey_path: /etc/ssl/private/example.pem
    common_name: www.example.org
- name: Read it
  ansible.builtin.slurp:
    src: /etc/ssl/private/example.csr
  register: request
`,
  example: `
- name: Have a request for a certificate
  community.crypto.openssl_csr_pipe:
    content: "{{ request.content | b64decode }}"
    privatekey_path: /etc/ssl/private/example.pem
    common_name: www.example.org
`,
  probe: (given) => ({ key: privateKeyProbe(keySource(given) ?? {}) }),
})({
  plan: (given, { key }): Plan<{ readonly key: PrivateKey }> => {
    const problem = keyProblem(keySource(given) ?? {}, key) ?? signingProblem(key);
    if (problem !== undefined) return { failed: problem };
    return isFresh(given, key)
      ? { after: {}, effects: [{ kind: 'generate', text: 'make a new request' }] }
      : { after: {} };
  },
  apply: (given, { before: { key } }) => {
    const wish = wishedRequest(given, Buffer.from(key.public, 'base64'));
    const command = signCommand([requestToBeSigned(wish)], REQUEST_LABEL, requestSigner(given, key));
    const script = `umask 077; t=$(mktemp -d 2>/dev/null || mktemp -d /dev/shm/vbx-XXXXXXXX) || exit
trap 'rm -rf -- "$t"' EXIT; trap 'exit 143' TERM INT HUP
{ ${command}
} && cat "$t/new"`;
    return [{ kind: 'script', script, long: true, secret: true }];
  },
  result: (given, { effects }, done) => ({
    ...requestFields(given),
    csr: contentOf(given, effects.length > 0, done),
  }),
  diff: (given, { before: { key }, effects }) => {
    const before = given.content === undefined ? {} : requestDiff(requestState(Buffer.from(given.content)));
    const spki = known(key.public);
    if (effects.length === 0 || spki === undefined) return { before, after: before };
    const parts = wishedRequest(given, Buffer.from(spki, 'base64'));
    return { before, after: requestDiff({ kind: 'request', signed: true, info: { parts } }) };
  },
});

/** Whether another request must be made than the one that is given. */
function isFresh(given: Args, key: PrivateKey): boolean {
  const spki = known(key.public);
  const { info, signed } = given.content === undefined ? {} : requestState(Buffer.from(given.content));
  if (info?.parts === undefined || spki === undefined) return true;
  const wish = wishedRequest(given, Buffer.from(spki, 'base64'));
  return !requestFits(given, wish, { ...info.parts, signed: signed === true });
}

function contentOf(given: Args, fresh: boolean, done: readonly StepResult[]): string | null {
  if (!fresh) return given.content ?? null;
  return done.find(({ step }) => step.kind === 'script')?.stdout ?? afterApply<string>('the content of the request');
}
