// Keys and parameters that programs of the host make, for real on this machine where it has the programs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { afterAll, describe, expect, it } from 'vitest';
import { Unknown } from '../../src/core/value.ts';
import { openssh_keypair, parseKeypair } from '../../src/modules/openssh_keypair.ts';
import { openssl_dhparam, parseParameters } from '../../src/modules/openssl_dhparam.ts';
import { openssl_privatekey } from '../../src/modules/openssl_privatekey.ts';
import { testShells } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';
import { absent, folder as folderState } from './states.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-keys-'));
const { shells, close } = testShells();
const [shell] = shells;
if (shell === undefined) throw new Error('this machine has no shell');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
/** A folder of its own for a test, which holds only what the test names in the end. */
const place = (name: string): string => {
  rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(join(folder, name));
  return join(folder, name);
};

describe.skipIf(!has('ssh-keygen'))('openssh_keypair', () => {
  const keypair = (written: Record<string, unknown>, options = {}) => run(shell, openssh_keypair, written, options);

  it('makes a key once, tells it, and makes another of another kind', () => {
    const path = join(place('once'), 'key');
    const foretold = keypair({ path, type: 'ed25519' }, { check: true });
    expect(foretold).toMatchObject({ changed: true, result: { size: 256, type: 'ed25519', filename: path } });
    expect(foretold.result['public_key']).toBeInstanceOf(Unknown);
    expect(foretold.result['fingerprint']).toBeInstanceOf(Unknown);
    expect(existsSync(path)).toBe(false);
    const first = keypair({ path, type: 'ed25519', comment: 'a host' });
    const [type, data, ...comment] = readFileSync(`${path}.pub`, 'utf8').trim().split(' ');
    expect(first).toMatchObject({
      changed: true,
      astray: [],
      result: {
        size: 256,
        type: 'ed25519',
        filename: path,
        public_key: `${type} ${data}`,
        comment: 'a host',
        fingerprint: expect.stringMatching(/^SHA256:/) as string,
      },
    });
    expect([comment.join(' '), modeOf(path), modeOf(`${path}.pub`)]).toEqual(['a host', '600', '644']);
    expect(keypair({ path, type: 'ed25519' })).toMatchObject({ changed: false, result: first.result });
    const other = keypair({ path, type: 'ecdsa', size: 384, mode: '0640' });
    expect(other).toMatchObject({ changed: true, astray: [], result: { size: 384, type: 'ecdsa', comment: '' } });
    expect([modeOf(path), modeOf(`${path}.pub`)]).toEqual(['640', '640']);
    expect(readdirSync(join(path, '..')).toSorted()).toEqual(['key', 'key.pub']);
  });

  it('makes another each time where it must, and never where it may not', () => {
    const path = join(place('again'), 'key');
    const first = keypair({ path, type: 'ecdsa' });
    const forced = keypair({ path, type: 'ecdsa', force: true });
    expect(forced.changed).toBe(true);
    expect(forced.result['fingerprint']).not.toBe(first.result['fingerprint']);
    expect(keypair({ path, type: 'ed25519', regenerate: 'never' })).toMatchObject({
      changed: false,
      result: { fingerprint: forced.result['fingerprint'] },
    });
    expect(keypair({ path, type: 'ed25519', regenerate: 'fail' }).failed).toContain('Key has wrong type and/or size');
    expect(keypair({ path, type: 'ecdsa', regenerate: 'fail' }).changed).toBe(false);
  });

  it('puts the public key and the comment right without a new key', () => {
    const path = join(place('public'), 'key');
    const first = keypair({ path, type: 'ed25519' });
    rmSync(`${path}.pub`);
    expect(keypair({ path, type: 'ed25519' })).toMatchObject({
      changed: true,
      astray: [],
      result: { public_key: first.result['public_key'], fingerprint: first.result['fingerprint'] },
    });
    expect(modeOf(`${path}.pub`)).toBe('644');
    for (const gone of [false, true]) {
      if (gone) rmSync(`${path}.pub`);
      const comment = `new ${String(gone)}`;
      expect(keypair({ path, type: 'ed25519', comment })).toMatchObject({
        changed: true,
        astray: [],
        result: { comment, fingerprint: first.result['fingerprint'] },
      });
      expect(readFileSync(`${path}.pub`, 'utf8')).toBe(`${String(first.result['public_key'])} ${comment}\n`);
      expect(spawnSync('ssh-keygen', ['-y', '-f', path]).stdout.toString()).toBe(
        `${String(first.result['public_key'])} ${comment}\n`,
      );
      expect([modeOf(path), modeOf(`${path}.pub`)]).toEqual(['600', '644']);
      expect(keypair({ path, type: 'ed25519', comment }).changed).toBe(false);
    }
    writeFileSync(`${path}.pub`, 'nonsense\n');
    expect(keypair({ path, type: 'ed25519' })).toMatchObject({ changed: true, astray: [] });
  });

  it('leaves a key that it cannot read, unless told otherwise', () => {
    const path = join(place('broken'), 'key');
    writeFileSync(path, 'nonsense\n', { mode: 0o600 });
    for (const regenerate of ['never', 'fail', 'partial_idempotence'])
      expect(keypair({ path, type: 'ed25519', regenerate }).failed).toContain('Unable to read the key');
    expect(readFileSync(path, 'utf8')).toBe('nonsense\n');
    expect(keypair({ path, type: 'ed25519', regenerate: 'full_idempotence' })).toMatchObject({
      changed: true,
      astray: [],
    });
    spawnSync('ssh-keygen', ['-q', '-p', '-N', 'secret', '-P', '', '-f', path]);
    expect(keypair({ path, type: 'ed25519' }).failed).toContain('protected with a passphrase');
  });

  it('tells the path that the host makes of ~', () => {
    const home = place('home');
    const at = { ...shell, run: (script: string) => shell.run(script, { env: { HOME: home } }) };
    expect(run(at, openssh_keypair, { path: '~/key', type: 'ed25519' })).toMatchObject({
      changed: true,
      astray: [],
      result: { filename: join(home, 'key') },
    });
    expect(readdirSync(home).toSorted()).toEqual(['key', 'key.pub']);
  });

  it('removes both, and tells what was there', () => {
    const path = join(place('removed'), 'key');
    const first = keypair({ path, type: 'ed25519' });
    expect(keypair({ path, type: 'ed25519', state: 'absent' })).toMatchObject({
      changed: true,
      astray: [],
      result: { fingerprint: first.result['fingerprint'], public_key: first.result['public_key'] },
    });
    expect(readdirSync(join(path, '..'))).toEqual([]);
    expect(keypair({ path, type: 'ed25519', state: 'absent' })).toMatchObject({
      changed: false,
      result: { fingerprint: '', public_key: '', comment: '' },
    });
  });
});

