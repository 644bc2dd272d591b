// macvlan: the network that it asks for, the interface that it makes, and what it refuses; open files: what it writes where.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { differing } from '../../../src/core/same.ts';
import { macvlan, networkArgs, scriptText, unitText } from '../../../src/modules/vobox/macvlan.ts';
import { open_files } from '../../../src/modules/vobox/open_files.ts';
import { createBody } from '../../../src/modules/docker_network.ts';
import { networkState, type DockerNetwork } from '../../../src/probes/docker-network.ts';
import { atLeast, openFilesProbe, type OpenFiles } from '../../../src/probes/open-files.ts';
import { shimProbe, type Shim } from '../../../src/probes/shim.ts';
import { argumentsOf, basics } from '../docker/arguments.ts';
import { absent, fileState } from '../states.ts';

const given = {
  name: 'docknet',
  parent: 'eth0',
  ipam_config: [
    { subnet: '10.77.0.0/24', gateway: '10.77.0.1' },
    { subnet: 'fd00:77::/64', gateway: 'fd00:77::1' },
  ],
  reserved: { host: '10.77.0.11' },
  shim: { addresses: ['10.77.0.201', 'fd00:77::0201'], routes: ['10.77.0.101', 'fd00:77::101', '10.77.0.128/26'] },
};
const args = argumentsOf(macvlan, given);
const answer = (text: string) => ({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

describe('vbx.vobox.macvlan', () => {
  it('reserves the shim’s and other addresses in the subnet that holds them', () => {
    expect(createBody(networkArgs(args))).toMatchObject({
      Name: 'docknet',
      Driver: 'macvlan',
      EnableIPv6: true,
      Options: { parent: 'eth0' },
      IPAM: {
        Config: [
          {
            Subnet: '10.77.0.0/24',
            Gateway: '10.77.0.1',
            AuxiliaryAddresses: { host: '10.77.0.11', 'vbx-shim': '10.77.0.201' },
          },
          { Subnet: 'fd00:77::/64', Gateway: 'fd00:77::1', AuxiliaryAddresses: { 'vbx-shim-1': 'fd00:77::0201' } },
        ],
      },
    });
  });
  it('makes the interface by a script that a shell accepts', () => {
    const script = scriptText(args);
    execFileSync('sh', ['-n'], { input: script });
    expect(script).toContain('ip link add vbx-shim link eth0 type macvlan mode bridge');
    expect(script).toContain('ip addr add 10.77.0.201/32 dev vbx-shim');
    expect(script).toContain('ip -6 addr add fd00:77::201/128 dev vbx-shim nodad');
    expect(script).toContain('ip route replace 10.77.0.128/26 dev vbx-shim');
    expect(script).toContain('ip -6 route replace fd00:77::101/128 dev vbx-shim');
    execFileSync('sh', ['-n'], {
      input: scriptText(argumentsOf(macvlan, { ...given, parent: 'eth0.50', driver: 'ipvlan' })),
    });
  });
  it('brings it back at boot before Docker', () =>
    expect(unitText(args)).toMatch(
      /After=network-online\.target\nBefore=docker\.service[\s\S]*ExecStart=\/usr\/local\/sbin\/vbx-shim-vbx-shim up/,
    ));
  it('reads an interface as the host tells it', () => {
    const probe = shimProbe('vbx-shim', 'eth0');
    const told = `parent here
@@link
4: vbx-shim@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 3a:3d:6e:98:87:98 brd ff:ff:ff:ff:ff:ff promiscuity 0 allmulti 0 minmtu 68 maxmtu 1500
    macvlan mode bridge bcqueuelen 1000 usedbcqueuelen 1000 numtxqueues 1
    inet 10.77.0.201/32 scope global vbx-shim
       valid_lft forever preferred_lft forever
    inet6 fd00:77:0::201/128 scope global nodad
       valid_lft forever preferred_lft forever
    inet6 fe80::383d:6eff:fe98:8798/64 scope link proto kernel_ll
       valid_lft forever preferred_lft forever
@@routes
10.77.0.101 scope link
10.77.0.0/24 proto kernel scope link src 10.77.0.201
10.77.0.128/26 scope link
fd00:77::101 metric 1024 pref medium
fe80::/64 metric 256 pref medium
`;
    const state = probe.family.parse?.(answer(told), [probe.query])[0];
    expect(state).toEqual({
      kind: 'shim',
      driver: 'macvlan',
      parent: 'eth0',
      up: true,
      addresses: ['10.77.0.201/32', 'fd00:77::201/128'],
      routes: ['10.77.0.101/32', '10.77.0.128/26', 'fd00:77::101/128'],
      info: { parent: true },
    });
    expect(probe.family.parse?.(answer('parent here\n'), [probe.query])[0]).toEqual({
      kind: 'absent',
      info: { parent: true },
    });
    expect(probe.family.parse?.(answer(told.replace('UP,LOWER_UP', 'M-DOWN')), [probe.query])[0]).toMatchObject({
      up: false,
    });
  });

  const network: DockerNetwork = { kind: 'absent' };
  const none: Shim = { kind: 'absent', info: { parent: true } };
  const pristine = {
    network,
    shim: none,
    script: absent,
    unit: absent,
    enabled: { kind: 'enabled', enabled: false } as const,
  };
  const plan = (state: Parameters<typeof macvlan.plan>[1], more: Record<string, unknown> = {}) =>
    macvlan.plan(argumentsOf(macvlan, { ...given, ...more }), state, basics);
  it('makes all of it on a pristine host, and then nothing more', () => {
    const first = plan(pristine);
    if (!('after' in first) || first.after === undefined) throw new Error('no plan');
    expect(differing(pristine, { ...first.after })).toEqual(['network', 'shim', 'script', 'unit', 'enabled']);
    const after = { ...pristine, ...first.after };
    const steps = macvlan
      .apply(args, { before: pristine, after, effects: first.effects ?? [] }, basics)
      .map((step) =>
        step.kind === 'http'
          ? step.request.path
          : step.kind === 'write'
            ? step.path
            : step.kind === 'script'
              ? step.script
              : step.kind,
      );
    expect(steps).toContain('/networks/create');
    expect(steps.at(-1)).toContain('systemctl restart vbx-shim-vbx-shim.service');
    const second = plan(after);
    expect(
      'after' in second && second.after !== undefined
        ? [differing(after, { ...second.after }), second.effects]
        : second,
    ).toEqual([[], []]);
  });
  it('fails where an address is silent and nothing is to be changed', () => {
    const first = plan(pristine);
    if (!('after' in first) || first.after === undefined) throw new Error('no plan');
    const settled = { ...pristine, ...first.after };
    const prove = { prove: ['10.77.0.101'] };
    expect(plan({ ...settled, proof: { kind: 'reachable', answers: { '10.77.0.101': false } } }, prove)).toMatchObject({
      failed: 'no answer from 10.77.0.101',
    });
    expect(plan({ ...settled, proof: { kind: 'reachable', answers: { '10.77.0.101': true } } }, prove)).toMatchObject({
      effects: [],
    });
    expect(plan({ ...pristine, proof: { kind: 'reachable', answers: { '10.77.0.101': false } } }, prove)).toMatchObject(
      { after: { proof: { answers: { '10.77.0.101': true } } } },
    );
  });
  it('says which containers a changed subnet cuts off', () => {
    const other = networkState({
      Name: 'docknet',
      Driver: 'macvlan',
      Options: { parent: 'eth0' },
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] },
      Containers: { a: { Name: 'box' } },
    });
    const wish = plan({ ...pristine, network: other });
    expect('effects' in wish ? wish.effects?.[0]?.text : '').toMatch(
      /replace network docknet \(disconnects 1 container: box\): .*subnet 10\.77\.0\.0\/24 is missing/,
    );
  });
  it.each([
    [{ parent: undefined }, /parent is missing/],
    [{ shim: { addresses: ['10.9.9.9'] } }, /in none of the subnets/],
    [{ ipam_config: [] }, /ipam_config is missing/],
    [{ prove: ['box'] }, /"box" is no address/],
  ])('refuses %j', (change, message) => expect(() => argumentsOf(macvlan, { ...given, ...change })).toThrow(message));
  it('needs its parent interface', () =>
    expect(plan({ ...pristine, shim: { kind: 'absent', info: { parent: false } } })).toMatchObject({
      failed: 'there is no interface eth0 on this host',
    }));
});

