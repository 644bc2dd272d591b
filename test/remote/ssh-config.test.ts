// ssh_config and the words of ssh arguments, as data cases; where OpenSSH has an answer (`ssh -G`), it is the same (Debian: openssh-client).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionSettings } from '../../src/core/connection.ts';
import { parseSshArgs } from '../../src/remote/ssh-args.ts';
import { parseHop, resolveTarget, type Target } from '../../src/remote/target.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vbx-config-'));
  mkdirSync(join(home, '.ssh'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function resolve(config: string, settings: Partial<ConnectionSettings> = {}): Target {
  const file = join(home, '.ssh/config');
  writeFileSync(file, config);
  return resolveTarget(
    { transport: 'ssh', name: 'web1', host: 'web1', hostKeyChecking: 'yes', connectTimeout: 10, ...settings },
    {
      environment: { HOME: home, USER: 'me', SSH_AUTH_SOCK: '/agent', MY_DIR: '/keys' },
      knownHostsFiles: undefined,
      sshConfigFile: file,
      keepalive: undefined,
    },
  );
}
const pick = (target: Target) => ({ host: target.host, port: target.port, user: target.user });

describe('host, port and user', () => {
  test.each([
    ['nothing', '', { host: 'web1', port: 22, user: 'me' }],
    [
      'a Host block',
      'Host web1\n  HostName 10.0.0.1\n  Port 2222\n  User ops\n',
      { host: '10.0.0.1', port: 2222, user: 'ops' },
    ],
    ['the first value', 'Host web*\n Port 1\nHost *\n Port 2\n User u\n', { host: 'web1', port: 1, user: 'u' }],
    [
      'equals signs, quotes, comments and case',
      'hOsT = web1\n\tHOSTNAME="10.0.0.1" # here\n user=ops\n',
      { host: '10.0.0.1', port: 22, user: 'ops' },
    ],
    ['negation', 'Host * !web1\n Port 7\nHost web? db\n User w\n', { host: 'web1', port: 22, user: 'w' }],
    ['%h', 'Host web1\n HostName %h.example.org\n', { host: 'web1.example.org', port: 22, user: 'me' }],
    ['values before any block', 'Port 99\nHost other\n Port 1\n', { host: 'web1', port: 99, user: 'me' }],
    [
      'Match host of the new name',
      'Host web1\n HostName a.b\nMatch host a.b\n Port 5\nMatch originalhost web1\n User x\n',
      { host: 'a.b', port: 5, user: 'x' },
    ],
    [
      'Match user and localuser',
      'Match user me\n Port 3\nMatch localuser me,you host web*\n User y\n',
      { host: 'web1', port: 3, user: 'y' },
    ],
    [
      'a negated criterion',
      'Match !host web1\n Port 3\nMatch !localuser root\n Port 4\n',
      { host: 'web1', port: 4, user: 'me' },
    ],
    ['Match all', 'Host x\n User n\nMatch all\n Port 6\n', { host: 'web1', port: 6, user: 'me' }],
    ['an exec that is never reached', 'Match host db exec "false"\n Port 3\n', { host: 'web1', port: 22, user: 'me' }],
    ['Match final, which one pass never meets', 'Match final\n Port 3\n', { host: 'web1', port: 22, user: 'me' }],
  ])('come from %s', (_, config, expected) => {
    expect(pick(resolve(config))).toEqual(expected);
  });

  test.each([
    ['Host web1\n  HostName 10.0.0.1\n  Port 2222\nHost *\n Port 1\n User ops\n'],
    ['Host web* !web1\n Port 7\nMatch originalhost web1\n User x\n HostName %h.example.org\n'],
    ['Match host web1 user me\n Port 9\nMatch localuser nobody\n Port 8\nHost *\n Port 3\n'],
  ])('are those of ssh -G for %j', (config) => {
    const target = resolve(config);
    const printed = execFileSync('ssh', ['-G', '-T', '-F', join(home, '.ssh/config'), '-l', 'me', 'web1'], {
      encoding: 'utf8',
    });
    const of = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(printed)?.[1];
    expect({ host: target.host, port: String(target.port) }).toEqual({ host: of('hostname'), port: of('port') });
  });

  test('of the inventory win, then those of the arguments', () => {
    expect(pick(resolve('Host *\n Port 1\n User c\n', { sshArgs: '-p 5 -l d -o HostName=h' }))).toEqual({
      host: 'h',
      port: 5,
      user: 'd',
    });
    expect(pick(resolve('Host *\n Port 1\n User c\n', { sshArgs: '-p 5 -o User=d', port: 7, user: 'e' }))).toEqual({
      host: 'web1',
      port: 7,
      user: 'e',
    });
    expect(pick(resolve('Host *\n Port 1\n', { sshArgs: '-F none' }))).toEqual({ host: 'web1', port: 22, user: 'me' });
  });

  test('follow includes, also in a block and with a pattern', () => {
    mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });
    writeFileSync(join(home, '.ssh/conf.d/10.conf'), 'Host web1\n User inc\n');
    writeFileSync(join(home, '.ssh/conf.d/20.conf'), 'User late\nPort 77\n');
    expect(pick(resolve('Include conf.d/*.conf\n'))).toEqual({ host: 'web1', port: 77, user: 'inc' });
    expect(pick(resolve('Host other\n Include conf.d/20.conf\nHost web1\n Include ~/.ssh/conf.d/10.conf\n'))).toEqual({
      host: 'web1',
      port: 22,
      user: 'inc',
    });
    writeFileSync(join(home, '.ssh/loop'), 'Include loop\n');
    expect(() => resolve('Include loop\n')).toThrow(/includes too many/);
  });
});

