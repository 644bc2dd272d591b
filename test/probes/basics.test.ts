// The first question to a host: what its answer means for several systems, and that every shell here gives the same one.
import { hostname, machine, release, type } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/core/probe.ts';
import { basicsProbe, parseBasics } from '../../src/probes/basics.ts';
import { testShells } from './shells.ts';

const answer = (text: string): Answer => ({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

const DEBIAN = `uname=Linux node1 6.1.0-18-amd64 x86_64
id=uid=1000(ops) gid=1000(ops) groups=1000(ops),27(sudo)
home=/home/ops
umask=0022
initlink=systemd
has=systemd
has=/etc/init.d
has=/usr/bin/apt-get
/proc/sys/kernel/random/boot_id:4dee5815-9840-4499-b74a-bacdce8981cc
/proc/1/comm:systemd
/etc/os-release:PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
/etc/os-release:ID=debian
/etc/os-release:VERSION_ID="12"
`;

describe('basics', () => {
  it('understands a Debian host', () => {
    expect(parseBasics(answer(DEBIAN))).toEqual({
      system: 'Linux',
      machine: 'x86_64',
      kernel: '6.1.0-18-amd64',
      osId: 'debian',
      osIdLike: '',
      osVersion: '12',
      osFamily: 'Debian',
      serviceManager: 'systemd',
      packageManager: 'apt',
      hostname: 'node1',
      user: 'ops',
      uid: 1000,
      home: '/home/ops',
      group: 'ops',
      umask: '0022',
      bootId: '4dee5815-9840-4499-b74a-bacdce8981cc',
      selinux: false,
    });
  });

  it.each([
    [
      'Rocky with dnf',
      '/proc/1/comm:systemd\nhas=systemd\nhas=/usr/bin/dnf\nhas=/usr/bin/yum\ndnf=/usr/bin/dnf-3\nhas=/sys/fs/selinux/enforce\n/etc/os-release:ID="rocky"\n/etc/os-release:ID_LIKE="rhel centos fedora"\n',
      { osFamily: 'RedHat', packageManager: 'dnf', serviceManager: 'systemd', selinux: true },
    ],
    [
      'Fedora with dnf5',
      '/proc/1/comm:systemd\nhas=/usr/bin/dnf\ndnf=/usr/bin/dnf5\n/etc/os-release:ID=fedora\n',
      { osFamily: 'RedHat', packageManager: 'dnf5', serviceManager: 'systemd' },
    ],
    [
      'CentOS 7 with yum',
      '/proc/1/comm:systemd\nhas=/usr/bin/yum\n/etc/os-release:ID="centos"\n',
      { osFamily: 'RedHat', packageManager: 'yum' },
    ],
    [
      'Alpine with OpenRC',
      '/proc/1/comm:init\nhas=/sbin/openrc\nhas=/etc/init.d\nhas=/sbin/apk\n/etc/os-release:ID=alpine\n/etc/os-release:VERSION_ID=3.19.1\n',
      { osFamily: 'Alpine', packageManager: 'apk', serviceManager: 'openrc' },
    ],
    [
      'a container whose first process is a shell',
      '/proc/1/comm:bash\nhas=/etc/init.d\nhas=/usr/bin/apt-get\n/etc/os-release:ID=ubuntu\n/etc/os-release:ID_LIKE=debian\n',
      { osFamily: 'Debian', serviceManager: 'sysvinit' },
    ],
    [
      'openSUSE',
      '/proc/1/comm:systemd\nhas=/usr/bin/zypper\n/etc/os-release:ID="opensuse-leap"\n/etc/os-release:ID_LIKE="suse opensuse"\n',
      { osFamily: 'Suse', packageManager: 'zypper' },
    ],
    [
      'Arch',
      '/proc/1/comm:systemd\nhas=/usr/bin/pacman\n/etc/os-release:ID=arch\n',
      { osFamily: 'Archlinux', packageManager: 'pacman' },
    ],
    [
      'OpenWrt',
      '/proc/1/comm:procd\nhas=/bin/opkg\n/etc/os-release:ID="openwrt"\n',
      { serviceManager: 'openwrt_init', packageManager: 'opkg' },
    ],
    [
      'an unknown derivative of Debian',
      '/proc/1/comm:systemd\nhas=/usr/bin/apt-get\n/etc/os-release:ID=mydistro\n/etc/os-release:ID_LIKE=debian\n',
      { osFamily: 'Debian', packageManager: 'apt' },
    ],
    [
      'a Debian host with rpm beside apt',
      '/proc/1/comm:systemd\nhas=/usr/bin/apt-get\nhas=/usr/bin/dnf\n/etc/os-release:ID=debian\n',
      { packageManager: 'apt' },
    ],
  ])('understands %s', (_name, text, wanted) => {
    expect(parseBasics(answer(text))).toMatchObject(wanted);
  });

  it("takes what uname says from the kernel's own files where they tell all of it", () => {
    const files =
      '/proc/sys/kernel/ostype:Linux\n/proc/sys/kernel/hostname:node2\n/proc/sys/kernel/osrelease:6.12.1\n/proc/sys/kernel/arch:aarch64\n';
    expect(parseBasics(answer(files))).toMatchObject({
      system: 'Linux',
      hostname: 'node2',
      kernel: '6.12.1',
      machine: 'aarch64',
    });
    expect(parseBasics(answer(`uname=Linux node1 5.10.0 x86_64\n${files.replace(/^.*arch.*\n/m, '')}`))).toMatchObject({
      hostname: 'node1',
      kernel: '5.10.0',
      machine: 'x86_64',
    });
  });

  it('has empty fields for a host that gave nothing', () => {
    expect(parseBasics(answer(''))).toMatchObject({
      system: '',
      uid: -1,
      user: '',
      packageManager: 'unknown',
      serviceManager: 'service',
    });
  });
});

describe('on this machine', () => {
  const { shells, close } = testShells();
  afterAll(close);
  const script = basicsProbe.family.script?.([basicsProbe.query]) ?? '';
  it.each(shells)('$name answers as the system calls of Node do', ({ run }) => {
    const given = run(script);
    expect(given.stderr.toString()).toBe('');
    expect(parseBasics(given)).toMatchObject({
      system: type(),
      hostname: hostname(),
      kernel: release(),
      machine: machine(),
      uid: process.getuid?.(),
    });
    expect(parseBasics(given)).toEqual(parseBasics(shells[0]?.run(script) ?? given));
  });
});