describe('vbx.vobox.open_files', () => {
  const live = (sysctls: Record<string, string>): OpenFiles => ({
    kind: 'open-files',
    sysctls,
    services: { docker: { soft: '1024', hard: '524288' } },
    info: { used: 500, pids: { docker: 7 }, processes: [{ id: 'a'.repeat(64), pid: 9, soft: '1024', hard: '524288' }] },
  });
  const limit = argumentsOf(open_files, { limit: 262144, docker: false });
  const standard = {
    'fs.file-max': '9223372036854775807',
    'fs.nr_open': '1048576',
    'fs.inotify.max_user_instances': '128',
    'fs.inotify.max_user_watches': '8192',
  };
  const textOf = (state: unknown): string =>
    (state as { content?: { bytes?: Buffer } }).content?.bytes?.toString() ?? '';

  it('raises kernel values that are less, and lowers none', () => {
    const plan = open_files.plan(
      limit,
      { sysctl: absent, manager: absent, logins: absent, live: live(standard) },
      basics,
    );
    if (!('after' in plan) || plan.after?.sysctl === undefined) throw new Error('no plan');
    expect(textOf(plan.after.sysctl)).toBe(
      '# Made by vbx (vbx.vobox.open_files): changes here are undone.\nfs.inotify.max_user_instances = 1024\nfs.inotify.max_user_watches = 524288\n',
    );
    expect(plan.after.live?.sysctls).toEqual({
      ...standard,
      'fs.inotify.max_user_instances': '1024',
      'fs.inotify.max_user_watches': '524288',
    });
    expect(plan.warnings).toEqual([
      `containers that still run with less and get it only when they are made anew or started with more: ${'a'.repeat(12)}`,
    ]);
    const settled = {
      sysctl: plan.after.sysctl,
      manager: plan.after.manager ?? absent,
      logins: plan.after.logins ?? absent,
      live: plan.after.live ?? live({}),
    };
    const second = open_files.plan(limit, settled, basics);
    expect('after' in second && second.after !== undefined ? differing(settled, { ...second.after }) : second).toEqual(
      [],
    );
  });
  it('keeps a line that stands, since the value in force is its doing', () => {
    const standing = fileState('# x\nfs.nr_open = 262144\n');
    const plan = open_files.plan(
      limit,
      { sysctl: standing, manager: absent, logins: absent, live: live({ ...standard, 'fs.nr_open': '262144' }) },
      basics,
    );
    expect('after' in plan ? textOf(plan.after?.sysctl) : '').toContain('fs.nr_open = 262144\n');
  });
  it('reads the host’s answer, and numbers of any size', () => {
    const probe = openFilesProbe();
    const text =
      '/proc/sys/fs/file-max:9223372036854775807\n/proc/sys/fs/inotify/max_user_instances:128\n/proc/sys/fs/file-nr:424\t0\t9223372036854775807\nprocess docker 7\nprocess containerd 8\nprocess container:abc 9\n/proc/7/limits:Max open files            1024                 524288               files     \n/proc/9/limits:Max open files            unlimited            unlimited            files     \n';
    expect(probe.family.parse?.(answer(text), [probe.query])[0]).toEqual({
      kind: 'open-files',
      sysctls: { 'fs.file-max': '9223372036854775807', 'fs.inotify.max_user_instances': '128' },
      services: { docker: { soft: '1024', hard: '524288' } },
      info: {
        processes: [{ id: 'abc', pid: 9, soft: 'unlimited', hard: 'unlimited' }],
        used: 424,
        pids: { docker: 7 },
      },
    });
    expect([
      atLeast('9223372036854775807', 2097152),
      atLeast('unlimited', 1),
      atLeast('1024', 1025),
      atLeast(undefined, 1),
    ]).toEqual([true, true, false, false]);
  });
  it.each([
    [{ soft: 2, limit: 1 }, /soft cannot be above/],
    [{ limit: 10, nr_open: 5 }, /nr_open cannot be below/],
  ])('refuses %j', (change, message) => expect(() => argumentsOf(open_files, change)).toThrow(message));
});