describe('keys and agent', () => {
  test('default to the usual files and the agent', () => {
    expect(resolve('')).toMatchObject({
      keyFiles: [],
      defaultKeyFiles: [`${home}/.ssh/id_ed25519`, `${home}/.ssh/id_ecdsa`, `${home}/.ssh/id_rsa`],
      agent: '/agent',
      identitiesOnly: false,
      forwardAgent: undefined,
    });
  });
  test("of several IdentityFile lines add up, with their tokens, behind the inventory's", () => {
    const target = resolve(
      'Host web1\n IdentityFile ~/.ssh/%r_%h\n IdentitiesOnly yes\nHost *\n IdentityFile "%d/k %u"\n IdentityFile ${MY_DIR}/z\n IdentityAgent none\n ForwardAgent yes\n',
      { privateKeyFile: '/mine', user: 'ops' },
    );
    expect(target).toMatchObject({
      keyFiles: ['/mine', `${home}/.ssh/ops_web1`, `${home}/k me`, '/keys/z'],
      defaultKeyFiles: [],
      agent: undefined,
      identitiesOnly: true,
    });
  });
  test.each([
    ['IdentityAgent ~/a', `/a`],
    ['IdentityAgent $MY_DIR', '/keys'],
    ['IdentityAgent SSH_AUTH_SOCK', '/agent'],
  ])('take the agent of %s', (config, expected) => {
    expect(resolve(config).agent?.endsWith(expected)).toBe(true);
  });
  test('leave out ways that are switched off', () => {
    expect([...resolve('PreferredAuthentications publickey\n').without].toSorted()).toEqual([
      'keyboard-interactive',
      'password',
    ]);
    expect([...resolve('PasswordAuthentication no\nChallengeResponseAuthentication no\n').without].toSorted()).toEqual([
      'keyboard-interactive',
      'password',
    ]);
  });
});

describe('proxies', () => {
  test.each([
    ['ProxyJump a', '', { kind: 'jump', hops: [{ host: 'a', user: undefined, port: undefined }] }],
    [
      'ProxyJump u@a:22,ssh://b:2222',
      '',
      {
        kind: 'jump',
        hops: [
          { host: 'a', user: 'u', port: 22 },
          { host: 'b', user: undefined, port: 2222 },
        ],
      },
    ],
    ['ProxyJump none\nProxyCommand nc %h %p', '', { kind: 'none' }],
    [
      'ProxyCommand ssh -W %h:%p -l %r "jump host" %%',
      '',
      { kind: 'command', command: 'ssh -W web1:22 -l me "jump host" %' },
    ],
    ['ProxyCommand none', '', { kind: 'none' }],
    ['ProxyCommand x', '-J b', { kind: 'jump', hops: [{ host: 'b', user: undefined, port: undefined }] }],
    ['ProxyJump b', `-o ProxyCommand="ssh -W %h:%p -q gw"`, { kind: 'command', command: 'ssh -W web1:22 -q gw' }],
    [
      '',
      `-o 'ProxyCommand=ssh -W %h:%p -q gw' -o StrictHostKeyChecking=no`,
      { kind: 'command', command: 'ssh -W web1:22 -q gw' },
    ],
  ])('%j with arguments %j', (config, sshArgs, expected) => {
    expect(resolve(config, sshArgs === '' ? {} : { sshArgs }).proxy).toEqual(expected);
  });
  test('read IPv6 hops', () => {
    expect(parseHop('me@[::1]:2200')).toEqual({ host: '::1', user: 'me', port: 2200 });
    expect(() => parseHop('a b@')).toThrow(/ProxyJump/);
  });
});

