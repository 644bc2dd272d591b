// community.crypto.get_certificate: the certificate that a server shows to the host, by the host's own openssl.
import { bool, choice, int, list, path, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';
import { reportOf } from './parts/report-lines.ts';
import { CERTIFICATE_LABEL, readCertificateDer, timeText, type Certificate } from './x509/certificate.ts';
import { readDer, readPem, writePem } from './x509/der.ts';
import { readName } from './x509/names.ts';
import { longName, shortName } from './x509/oids.ts';
import { NO_OPENSSL } from './x509/private-key.ts';
import { whole } from './x509/public-key.ts';

const args = {
  host: str().describe('The server: a name or an address.'),
  port: int().describe('Its port.'),
  server_name: str().optional().describe('The name that is asked for; otherwise host.'),
  ca_cert: path()
    .optional()
    .describe('File of certificates of authorities on the host, one of which must have signed.'),
  proxy_host: str().optional().describe('A proxy on the way.'),
  proxy_port: int().default(8080).describe('Its port.'),
  starttls: choice('mysql').optional().describe('The protocol in which encryption is asked for.'),
  timeout: int().default(10).describe('Seconds to wait.'),
  ciphers: list(str()).optional().describe('Ciphers to offer.'),
  asn1_base64: bool().default(true).describe('Only true: values of extensions are told in base64.'),
  tls_ctx_options: list(raw()).optional().describe('Not supported.'),
  get_certificate_chain: bool().default(false).describe('Not supported.'),
  select_crypto_backend: choice('auto', 'cryptography').default('auto').describe('Both mean openssl of the host.'),
};

interface Shown {
  readonly kind: 'shown';
  readonly info: {
    readonly now: number;
    readonly certificate?: Certificate;
    readonly problem?: string;
  };
}

export const get_certificate = defineModule<typeof args, { readonly shown: Shown }>({
  name: 'community.crypto.get_certificate',
  summary: 'Tell the certificate that a server shows',
  args,
  check: (given) => {
    if (given.tls_ctx_options !== undefined) return 'tls_ctx_options is not supported';
    if (given.get_certificate_chain) return 'get_certificate_chain is not supported';
    return given.asn1_base64 ? undefined : 'asn1_base64: false is not supported';
  },
  reports: true,
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /root/vbx-example.pem
    size: 2048
- name: Have a certificate
  community.crypto.x509_certificate:
    path: /root/vbx-example.crt
    privatekey_path: /root/vbx-example.pem
    provider: selfsigned
- name: Have a server
  ansible.builtin.shell: openssl s_server -accept 127.0.0.1:8443 -key /root/vbx-example.pem -cert /root/vbx-example.crt > /dev/null 2>&1 < /dev/null &
`,
  example: `
- name: See the certificate of a server
  community.crypto.get_certificate:
    host: 127.0.0.1
    port: 8443
  register: shown
`,
  probe: (given): { readonly shown: Probe<Shown> } => {
    const address = `${given.host.includes(':') ? `[${given.host}]` : given.host}:${given.port}`;
    const words = [
      ...['-connect', address],
      // An address is no name to ask for.
      ...(/^[\d.]+$|:/.test(given.server_name ?? given.host) ? [] : ['-servername', given.server_name ?? given.host]),
      ...(given.proxy_host === undefined ? [] : ['-proxy', `${given.proxy_host}:${given.proxy_port}`]),
      ...(given.starttls === undefined ? [] : ['-starttls', given.starttls]),
      ...(given.ciphers === undefined ? [] : ['-cipher', given.ciphers.join(':')]),
    ];
    const authority = given.ca_cert === undefined ? undefined : pathWord(given.ca_cert);
    const seconds = given.timeout > 0 ? given.timeout : 600;
    const script = `command -v openssl >/dev/null || { echo '@problem ${NO_OPENSSL}'; exit 0; }
${authority === undefined ? '' : `[ -f ${authority} ] || { echo '@problem ca_cert file does not exist'; exit 0; }\n`}echo "@now $(date +%s)"
t=; command -v timeout >/dev/null && t='timeout ${seconds}'
a=$($t openssl s_client ${quoteAll(words)}${authority === undefined ? '' : ` -CAfile ${authority} -verify_return_error`} </dev/null 2>&1); echo "@rc $?"
printf '%s\\n' "$a"`;
    return {
      shown: scriptProbe(`certificate.shown:${address}`, script, parseShown, { costly: true }),
    };
  },
})({
  plan: (given, { shown: { info } }): Plan<{ readonly shown: Shown }> => {
    if (info.certificate !== undefined) return { after: {} };
    const problem = info.problem ?? 'it shows no certificate';
    if (problem === NO_OPENSSL || problem === 'ca_cert file does not exist') return { failed: problem };
    const way = given.proxy_host === undefined ? '' : ` via proxy ${given.proxy_host}:${given.proxy_port}`;
    return { failed: `Failed to get cert${way} from ${given.host}:${given.port}, error: ${problem}` };
  },
  apply: () => [],
  result: (_given, { before: { shown } }) => {
    const { certificate, now } = shown.info;
    if (certificate === undefined) return {};
    const name = (bytes: Buffer): Record<string, string> =>
      Object.fromEntries(readName(readDer(bytes)).map(({ oid, value }) => [shortName(oid), value]));
    return {
      cert: writePem(certificate.der, CERTIFICATE_LABEL),
      subject: name(certificate.subject),
      issuer: name(certificate.issuer),
      expired: certificate.notAfter < now,
      extensions: certificate.extensions.map(({ oid, critical, value }) => ({
        critical,
        asn1_data: value.toString('base64'),
        name: shortName(oid),
      })),
      not_after: timeText(certificate.notAfter),
      not_before: timeText(certificate.notBefore),
      serial_number: whole(certificate.serial),
      signature_algorithm: longName(certificate.algorithm),
      // Counted from 0.
      version: certificate.version - 1,
    };
  },
});

/** The first certificate that was shown; with `ca_cert` only where its signature was found to be sound. */
function parseShown(answer: Answer): Shown {
  const text = answer.stdout.toString('utf8');
  const report = reportOf(text);
  const now = Number(report['now'] ?? 0);
  if (report['problem'] !== undefined) return { kind: 'shown', info: { now, problem: report['problem'] } };
  const pem = readPem(answer.stdout, [CERTIFICATE_LABEL]);
  const refused = /^verify error:(.*)$/m.exec(text)?.[1];
  const verifies = refused !== undefined && report['rc'] !== '0';
  if (pem !== undefined && !verifies) {
    try {
      return { kind: 'shown', info: { now, certificate: readCertificateDer(pem) } };
    } catch (error) {
      return { kind: 'shown', info: { now, problem: (error as Error).message } };
    }
  }
  const said = verifies
    ? `certificate verify failed: ${refused.replace(/^num=\d+:/, '')}`
    : report['rc'] === '124'
      ? 'timed out'
      : /^.*(?:error|errno|refused|failure|resolve|known)[^\n]*$/im.exec(text.replace(/^@.*$/gm, ''))?.[0].trim();
  return { kind: 'shown', info: { now, ...(said === undefined ? {} : { problem: said }) } };
}
