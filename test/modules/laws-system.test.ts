// The laws of state modules, for those of the running system: what is planned on the planned state differs in nothing, and every difference has a step.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, StateModule } from '../../src/core/module.ts';
import { differing } from '../../src/core/same.ts';
import { apt } from '../../src/modules/apt.ts';
import { authorized_key } from '../../src/modules/authorized_key.ts';
import { capabilities } from '../../src/modules/capabilities.ts';
import { cron } from '../../src/modules/cron.ts';
import { debconf } from '../../src/modules/debconf.ts';
import { group } from '../../src/modules/group.ts';
import { hostname } from '../../src/modules/hostname.ts';
import { iptables } from '../../src/modules/iptables.ts';
import { known_hosts } from '../../src/modules/known_hosts.ts';
import { modprobe } from '../../src/modules/modprobe.ts';
import { mount } from '../../src/modules/mount.ts';
import { pam_limits } from '../../src/modules/pam_limits.ts';
import { sysctl } from '../../src/modules/sysctl.ts';
import { systemd_service } from '../../src/modules/systemd_service.ts';
import { timezone } from '../../src/modules/timezone.ts';
import { user } from '../../src/modules/user.ts';
import { yum_repository } from '../../src/modules/yum_repository.ts';
import { passwordDigest } from '../../src/probes/user.ts';
import { basics as here, parseArgs } from './on-this-machine.ts';
import { absent, fileState, folder } from './states.ts';

const basics = { ...here, user: 'root', uid: 0, group: 'root', home: '/root' };