describe('host keys', () => {
  test.each([
    ['', 'yes', 'ask'],
    ['StrictHostKeyChecking no', 'yes', 'no'],
    ['StrictHostKeyChecking accept-new', 'yes', 'accept-new'],
    ['StrictHostKeyChecking yes', 'yes', 'strict'],
    ['StrictHostKeyChecking yes', 'no', 'no'],
    ['StrictHostKeyChecking yes', 'accept-new', 'accept-new'],
  ] as const)("%j and the inventory's %s make %s", (config, hostKeyChecking, policy) => {
    expect(resolve(config, { hostKeyChecking }).hostKey.policy).toBe(policy);
  });
  test('are looked up under an alias, in the files named', () => {
    expect(
      resolve(
        'Port 2222\nHostKeyAlias Cluster\nUserKnownHostsFile ~/a /b\nGlobalKnownHostsFile none\nHashKnownHosts yes\n',
      ).hostKey,
    ).toMatchObject({ host: 'Cluster', port: 22, files: [`${home}/a`, '/b'], hashed: true });
    expect(resolve('', { sshArgs: '-o UserKnownHostsFile=/dev/null' }).hostKey.files[0]).toBe('/dev/null');
  });
  test('known of one type are wanted of that type', () => {
    const { algorithms } = resolve('');
    expect(algorithms(['ssh-rsa']).serverHostKey).toMatchObject({ 0: 'rsa-sha2-512', 1: 'rsa-sha2-256' });
    expect(algorithms(['ecdsa-sha2-nistp256']).serverHostKey).toMatchObject({ 0: 'ecdsa-sha2-nistp256' });
  });
});

test('numbers and algorithms', () => {
  const target = resolve(
    'ConnectTimeout 3\nServerAliveInterval 1m\nServerAliveCountMax 9\nCiphers aes256-ctr,nonsense\nKexAlgorithms ^diffie-hellman-group14-sha256\nMACs -hmac-sha1*\nAddressFamily inet\nBindAddress 127.0.0.1\n',
  );
  expect(target).toMatchObject({
    connectTimeout: 3,
    keepaliveInterval: 60,
    keepaliveCountMax: 9,
    family: 4,
    localAddress: '127.0.0.1',
  });
  const { cipher, kex, hmac } = target.algorithms([]);
  expect(cipher).toEqual(['aes256-ctr']);
  expect(kex).toMatchObject({ 0: 'diffie-hellman-group14-sha256' });
  expect(hmac).not.toContain('hmac-sha1');
  expect(() => resolve('Ciphers 3des-nothing').algorithms([])).toThrow(/none of "Ciphers/);
  expect(() => resolve('ConnectTimeout soon')).toThrow(/no number/);
});

describe('what this transport cannot do', () => {
  test.each([
    ['CertificateFile ~/.ssh/id-cert.pub', /config:1: CertificateFile is not supported/],
    ['PKCS11Provider /lib/x.so', /PKCS11Provider/],
    ['SecurityKeyProvider /lib/y.so', /SecurityKeyProvider/],
    ['Host *\n CanonicalizeHostname yes', /config:2: CanonicalizeHostname/],
    ['KnownHostsCommand /bin/x', /KnownHostsCommand/],
    ['RemoteCommand tmux', /RemoteCommand/],
    ['Match exec "true"\n Port 1', /"Match exec" is not supported/],
    ['NoSuchKeyword yes', /"NoSuchKeyword" is not a keyword/],
  ])('is named: %j', (config, message) => {
    expect(() => resolve(config)).toThrow(message);
  });
  test.each([
    'Host other\n CertificateFile x',
    'Compression yes\nControlMaster auto\nControlPath ~/%C\nControlPersist 60s\nSendEnv LANG LC_*\n',
    'CanonicalizeHostname no',
    'PKCS11Provider none',
  ])('is no matter where it does not apply: %j', (config) => {
    expect(pick(resolve(config))).toEqual({ host: 'web1', port: 22, user: 'me' });
  });
  test('but is often set for all hosts is kept for the message of a refused login', () => {
    expect(resolve('GSSAPIAuthentication yes').notes).toEqual([
      expect.stringContaining('GSSAPIAuthentication is not supported'),
    ]);
  });
  test.each(['$(id)', '-oProxyCommand=id', 'a b', 'a;b', ''])('is a host named %j', (hostName) => {
    expect(() => resolve('ProxyCommand nc %h %p\n', { host: hostName })).toThrow(/cannot be the name of a host/);
  });
});

describe('ssh arguments', () => {
  test('are split and understood', () => {
    expect(
      parseSshArgs(
        `-o ControlPersist=60s -oPort=22 -C -vv -4 -J a,b -i "/my key" -o "User ops" -tt -o StrictHostKeyChecking=no -F /f`,
      ),
    ).toEqual({
      options: [
        ['ControlPersist', '60s'],
        ['Port', '22'],
        ['AddressFamily', 'inet'],
        ['ProxyJump', 'a,b'],
        ['IdentityFile', '/my key'],
        ['User', 'ops'],
        ['StrictHostKeyChecking', 'no'],
      ],
      configFile: '/f',
    });
  });
  test.each([
    ['-Z', /-Z in the ssh arguments/],
    ['host', /"host"/],
    ['-o Port', /is not Name=value/],
    ['-p', /needs a value/],
  ])('refuse %s by name', (text, message) => {
    expect(() => parseSshArgs(text)).toThrow(message);
  });
  test('with an option that nobody knows are refused by name', () => {
    expect(() => resolve('', { sshArgs: '-o Foo=bar' })).toThrow(/-o Foo: "Foo" is not a keyword/);
  });
});