describe('openssh_keypair on what it is told', () => {
  const said = (text: string) => parseKeypair({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });
  const planned = (
    written: Record<string, unknown>,
    key = said('@kind absent\n'),
    parent: typeof absent = folderState,
  ) =>
    openssh_keypair.plan(
      parseArgs(openssh_keypair, { path: '/srv/key', ...written }) as never,
      { at: absent, pub: absent, parent, key },
      basics,
    );

  it('reads keys with any comment', () => {
    expect(said('@info 3072 SHA256:x me (at home) (RSA)\n@public ssh-rsa AAAA me (at home)\n')).toEqual({
      kind: 'keypair',
      size: 3072,
      type: 'rsa',
      fingerprint: 'SHA256:x',
      public: 'ssh-rsa AAAA',
    });
    expect(said('@info 256 SHA256:y (ED25519)\n@public \n')).toEqual({
      kind: 'keypair',
      size: 256,
      type: 'ed25519',
      fingerprint: 'SHA256:y',
      public: '',
    });
    expect(said('@info \n@public \n').kind).toBe('unreadable');
  });

  it('fails without the program and without the folder', () => {
    expect(planned({}, said('@kind missing\n'))).toEqual({
      failed: 'Failed to find required executable "ssh-keygen" on the host',
    });
    expect(planned({}, undefined, absent)).toEqual({
      failed: 'The directory /srv does not exist or the file is not a directory',
      fields: { name: '/srv' },
    });
  });

  it.each([
    [{ passphrase: 'x' }, 'passphrase is not supported'],
    [{ backend: 'cryptography' }, 'backend cryptography is not supported'],
    [{ private_key_format: 'ssh' }, "'auto' is the only valid option"],
    [{ size: 512 }, 'the minimum size is 1024 bits'],
    [{ type: 'dsa', size: 2048 }, 'DSA keys must be exactly 1024 bits'],
    [{ type: 'ecdsa', size: 1024 }, 'one of three elliptic curve sizes'],
  ])('refuses %j', (written, message) => {
    expect(() => planned(written)).toThrow(message);
  });
});

