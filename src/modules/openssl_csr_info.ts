// community.crypto.openssl_csr_info: what a request for a certificate asks for.
import { choice, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { noFile, oneOf } from './x509/read-argument.ts';
import { requestInfo, requestProbe, requestState, type RequestState } from './x509/request.ts';

const args = {
  path: path().optional().describe('File of the request on the host (PEM).'),
  content: str().optional().describe('Or the request itself.'),
  name_encoding: choice('ignore', 'idna', 'unicode')
    .default('ignore')
    .describe('Names beyond ASCII: as they are, or all in one way.'),
  select_crypto_backend: choice('auto', 'cryptography').default('auto').describe('Both mean vbx itself.'),
};

interface Observed {
  readonly request: RequestState | undefined;
}

export const openssl_csr_info = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_csr_info',
  summary: 'Tell what a request for a certificate asks for',
  args,
  check: (given) => oneOf(given),
  reports: true,
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/asked.pem
    size: 2048
- name: Have a request
  community.crypto.openssl_csr:
    path: /etc/ssl/private/asked.csr
    privatekey_path: /etc/ssl/private/asked.pem
    common_name: www.example.org
`,
  example: `
- name: Read a request for a certificate
  community.crypto.openssl_csr_info:
    path: /etc/ssl/private/asked.csr
  register: request
`,
  probe: (given) =>
    (given.path === undefined ? {} : { request: requestProbe(given.path) }) as { request: Probe<RequestState> },
})({
  plan: (given, { request }): Plan<Observed> => {
    const state = given.content === undefined ? request : requestState(Buffer.from(given.content));
    const missing = noFile('CSR', given.path ?? '', state?.kind);
    if (missing !== undefined) return { failed: missing };
    if (state?.kind === 'broken') return { failed: state.info?.message ?? 'the request cannot be read' };
    if (state?.info?.bytes === undefined) return { unknown: `the request ${given.path} is yet to be made` };
    return state.signed === true
      ? { after: {} }
      : { failed: 'CSR signature is invalid!', fields: fieldsOf(state, given.name_encoding) };
  },
  apply: () => [],
  result: (given, { before: { request } }) => {
    const state = given.content === undefined ? request : requestState(Buffer.from(given.content));
    return state === undefined ? {} : fieldsOf(state, given.name_encoding);
  },
});

function fieldsOf({ info, signed }: RequestState, encoding: 'ignore' | 'idna' | 'unicode'): Record<string, unknown> {
  return info?.parts === undefined ? {} : requestInfo({ parts: info.parts, signed: signed === true }, encoding);
}
