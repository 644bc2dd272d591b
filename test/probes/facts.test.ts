// Facts: what sections of the script's output mean, and that the script runs clean under every shell here.
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { factsOf, factsProbe } from '../../src/probes/facts.ts';
import { parseIni } from '../../src/probes/facts/local.ts';
import { COLLECTORS, factsScript, type Collector } from '../../src/probes/facts/script.ts';
import { sectionsOf } from '../../src/probes/facts/sections.ts';
import { testShells } from './shells.ts';

const facts = (collector: Collector, text: string): Record<string, unknown> => factsOf([collector], sectionsOf(text));
const hex = (text: string): string => Buffer.from(text).toString('hex').replace(/(..)/g, ' $1');

describe('facts', () => {
  it('tells the platform; /etc/hosts says the full name', () => {
    expect(
      facts(
        'platform',
        '@@machine\nx86_64\n@@hostname_f\nother.example.net\n@@files\n/proc/sys/kernel/ostype:Linux\n/proc/sys/kernel/hostname:node1\n/proc/sys/kernel/osrelease:6.1.0\n/proc/sys/kernel/version:#1 SMP\n/etc/machine-id:abc123\n/etc/hosts:# x\n/etc/hosts:127.0.1.1 node1.example.org node1\n',
      ),
    ).toEqual({
      system: 'Linux',
      kernel: '6.1.0',
      kernel_version: '#1 SMP',
      machine: 'x86_64',
      nodename: 'node1',
      hostname: 'node1',
      fqdn: 'node1.example.org',
      domain: 'example.org',
      architecture: 'x86_64',
      userspace_bits: '64',
      userspace_architecture: 'x86_64',
      machine_id: 'abc123',
    });
  });

  it("tells the host's Python by what it says of itself, and nothing where there is none", () => {
    const python = { executable: '/usr/bin/python3', has_sslcontext: true, type: 'cpython' };
    expect(facts('python', '@@python\n/usr/bin/python3\nPython 3.11.2\n')).toEqual({
      python: {
        ...python,
        version: { major: 3, minor: 11, micro: 2, releaselevel: 'final', serial: 0 },
        version_info: [3, 11, 2, 'final', 0],
      },
      python_version: '3.11.2',
    });
    expect(facts('python', '@@python\n/usr/bin/python3\nPython 3.14.0rc2\n')).toMatchObject({
      python: { version: { releaselevel: 'candidate', serial: 2 } },
      python_version: '3.14.0',
    });
    expect(facts('python', '@@python\n/usr/bin/python3\nsh: not found\n')).toEqual({});
    expect(facts('python', '@@files\n')).toEqual({});
  });

  it('tells of the Python that is named, and of one that is there where that is not', () => {
    const told = (python?: string): unknown => {
      const { stdout } = spawnSync('sh', ['-c', factsScript(['python'], '/nowhere', 5, python)]);
      return (factsOf(['python'], sectionsOf(stdout.toString())) as { python?: { executable: string } }).python
        ?.executable;
    };
    expect(told('/usr/bin/python3')).toBe('/usr/bin/python3');
    expect(told('/no/such/python')).toMatch(/python3/);
    expect(told()).toMatch(/python3/);
  });

  it('reads addresses, secondaries, and the way to the world', () => {
    const text = `@@net
device=eth0
device=lo
device=br0
port=veth1
bridge=1
@@addr
1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN
    inet 127.0.0.1/8 scope host lo
    inet6 ::1/128 scope host
2: eth0: <BROADCAST,UP> mtu 1500 qdisc fq state UP
    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0
    inet 10.0.0.6/24 brd 10.0.0.255 scope global secondary eth0
    inet6 fe80::1/64 scope link
3: br0@if7: <BROADCAST> mtu 1500 state DOWN
@@route4
8.8.8.8 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0
@@route6
@@local4
local 10.0.0.5 dev eth0 proto kernel scope host src 10.0.0.5
broadcast 10.0.0.255 dev eth0
@@local6
@@files
/sys/class/net/eth0/address:52:54:00:00:00:01
/sys/class/net/eth0/mtu:1500
/sys/class/net/eth0/operstate:up
/sys/class/net/eth0/type:1
/sys/class/net/eth0/flags:0x1103
/sys/class/net/lo/mtu:65536
/sys/class/net/lo/operstate:unknown
/sys/class/net/lo/type:772
/sys/class/net/br0/bridge/bridge_id:8000.525400
/sys/class/net/br0/bridge/stp_state:0
`;
    expect(facts('network', text)).toMatchObject({
      interfaces: ['eth0', 'lo', 'br0'],
      all_ipv4_addresses: ['10.0.0.5', '10.0.0.6'],
      all_ipv6_addresses: ['fe80::1'],
      default_ipv4: {
        gateway: '10.0.0.1',
        interface: 'eth0',
        address: '10.0.0.5',
        netmask: '255.255.255.0',
        network: '10.0.0.0',
        prefix: '24',
        broadcast: '10.0.0.255',
        macaddress: '52:54:00:00:00:01',
        mtu: 1500,
        type: 'ether',
        alias: 'eth0',
      },
      default_ipv6: {},
      locally_reachable_ips: { ipv4: ['10.0.0.5'], ipv6: [] },
      eth0: {
        active: true,
        promisc: true,
        ipv4: { address: '10.0.0.5' },
        ipv4_secondaries: [{ address: '10.0.0.6' }],
        ipv6: [{ address: 'fe80::1', prefix: '64', scope: 'link' }],
      },
      lo: { type: 'loopback', ipv4: { address: '127.0.0.1', network: '127.0.0.0', netmask: '255.0.0.0' } },
      br0: { type: 'bridge', interfaces: ['veth1'], stp: false },
    });
  });

  it('gives sizes only to local mounts', () => {
    const text = `@@mountinfo
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 22 0:40 / /proc rw - proc proc rw
31 22 0:41 / /data\\040x rw - nfs4 server:/data rw,vers=4
32 22 0:42 / /auto rw - autofs /etc/auto.misc rw
33 22 8:1 /srv /mnt/b rw - ext4 /dev/sda1 rw
@@statfs
4096 1000 500 400 200 150 /
@@uuids
total 0
lrwxrwxrwx 1 root root 10 Jan  1 00:00 1111-2222 -> ../../sda1
`;
    expect(facts('hardware', text)['mounts']).toEqual([
      {
        mount: '/',
        device: '/dev/sda1',
        fstype: 'ext4',
        options: 'rw,relatime,errors=remount-ro',
        dump: 0,
        passno: 0,
        size_total: 4096000,
        size_available: 1638400,
        block_size: 4096,
        block_total: 1000,
        block_available: 400,
        block_used: 600,
        inode_total: 200,
        inode_available: 150,
        inode_used: 50,
        uuid: '1111-2222',
      },
      {
        mount: '/data x',
        device: 'server:/data',
        fstype: 'nfs4',
        options: 'rw,vers=4',
        dump: 0,
        passno: 0,
        uuid: 'N/A',
      },
      {
        mount: '/mnt/b',
        device: '/dev/sda1',
        fstype: 'ext4',
        options: 'rw,bind',
        dump: 0,
        passno: 0,
        uuid: '1111-2222',
      },
    ]);
  });

  it('counts processors as Ansible does', () => {
    const core = (n: number, socket: number) =>
      `processor : ${n}\nvendor_id : GenuineIntel\nmodel name : Xeon\nphysical id : ${socket}\nsiblings : 4\ncore id : ${n % 2}\ncpu cores : 2\n\n`;
    const text = `@@cpuinfo\n${[0, 1, 2, 3, 4, 5, 6, 7].map((n) => core(n, n < 4 ? 0 : 1)).join('')}@@nproc\n6\n`;
    expect(facts('hardware', text)).toMatchObject({
      processor_count: 2,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 8,
      processor_nproc: 6,
    });
  });

  it('counts memory in MB', () => {
    expect(
      facts(
        'hardware',
        '@@meminfo\nMemTotal: 4096000 kB\nMemFree: 1024000 kB\nBuffers: 0 kB\nCached: 1024000 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB\nSwapCached: 0 kB\n',
      ),
    ).toMatchObject({
      memtotal_mb: 4000,
      memfree_mb: 1000,
      swaptotal_mb: 2,
      memory_mb: {
        real: { total: 4000, used: 3000, free: 1000 },
        nocache: { free: 2000, used: 2000 },
        swap: { total: 2, free: 1, used: 1, cached: 0 },
      },
    });
  });

  it.each([
    ['a docker container', '@@cgroup1\n0::/docker/abc\n', 'docker', 'guest'],
    ['a machine of KVM', '@@dmi:sys_vendor\nQEMU\n', 'kvm', 'guest'],
    ['VMware', '@@dmi:product_name\nVMware Virtual Platform\n', 'VMware', 'guest'],
    ['user-mode Linux', '@@cpuinfo\nprocessor : 0\nvendor_id\t: User Mode Linux\nmodel name\t: UML\n', 'uml', 'guest'],
    ['a host of KVM', '@@virt-modules\nkvm\n', 'kvm', 'host'],
    ['bare metal', '', 'NA', 'NA'],
  ])('knows %s', (_name, text, type, role) => {
    expect(facts('virtual', text)).toMatchObject({ virtualization_type: type, virtualization_role: role });
  });

  it('tells the date in all its forms', () => {
    expect(
      facts('date_time', '@@date\n2024|02|Thursday|4|08|29|13|05|09|1709208309|123456789|CET|+0100\nCET\nCEST\n')[
        'date_time'
      ],
    ).toEqual({
      year: '2024',
      month: '02',
      weekday: 'Thursday',
      weekday_number: '4',
      weeknumber: '08',
      day: '29',
      hour: '13',
      minute: '05',
      second: '09',
      epoch: '1709208309',
      epoch_int: '1709208309',
      date: '2024-02-29',
      time: '13:05:09',
      iso8601_micro: '2024-02-29T12:05:09.123456Z',
      iso8601: '2024-02-29T12:05:09Z',
      iso8601_basic: '20240229T130509123456',
      iso8601_basic_short: '20240229T130509',
      tz: 'CET',
      tz_dst: 'CEST',
      tz_offset: '+0100',
    });
  });

  it('keeps an environment with line ends and section marks whole', () => {
    expect(facts('env', `@@env\n${hex('A=1\0B=x\n@@uname\ny\0')}\n`)).toEqual({ env: { A: '1', B: 'x\n@@uname\ny' } });
  });

  it('reads local facts: JSON, INI, failing programs', () => {
    const text = `@@fact:r:/etc/ansible/facts.d/a.fact\n${hex('{"x": [1]}')}\n@@fact:r:/etc/ansible/facts.d/b.fact\n${hex('[general]\nName = v\n')}\n@@fact:x:/etc/ansible/facts.d/c.fact\n${hex('{"y": 2}\n\n0\n')}\n@@fact:x:/etc/ansible/facts.d/d.fact\n${hex('\n3\n')}\n`;
    expect(facts('local', text)).toEqual({
      local: {
        a: { x: [1] },
        b: { general: { name: 'v' } },
        c: { y: 2 },
        d: 'Failure executing fact script (/etc/ansible/facts.d/d.fact), rc: 3',
      },
    });
  });

  it('tells of local facts that lead nowhere or hold a stray percent sign, and puts values together', () => {
    const fact = (name: string, content: string): string => `@@fact:r:/f/${name}.fact\n${hex(content)}\n`;
    expect(
      facts(
        'local',
        `@@fact:d:/f/dead.fact\n${fact('bad', '[a]\nv = 5 % of it\n')}${fact('good', '[a]\nroot = /srv\nlog = %(root)s/log\nshare = 5 %%\n')}`,
      ),
    ).toEqual({
      local: {
        dead: "Could not stat fact (/f/dead.fact): [Errno 2] No such file or directory: '/f/dead.fact'",
        bad: "error loading facts as ini - please check content: /f/bad.fact ('%' must be followed by '%' or '(', found: '% of it')",
        good: { a: { root: '/srv', log: '/srv/log', share: '5 %' } },
      },
    });
  });

  it('reads INI as configparser does', () => {
    expect(parseIni('[a]\nx=1\ny: two\n  three\n; c\n[DEFAULT]\nz=9\n')).toEqual({ a: { x: '1', y: 'two\nthree' } });
    expect(parseIni('just text')).toBeUndefined();
  });

  it('lists volumes as their tools do', () => {
    const text =
      '@@lvm\ntable=vgs\n  data,1,2,0,wz--n-,9.99,4.00\ntable=lvs\n  home,data,-wi-a-----,4.00,,,,,,,,\n  srv,data,-wi-a-----,1.99,,,,,,,,\ntable=pvs\n  /dev/sdb,data,lvm2,a--,9.99,4.00\n';
    expect(facts('hardware', text)['lvm']).toEqual({
      vgs: { data: { size_g: '9.99', free_g: '4.00', num_lvs: '2', num_pvs: '1' } },
      lvs: { home: { size_g: '4.00', vg: 'data' }, srv: { size_g: '1.99', vg: 'data' } },
      pvs: { '/dev/sdb': { size_g: '9.99', free_g: '4.00', vg: 'data' } },
    });
    expect([facts('hardware', '@@no-lvm\n')['lvm'], facts('hardware', '')['lvm']]).toEqual(['N/A', undefined]);
  });

  it('names the host towards its storage', () => {
    const text =
      '@@files\n/etc/iscsi/initiatorname.iscsi:## x\n/etc/iscsi/initiatorname.iscsi:InitiatorName=iqn.1993-08.org.debian:01:a\n/etc/nvme/hostnqn:nqn.2014-08.org.nvmexpress:uuid:b\n/sys/class/fc_host/host1/port_name:0x50014380242b9751\n';
    expect([facts('iscsi', text), facts('nvme', text), facts('fibre_channel_wwn', text)]).toEqual([
      { iscsi_iqn: 'iqn.1993-08.org.debian:01:a' },
      { hostnqn: 'nqn.2014-08.org.nvmexpress:uuid:b' },
      { fibre_channel_wwn: ['50014380242b9751'] },
    ]);
    expect([facts('iscsi', ''), facts('nvme', ''), facts('fibre_channel_wwn', '')]).toEqual([
      { iscsi_iqn: '' },
      { hostnqn: '' },
      { fibre_channel_wwn: [] },
    ]);
  });

  it('tells SELinux, commands of the kernel, resolvers and keys', () => {
    expect(
      facts(
        'selinux',
        '@@files\n/sys/fs/selinux/enforce:1\n/sys/fs/selinux/policyvers:33\n/etc/selinux/config:# c\n/etc/selinux/config:SELINUX=enforcing\n/etc/selinux/config:SELINUXTYPE=targeted\n',
      ),
    ).toEqual({
      selinux: { status: 'enabled', mode: 'enforcing', policyvers: 33, config_mode: 'enforcing', type: 'targeted' },
      selinux_python_present: true,
    });
    expect(facts('cmdline', '@@cmdline\nro console=tty0 console=ttyS0 quiet\n')).toEqual({
      cmdline: { ro: true, console: 'ttyS0', quiet: true },
      proc_cmdline: { ro: true, console: ['tty0', 'ttyS0'], quiet: true },
    });
    expect(
      facts(
        'dns',
        '@@resolv\n# x\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nsearch a.org b.org\noptions ndots:2 rotate\n',
      ),
    ).toEqual({
      dns: { nameservers: ['10.0.0.2', '10.0.0.3'], search: ['a.org', 'b.org'], options: { ndots: '2', rotate: true } },
    });
    expect(facts('ssh_pub_keys', '@@sshkey:ed25519\nssh-ed25519 AAAA root@x\n')).toEqual({
      ssh_host_key_ed25519_public: 'AAAA',
      ssh_host_key_ed25519_public_keytype: 'ssh-ed25519',
    });
  });
});

describe('the script', () => {
  const { shells, close } = testShells();
  afterAll(close);
  it.each(shells)('runs clean under $name and tells what every host has', ({ run }) => {
    const answer = run(factsScript(COLLECTORS, '/nonexistent', 5));
    expect(answer.rc).toBe(0);
    const probe = factsProbe({ collectors: COLLECTORS, factPath: '/nonexistent', timeout: 5 });
    const state = probe.family.parse?.(answer, [probe.query])[0];
    expect(state?.complete).toBe(true);
    expect(state?.info).toMatchObject({
      system: 'Linux',
      real_user_id: process.getuid?.(),
      distribution: expect.stringMatching(/./),
      memtotal_mb: expect.any(Number),
      date_time: { tz: expect.any(String) },
      env: { LC_ALL: 'C' },
      local: {},
    });
  });

  it('asks for nothing that a hanging mount could hold up', () => {
    const script = factsScript(COLLECTORS, '/etc/ansible/facts.d', 5);
    expect(script).not.toMatch(/\bdf\b|\bfindmnt\b|\bmount\s/);
    expect(script).toMatch(/stat -f/);
    expect(script).toContain("grep -sE ' - (ext2|");
  });
});