type Case = { readonly args: Record<string, unknown>; readonly observed: Record<string, unknown> };
const record = (
  model: Record<string, fc.Arbitrary<unknown>>,
  required: readonly string[],
): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(model, { requiredKeys: [...required] }) as fc.Arbitrary<Record<string, unknown>>;
const file = (line: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> =>
  fc.option(fc.tuple(fc.array(line, { maxLength: 6 }), fc.boolean()), { nil: undefined }).map((made) => ({
    at: made === undefined ? absent : fileState(made[0].join('\n') + (made[1] && made[0].length > 0 ? '\n' : '')),
    parent: folder,
  }));
const both = (
  args: fc.Arbitrary<Record<string, unknown>>,
  observed: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Case> => fc.record({ args, observed });
const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIHVueA';
const keyLine = fc
  .tuple(
    one('', 'no-pty ', 'from="a b,c" '),
    one('ssh-ed25519', 'ssh-rsa'),
    one(KEY, `${KEY}x`, 'AAAAB3'),
    one('', ' me@x', ' a b'),
  )
  .map((parts) => `${parts[0]}${parts[1]} ${parts[2]}${parts[3]}`);
const account = fc.option(
  record(
    {
      uid: one(1000, 1001),
      group: one('users', 'ops'),
      groups: fc.subarray(['adm', 'docker', 'games']),
      comment: one('', 'A'),
      home: one('/home/ops', '/srv/ops'),
      shell: one('/bin/sh', '/bin/bash'),
      homeThere: fc.boolean(),
      key: fc.boolean(),
      // The shadow file can be read, or cannot.
      shadow: fc.option(
        record(
          {
            password: one('', passwordDigest('$6$a$one'), passwordDigest('$6$a$two')),
            locked: fc.boolean(),
            expires: one(null, 20833),
            ages: one({ min: 0, max: 99999, warn: 7, inactive: null }, { min: null, max: 90, warn: 7, inactive: 3 }),
          },
          ['password', 'locked', 'expires', 'ages'],
        ),
        { nil: {} },
      ),
    },
    ['uid', 'group', 'groups', 'comment', 'home', 'shell', 'key', 'shadow'],
  ).map(({ shadow, ...made }) => ({
    kind: 'user',
    info: { gid: 100, directory: false },
    ...made,
    ...(shadow as object),
  })),
  { nil: { kind: 'absent' } },
);
const groups = {
  'group:adm': { kind: 'group', gid: 4, info: { name: 'adm', members: [] } },
  'group:games': { kind: 'group', gid: 60, info: { name: 'games', members: [] } },
  'group:users': { kind: 'group', gid: 100, info: { name: 'users', members: [] } },
};

const CASES: readonly (readonly [StateModule, fc.Arbitrary<Case>])[] = [
  [
    sysctl,
    both(
      record(
        {
          name: one('a.b', 'net.ipv4.ip_forward'),
          value: one('1', 'yes', ' 4096  8192 ', 'False'),
          state: one('present', 'absent'),
          sysctl_set: fc.boolean(),
          reload: fc.boolean(),
        },
        ['name', 'value'],
      ),
      file(one('a.b=1', 'a.b = 0', '# a.b=1', ';x', 'a/b=1', '-a.b=2', 'net.ipv4.ip_forward=1', '', 'é = ü')),
    ).chain(({ args, observed }) =>
      one('0', '1', '4096 8192').map((value) => ({
        args,
        observed:
          args['sysctl_set'] === true && args['state'] !== 'absent'
            ? { ...observed, live: { kind: 'value', value } }
            : observed,
      })),
    ),
  ],
  [
    pam_limits,
    both(
      record(
        {
          domain: one('*', '@ops', 'ü'),
          limit_type: one('-', 'soft', 'hard'),
          limit_item: one('nofile', 'nproc'),
          value: one('1024', 'unlimited', '-1'),
          use_min: fc.boolean(),
          comment: one('', 'why'),
        },
        ['domain', 'limit_type', 'limit_item', 'value'],
      ),
      file(
        one(
          '* - nofile 1024',
          '*\tsoft\tnofile  512 # x',
          '# * - nofile 1',
          '@ops hard nproc unlimited',
          '*  -  nofile 4096',
          '',
          '* - nofile',
        ),
      ),
    ),
  ],
  [
    mount,
    both(
      record(
        {
          path: one('/mnt/a', '/mnt/a b'),
          src: one('/dev/sdb1', 'UUID=1'),
          fstype: one('ext4', 'tmpfs'),
          opts: one('defaults', 'ro,noatime'),
          state: one('mounted', 'present', 'unmounted', 'absent', 'absent_from_fstab'),
          boot: fc.boolean(),
        },
        ['path', 'src', 'fstype', 'state'],
      ),
      fc
        .tuple(
          file(
            one(
              '/dev/sdb1 /mnt/a ext4 defaults 0 0',
              '/dev/sdb1\t/mnt/a\\040b ext4 ro,noatime',
              '# /dev/sdb1 /mnt/a x',
              'proc /proc proc defaults 0 0',
              '',
              '/dev/sdc /mnt/a xfs rw',
            ),
          ),
          one(
            { kind: 'unmounted', info: { there: false } },
            { kind: 'mounted', info: { source: '/dev/sdb1', fstype: 'ext4', options: ['rw'], root: '/' } },
          ),
        )
        .map(([at, state]) => ({ ...at, mount: state })),
    ),
  ],
  [
    cron,
    both(
      record(
        {
          name: one('a', 'b c'),
          job: one('run "x" é', 'true'),
          state: one('present', 'absent'),
          minute: one('*', '*/5'),
          disabled: fc.boolean(),
          env: one(false),
        },
        ['name', 'job'],
      ),
      fc
        .array(one('#Ansible: a', '* * * * * true', '#Ansible: b c', '*/5 * * * * run "x" é', '# mine', 'X=1'), {
          maxLength: 6,
        })
        .map((made) => ({ crontab: { kind: 'crontab', text: made.map((text) => `${text}\n`).join('') } })),
    ),
  ],
  [
    cron,
    both(
      record(
        {
          name: one('A', 'B'),
          job: one('1', 'x y'),
          env: one(true),
          state: one('present', 'absent'),
          insertafter: one('A', 'B', 'Z'),
        },
        ['name', 'job', 'env'],
      ),
      fc
        .array(one('A="1"', 'B=2', '# c', '* * * * * x'), { maxLength: 5 })
        .map((made) => ({ crontab: { kind: 'crontab', text: made.map((text) => `${text}\n`).join('') } })),
    ),
  ],
  [
    authorized_key,
    both(
      record(
        {
          user: one('ops'),
          key: keyLine,
          state: one('present', 'absent'),
          exclusive: fc.boolean(),
          key_options: one('no-pty', 'from="a,b",no-pty'),
          comment: one('other one'),
        },
        ['user', 'key'],
      ),
      file(fc.oneof(keyLine, one('# c', '', 'what is this'))).map((at) => ({
        ...at,
        user: {
          kind: 'user',
          uid: 1000,
          group: 'ops',
          groups: [],
          comment: '',
          home: '/home/ops',
          shell: '/bin/sh',
          info: { gid: 1000, directory: false },
        },
      })),
    ),
  ],
  [
    known_hosts,
    both(
      record(
        {
          name: one('h'),
          key: one('h ssh-rsa AAAA1', 'h ssh-ed25519 AAAA2', 'a,h ssh-rsa AAAA3'),
          state: one('present', 'absent'),
          hash_host: fc.boolean(),
          path: one('/k'),
        },
        ['name', 'key', 'path'],
      ),
      file(
        one(
          'h ssh-rsa AAAA1',
          'H ssh-rsa AAAAx',
          'a,h ssh-rsa AAAA3',
          'x ssh-rsa AAAA1',
          '# c',
          '@revoked h ssh-rsa AAAA9',
          '',
        ),
      ),
    ),
  ],
  [
    yum_repository,
    both(
      record(
        {
          name: one('a', 'b'),
          description: one('A', 'B'),
          baseurl: one('https://x', 'https://x,https://y'),
          enabled: fc.boolean(),
          gpgcheck: fc.boolean(),
          state: one('present', 'absent'),
          file: one('f'),
        },
        ['name', 'description', 'baseurl', 'file'],
      ),
      file(one('[a]', '[b]', 'name=A', 'name = B', 'baseurl=https://x', 'enabled=1', '# c', '', '  https://y')),
    ),
  ],
  [
    systemd_service,
    both(
      record(
        {
          name: one('x', 'x@1.service'),
          state: one('started', 'stopped'),
          enabled: fc.boolean(),
          masked: fc.boolean(),
          daemon_reload: fc.boolean(),
        },
        ['name', 'state'],
      ),
      record({ running: fc.boolean(), enabled: one('enabled', 'disabled', 'static'), masked: fc.boolean() }, [
        'running',
        'enabled',
        'masked',
      ]).map((made) => ({
        unit: { kind: 'unit', ...made, info: { id: 'x.service', needsReload: false, status: {} } },
      })),
    ),
  ],
  [
    apt,
    both(
      record(
        {
          name: fc.subarray(['a', 'b=1.2*', 'c>=2'], { minLength: 1 }),
          state: one('present', 'absent', 'latest'),
          purge: fc.boolean(),
          only_upgrade: fc.boolean(),
        },
        ['name'],
      ),
      record(
        {
          'package:a': state(),
          'package:b': state(),
          'package:c': state(),
          'candidate:a': one(
            { kind: 'candidate', info: { version: '3' } },
            { kind: 'candidate', info: { version: undefined } },
          ),
        },
        ['package:a', 'package:b', 'package:c', 'candidate:a'],
      ),
    ),
  ],
  [
    group,
    both(
      record({ name: one('g'), gid: one(5, 6), state: one('present', 'absent') }, ['name']),
      one({ kind: 'absent' }, { kind: 'group', gid: 5, info: { name: 'g', members: [] } }).map((made) => ({
        group: made,
      })),
    ),
  ],
  [
    user,
    both(
      record(
        {
          name: one('ops'),
          uid: one(1000, 1002),
          group: one('users', 'adm'),
          groups: fc.subarray(['adm', 'games']),
          append: fc.boolean(),
          comment: one('', 'B'),
          home: one('/srv/ops', '/x'),
          shell: one('/bin/sh'),
          password: one('$6$a$one', '!$6$a$two', '!'),
          update_password: one('always', 'on_create'),
          password_lock: fc.boolean(),
          expires: one(-1, 1_800_000_000),
          state: one('present', 'absent'),
          move_home: fc.boolean(),
          create_home: fc.boolean(),
          generate_ssh_key: fc.boolean(),
          password_expire_max: one(90),
        },
        ['name', 'groups'],
      ),
      account.map((made) => ({ user: made, ...groups })),
    ),
  ],
  [
    modprobe,
    both(
      record(
        {
          name: one('dummy'),
          state: one('present', 'absent'),
          params: one('', 'a=1'),
          persistent: one('disabled', 'present', 'absent'),
        },
        ['name'],
      ),
      record({ loaded: fc.boolean(), atBoot: fc.boolean(), options: one('', 'a=1', 'b=2') }, [
        'loaded',
        'atBoot',
        'options',
      ]).map((made) => ({ module: { kind: 'kernel-module', ...made, info: { builtin: false } } })),
    ),
  ],
  [
    hostname,
    both(
      record({ name: one('a', 'b.c') }, ['name']),
      fc
        .tuple(one('a', 'b.c'), one('', 'a', 'b.c'))
        .map(([current, permanent]) => ({ hostname: { kind: 'hostname', current, permanent } })),
    ),
  ],
  [
    timezone,
    both(
      record({ name: one('Etc/UTC', 'Europe/Zurich'), hwclock: one('UTC', 'local') }, ['name']),
      fc
        .tuple(one('Etc/UTC', 'Europe/Zurich'), one('UTC', 'local'))
        .map(([name, hwclock]) => ({ zone: { kind: 'timezone', name, hwclock, info: { known: true } } })),
    ),
  ],
  [
    debconf,
    both(
      record(
        {
          name: one('p'),
          question: one('p/q'),
          vtype: one('string', 'boolean', 'multiselect', 'password'),
          value: one('a, b', 'true', 'x'),
        },
        ['name', 'question', 'vtype', 'value'],
      ),
      one({}, { 'p/q': 'x' }, { 'p/q': 'b, a' }, { 'p/q': '(password omitted)', 'p/r': '' }).map((answers) => ({
        answers: { kind: 'debconf', answers },
      })),
    ),
  ],
  [
    iptables,
    both(
      record(
        {
          chain: one('INPUT'),
          protocol: one('tcp', '!udp'),
          jump: one('ACCEPT', 'DROP'),
          state: one('present', 'absent'),
          action: one('append', 'insert'),
        },
        ['chain', 'jump'],
      ),
      fc.boolean().map((present) => ({ rule: { kind: 'rule', present } })),
    ),
  ],
  [
    capabilities,
    both(
      record(
        { path: one('/x'), capability: one('cap_net_raw+ep', 'cap_sys_admin=eip'), state: one('present', 'absent') },
        ['path', 'capability'],
      ),
      one({}, { cap_net_raw: 'ep' }, { cap_net_raw: 'e', cap_sys_admin: 'eip' }).map((found) => ({
        file: { kind: 'capabilities', capabilities: found },
      })),
    ),
  ],
];

function state(): fc.Arbitrary<unknown> {
  return fc.oneof(
    one({ kind: 'absent', residual: true }, { kind: 'absent', residual: false }),
    one('1.2.3', '1.3', '2.0', '3').map((version) => ({ kind: 'installed', version, info: {} })),
  );
}

describe.each(CASES.map(([module, cases], index) => ({ name: `${module.name} ${index}`, module, cases })))(
  '$name',
  ({ module, cases }) => {
    it('converges in one plan, with a step for every difference and no secret in a command', () => {
      const seen = { changed: 0, unchanged: 0, failed: 0 };
      fc.assert(
        fc.property(cases, ({ args: written, observed }) => {
          const args = parseArgs(module, written);
          const made = module.plan(args, observed, basics);
          if (!('after' in made)) {
            seen.failed += 1;
            return;
          }
          const after = { ...observed, ...(made.after as Record<string, unknown>) };
          const changes = differing(observed, made.after as Record<string, unknown>);
          seen[changes.length > 0 ? 'changed' : 'unchanged'] += 1;
          const steps = module.apply(
            args,
            { before: observed, after, effects: made.effects ?? [] } as unknown as Change<never>,
            basics,
          );
          if (changes.length > 0) expect(steps.length).toBeGreaterThan(0);
          if (changes.length === 0 && (made.effects ?? []).length === 0)
            expect(
              module.apply(
                args,
                { before: observed, after: { ...observed }, effects: [] } as unknown as Change<never>,
                basics,
              ),
            ).toEqual([]);
          for (const step of steps)
            if (step.kind === 'run' || step.kind === 'script')
              expect(step.kind === 'run' ? step.argv.join(' ') : step.script).not.toContain('$6$');
          const again = module.plan(args, after, basics);
          expect('after' in again).toBe(true);
          if ('after' in again) expect(differing(after, again.after as Record<string, unknown>)).toEqual([]);
        }),
        { numRuns: 150 },
      );
      // Both answers were met: a generator that never changes anything proves nothing.
      expect(seen.changed).toBeGreaterThan(0);
      expect(seen.unchanged).toBeGreaterThan(0);
    });
  },
);
