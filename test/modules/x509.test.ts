// Requests and certificates, for real on this machine where it has openssl: what vbx says and the host's openssl signs, read back by openssl itself.
import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unknown } from '../../src/core/value.ts';
import { get_certificate } from '../../src/modules/get_certificate.ts';
import { openssl_csr } from '../../src/modules/openssl_csr.ts';
import { openssl_csr_info } from '../../src/modules/openssl_csr_info.ts';
import { openssl_csr_pipe } from '../../src/modules/openssl_csr_pipe.ts';
import { openssl_privatekey_info } from '../../src/modules/openssl_privatekey_info.ts';
import { openssl_publickey } from '../../src/modules/openssl_publickey.ts';
import { parseTimespec } from '../../src/modules/x509/timespec.ts';
import { x509_certificate } from '../../src/modules/x509_certificate.ts';
import { x509_certificate_info } from '../../src/modules/x509_certificate_info.ts';
import { testShells } from '../probes/shells.ts';
import { parseArgs, run } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-x509-'));
const { shells, close } = testShells();
const [shell] = shells;
if (shell === undefined) throw new Error('this machine has no shell');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const openssl = (...words: string[]): string => {
  const { status, stdout, stderr } = spawnSync('openssl', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
};
const has = spawnSync('sh', ['-c', 'command -v openssl']).status === 0;
const key = (name: string): string => join(folder, `${name}.pem`);
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
/** A folder of its own for a test. */
const place = (name: string): string => {
  rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(join(folder, name));
  return join(folder, name);
};

beforeAll(() => {
  if (!has) return;
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key('rsa'));
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', key('ec'));
  openssl('genpkey', '-algorithm', 'ED25519', '-out', key('ed'));
  openssl('genpkey', '-algorithm', 'X25519', '-out', key('x'));
  openssl('pkey', '-in', key('ec'), '-aes256', '-passout', 'pass:geheim wort', '-out', key('locked'));
});

