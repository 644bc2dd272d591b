// The first question to a host: what its answer means for several systems, and that every shell here gives the same one.
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/core/probe.ts';
import { basicsProbe, parseBasics } from '../../src/probes/basics.ts';
import { testShells } from './shells.ts';

const answer = (text: string): Answer => ({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

const DEBIAN = `uname=Linux node1 6.1.0-18-amd64 x86_64
uid=1000
user=ops
home=/home/ops
umask=0022
group=ops
boot=4dee5815-9840-4499-b74a-bacdce8981cc
init=systemd
initlink=systemd
has=systemd
has=/etc/init.d
has=/usr/bin/apt-get
os:PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
os:ID=debian
os:VERSION_ID="12"
`;

describe('basics', () => {
  it('understands a Debian host', () => {
    expect(parseBasics(answer(DEBIAN))).toEqual({
      system: 'Linux', machine: 'x86_64', kernel: '6.1.0-18-amd64', osId: 'debian', osIdLike: '', osVersion: '12', osFamily: 'Debian', serviceManager: 'systemd', packageManager: 'apt',
      hostname: 'node1', user: 'ops', uid: 1000, home: '/home/ops', group: 'ops', umask: '0022', bootId: '4dee5815-9840-4499-b74a-bacdce8981cc', selinux: false,
    });
  });

  it.each([
    ['Rocky with dnf', 'init=systemd\nhas=systemd\nhas=/usr/bin/dnf\nhas=/usr/bin/yum\ndnf=/usr/bin/dnf-3\nhas=/sys/fs/selinux/enforce\nos:ID="rocky"\nos:ID_LIKE="rhel centos fedora"\n', { osFamily: 'RedHat', packageManager: 'dnf', serviceManager: 'systemd', selinux: true }],
    ['Fedora with dnf5', 'init=systemd\nhas=/usr/bin/dnf\ndnf=/usr/bin/dnf5\nos:ID=fedora\n', { osFamily: 'RedHat', packageManager: 'dnf5', serviceManager: 'systemd' }],
    ['CentOS 7 with yum', 'init=systemd\nhas=/usr/bin/yum\nos:ID="centos"\n', { osFamily: 'RedHat', packageManager: 'yum' }],
    ['Alpine with OpenRC', 'init=init\nhas=/sbin/openrc\nhas=/etc/init.d\nhas=/sbin/apk\nos:ID=alpine\nos:VERSION_ID=3.19.1\n', { osFamily: 'Alpine', packageManager: 'apk', serviceManager: 'openrc' }],
    ['a container whose first process is a shell', 'init=bash\nhas=/etc/init.d\nhas=/usr/bin/apt-get\nos:ID=ubuntu\nos:ID_LIKE=debian\n', { osFamily: 'Debian', serviceManager: 'sysvinit' }],
    ['openSUSE', 'init=systemd\nhas=/usr/bin/zypper\nos:ID="opensuse-leap"\nos:ID_LIKE="suse opensuse"\n', { osFamily: 'Suse', packageManager: 'zypper' }],
    ['Arch', 'init=systemd\nhas=/usr/bin/pacman\nos:ID=arch\n', { osFamily: 'Archlinux', packageManager: 'pacman' }],
    ['OpenWrt', 'init=procd\nhas=/bin/opkg\nos:ID="openwrt"\n', { serviceManager: 'openwrt_init', packageManager: 'opkg' }],
    ['an unknown derivative of Debian', 'init=systemd\nhas=/usr/bin/apt-get\nos:ID=mydistro\nos:ID_LIKE=debian\n', { osFamily: 'Debian', packageManager: 'apt' }],
    ['a Debian host with rpm beside apt', 'init=systemd\nhas=/usr/bin/apt-get\nhas=/usr/bin/dnf\nos:ID=debian\n', { packageManager: 'apt' }],
  ])('understands %s', (_name, text, wanted) => {
    expect(parseBasics(answer(text))).toMatchObject(wanted);
  });

  it('has empty fields for a host that gave nothing', () => {
    expect(parseBasics(answer(''))).toMatchObject({ system: '', uid: -1, user: '', packageManager: 'unknown', serviceManager: 'service' });
  });
});

describe('on this machine', () => {
  const { shells, close } = testShells();
  afterAll(close);
  const script = basicsProbe.family.script?.([basicsProbe.query]) ?? '';
  it.each(shells)('$name answers as the system calls of Node do', ({ run }) => {
    const given = run(script);
    expect(given.stderr.toString()).toBe('');
    expect(parseBasics(given)).toMatchObject({ system: 'Linux', uid: process.getuid?.() });
    expect(parseBasics(given)).toEqual(parseBasics(shells[0]?.run(script) ?? given));
  });
});
