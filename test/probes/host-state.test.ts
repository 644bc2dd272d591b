// What answers about units, packages, users, groups, mounts and kernel parameters mean.
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer, Probe } from '../../src/core/probe.ts';
import { groupProbe, parseGroups } from '../../src/probes/group.ts';
import { parseInitScript } from '../../src/probes/init-script.ts';
import { mountProbe, parseMounts } from '../../src/probes/mount.ts';
import {
  aptCandidates,
  packageProbe,
  parseApk,
  parseAptLists,
  parseDpkg,
  parsePacman,
  parseRpm,
} from '../../src/probes/package.ts';
import { parseSysctls, sysctlPath, sysctlProbe } from '../../src/probes/sysctl.ts';
import { parseUnits } from '../../src/probes/unit.ts';
import { parseUsers, passwordDigest, userProbe } from '../../src/probes/user.ts';
import { testShells } from './shells.ts';

const answer = (text: string, rc = 0): Answer => ({ rc, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

describe('units', () => {
  const query = (unit: string) => ({ unit, scope: 'system' as const });
  it('reads one block a unit, in order', () => {
    const text = `Id=cron.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n\nId=ssh.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nNeedDaemonReload=yes\n\nId=none.service\nLoadState=not-found\nActiveState=inactive\n\nId=bad.service\nLoadState=masked\nActiveState=inactive\nUnitFileState=masked\n\n@@links\n@@files\n`;
    expect(
      parseUnits(answer(text), [
        query('cron.service'),
        query('sshd.service'),
        query('none.service'),
        query('bad.service'),
      ]),
    ).toMatchObject([
      {
        kind: 'unit',
        running: true,
        enabled: 'enabled',
        masked: false,
        info: { id: 'cron.service', needsReload: false },
      },
      { kind: 'unit', running: false, enabled: 'disabled', info: { id: 'ssh.service', needsReload: true } },
      { kind: 'absent' },
      { kind: 'unit', masked: true, enabled: 'disabled' },
    ]);
  });

  it.each([
    ['static', 'static'],
    ['enabled-runtime', 'disabled'],
    ['indirect', 'disabled'],
    ['alias', 'disabled'],
    ['', 'static'],
    ['linked', 'disabled'],
  ])('takes UnitFileState %s as %s', (file, enabled) => {
    expect(
      parseUnits(
        answer(`Id=x.service\nLoadState=loaded\nActiveState=active\nUnitFileState=${file}\n\n@@links\n@@files\n`),
        [query('x.service')],
      ),
    ).toMatchObject([{ enabled }]);
  });

  it('looks at the links of init scripts for units made from them', () => {
    const text =
      'Id=old.service\nLoadState=loaded\nActiveState=active\nUnitFileState=generated\nSourcePath=/etc/init.d/old\n\n@@links\nold\n@@files\n';
    expect(parseUnits(answer(text), [query('old.service')])).toMatchObject([{ enabled: 'enabled' }]);
    expect(parseUnits(answer(text.replace('\nold\n', '\n')), [query('old.service')])).toMatchObject([
      { enabled: 'disabled' },
    ]);
  });

  it('says why systemd cannot be asked', () => {
    expect(parseUnits(answer('@@none systemd is not running on this host\n'), [query('x.service')])).toEqual([
      { kind: 'unavailable', message: 'systemd is not running on this host' },
    ]);
  });

  it('knows templates by whether they are enabled', () => {
    expect(parseUnits(answer('@@files\ngetty@.service=enabled\n'), [query('getty@.service')])).toMatchObject([
      { kind: 'unit', enabled: 'enabled', running: false },
    ]);
    expect(
      parseUnits(
        answer('@@files\nno@.service=Failed to get unit file state for no@.service: No such file or directory\n'),
        [query('no@.service')],
      ),
    ).toMatchObject([{ kind: 'absent' }]);
  });

  it('reads init scripts', () => {
    expect(parseInitScript(answer('there\nstatus=0\nenabled\n'), 'x')).toMatchObject({
      kind: 'unit',
      running: true,
      enabled: 'enabled',
    });
    expect(parseInitScript(answer('there\nstatus=3\n'), 'x')).toMatchObject({
      kind: 'unit',
      running: false,
      enabled: 'disabled',
    });
    expect(parseInitScript(answer(''), 'x')).toMatchObject({ kind: 'absent' });
  });
});

describe('packages', () => {
  it('reads dpkg: installed, held, removed with configuration, unknown, provided', () => {
    const text =
      'bash\tamd64\tinstalled\tinstall\t5.2-1\nheld\tall\tinstalled\thold\t1\nconf\tall\tconfig-files\tdeinstall\t1\nmail-transport-agent\t\tnot-installed\tunknown\t\n@@provides\ninstalled\texim4\t4.9\tmail-transport-agent, default-mta (= 1)\n';
    expect(
      parseDpkg(
        answer(text),
        ['bash', 'bash:i386', 'held', 'conf', 'nothing', 'mail-transport-agent', 'default-mta'].map((name) => ({
          name,
        })),
      ),
    ).toEqual([
      { kind: 'installed', version: '5.2-1', info: { architecture: 'amd64' } },
      { kind: 'absent', residual: false },
      { kind: 'installed', version: '1', info: { architecture: 'all', held: true } },
      { kind: 'absent', residual: true },
      { kind: 'absent', residual: false },
      { kind: 'installed', version: '4.9', info: { provider: 'exim4' } },
      { kind: 'installed', version: '4.9', info: { provider: 'exim4' } },
    ]);
  });

  it('reads rpm: by name, by version, by pattern, by what is provided', () => {
    const text =
      'bash\t0\t5.1\t2.el9\tx86_64\npackage none is not installed\npackage perl(Foo) is not installed\n@@provides\nbash\t0\t5.1\t2.el9\tx86_64\nno package provides none\nperl-Foo\t1\t2\t3\tnoarch\n@@globs\nnginx\t1\t1.20.1\t9.el9\tx86_64\n';
    expect(
      parseRpm(
        answer(text),
        ['bash', 'none', 'perl(Foo)', 'nginx-1.20*'].map((name) => ({ name })),
      ),
    ).toMatchObject([
      { kind: 'installed', version: '5.1-2.el9' },
      { kind: 'absent' },
      { kind: 'installed' },
      { kind: 'installed', version: '1:1.20.1-9.el9' },
    ]);
  });

  it('reads apk and pacman', () => {
    expect(
      parseApk(answer('@@apk\nP:musl\nV:1.2.4-r2\np:so:libc.musl-x86_64.so.1=1\nP:busybox\nV:1.36\n'), [
        { name: 'musl' },
        { name: 'so:libc.musl-x86_64.so.1' },
        { name: 'x' },
      ]),
    ).toEqual([
      { kind: 'installed', version: '1.2.4-r2', info: {} },
      { kind: 'installed', version: '1.2.4-r2', info: { provider: 'musl' } },
      { kind: 'absent' },
    ]);
    expect(parsePacman(answer('bash 5.2-1\n'), [{ name: 'bash' }, { name: 'x' }])).toEqual([
      { kind: 'installed', version: '5.2-1', info: {} },
      { kind: 'absent' },
    ]);
  });

  it('reads candidates and the age of lists', () => {
    expect(
      aptCandidates(
        'bash:\n  Installed: 1\n  Candidate: 2\n  Version table:\nx:\n  Installed: (none)\n  Candidate: (none)\n',
      ),
    ).toEqual(new Map([['bash', '2']]));
    expect(parseAptLists(answer('1000\nstamp 900\nlists 100\nsource 950\n')).info).toEqual({
      refreshed: 900,
      age: 100,
      outdated: true,
    });
    expect(parseAptLists(answer('1000\n')).info).toEqual({ refreshed: 0, age: 1000, outdated: false });
  });
});

describe('users and groups', () => {
  const text = `passwd:ops:x:1000:100:Ops,,,:/home/ops:/bin/sh
group:root:x:0:
group:users:x:100:
group:adm:x:4:ops,x
group:docker:x:999:ops
shadow-readable
shadow:ops:!$6$salt$hash:19000:0:90:7:::
home:0:0
`;
  it('reads an account', () => {
    expect(
      parseUsers(answer(text), [
        { name: 'ops', local: false },
        { name: 'none', local: false },
      ]),
    ).toEqual([
      {
        kind: 'user',
        uid: 1000,
        group: 'users',
        groups: ['adm', 'docker'],
        comment: 'Ops,,,',
        home: '/home/ops',
        shell: '/bin/sh',
        password: passwordDigest('$6$salt$hash'),
        locked: true,
        expires: null,
        ages: { min: 0, max: 90, warn: 7, inactive: null },
        homeThere: true,
        info: { gid: 100, directory: false },
      },
      { kind: 'absent' },
    ]);
  });

  it('never tells a hash', () => {
    expect(JSON.stringify(parseUsers(answer(text), [{ name: 'ops', local: false }]))).not.toContain('salt');
    expect([passwordDigest('!'), passwordDigest('*'), passwordDigest('!!'), passwordDigest('x')]).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });

  it('reads groups by name and by number, local ones first', () => {
    const given = answer('adm:x:4:ops,x\nnum:x:77:\n@@directory\nldap:*:5000:a\n');
    expect(
      parseGroups(given, [
        { name: 'adm', local: false },
        { name: '77', local: false },
        { name: 'ldap', local: false },
        { name: 'ldap', local: true },
      ]),
    ).toEqual([
      { kind: 'group', gid: 4, info: { name: 'adm', members: ['ops', 'x'] } },
      { kind: 'group', gid: 77, info: { name: 'num', members: [] } },
      { kind: 'group', gid: 5000, info: { name: 'ldap', members: ['a'] } },
      { kind: 'absent' },
    ]);
  });
});

describe('mounts and kernel parameters', () => {
  it('sees the last mount on a point', () => {
    const text =
      '20 1 8:1 / /mnt\\040x rw - ext4 /dev/sda1 rw\n21 1 0:9 / /mnt\\040x rw,noexec - tmpfs tmpfs rw,size=1m\n\n@@there\n1 1\n2 0\n';
    expect(parseMounts(answer(text), ['/mnt x', '/there', '/not'])).toEqual([
      { kind: 'mounted', info: { source: 'tmpfs', fstype: 'tmpfs', root: '/', options: ['rw', 'noexec', 'size=1m'] } },
      { kind: 'unmounted', info: { there: true } },
      { kind: 'unmounted', info: { there: false } },
    ]);
  });

  it('reads parameters with blanks made one', () => {
    expect(
      parseSysctls(answer('/proc/sys/net/ipv4/tcp_rmem:4096\t16384\t6291456\n/proc/sys/net/ipv4/ip_forward:1\n'), [
        'net.ipv4.tcp_rmem',
        'no.such',
        'net.ipv4.ip_forward',
      ]),
    ).toEqual([{ kind: 'value', value: '4096 16384 6291456' }, { kind: 'absent' }, { kind: 'value', value: '1' }]);
    expect([
      sysctlPath('net.ipv4.ip_forward'),
      sysctlPath('net/ipv4/conf/eth0.1/forwarding'),
      sysctlPath('net.ipv4.conf.eth0/1.forwarding'),
    ]).toEqual([
      '/proc/sys/net/ipv4/ip_forward',
      '/proc/sys/net/ipv4/conf/eth0.1/forwarding',
      '/proc/sys/net/ipv4/conf/eth0.1/forwarding',
    ]);
  });
});

describe('on this machine', () => {
  const { shells, close } = testShells();
  afterAll(close);
  const ask = (run: (script: string) => Answer, probes: readonly Probe[]): unknown[] => {
    const queries = probes.map((probe) => probe.query);
    const family = probes[0]?.family;
    const given = run(family?.script?.(queries) ?? '');
    expect(given.stderr.toString()).toBe('');
    return [...(family?.parse?.(given, queries) ?? [])];
  };
  it.each(shells)('$name asks about users, groups, mounts, parameters', ({ run }) => {
    expect(ask(run, [userProbe('root'), userProbe('no-such-user'), userProbe("o'dd name")])).toMatchObject([
      { kind: 'user', uid: 0, group: 'root', homeThere: true },
      { kind: 'absent' },
      { kind: 'absent' },
    ]);
    expect(ask(run, [groupProbe('root'), groupProbe('0'), groupProbe('no-such-group')])).toMatchObject([
      { kind: 'group', gid: 0 },
      { kind: 'group', gid: 0, info: { name: 'root' } },
      { kind: 'absent' },
    ]);
    expect(ask(run, [mountProbe('/proc'), mountProbe('/etc'), mountProbe('/no such place')])).toMatchObject([
      { kind: 'mounted', info: { fstype: 'proc' } },
      { kind: 'unmounted', info: { there: true } },
      { kind: 'unmounted', info: { there: false } },
    ]);
    expect(ask(run, [sysctlProbe('kernel.ostype'), sysctlProbe('no.such.thing')])).toEqual([
      { kind: 'value', value: 'Linux' },
      { kind: 'absent' },
    ]);
  });
  it.each(shells)('$name says by itself where there is no package database of a kind', ({ run }) => {
    const [state] = ask(run, [packageProbe('no-such-package', 'pacman')]) as { kind: string }[];
    expect(['absent', 'unavailable']).toContain(state?.kind);
  });
});
