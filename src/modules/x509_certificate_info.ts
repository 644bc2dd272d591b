// community.crypto.x509_certificate_info: what a certificate says, and whether it is valid at given times.
import { choice, dict, path, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { certificateInfo, certificateProbe, certificateState, type CertificateState } from './x509/certificate.ts';
import { noFile, oneOf } from './x509/read-argument.ts';
import { parseTimespec } from './x509/timespec.ts';

const args = {
  path: path().optional().describe('File of the certificate on the host (PEM or DER).'),
  content: str().optional().describe('Or the certificate itself (PEM).'),
  valid_at: dict(raw()).optional().describe('Times by names of your own (+1d, 20260131235959Z): is it valid then?'),
  name_encoding: choice('ignore', 'idna', 'unicode')
    .default('ignore')
    .describe('Names beyond ASCII: as they are, or all in one way.'),
  select_crypto_backend: choice('auto', 'cryptography').default('auto').describe('Both mean vbx itself.'),
};

interface Observed {
  readonly certificate: CertificateState | undefined;
  readonly clock: { readonly kind: 'clock'; readonly info: { readonly now: number } };
}

export const x509_certificate_info = defineModule<typeof args, Observed>({
  name: 'community.crypto.x509_certificate_info',
  aliases: ['community.crypto.openssl_certificate_info'],
  summary: 'Tell what a certificate says',
  args,
  check: (given) => {
    for (const [name, time] of Object.entries(given.valid_at ?? {})) {
      if (typeof time !== 'string') return `The value for valid_at.${name} must be of type string`;
      try {
        parseTimespec(time, `valid_at.${name}`);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return oneOf(given);
  },
  reports: true,
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/told.pem
    size: 2048
- name: Have a certificate
  community.crypto.x509_certificate:
    path: /etc/ssl/certs/told.pem
    privatekey_path: /etc/ssl/private/told.pem
    provider: selfsigned
`,
  example: `
- name: See whether a certificate is valid in a month
  community.crypto.x509_certificate_info:
    path: /etc/ssl/certs/told.pem
    valid_at:
      soon: +30d
  register: certificate
`,
  probe: (given) =>
    ({
      ...(given.path === undefined ? {} : { certificate: certificateProbe(given.path, true) }),
      clock: scriptProbe('clock', 'date +%s', (answer) => ({
        kind: 'clock' as const,
        info: { now: Number(answer.stdout.toString()) },
      })),
    }) as { readonly [K in keyof Observed]: Probe<Observed[K]> },
})({
  plan: (given, observed): Plan<Observed> => {
    const state = stateOf(given.content, observed);
    const missing = noFile('certificate', given.path ?? '', state?.kind);
    if (missing !== undefined) return { failed: missing };
    if (state?.kind === 'broken') return { failed: state.info?.message ?? 'the certificate cannot be read' };
    return state?.info?.certificate === undefined
      ? { unknown: `the certificate ${given.path} is yet to be made` }
      : { after: {} };
  },
  apply: () => [],
  result: (given, { before }) => {
    const certificate = stateOf(given.content, before)?.info?.certificate;
    if (certificate === undefined) return {};
    const { now } = before.clock.info;
    const valid = Object.entries(given.valid_at ?? {}).map(([name, time]) => {
      const at = parseTimespec(String(time), name).at(now);
      return [name, certificate.notBefore <= at && at <= certificate.notAfter];
    });
    return { ...certificateInfo(certificate, now, given.name_encoding), valid_at: Object.fromEntries(valid) };
  },
});

function stateOf(content: string | undefined, { certificate, clock }: Observed): CertificateState | undefined {
  return content === undefined ? certificate : certificateState(Buffer.from(content), clock.info.now);
}
