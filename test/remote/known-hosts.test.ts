// known_hosts as OpenSSH reads it: data cases, checked against ssh-keygen's own hashing (Debian: openssh-client).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HostKeys, type HostKeyRow, type HostKeyTarget } from '../../src/remote/host-keys.ts';
import {
  fingerprint,
  judge,
  knownHostsLine,
  knownTypes,
  parseKnownHosts,
  speaksOf,
} from '../../src/remote/known-hosts.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-known-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The bytes of a public key: its type and anything behind it. */
function keyOf(type: string, seed: string): Buffer {
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([field(Buffer.from(type)), field(Buffer.from(seed.padEnd(32, '.')))]);
}
const A = keyOf('ssh-ed25519', 'a');
const B = keyOf('ssh-ed25519', 'b');
const RSA = keyOf('ssh-rsa', 'r');
const line = (hosts: string, key: Buffer, marker = '') =>
  `${marker}${hosts} ${key.toString('latin1', 4, 4 + (key[3] ?? 0))} ${key.toString('base64')}`;

describe('a line speaks of', () => {
  test.each([
    ['web1', 'web1', true],
    ['web1', 'web10', false],
    ['WEB1', 'web1', true],
    ['a,web1,b', 'web1', true],
    ['web*', 'web1.example.org', true],
    ['web?', 'web1', true],
    ['web?', 'web12', false],
    ['*.example.org,!bad.example.org', 'good.example.org', true],
    ['*.example.org,!bad.example.org', 'bad.example.org', false],
    ['!bad.example.org,*.example.org', 'bad.example.org', false],
    ['[web1]:2222', '[web1]:2222', true],
    ['[web1]:2222', 'web1', false],
    ['[*]:2222', '[web1]:2222', true],
    ['a.b', 'axb', false],
    ['::1', '::1', true],
    ['|1|bad', 'web1', false],
  ])('%s: %s %s', (hosts, name, expected) => {
    expect(speaksOf(hosts, name)).toBe(expected);
  });

  test('what ssh-keygen hashed', () => {
    const folder = mkdtempSync(join(root, 'known-'));
    const file = join(folder, 'known_hosts');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const key = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(file, `web1 ${key}\n[web2]:2222 ${key}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const lines = parseKnownHosts(readFileSync(file, 'utf8'), file);
    expect(
      lines.map(({ hosts }) => [
        hosts.startsWith('|1|'),
        speaksOf(hosts, 'web1'),
        speaksOf(hosts, '[web2]:2222'),
        speaksOf(hosts, 'web2'),
      ]),
    ).toEqual([
      [true, true, false, false],
      [true, false, true, false],
    ]);
  });
});

describe('a key is', () => {
  const text = [
    '# comment',
    '',
    line('web1', A),
    line('web2', RSA),
    line('[web3]:2222', A),
    line('web4', A),
    line('web4', B, '@revoked '),
    line('*', B, '@revoked '),
    line('*.ca.org', A, '@cert-authority '),
    'broken',
    'web1 ssh-ed25519',
    'web1 ssh-rsa AAAA',
    line('web9', A, '@unknown '),
    `web7\t ssh-ed25519\t${A.toString('base64')} a comment`,
  ].join('\n');
  const lines = parseKnownHosts(text, '/kh');
  test.each([
    ['known', 'web1', 22, A, 'known', []],
    ['revoked by any host', 'web1', 22, B, 'revoked', []],
    ['changed', 'web1', 22, keyOf('ssh-ed25519', 'c'), 'changed', ['/kh:3']],
    ['changed when only another type is known', 'web2', 22, A, 'changed', ['/kh:4']],
    ['known under its port', 'web3', 2222, A, 'known', []],
    ['unknown under another port', 'web3', 22, A, 'unknown', []],
    ['known without its port, as OpenSSH takes it', 'web1', 2200, A, 'known', []],
    ['unknown where the name without its port has another', 'web1', 2200, keyOf('ssh-ed25519', 'd'), 'unknown', []],
    ['known behind tabs and before a comment', 'web7', 22, A, 'known', []],
    ['unknown under a marker that nobody knows', 'web9', 22, A, 'unknown', []],
    ['unknown to an authority', 'x.ca.org', 22, A, 'unknown', []],
  ] as const)('%s', (_, host, port, key, kind, at) => {
    const verdict = judge(lines, host, port, key);
    expect(verdict.kind).toBe(kind);
    if (verdict.kind === 'changed') expect(verdict.lines.map((one) => `${one.file}:${one.line}`)).toEqual(at);
    if (host === 'x.ca.org') expect(verdict).toMatchObject({ authority: { marker: 'cert-authority', line: 9 } });
  });

  test('asked for by the types that are known', () => {
    expect(knownTypes(lines, 'web2', 22)).toEqual(['ssh-rsa']);
    expect(knownTypes(lines, 'web8', 22)).toEqual([]);
  });

  test('written so that it is known afterwards, hashed or not', () => {
    for (const hashed of [true, false]) {
      const written = parseKnownHosts(knownHostsLine('Web5', 2222, A, hashed), 'f');
      expect(judge(written, 'web5', 2222, A).kind).toBe('known');
      expect(written[0]?.hosts.includes('web5')).toBe(!hashed);
    }
  });

  test('shown with the fingerprint that ssh-keygen prints', () => {
    const folder = mkdtempSync(join(root, 'known-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const printed = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'key.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1];
    const key = Buffer.from(readFileSync(join(folder, 'key.pub'), 'utf8').split(' ')[1] ?? '', 'base64');
    expect(fingerprint(key)).toBe(printed);
  });
});

describe('host keys', () => {
  const setUp = (content: string, answer: boolean | undefined, pending = () => 0) => {
    const folder = mkdtempSync(join(root, 'known-'));
    const file = join(folder, 'ssh/known_hosts');
    const tables: (readonly HostKeyRow[])[] = [];
    const warnings: string[] = [];
    if (content !== '') {
      execFileSync('mkdir', [join(folder, 'ssh')]);
      writeFileSync(file, content);
    }
    const keys = new HostKeys({
      confirm:
        answer === undefined
          ? undefined
          : (rows) => {
              tables.push(rows);
              return Promise.resolve(answer);
            },
      pending,
      onWarning: (message) => warnings.push(message),
    });
    const target = (host: string, policy: HostKeyTarget['policy'] = 'ask'): HostKeyTarget => ({
      host,
      port: 22,
      policy,
      files: [file],
      hashed: false,
    });
    return {
      file,
      tables,
      warnings,
      keys,
      target,
      text: () => readFileSync(file, 'utf8'),
      check: (host: string, key: Buffer, policy?: HostKeyTarget['policy']) =>
        keys.check(target(host, policy), key, () => undefined),
    };
  };

  test('of many hosts are asked for in one table and written', async () => {
    let pending = 3;
    const { check, tables, keys, text } = setUp(line('old', A), true, () => pending);
    const waiting = [check('b', A), check('a', B), check('c', RSA), check('b', A)];
    pending = 0;
    keys.settled();
    await Promise.all(waiting);
    expect(tables.map((rows) => rows.map((row) => `${row.name} ${row.type}`))).toEqual([
      ['a ssh-ed25519', 'b ssh-ed25519', 'c ssh-rsa'],
    ]);
    expect(text().split('\n')).toEqual([line('old', A), line('b', A), line('a', B), line('c', RSA), '']);
    await check('c', RSA);
    expect(tables.length).toBe(1);
  });

  test('that are not accepted end their connections and are not written', async () => {
    const { check, text } = setUp(`${line('old', A)}\n`, false);
    await expect(check('a', A)).rejects.toThrow(/was not accepted/);
    expect(text()).toBe(`${line('old', A)}\n`);
  });

  test.each([
    ['strict', true, /is not known \(ssh-ed25519 SHA256:/],
    ['ask', undefined, /is not known \(ssh-ed25519 SHA256:/],
  ] as const)('unknown under %s with nobody to ask are refused', async (policy, answer, message) => {
    await expect(setUp('', answer).check('a', A, policy)).rejects.toThrow(message);
  });

  test('that are new are taken and written under accept-new, also where there is no folder yet', async () => {
    const { check, text } = setUp('', undefined);
    await check('a', A, 'accept-new');
    expect(text()).toBe(`${line('a', A)}\n`);
  });

  test.each(['strict', 'ask', 'accept-new'] as const)(
    'that changed are a hard stop under %s, with place and fingerprints',
    async (policy) => {
      const { check, file } = setUp(`# one\n${line('a', A)}\n`, true);
      const error: unknown = await check('a', B, policy).catch((reason: unknown) => reason);
      expect(String(error)).toContain(
        `the host key of a has CHANGED: it is ssh-ed25519 ${fingerprint(B)}, known is ssh-ed25519 ${fingerprint(A)} at ${file}:2`,
      );
    },
  );

  test('that changed are a warning where checking is off, and are not written', async () => {
    const { check, warnings, text } = setUp(`${line('a', A)}\n`, undefined);
    await check('a', B, 'no');
    expect(warnings).toEqual([expect.stringContaining('has CHANGED')]);
    expect(text()).toBe(`${line('a', A)}\n`);
  });

  test('that are revoked are refused even where checking is off', async () => {
    await expect(setUp(line('a', A, '@revoked '), undefined).check('a', A, 'no')).rejects.toThrow(/is revoked by .*:1/);
  });

  test('known by an authority only name the transport that can check them', async () => {
    const error: unknown = await setUp(line('a', B, '@cert-authority '), true)
      .check('a', A)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: expect.stringContaining('certificate authority'),
      hint: expect.stringContaining('ansible_connection: openssh'),
    });
  });
});