describe.skipIf(!has)('openssl_csr', () => {
  const csr = (written: Record<string, unknown>, options = {}) => run(shell, openssl_csr, written, options);

  it('makes a request once, tells it, and makes another of another wish or another key', () => {
    const path = join(place('once'), 'a.csr');
    const wish = { path, privatekey_path: key('rsa'), common_name: 'www.example.org' };
    expect(csr(wish, { check: true })).toMatchObject({
      changed: true,
      result: { subject: [['CN', 'www.example.org']] },
    });
    expect(existsSync(path)).toBe(false);
    expect(csr({ ...wish, return_content: true })).toMatchObject({
      changed: true,
      astray: [],
      result: {
        filename: path,
        privatekey: key('rsa'),
        subject: [['CN', 'www.example.org']],
        subjectAltName: ['DNS:www.example.org'],
        keyUsage: null,
        extendedKeyUsage: null,
        basicConstraints: null,
        ocspMustStaple: false,
        name_constraints_permitted: [],
        name_constraints_excluded: [],
        csr: readFileSync(path, 'utf8'),
      },
    });
    expect(openssl('req', '-in', path, '-noout', '-subject', '-verify')).toContain('CN = www.example.org');
    expect(modeOf(path)).toBe('644');
    expect(csr(wish)).toMatchObject({ changed: false });
    expect(csr({ ...wish, common_name: 'other' }, { check: true })).toMatchObject({
      changed: true,
      effects: ['generate'],
    });
    const before = readFileSync(path, 'utf8');
    const other = csr({ ...wish, privatekey_path: key('ec'), backup: true, mode: '0600' });
    expect(other).toMatchObject({ changed: true, astray: [] });
    expect(readFileSync(other.result['backup_file'] as string, 'utf8')).toBe(before);
    expect(modeOf(path)).toBe('600');
    expect(csr({ ...wish, privatekey_path: key('ec'), force: true })).toMatchObject({ changed: true, astray: [] });
    expect(csr({ path, state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(csr({ path, state: 'absent', return_content: true })).toMatchObject({
      changed: false,
      result: { csr: null },
    });
    expect(readdirSync(join(path, '..')).length).toBe(1);
  });

  it('asks for everything that can be asked for, as openssl reads it', () => {
    const path = join(place('much'), 'b.csr');
    const wish = {
      path,
      privatekey_path: key('ec'),
      subject: { C: 'DE', O: 'Käse & Co', OU: ['a', 'b'] },
      email_address: 'me@example.org',
      subject_alt_name: [
        'DNS:*.käse.example',
        'IP:::1',
        'IP:127.0.0.1',
        'email:me@example.org',
        'URI:https://example.org/a?b=c',
        'RID:1.2.3.4',
        'dirName:CN=a,O=b',
        'otherName:1.2.3.4;UTF8:hello',
      ],
      subject_alt_name_critical: true,
      key_usage: ['digitalSignature', 'Key Agreement', 'decipherOnly'],
      key_usage_critical: true,
      extended_key_usage: ['serverAuth', '1.3.6.1.5.5.7.3.99', 'Code Signing'],
      basic_constraints: ['CA:TRUE', 'pathlen:23'],
      ocsp_must_staple: true,
      name_constraints_permitted: ['DNS:example.com', 'IP:10.0.0.0/8'],
      name_constraints_excluded: ['DNS:.example.com'],
      create_subject_key_identifier: true,
      authority_key_identifier: '44:55:66:77',
      authority_cert_issuer: ['DNS:ca.example.org'],
      authority_cert_serial_number: 123456789012345678901234567890n,
      crl_distribution_points: [
        { full_name: ['URI:https://ca.example.com/crl'], reasons: ['key_compromise', 'ca_compromise'] },
      ],
    };
    expect(csr(wish)).toMatchObject({ changed: true, astray: [] });
    const text = openssl('req', '-in', path, '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus_space');
    for (const line of [
      'emailAddress=me@example.org, C=DE, O=Käse & Co, OU=a, OU=b',
      'X509v3 Subject Alternative Name: critical',
      'DNS:*.xn--kse-qla.example, IP Address:0:0:0:0:0:0:0:1, IP Address:127.0.0.1, email:me@example.org, URI:https://example.org/a?b=c, Registered ID:1.2.3.4',
      'Digital Signature, Key Agreement, Decipher Only',
      'TLS Web Server Authentication, 1.3.6.1.5.5.7.3.99, Code Signing',
      'CA:TRUE, pathlen:23',
      'status_request',
      'IP:10.0.0.0/255.0.0.0',
      'keyid:44:55:66:77',
      'serial:01:8E:E9:0F:F6:C3:73:E0:EE:4E:3F:0A:D2',
      'Key Compromise, CA Compromise',
    ])
      expect(text).toContain(line);
    expect(csr({ ...wish, subject_alt_name: wish.subject_alt_name.toReversed() })).toMatchObject({ changed: false });
    expect(csr({ ...wish, key_usage_critical: false }, { check: true })).toMatchObject({ changed: true });
    expect(run(shell, openssl_csr_info, { path }).result).toMatchObject({
      subject: { countryName: 'DE', emailAddress: 'me@example.org', organizationalUnitName: 'b' },
      subject_alt_name: [
        'DNS:*.xn--kse-qla.example',
        'IP:::1',
        'IP:127.0.0.1',
        'email:me@example.org',
        'URI:https://example.org/a?b=c',
        'RID:1.2.3.4',
        'dirName:CN=a,O=b',
        'otherName:1.2.3.4;0c:05:68:65:6c:6c:6f',
      ],
      subject_alt_name_critical: true,
      key_usage: ['Decipher Only', 'Digital Signature', 'Key Agreement'],
      extended_key_usage: ['1.3.6.1.5.5.7.3.99', 'Code Signing', 'TLS Web Server Authentication'],
      basic_constraints: ['CA:TRUE', 'pathlen:23'],
      ocsp_must_staple: true,
      name_constraints_permitted: ['DNS:example.com', 'IP:10.0.0.0/8'],
      name_constraints_excluded: ['DNS:.example.com'],
      authority_key_identifier: '44:55:66:77',
      authority_cert_issuer: ['DNS:ca.example.org'],
      authority_cert_serial_number: 123456789012345678901234567890n,
      public_key_type: 'ECC',
      signature_valid: true,
    });
    expect(run(shell, openssl_csr_info, { path, name_encoding: 'unicode' }).result['subject_alt_name']).toContain(
      'DNS:*.käse.example',
    );
  });

  it('signs with any key, from wherever it comes, without a word of it in a command or a file', () => {
    const here = place('keys');
    const common = { common_name: 'x', subject_ordered: undefined };
    const content = readFileSync(key('locked'), 'utf8');
    const cases = {
      ed: { privatekey_path: key('ed') },
      locked: { privatekey_path: key('locked'), privatekey_passphrase: 'geheim wort' },
      content: { privatekey_content: content, privatekey_passphrase: 'geheim wort' },
      plain: { privatekey_content: readFileSync(key('rsa'), 'utf8'), digest: 'sha512' },
    };
    for (const [name, from] of Object.entries(cases)) {
      const made = csr({ ...common, ...from, path: join(here, `${name}.csr`) });
      expect(made).toMatchObject({ changed: true, astray: [] });
      expect(openssl('req', '-in', join(here, `${name}.csr`), '-noout', '-verify')).toBe('');
      for (const line of made.steps.join('\n').split('\n'))
        if (/\bopenssl\b/.test(line)) expect(line.replace(/printf '%s\\n' '[^']*' \|/, '')).not.toContain('geheim');
      expect(csr({ ...common, ...from, path: join(here, `${name}.csr`) })).toMatchObject({ changed: false });
    }
    expect(readdirSync(here).toSorted()).toEqual(['content.csr', 'ed.csr', 'locked.csr', 'plain.csr']);
  });

  it.each([
    [{ privatekey_path: '/none' }, "[Errno 2] No such file or directory: '/none'"],
    [{ privatekey_path: key('locked') }, 'Wrong or empty passphrase provided for private key'],
    [
      { privatekey_path: key('locked'), privatekey_passphrase: 'wrong' },
      'Wrong passphrase provided for private key, or private key cannot be parsed',
    ],
    [{ privatekey_path: key('rsa'), privatekey_passphrase: 'x' }, 'Wrong or empty passphrase provided for private key'],
    [{ privatekey_path: key('x') }, 'Key of type X25519 not supported for issuing certificates'],
  ])('refuses %j', (wish, failed) => {
    expect(csr({ path: join(folder, 'no.csr'), common_name: 'x', ...wish })).toMatchObject({ changed: false, failed });
  });

  it.each([
    [{}, 'state is present but any of the following are missing: privatekey_path, privatekey_content'],
    [
      { subject_alt_name: 'example.org' },
      'Cannot parse Subject Alternative Name "example.org" (forgot "DNS:" prefix?)',
    ],
    [{ key_usage: 'foo' }, 'Unknown key usage "foo"'],
    [{ extended_key_usage: 'foo' }, 'Cannot find OID for "foo"'],
    [{ basic_constraints: 'CA:foo' }, 'Unknown basic constraint value "foo" for CA'],
    [{ country_name: 'Germany' }, "Attribute's length must be >= 2 and <= 2, but it was 7"],
    [{ digest: 'sha1' }, 'Hash algorithm "sha1" not supported for signatures'],
    [{ subject: { CN: '' } }, 'Value for CN in subject must not be an empty string'],
    [{ subject_key_identifier: '0' }, 'Cannot parse subject_key_identifier: Odd-length string'],
    [
      { authority_cert_serial_number: 1 },
      'parameters are required together: authority_cert_issuer, authority_cert_serial_number',
    ],
    [
      { common_name: 'x', subject_ordered: [{ CN: 'y' }] },
      'subject_ordered cannot be combined with any other subject field',
    ],
  ])('does not understand %j', (wish, message) => {
    const given = { path: '/x.csr', ...(Object.keys(wish).length === 0 ? {} : { privatekey_path: '/k' }), ...wish };
    expect(() => parseArgs(openssl_csr, given)).toThrow(message);
  });
});

describe.skipIf(!has)('x509_certificate', () => {
  const certificate = (written: Record<string, unknown>, options = {}) =>
    run(shell, x509_certificate, written, options);

  /** A request and an authority of one's own in a folder. */
  const authority = (here: string) => {
    const [csr, crt] = [join(here, 'ca.csr'), join(here, 'ca.crt')];
    run(shell, openssl_csr, {
      path: csr,
      privatekey_path: key('rsa'),
      common_name: 'Example CA',
      use_common_name_for_san: false,
      basic_constraints: 'CA:TRUE',
      basic_constraints_critical: true,
      key_usage: 'keyCertSign',
    });
    const made = certificate({
      path: crt,
      csr_path: csr,
      privatekey_path: key('rsa'),
      provider: 'selfsigned',
      selfsigned_not_before: '20250101000000Z',
      selfsigned_not_after: '20550101000000Z',
    });
    return { crt, made };
  };

  it('is signed by its own key, made once, and judged by its times only where that is wished', () => {
    const here = place('selfsigned');
    const { crt, made } = authority(here);
    const parsed = new X509Certificate(readFileSync(crt));
    expect(made).toMatchObject({
      changed: true,
      astray: [],
      result: {
        filename: crt,
        privatekey: key('rsa'),
        csr: join(here, 'ca.csr'),
        notBefore: '20250101000000Z',
        notAfter: '20550101000000Z',
        serial_number: BigInt(`0x${parsed.serialNumber}`),
      },
    });
    expect([parsed.subject, parsed.issuer, parsed.validTo, parsed.ca, parsed.verify(parsed.publicKey)]).toEqual([
      'CN=Example CA',
      'CN=Example CA',
      'Jan  1 00:00:00 2055 GMT',
      true,
      true,
    ]);
    const wish = { path: crt, csr_path: join(here, 'ca.csr'), privatekey_path: key('rsa'), provider: 'selfsigned' };
    expect(certificate(wish)).toMatchObject({ changed: false, result: { notAfter: '20550101000000Z' } });
    expect(certificate({ ...wish, ignore_timestamps: false }, { check: true })).toMatchObject({ changed: true });
    const times = { selfsigned_not_before: '202501010000Z', selfsigned_not_after: '20550101010000+0100' };
    expect(certificate({ ...wish, ...times, ignore_timestamps: false })).toMatchObject({ changed: false });
    const foretold = certificate({ ...wish, force: true }, { check: true });
    expect(foretold.result['serial_number']).toBeInstanceOf(Unknown);
    expect(certificate({ ...wish, force: true, backup: true, mode: '0640' })).toMatchObject({
      changed: true,
      astray: [],
    });
    expect(modeOf(crt)).toBe('640');
    expect(certificate({ path: crt, state: 'absent' })).toMatchObject({ changed: true, astray: [] });
  });

  it('needs no request, and counts from the clock of the host', () => {
    const path = join(place('bare'), 'bare.crt');
    const wish = { path, privatekey_path: key('ed'), provider: 'selfsigned', selfsigned_not_after: '+365d' };
    expect(certificate(wish)).toMatchObject({ changed: true, astray: [] });
    const { validFromDate, validToDate, subject } = new X509Certificate(readFileSync(path));
    expect(Math.abs(validFromDate.getTime() - Date.now())).toBeLessThan(120_000);
    expect([validToDate.getTime() - validFromDate.getTime(), subject]).toEqual([365 * 86_400_000, undefined]);
    expect(certificate(wish)).toMatchObject({ changed: false });
    expect(certificate({ ...wish, privatekey_path: key('ec') })).toMatchObject({ changed: true, astray: [] });
    writeFileSync(path, 'broken');
    expect(certificate(wish)).toMatchObject({ changed: true, astray: [] });
  });

  it('is signed by an authority, whose key it names, and made anew when the request or the authority is another', () => {
    const here = place('ownca');
    const { crt } = authority(here);
    const [path, csr] = [join(here, 'www.crt'), join(here, 'www.csr')];
    const ask = (name: string) => run(shell, openssl_csr, { path: csr, privatekey_path: key('ec'), common_name: name });
    ask('www.example.org');
    const wish = {
      path,
      csr_path: csr,
      provider: 'ownca',
      ownca_path: crt,
      ownca_privatekey_path: key('rsa'),
      ownca_not_after: '+30d',
    };
    expect(certificate(wish)).toMatchObject({
      changed: true,
      astray: [],
      result: { ca_cert: crt, ca_privatekey: key('rsa'), csr, privatekey: null },
    });
    expect(openssl('verify', '-CAfile', crt, path)).toBe(`${path}: OK\n`);
    expect(certificate(wish)).toMatchObject({ changed: false });
    const told = run(shell, x509_certificate_info, {
      path,
      valid_at: { now: '+0s', later: '+31d', fixed: '20200101000000Z' },
    }).result;
    expect(told).toMatchObject({
      subject: { commonName: 'www.example.org' },
      issuer: { commonName: 'Example CA' },
      version: 3,
      expired: false,
      signature_algorithm: 'sha256WithRSAEncryption',
      subject_alt_name: ['DNS:www.example.org'],
      valid_at: { now: true, later: false, fixed: false },
    });
    expect(told['authority_key_identifier']).toBe(
      run(shell, x509_certificate_info, { path: crt }).result['subject_key_identifier'],
    );
    ask('other.example.org');
    expect(certificate(wish)).toMatchObject({ changed: true, astray: [] });
    expect(certificate({ ...wish, ownca_content: readFileSync(crt, 'utf8'), ownca_path: undefined })).toMatchObject({
      changed: false,
    });
    expect(certificate({ ...wish, ownca_privatekey_path: key('ec') })).toMatchObject({
      failed: 'The CA private key does not belong to the CA certificate',
    });
    expect(certificate({ ...wish, csr_path: join(here, 'none') })).toMatchObject({
      failed: `The certificate signing request file ${join(here, 'none')} does not exist`,
    });
  });

  it.each([
    [{ provider: 'acme' }, 'provider acme is not supported; selfsigned and ownca are'],
    [{}, 'state is present but all of the following are missing: provider'],
    [
      { provider: 'selfsigned' },
      'One of privatekey_path and privatekey_content must be specified for the selfsigned provider.',
    ],
    [{ provider: 'ownca' }, 'One of ownca_path and ownca_content must be specified for the ownca provider.'],
    [
      { provider: 'selfsigned', privatekey_path: '/k', selfsigned_not_after: '+1y' },
      'The timespec "+1y" for selfsigned_not_after is invalid',
    ],
    [
      { provider: 'selfsigned', privatekey_path: '/k', selfsigned_not_after: 'tomorrow' },
      'The time spec "tomorrow" for selfsigned_not_after is invalid',
    ],
    [{ provider: 'selfsigned', privatekey_path: '/k', selfsigned_digest: 'md5' }, 'Hash algorithm "md5" not supported'],
  ])('does not understand %j', (wish, message) => {
    expect(() => parseArgs(x509_certificate, { path: '/x.crt', ...wish })).toThrow(message);
  });
});

describe.skipIf(!has)('openssl_publickey and openssl_privatekey_info', () => {
  it('write and tell the public part of a key', () => {
    const path = join(place('public'), 'key.pub');
    const wish = { path, privatekey_path: key('rsa') };
    const first = run(shell, openssl_publickey, { ...wish, return_content: true });
    expect(first).toMatchObject({ changed: true, astray: [], result: { filename: path, format: 'PEM' } });
    expect(readFileSync(path, 'utf8')).toBe(openssl('pkey', '-in', key('rsa'), '-pubout'));
    expect(first.result['publickey']).toBe(readFileSync(path, 'utf8'));
    expect(run(shell, openssl_publickey, wish)).toMatchObject({ changed: false });
    expect(run(shell, openssl_publickey, { ...wish, force: true })).toMatchObject({ changed: true, astray: [] });
    expect(run(shell, openssl_publickey, { ...wish, format: 'OpenSSH' })).toMatchObject({ changed: true, astray: [] });
    const line = readFileSync(path, 'utf8');
    expect(line).toMatch(/^ssh-rsa AAAAB3NzaC1yc2E[A-Za-z0-9+/=]+$/);
    writeFileSync(path, `${line} a comment\n`);
    expect(run(shell, openssl_publickey, { ...wish, format: 'OpenSSH' })).toMatchObject({ changed: false });
    expect(run(shell, openssl_publickey, { path, state: 'absent' })).toMatchObject({
      changed: true,
      astray: [],
      result: { fingerprint: {} },
    });
    const told = run(shell, openssl_privatekey_info, { path: key('rsa'), check_consistency: true }).result;
    expect(told).toMatchObject({
      can_load_key: true,
      can_parse_key: true,
      key_is_consistent: true,
      type: 'RSA',
      public_data: { size: 2048, exponent: 65537 },
      public_key_fingerprints: first.result['fingerprint'],
    });
    expect(told).not.toHaveProperty('private_data');
    expect(
      Object.keys(
        run(shell, openssl_privatekey_info, { path: key('ec'), return_private_key_data: true }).result[
          'private_data'
        ] as object,
      ),
    ).toEqual(['multiplier']);
    expect(run(shell, openssl_privatekey_info, { path: key('locked') })).toMatchObject({
      failed: 'Wrong or empty passphrase provided for private key',
      result: { can_load_key: true, can_parse_key: false },
    });
  });
});

describe('parseTimespec', () => {
  it.each([
    ['+1w2d3h4m5s', 1_000_000 + 7 * 86_400 + 2 * 86_400 + 3 * 3600 + 245],
    ['-10', 999_990],
    ['20250101000000Z', 1_735_689_600],
    ['202501010000Z', 1_735_689_600],
    ['20250101020000+0200', 1_735_689_600],
  ])('%s', (text, seconds) => {
    expect(parseTimespec(text, 'x').at(1_000_000)).toBe(seconds);
  });

  it.each(['+', '+1y', '20250230000000Z', '2025', 'now'])('refuses %s', (text) => {
    expect(() => parseTimespec(text, 'x')).toThrow('for x is invalid');
  });
});

describe.skipIf(!has)('openssl_csr_pipe', () => {
  it('tells a request, and keeps one that is as good', () => {
    const wish = { privatekey_path: key('ec'), common_name: 'www.example.org' };
    const made = run(shell, openssl_csr_pipe, wish);
    expect(made).toMatchObject({
      changed: true,
      result: {
        subject: [['CN', 'www.example.org']],
        csr: expect.stringMatching(/^-----BEGIN CERTIFICATE REQUEST-----\n/) as string,
      },
    });
    const content = made.result['csr'] as string;
    expect(run(shell, openssl_csr_pipe, { ...wish, content })).toMatchObject({
      changed: false,
      result: { csr: content },
    });
    expect(run(shell, openssl_csr_pipe, { ...wish, content, common_name: 'other' }, { check: true })).toMatchObject({
      changed: true,
      result: { csr: expect.any(Unknown) as Unknown },
    });
  });
});

describe.skipIf(!has)('get_certificate', () => {
  it('tells the certificate that a server shows, whoever signed it, unless an authority is named', async () => {
    const here = place('shown');
    const [crt, other] = [join(here, 'crt'), join(here, 'other')];
    for (const [path, name] of [
      [crt, 'ec'],
      [other, 'ed'],
    ] as const)
      run(shell, x509_certificate, { path, privatekey_path: key(name), provider: 'selfsigned' });
    // The shell of the test is asked without the event loop turning, so the server is a process of its own.
    const listening = spawn(process.execPath, [
      '-e',
      `require('node:tls').createServer({ key: require('node:fs').readFileSync(${JSON.stringify(key('ec'))}), cert: require('node:fs').readFileSync(${JSON.stringify(crt)}) }, (s) => s.on('error', () => {})).listen(0, '127.0.0.1', function () { console.log(this.address().port); })`,
    ]);
    try {
      const port = Number(await new Promise<Buffer>((resolve) => listening.stdout.once('data', resolve)));
      const shown = run(shell, get_certificate, { host: '127.0.0.1', port });
      const serial = new X509Certificate(readFileSync(crt)).serialNumber;
      expect(shown).toMatchObject({
        changed: false,
        result: {
          cert: readFileSync(crt, 'utf8'),
          expired: false,
          version: 2,
          serial_number: BigInt(`0x${serial}`),
          signature_algorithm: 'ecdsa-with-SHA256',
          extensions: [{ critical: false, name: 'subjectKeyIdentifier' }],
        },
      });
      expect(run(shell, get_certificate, { host: '127.0.0.1', port, ca_cert: crt }).failed).toBeUndefined();
      expect(run(shell, get_certificate, { host: '127.0.0.1', port, ca_cert: other }).failed).toMatch(
        /^Failed to get cert from 127\.0\.0\.1:\d+, error: certificate verify failed: /,
      );
      expect(run(shell, get_certificate, { host: '127.0.0.1', port, ca_cert: '/none' })).toMatchObject({
        failed: 'ca_cert file does not exist',
      });
    } finally {
      listening.kill();
    }
    expect(run(shell, get_certificate, { host: '127.0.0.1', port: 1 }).failed).toMatch(
      /^Failed to get cert from 127\.0\.0\.1:1, error: .*refused/,
    );
  });

  it.each(['tls_ctx_options', 'get_certificate_chain'])('refuses %s by name', (name) => {
    expect(() =>
      parseArgs(get_certificate, { host: 'x', port: 1, [name]: name === 'tls_ctx_options' ? [4] : true }),
    ).toThrow(`${name} is not supported`);
  });
});