describe.skipIf(!has('openssl'))('openssl_dhparam', () => {
  const dhparam = (written: Record<string, unknown>, options = {}) => run(shell, openssl_dhparam, written, options);

  it('makes parameters once, and others of another size', () => {
    const path = join(place('dh'), 'dh.pem');
    expect(dhparam({ path, size: 512 }, { check: true })).toMatchObject({
      changed: true,
      result: { size: 512, filename: path },
    });
    expect(dhparam({ path, size: 512, mode: '0640', return_content: true })).toMatchObject({
      changed: true,
      astray: [],
      result: { size: 512, filename: path, dhparams: readFileSync(path, 'utf8') },
    });
    expect(modeOf(path)).toBe('640');
    const first = readFileSync(path, 'utf8');
    expect(first).toContain('BEGIN DH PARAMETERS');
    expect(dhparam({ path, size: 512, mode: '0640' })).toMatchObject({ changed: false });
    expect(dhparam({ path, size: 512, mode: '0600' })).toMatchObject({ changed: true, astray: [] });
    expect(readFileSync(path, 'utf8')).toBe(first);
    const other = dhparam({ path, size: 520, backup: true });
    expect(other).toMatchObject({ changed: true, astray: [], result: { size: 520 } });
    expect(readFileSync(String(other.result['backup_file']), 'utf8')).toBe(first);
    expect(modeOf(path)).toBe('600');
    const forced = readFileSync(path, 'utf8');
    expect(dhparam({ path, size: 520, force: true }).changed).toBe(true);
    expect(readFileSync(path, 'utf8')).not.toBe(forced);
    writeFileSync(path, 'nonsense\n');
    expect(dhparam({ path, size: 512 })).toMatchObject({ changed: true, astray: [] });
    expect(dhparam({ path, state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(dhparam({ path, state: 'absent' })).toMatchObject({ changed: false });
  });

  it('tells why openssl made none, and leaves nothing behind', () => {
    const path = join(place('dh-failed'), 'dh.pem');
    expect(dhparam({ path, size: 1 }).failed).toMatch(/\S/);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});

describe('openssl_dhparam on what it is told', () => {
  const said = (text: string) => parseParameters({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });
  it('takes only sound parameters for such', () => {
    expect(said('    DH Parameters: (2048 bit)\n    P:\nDH parameters appear to be ok.\n')).toEqual({
      kind: 'parameters',
      size: 2048,
    });
    expect(said('DH Parameters: (2048 bit)\nWARNING: p value is not prime\n').kind).toBe('none');
    expect(said('DH Parameters: (2048 bit)\nfailed\n').kind).toBe('none');
    const missing = openssl_dhparam.plan(
      parseArgs(openssl_dhparam, { path: '/srv/dh.pem' }) as never,
      { at: absent, parent: folderState, parameters: said('missing\n') },
      basics,
    );
    expect(missing).toEqual({ failed: 'Failed to find required executable "openssl" on the host' });
  });
  it('refuses the other backend', () => {
    expect(() => parseArgs(openssl_dhparam, { path: '/x', select_crypto_backend: 'cryptography' })).toThrow(
      'cryptography is not supported',
    );
  });
});

describe.skipIf(!has('openssl'))('openssl_privatekey', () => {
  const privatekey = (written: Record<string, unknown>, options = {}) =>
    run(shell, openssl_privatekey, written, options);
  const header = (path: string): string => readFileSync(path, 'utf8').split('\n')[0] ?? '';

  it.each([
    [{ type: 'RSA', size: 1024 }, 'RSA PRIVATE KEY'],
    [{ type: 'ECC', curve: 'secp256r1' }, 'EC PRIVATE KEY'],
    [{ type: 'ECC', curve: 'secp384r1', format: 'pkcs8' }, 'PRIVATE KEY'],
    [{ type: 'Ed25519' }, 'PRIVATE KEY'],
    [{ type: 'X448' }, 'PRIVATE KEY'],
    [{ type: 'DSA', size: 1024 }, 'DSA PRIVATE KEY'],
  ])('makes %j once', (written, kind) => {
    const path = join(place('private'), 'key.pem');
    const foretold = privatekey({ path, ...written }, { check: true });
    expect(foretold).toMatchObject({ changed: true, result: { filename: path, type: written.type } });
    expect(foretold.result['fingerprint']).toBeInstanceOf(Unknown);
    const first = privatekey({ path, ...written });
    expect(first).toMatchObject({ changed: true, astray: [], result: { type: written.type } });
    expect([header(path), modeOf(path)]).toEqual([`-----BEGIN ${kind}-----`, '600']);
    const der = spawnSync('openssl', ['pkey', '-in', path, '-pubout', '-outform', 'DER']).stdout;
    expect((first.result['fingerprint'] as Record<string, string>)['sha256']).toBe(
      createHash('sha256').update(der).digest('hex').match(/../g)?.join(':'),
    );
    expect(privatekey({ path, ...written })).toMatchObject({
      changed: false,
      result: { fingerprint: first.result['fingerprint'] },
    });
    expect(readdirSync(join(path, '..'))).toEqual(['key.pem']);
  });

  it('makes another where kind, size, curve or format are others, and converts where told', () => {
    const path = join(place('private-other'), 'key.pem');
    const ecc = { path, type: 'ECC', curve: 'secp256r1' };
    const first = privatekey(ecc);
    expect(privatekey({ ...ecc, curve: 'secp521r1', regenerate: 'fail' }).failed).toContain(
      'Key has wrong type and/or size',
    );
    expect(privatekey({ ...ecc, curve: 'secp521r1', regenerate: 'never' }).changed).toBe(false);
    expect(privatekey({ ...ecc, format: 'pkcs8', regenerate: 'fail' }).failed).toContain('Key has wrong format');
    expect(privatekey({ ...ecc, format: 'pkcs8', format_mismatch: 'convert' })).toMatchObject({
      changed: true,
      astray: [],
      result: { fingerprint: first.result['fingerprint'] },
    });
    expect(header(path)).toBe('-----BEGIN PRIVATE KEY-----');
    expect(privatekey(ecc).changed).toBe(false);
    const old = readFileSync(path, 'utf8');
    const again = privatekey({ ...ecc, format: 'auto', backup: true, return_content: true, mode: '0640' });
    expect(again).toMatchObject({ changed: true, astray: [], result: { privatekey: readFileSync(path, 'utf8') } });
    expect([header(path), modeOf(path), readFileSync(String(again.result['backup_file']), 'utf8')]).toEqual([
      '-----BEGIN EC PRIVATE KEY-----',
      '640',
      old,
    ]);
    expect(again.result['fingerprint']).not.toEqual(first.result['fingerprint']);
    expect(
      privatekey({ ...ecc, force: true, return_content: true }, { check: true }).result['privatekey'],
    ).toBeInstanceOf(Unknown);
    expect(privatekey({ ...ecc, force: true }).changed).toBe(true);
    expect(privatekey(ecc)).toMatchObject({ changed: false });
    expect(privatekey({ ...ecc, state: 'absent', return_content: true })).toMatchObject({
      changed: true,
      astray: [],
      result: { fingerprint: null, privatekey: null },
    });
    expect(privatekey({ ...ecc, state: 'absent' }).changed).toBe(false);
  });

  it('replaces a key that it cannot read only under full_idempotence', () => {
    const path = join(place('private-broken'), 'key.pem');
    spawnSync('openssl', ['genpkey', '-algorithm', 'ED25519', '-aes256', '-pass', 'pass:secret', '-out', path]);
    expect(privatekey({ path, type: 'Ed25519', regenerate: 'partial_idempotence' }).failed).toContain(
      'Unable to read the key',
    );
    expect(privatekey({ path, type: 'Ed25519' })).toMatchObject({ changed: true, astray: [] });
  });

  it.each([
    [{ passphrase: 'x' }, 'passphrase is not supported'],
    [{ format: 'raw' }, 'format raw is not supported'],
    [{ type: 'ECC' }, 'missing: curve'],
    [{ type: 'Ed25519', format: 'pkcs1' }, 'format pkcs1 is not for keys of type Ed25519'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(openssl_privatekey, { path: '/x', ...written })).toThrow(message);
  });
});
