// Modules of the running system as data: arguments and an observed state in, the state after and the steps out.
import { debconf } from '../../src/modules/debconf.ts';
import { timezone } from '../../src/modules/timezone.ts';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ActionModule, Change, StateModule } from '../../src/core/module.ts';
import { differing } from '../../src/core/same.ts';
import type { Step, StepResult } from '../../src/core/step.ts';
import { Unknown } from '../../src/core/value.ts';
import { contentOf } from '../../src/core/content.ts';
import { alternatives } from '../../src/modules/alternatives.ts';
import { apt } from '../../src/modules/apt.ts';
import { packageModule } from '../../src/modules/package.ts';
import { authorized_key } from '../../src/modules/authorized_key.ts';
import { command } from '../../src/modules/command.ts';
import { delta, lines } from '../../src/modules/command-result.ts';
import { cron } from '../../src/modules/cron.ts';
import { dnf } from '../../src/modules/dnf.ts';
import { iptables } from '../../src/modules/iptables.ts';
import { known_hosts } from '../../src/modules/known_hosts.ts';
import { locale_gen, parseLocales } from '../../src/modules/locale_gen.ts';
import { modprobe } from '../../src/modules/modprobe.ts';
import { mount } from '../../src/modules/mount.ts';
import { satisfies, specOf } from '../../src/modules/package-plan.ts';
import { pacman } from '../../src/modules/pacman.ts';
import { pam_limits } from '../../src/modules/pam_limits.ts';
import { isSatisfied, pip } from '../../src/modules/pip.ts';
import { interpreterOf, script } from '../../src/modules/script.ts';
import { service } from '../../src/modules/service.ts';
import { shell } from '../../src/modules/shell.ts';
import { sysctl } from '../../src/modules/sysctl.ts';
import { systemd_service } from '../../src/modules/systemd_service.ts';
import { user } from '../../src/modules/user.ts';
import { wait_for } from '../../src/modules/wait_for.ts';
import { wait_for_connection } from '../../src/modules/wait_for_connection.ts';
import { yum_repository } from '../../src/modules/yum_repository.ts';
import { aptNamesProbe, type AptNamesState } from '../../src/probes/apt-names.ts';
import type { AptListsState, PackageState } from '../../src/probes/package.ts';
import type { UnitState } from '../../src/probes/unit.ts';
import { passwordDigest, type UserState } from '../../src/probes/user.ts';
import { basics as here, parseArgs } from './on-this-machine.ts';
import { absent, fileState, folder, textOf } from './states.ts';

const basics = { ...here, user: 'root', uid: 0, group: 'root', home: '/root' };

interface Planned {
  readonly after: Record<string, unknown>;
  readonly differs: readonly string[];
  readonly effects: readonly string[];
  readonly steps: readonly Step[];
  readonly failed?: string;
}

/** Plans on a state; a plan on the planned state must then have nothing left to do (unless it has effects of its own). */
function plan(module: StateModule, written: Record<string, unknown>, observed: Record<string, unknown>): Planned {
  const args = parseArgs(module, written);
  const made = module.plan(args, observed, basics);
  if (!('after' in made))
    return {
      after: observed,
      differs: [],
      effects: [],
      steps: [],
      failed: 'failed' in made ? made.failed : made.unknown,
    };
  const after = { ...observed, ...(made.after as Record<string, unknown>) };
  const differs = differing(observed, made.after as Record<string, unknown>);
  const effects = made.effects ?? [];
  const steps =
    differs.length === 0 && effects.length === 0
      ? []
      : module.apply(args, { before: observed, after, effects } as Change<never>, basics);
  const again = module.plan(args, after, basics);
  expect('after' in again ? differing(after, again.after as Record<string, unknown>) : again).toEqual([]);
  if (differs.length > 0 || effects.length > 0) expect(steps.length).toBeGreaterThan(0);
  return { after, differs, effects: effects.map(({ kind }) => kind), steps };
}
const argvs = (steps: readonly Step[]): string[] =>
  steps.map((step) =>
    step.kind === 'run'
      ? step.argv.join(' ')
      : step.kind === 'script' || step.kind === 'command'
        ? step.script
        : step.kind,
  );
const ran = (step: Step, rc: number, stdout: string, stderr = ''): StepResult => ({
  step,
  rc,
  stdout,
  stderr,
  start: 1_700_000_000_000,
  end: 1_700_000_001_500,
});
/** Parsed arguments as a module of any shape takes them. */
const parsed = (module: StateModule | ActionModule, written: Record<string, unknown>): never =>
  parseArgs(module, written) as never;
const action = (module: ActionModule, written: Record<string, unknown>) => {
  const args = parseArgs(module, written);
  const steps = module.steps(args, {}, basics, { host: 'h', playbookDir: '/', environment: {}, checkMode: false });
  return { args, steps, parse: (...done: StepResult[]) => module.parse(args, done, {}) };
};

describe('command and its kin', () => {
  it('runs words, with variables and ~ of the host', () => {
    const { steps } = action(command, { cmd: `grep -e "a b" $HOME/x '$HOME' ~/y`, chdir: '/srv' });
    expect(steps).toEqual([
      {
        kind: 'command',
        script: `exec grep -e 'a b' "\${HOME-\\$HOME}"/x "\${HOME-\\$HOME}" ~/y`,
        display: "grep -e 'a b' '$HOME/x' '$HOME' '~/y'",
        accept: 'any',
        chdir: '/srv',
      },
    ]);
  });
  it('leaves words alone when told so', () => {
    expect(argvs(action(command, { argv: ['echo', '$HOME', '*'], expand_argument_vars: false }).steps)).toEqual([
      "exec echo '$HOME' '*'",
    ]);
  });
  it("gives Ansible's fields", () => {
    const { steps, parse } = action(command, { cmd: 'x' });
    expect(parse(ran(steps[0]!, 0, 'a\nb\n\n', 'w\n'))).toMatchObject({
      changed: true,
      cmd: ['x'],
      rc: 0,
      stdout: 'a\nb',
      stdout_lines: ['a', 'b'],
      stderr: 'w',
      delta: '0:00:01.500000',
      msg: '',
    });
    expect(parse(ran(steps[0]!, 2, ''))).toMatchObject({ failed: true, rc: 2, msg: 'non-zero return code' });
    expect(parse({ ...ran(steps[0]!, 137, ''), timedOut: true })).toMatchObject({
      failed: true,
      msg: expect.stringContaining('time limit'),
    });
  });
  it('refuses what has no words', () => {
    expect(() => action(command, { cmd: `echo "x` })).toThrow('No closing quotation');
    expect(() => action(command, {})).toThrow('no command given');
    expect(() => action(command, { cmd: 'a', argv: ['a'] })).toThrow('not both');
  });
  it('keeps shell text as it is and ends stdin with a newline', () => {
    expect(action(shell, { cmd: 'a | b > c', stdin: 'x', executable: '/bin/bash' }).steps).toEqual([
      {
        kind: 'command',
        script: 'a | b > c',
        display: 'a | b > c',
        accept: 'any',
        stdin: 'x\n',
        executable: '/bin/bash',
      },
    ]);
  });
  it('skips for creates and removes', () => {
    const args = parsed(command, { cmd: 'x', creates: '/a' });
    expect(command.satisfied?.(args, { creates: absent })).toBeUndefined();
    expect(command.satisfied?.(args, { creates: fileState('') })).toMatchObject({
      changed: false,
      rc: 0,
      stdout: 'skipped, since /a exists',
      msg: "Did not run command since '/a' exists",
    });
    expect(
      command.satisfied?.(parsed(command, { cmd: 'x', removes: '/a*' }), { removes: { kind: 'glob', matched: false } }),
    ).toMatchObject({ stdout: 'skipped, since /a* does not exist' });
  });
  it('pipes a script to the interpreter that it names', () => {
    const source = (text: string) => ({
      kind: 'file' as const,
      path: '/c/x.sh',
      content: contentOf(text),
      mode: '0755',
      words: ['a b', '$c'],
    });
    const [step] = action(script, { cmd: source('#!/usr/bin/env python3\nprint(1)\n') }).steps;
    expect(step).toMatchObject({
      kind: 'command',
      script: `cat | { exec 3<&0 </dev/null; exec /usr/bin/env python3 /dev/fd/3 'a b' '$c'; }`,
      stdin: Buffer.from('#!/usr/bin/env python3\nprint(1)\n'),
    });
    expect(interpreterOf(Buffer.from('echo x\n'), 'x')).toEqual(['/bin/sh']);
    expect(interpreterOf(Buffer.from('#!/bin/bash -e -x\n'), 'x')).toEqual(['/bin/bash', '-e -x']);
    expect(() => interpreterOf(Buffer.from('\x7fELF\x02', 'latin1'), 'x')).toThrow('not a script');
  });
  it('writes durations as Python does and cuts lines as Python does', () => {
    expect([delta(3.456), delta(90_061_001), delta(0)]).toEqual([
      '0:00:00.003456',
      '1 day, 1:01:01.001000',
      '0:00:00.000000',
    ]);
    expect([lines('a\r\nb\x0bc\n'), lines(''), lines('\n')]).toEqual([['a', 'b', 'c'], [], ['']]);
  });
});

it('leaves wait_for_connection out of a dry run, as Ansible does', () => {
  expect(
    typeof wait_for_connection.dryRun === 'function'
      ? wait_for_connection.dryRun({ timeout: 1, connect_timeout: 1, delay: 0, sleep: 1 }, {})
      : undefined,
  ).toEqual({ skipped: true });
});

it.each([
  [
    'E: Unable to locate package nosuch\nE: Unable to locate package other\n',
    "No package matching 'nosuch' is available",
  ],
  ["E: Package 'mail-reader' has no installation candidate\n", "No package matching 'mail-reader' is available"],
  ["E: Version '9.9*' for 'hello' was not found\n", 'no available installation candidate for hello=9.9*'],
  ['E: Could not get lock /var/lib/dpkg/lock-frontend\n', undefined],
])("tells in Ansible's words what apt said: %j", (stderr, msg) => {
  const result: StepResult = {
    step: { kind: 'script', script: 'apt-get' },
    rc: 100,
    stdout: '',
    stderr,
    start: 0,
    end: 0,
  };
  for (const module of [apt, packageModule] as StateModule[]) expect(module.failure?.(result, {})?.['msg']).toBe(msg);
});

it('lets pacman refresh fresh lists and remove what others need with force', () => {
  const steps = (written: Record<string, unknown>): string => {
    const observed = { 'package:htop': { kind: 'installed', version: '3', info: {} } } as const;
    const planned = pacman.plan(
      parsed(pacman, { name: ['htop'], state: 'absent', update_cache: true, ...written }),
      observed,
      basics,
    );
    if (!('after' in planned)) throw new Error('no plan');
    const [only] = pacman.apply(
      parsed(pacman, { name: ['htop'], state: 'absent', update_cache: true, ...written }),
      { before: observed, after: { ...observed, ...planned.after }, effects: planned.effects ?? [] },
      basics,
    );
    return only?.kind === 'script' ? only.script : '';
  };
  expect(steps({})).toBe('set -e\npacman --noconfirm -Sy\npacman --noconfirm -R htop');
  expect(steps({ force: true })).toBe('set -e\npacman --noconfirm -Syy\npacman --noconfirm -R --nodeps --nodeps htop');
});

describe('services', () => {
  const unit = (more: Partial<Extract<UnitState, { kind: 'unit' }>> = {}): UnitState => ({
    kind: 'unit',
    running: false,
    enabled: 'disabled',
    masked: false,
    info: { id: 'x.service', needsReload: false, status: { ActiveState: 'inactive' } },
    ...more,
  });
  it.each<[string, Record<string, unknown>, UnitState, readonly string[], readonly string[]]>([
    [
      'starts and enables',
      { state: 'started', enabled: true },
      unit(),
      [],
      ['systemctl enable -- x.service', 'systemctl start -- x'],
    ],
    ['leaves what is so', { state: 'started', enabled: true }, unit({ running: true, enabled: 'enabled' }), [], []],
    ['takes static units as enabled', { enabled: true }, unit({ enabled: 'static' }), [], []],
    ['cannot disable static units and does not try', { enabled: false }, unit({ enabled: 'static' }), [], []],
    ['restarts what runs', { state: 'restarted' }, unit({ running: true }), ['restart'], ['systemctl restart -- x']],
    ['starts what does not run for restarted', { state: 'restarted' }, unit(), [], ['systemctl start -- x']],
    [
      'reloads with fresh files',
      { state: 'reloaded', daemon_reload: true },
      unit({ running: true }),
      ['daemon-reload', 'reload'],
      ['systemctl daemon-reload', 'systemctl reload -- x'],
    ],
    [
      'leaves a reload of files that cannot matter',
      { state: 'started', daemon_reload: true },
      unit({ running: true }),
      [],
      [],
    ],
    [
      'reads files anew where systemd says that they changed',
      { state: 'started', daemon_reload: true },
      unit({ running: true, info: { id: 'x.service', needsReload: true, status: {} } }),
      ['daemon-reload'],
      ['systemctl daemon-reload'],
    ],
    [
      'unmasks, enables, starts',
      { masked: false, enabled: true, state: 'started' },
      unit({ masked: true }),
      [],
      ['systemctl unmask -- x.service', 'systemctl enable -- x.service', 'systemctl start -- x'],
    ],
    [
      'stops without waiting',
      { state: 'stopped', no_block: true },
      unit({ running: true }),
      [],
      ['systemctl --no-block stop -- x'],
    ],
  ])('%s', (_name, args, state, effects, steps) => {
    const planned = plan(systemd_service, { name: 'x', ...args }, { unit: state });
    expect({ effects: planned.effects, steps: argvs(planned.steps) }).toEqual({ effects, steps });
  });
  it('fails for services that are not there, that are masked, and without systemd', () => {
    const gone = { kind: 'absent', info: { id: 'x.service', needsReload: false, status: {} } };
    expect(plan(systemd_service, { name: 'x', state: 'started' }, { unit: gone }).failed).toBe(
      'Could not find the requested service x: host',
    );
    expect(plan(systemd_service, { name: 'x', state: 'started' }, { unit: unit({ masked: true }) }).failed).toContain(
      'masked',
    );
    expect(
      plan(service, { name: 'x', state: 'started' }, { unit: { kind: 'unavailable', message: 'no systemd' } }).failed,
    ).toContain('no systemd');
  });
  it('does daemon_reload alone, quietly', () => {
    const args = parsed(systemd_service, { daemon_reload: true });
    expect(systemd_service.plan(args, {}, basics)).toEqual({
      after: {},
      effects: [{ kind: 'daemon-reload', text: expect.any(String), quiet: true }],
    });
  });
  it('lets service do daemon_reload without a name where systemd runs the host', () => {
    const args = parsed(service, { daemon_reload: true });
    expect(service.probe(args, basics)).toEqual({});
    expect(service.plan(args, {}, basics)).toEqual({
      after: {},
      effects: [{ kind: 'daemon-reload', text: expect.any(String), quiet: true }],
    });
    expect(service.plan(args, {}, { ...basics, serviceManager: 'openrc' })).toEqual({
      failed: 'missing required arguments: name',
    });
    expect(() => parsed(service, { state: 'started' })).toThrow("missing parameter(s) required by 'state': name");
  });
  it.each<[StateModule, Record<string, unknown>, string]>([
    [service, { name: 'a', state: 'there' }, 'must be one of: reloaded, restarted, started, stopped'],
    [mount, { path: '/a', state: 'mounted' }, 'state is mounted but all of the following are missing: src, fstype'],
    [sysctl, { name: 'a' }, 'state is present but all of the following are missing: value'],
    [cron, { name: 'a' }, "You must specify 'job' to install a new cron job or variable"],
    [
      cron,
      { name: 'a', job: 'x', special_time: 'daily', hour: '3' },
      'You cannot combine special_time with any of the time or day/date parameters.',
    ],
    [debconf, { name: 'a', question: 'b' }, 'parameters are required together: question, vtype, value'],
    [debconf, { name: 'a', vtype: 'string', value: 'b' }, 'parameters are required together: question, vtype, value'],
    [timezone, {}, 'one of the following is required: hwclock, name'],
  ])('refuses what is missing in the words that playbooks look for: %#', (module, args, words) => {
    expect(() => parseArgs(module, args)).toThrow(words);
  });
  it('tells the text of a crontab, and the name of a zone, as what differs', () => {
    expect(
      cron.diff?.(parseArgs(cron, { name: 'a', job: 'x' }) as never, {
        before: { crontab: { kind: 'crontab', text: '' } },
        after: { crontab: { kind: 'crontab', text: '#Ansible: a\n' } },
        effects: [],
      }),
    ).toEqual({ before: '', after: '#Ansible: a\n', before_header: 'crontab', after_header: 'crontab' });
    const zone = (name: string) => ({ zone: { kind: 'zone', name, hwclock: 'UTC', info: { known: true } } }) as never;
    expect(
      timezone.diff?.(parseArgs(timezone, { name: 'Etc/UTC' }) as never, {
        before: zone('Europe/Vienna'),
        after: zone('Etc/UTC'),
        effects: [],
      }),
    ).toEqual({ before: { name: 'Europe/Vienna' }, after: { name: 'Etc/UTC' } });
  });
  it("tells in Ansible's words what systemctl refused", () => {
    const failed = (step: Step): unknown =>
      service.failure?.(
        { step, rc: 1, stdout: '', stderr: 'Job failed.\n', start: 0, end: 0 },
        parseArgs(service, { name: 'cron', state: 'started' }) as never,
      );
    expect(failed({ kind: 'run', argv: ['systemctl', '--no-block', 'start', '--', 'cron'] })).toEqual({
      msg: 'Unable to start service cron: Job failed.\n',
    });
    expect(failed({ kind: 'script', script: 'exec systemctl --user reload -- cron' })).toEqual({
      msg: 'Unable to reload service cron: Job failed.\n',
    });
    expect(failed({ kind: 'run', argv: ['/etc/init.d/cron', 'start'] })).toBeUndefined();
  });
  it('speaks to OpenRC and to init scripts', () => {
    const args = parsed(service, { name: 'x', state: 'started', enabled: true });
    const change = {
      before: { unit: unit() },
      after: { unit: unit({ running: true, enabled: 'enabled' }) },
      effects: [],
    };
    expect(argvs(service.apply(args, change, { ...basics, serviceManager: 'openrc' }))).toEqual([
      'rc-update add x default',
      'rc-service x start',
    ]);
    expect(argvs(service.apply(args, change, { ...basics, serviceManager: 'sysvinit' })).join('\n')).toContain(
      'update-rc.d x defaults',
    );
  });
});

describe('packages', () => {
  const installed = (version: string): PackageState => ({ kind: 'installed', version, info: {} });
  it('installs what is missing, upgrades for latest, compares versions', () => {
    expect(
      plan(
        apt,
        { name: ['a', 'b=1.2*', 'c>=2'] },
        { 'package:a': { kind: 'absent' }, 'package:b': installed('1.3-1'), 'package:c': installed('2.1') },
      ).steps,
    ).toMatchObject([{ kind: 'script', script: expect.stringMatching(/install -- a 'b=1\.2\*'$/), long: true }]);
    expect(
      plan(apt, { name: ['a', 'b=1.2*'] }, { 'package:a': installed('1'), 'package:b': installed('1.2.7') }).steps,
    ).toEqual([]);
    expect(
      plan(
        apt,
        { name: 'a', state: 'latest' },
        { 'package:a': installed('1.9'), 'candidate:a': { kind: 'candidate', info: { version: '1.10' } } },
      ).differs,
    ).toEqual(['package:a']);
    expect(
      plan(
        apt,
        { name: 'a', state: 'latest' },
        { 'package:a': installed('2'), 'candidate:a': { kind: 'candidate', info: { version: '1.10' } } },
      ).differs,
    ).toEqual([]);
    expect(plan(apt, { name: 'a', only_upgrade: true }, { 'package:a': { kind: 'absent' } }).differs).toEqual([]);
  });
  it('tells what apt says of an upgrade, of one that has nothing to do as well', () => {
    const told = (text: string) => {
      const args = parsed(apt, { upgrade: 'dist' });
      const probe = apt.probe(args, basics)['upgrades'];
      const before = {
        upgrades: (
          probe?.family.parse?.({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) }, [probe.query]) ?? []
        )[0],
      } as never;
      const planned = apt.plan(args, before, basics);
      if (!('after' in planned)) throw new Error('no plan');
      return {
        differs: Object.keys(planned.after ?? {}),
        effects: planned.effects?.map(({ text: said }) => said),
        result: apt.result?.(
          args,
          { before, after: { ...(before as object), ...planned.after } as never, effects: planned.effects ?? [] },
          [],
          basics,
        ),
      };
    };
    const nothing = 'Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n';
    expect(told(nothing)).toEqual({
      differs: [],
      effects: [],
      result: {
        cache_updated: false,
        cache_update_time: 0,
        stdout: nothing,
        stdout_lines: nothing.trimEnd().split('\n'),
        stderr: '',
        stderr_lines: [],
        msg: nothing,
      },
    });
    const some = 'Inst a [1] (2 Debian:12)\nRemv b [1]\nConf a (2 Debian:12)\n';
    expect(told(some)).toMatchObject({
      differs: ['upgrades'],
      effects: ['upgrade 2 packages'],
      result: { stdout: some },
    });
  });
  it.each([
    [
      'changes nothing where there was nothing new',
      '@@nothing new\n',
      { changed: false, cache_updated: false, cache_update_time: 9 },
    ],
    ['is a change where the lists are others', '', { cache_updated: true, cache_update_time: 9 }],
  ])('a refresh of the lists alone %s', (_, stdout, result) => {
    const args = parsed(apt, { update_cache: true });
    const lists = { lists: { kind: 'apt-lists', info: { refreshed: 1, age: 90, outdated: false } } } as never;
    const planned = apt.plan(args, lists, basics);
    const change = { before: lists, after: lists, effects: ('after' in planned ? planned.effects : undefined) ?? [] };
    const steps = apt.apply(args, change, basics);
    expect(
      apt.result?.(
        args,
        change,
        steps.map((step) => ({ step, rc: 0, stdout, stderr: '', start: 0, end: 9000 })),
        basics,
      ),
    ).toEqual(result);
    expect(steps.map((step) => (step.kind === 'script' ? step.script : '')).join('')).toContain('nothing new');
  });
  it('refreshes lists alone where package names nothing', () => {
    const args = parsed(packageModule, { update_cache: true, cache_valid_time: 10 });
    expect(Object.keys(packageModule.probe(args, basics))).toEqual(['lists']);
    expect(
      packageModule.plan(
        args,
        { lists: { kind: 'apt-lists', info: { refreshed: 1, age: 90, outdated: false } } } as never,
        basics,
      ),
    ).toMatchObject({ after: {}, effects: [{ kind: 'refresh' }] });
  });
  it('removes, and purges what is left of removed packages', () => {
    expect(
      plan(
        apt,
        { name: 'a', state: 'absent', purge: true, autoremove: true },
        { 'package:a': { kind: 'absent', residual: true } },
      ).steps,
    ).toMatchObject([{ script: expect.stringMatching(/--purge --auto-remove remove -- a$/) }]);
    expect(
      plan(apt, { name: 'a', state: 'absent' }, { 'package:a': { kind: 'absent', residual: true } }).steps,
    ).toEqual([]);
  });
  it('installs what a pattern stands for, and upgrades it for latest', () => {
    const names = (versions: Record<string, string | null>, candidates = {}): Record<string, AptNamesState> => ({
      'names:lib*': {
        kind: 'names',
        packages: Object.fromEntries(
          Object.entries(versions).map(([name, version]) => [
            name,
            version === null ? { kind: 'absent' } : { kind: 'installed', version },
          ]),
        ),
        info: { candidates },
      },
    });
    const script = (args: Record<string, unknown>, observed: Record<string, unknown>) =>
      plan(apt, { name: 'lib*', ...args }, observed).steps.map((step) =>
        step.kind === 'script'
          ? step.script
              .split('\n')
              .at(-1)
              ?.replace(/.* install -- /, '')
          : '',
      );
    expect(script({}, names({ liba: null, libb: '1', libc: null }))).toEqual(['liba libc']);
    expect(script({}, names({ liba: '1' }))).toEqual([]);
    expect(
      script({ state: 'latest' }, names({ liba: '1', libb: '2', libc: null }, { liba: '1.1', libb: '2', libc: '3' })),
    ).toEqual(['liba libc']);
    expect(script({ only_upgrade: true }, names({ liba: null }))).toEqual([]);
    expect(
      plan(apt, { name: ['lib*', 'x'] }, { ...names({ liba: '1' }), 'package:x': { kind: 'absent' } }).steps,
    ).toMatchObject([{ script: expect.stringMatching(/install -- x$/) }]);
    expect(plan(apt, { name: 'lib*' }, names({})).failed).toBe("No package(s) matching 'lib*' available");
    const old: AptListsState = { kind: 'apt-lists', info: { refreshed: 1, age: 4000, outdated: false } };
    expect(plan(apt, { name: 'lib*', update_cache: true }, { ...names({}), lists: old }).steps).toHaveLength(1);
    expect(
      Object.keys(apt.probe(parsed(apt, { name: ['lib*', 'a=1.*', 'php8.[23]-cli'], state: 'present' }), basics)),
    ).toEqual(['package:a', 'names:lib*', 'names:php8.[23]-cli']);
    expect(Object.keys(apt.probe(parsed(apt, { name: ['lib*'], state: 'absent' }), basics))).toEqual(['package:lib*']);
  });
  it('finds the names that apt knows by a pattern', () => {
    const bin = mkdtempSync(join(tmpdir(), 'vbx-apt-'));
    onTestFinished(() => rmSync(bin, { recursive: true }));
    const program = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    program(
      'apt-cache',
      'case $1 in pkgnames) for n in php8.2-cli php8.3-cli php8.4-cli php8.2-cli-extra; do case $n in "$2"*) echo "$n";; esac; done;; policy) shift 2; for n; do printf "%s:\\n  Installed: (none)\\n  Candidate: 9\\n" "$n"; done;; esac',
    );
    program('dpkg-query', 'printf "php8.3-cli\\tinstalled\\t8.3-1\\nphp8.2-cli\\tconfig-files\\t8.2-1\\n"');
    const probe = aptNamesProbe('php8.[!4]-cli', true);
    const stdout = execFileSync('sh', ['-c', probe.family.script?.([probe.query]) ?? ''], {
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
    expect(probe.family.parse?.({ rc: 0, stdout, stderr: Buffer.alloc(0) }, [probe.query])).toEqual([
      {
        kind: 'names',
        packages: { 'php8.2-cli': { kind: 'absent' }, 'php8.3-cli': { kind: 'installed', version: '8.3-1' } },
        info: { candidates: { 'php8.2-cli': '9', 'php8.3-cli': '9' } },
      },
    ]);
  });
  it('refreshes lists that are old: a change only by itself', () => {
    const old: AptListsState = { kind: 'apt-lists', info: { refreshed: 1, age: 4000, outdated: false } };
    const args = parsed(apt, { name: 'a', update_cache: true, cache_valid_time: 3600 });
    expect(apt.plan(args, { 'package:a': installed('1'), lists: old }, basics)).toMatchObject({
      effects: [{ kind: 'refresh', quiet: true }],
    });
    expect(apt.plan(parsed(apt, { update_cache: true }), { lists: old }, basics)).toMatchObject({
      effects: [{ kind: 'refresh' }],
    });
    expect(
      apt.plan(args, { 'package:a': installed('1'), lists: { ...old, info: { ...old.info, age: 100 } } }, basics),
    ).toMatchObject({ effects: [] });
    expect(
      apt.plan(
        args,
        { 'package:a': installed('1'), lists: { ...old, info: { refreshed: 1, age: 100, outdated: true } } },
        basics,
      ),
    ).toMatchObject({ effects: [{ kind: 'refresh' }] });
  });
  it('passes the options of apt-get', () => {
    const [step] = plan(
      apt,
      {
        name: 'a',
        default_release: 'bookworm-backports',
        install_recommends: false,
        policy_rc_d: 101,
        allow_downgrade: true,
        dpkg_options: 'force-confold',
      },
      { 'package:a': { kind: 'absent' } },
    ).steps;
    expect(step).toMatchObject({
      script: expect.stringContaining(
        '-o DPkg::Lock::Timeout=60 -o Dpkg::Options::=--force-confold -t bookworm-backports -o APT::Install-Recommends=no --allow-downgrades install -- a',
      ),
    });
    expect(step).toMatchObject({ script: expect.stringContaining('exit %s') });
  });
  it('speaks dnf', () => {
    const { steps } = plan(
      dnf,
      { name: ['nginx-1.20*', 'vim', 'old'], state: 'present', enablerepo: 'epel', disable_gpg_check: true },
      { 'package:nginx-1.20*': { kind: 'absent' }, 'package:vim': installed('1-1'), 'package:old': installed('1-1') },
    );
    expect(argvs(steps)[0]).toContain(`"$d" -y --enablerepo=epel --nogpgcheck install -- 'nginx-1.20*'`);
  });
  it.each([
    ['1.2.3-1', 'a=1.2.3-1', 'dpkg', true],
    ['1.2.3-1', 'a=1.2', 'dpkg', false],
    ['1:1.20.1-9.el9', 'a = 1.20.1', 'rpm', true],
    ['1.20.1-9', 'a >= 1.21', 'rpm', false],
    ['1.20.1-9', 'a>=1.20', 'rpm', true],
    ['2.0', 'a<2.1', 'dpkg', true],
  ] as const)('%s against %s of %s', (version, spec, database, wanted) => {
    expect(satisfies(version, specOf(spec), database)).toBe(wanted);
  });
  it('pip installs what is not there, whatever its version will be', () => {
    const now = (packages: Record<string, string | null>) => ({
      pip: { kind: 'pip', packages, environment: true, info: { missing: false } },
    });
    const made = plan(pip, { name: ['six', 'Foo_Bar>=2'] }, now({ six: '1.16.0', 'foo-bar': null }));
    expect([made.effects, argvs(made.steps)]).toMatchObject([
      ['install'],
      [expect.stringContaining(`"$p" install 'Foo_Bar>=2'`)],
    ]);
    expect(plan(pip, { name: 'six' }, now({ six: '1.16.0' }))).toMatchObject({ effects: [], steps: [] });
    expect(
      pip.result?.(
        parseArgs(pip, { name: 'six', virtualenv: '/v' }) as never,
        { before: now({}), after: now({}), effects: [] } as never,
        [],
        basics,
      ),
    ).toMatchObject({ cmd: ['/v/bin/pip3', 'install', 'six'] });
    expect(
      pip.failure?.(
        { step: { kind: 'script', script: '' }, rc: 1, stdout: '', stderr: 'ERROR: no such', start: 0, end: 0 },
        parseArgs(pip, { name: 'six' }) as never,
      ),
    ).toEqual({ msg: '\n:stderr: ERROR: no such', cmd: ['/usr/bin/python3', '-m', 'pip', 'install', 'six'] });
  });
  it.each([
    ['1.16.0', 'six', true],
    ['1.16.0', 'six==1.16', true],
    ['1.16.0', 'six==1.16.*', true],
    ['1.15', 'six>=1.16', false],
    ['2.1', 'six>=1,<2', false],
    ['1.4.5', 'six~=1.4', true],
    ['2.0rc1', 'six>=2.0', false],
    ['1.0', 'six[x]!=1.0', false],
  ])('pip: %s fits %s', (version, spec, wanted) => {
    expect(isSatisfied(version, spec)).toBe(wanted);
  });
});

describe('accounts', () => {
  const ops: UserState = {
    kind: 'user',
    uid: 1000,
    group: 'users',
    groups: ['adm', 'docker'],
    comment: '',
    home: '/home/ops',
    shell: '/bin/sh',
    password: passwordDigest('$6$a$old'),
    locked: false,
    expires: null,
    ages: { min: 0, max: 99999, warn: 7, inactive: null },
    homeThere: true,
    info: { gid: 100, directory: false },
  };
  const group = (name: string, gid: number) => ({ kind: 'group', gid, info: { name, members: [] } });
  it('adds an account; its hash goes by stdin', () => {
    const { steps, after } = plan(
      user,
      { name: 'new', uid: 2000, groups: ['adm'], password: '$6$s$hash', system: true },
      { user: { kind: 'absent' }, 'group:adm': group('adm', 4) },
    );
    expect(argvs(steps)[0]).toContain('useradd -u 2000 -G adm -m -r "$@" -- new');
    expect(steps[1]).toEqual({ kind: 'run', argv: ['chpasswd', '-e'], stdin: 'new:$6$s$hash\n', secret: true });
    expect(JSON.stringify(after)).not.toContain('$6$');
    expect(argvs(steps).join()).not.toContain('$6$');
  });
  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['nothing to do', { shell: '/bin/sh', groups: ['docker', 'adm'] }, []],
    ['only appends', { groups: ['games'], append: true }, ['-G adm,docker,games']],
    ['takes out of other groups', { groups: ['games'] }, ['-G games']],
    ['takes out of all groups', { groups: [] }, [`-G ''`]],
    ['moves the home', { home: '/srv/ops', move_home: true }, ['-d /srv/ops -m']],
    [
      'changes several things with one command',
      { uid: 1001, comment: 'A B', shell: '/bin/bash' },
      [`usermod -u 1001 -c 'A B' -s /bin/bash -- ops`],
    ],
    ['sets an expiry', { expires: 1_800_000_000 }, ['-e 2027-01-15']],
    ['sets ages', { password_expire_max: 90 }, ['chage -M 90 -- ops']],
    ['leaves the password on_create', { password: '$6$a$new', update_password: 'on_create' }, []],
    ['sees an equal password', { password: '$6$a$old' }, []],
    ['locks', { password_lock: true }, ['usermod -L -- ops']],
  ])('%s', (_name, args, parts) => {
    const { steps } = plan(
      user,
      { name: 'ops', ...args },
      {
        user: ops,
        'group:games': group('games', 60),
        'group:docker': group('docker', 999),
        'group:adm': group('adm', 4),
      },
    );
    expect(steps.length).toBe(parts.length);
    for (const [at, part] of parts.entries()) expect(argvs(steps)[at]).toContain(part);
  });
  it('fails without the group', () => {
    expect(plan(user, { name: 'ops', group: 'none' }, { user: ops, 'group:none': { kind: 'absent' } }).failed).toBe(
      'Group none does not exist',
    );
  });
  it('makes keys known', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVueA ops@x';
    const observed = (text: string | undefined) => ({
      user: ops,
      at: text === undefined ? absent : fileState(text, { mode: '0600', owner: 'ops', group: 'users' }),
      parent: text === undefined ? absent : folder,
    });
    const made = plan(authorized_key, { user: 'ops', key }, observed(undefined));
    expect([textOf(made.after['at'] as never), made.after['parent']]).toMatchObject([
      `${key}\n`,
      { kind: 'directory', mode: '0700', owner: 'ops' },
    ]);
    expect(made.after['at']).toMatchObject({ mode: '0600', owner: 'ops', group: 'users' });
    expect(plan(authorized_key, { user: 'ops', key }, observed(`# mine\n${key}\n`)).differs).toEqual([]);
    expect(
      textOf(
        plan(
          authorized_key,
          { user: 'ops', key, key_options: 'no-pty,from="a b"', exclusive: true },
          observed(`ssh-rsa AAAA other\n${key}\n`),
        ).after['at'] as never,
      ),
    ).toBe(`no-pty,from="a b" ${key}\n`);
    expect(
      textOf(
        plan(authorized_key, { user: 'ops', key, state: 'absent' }, observed(`no-pty ${key}\nssh-rsa AAAA b\n`)).after[
          'at'
        ] as never,
      ),
    ).toBe('ssh-rsa AAAA b\n');
    expect(() => parseArgs(authorized_key, { user: 'ops', key: 'ssh-rsa not base64!' })).toThrow('invalid key');
    expect(
      plan(authorized_key, { user: 'ops', key, path: '/srv/keys/ops', manage_dir: false }, observed(undefined)).after[
        'parent'
      ],
    ).toMatchObject({ kind: 'directory', mode: '0755', owner: 'root' });
  });
});

describe('files of the system', () => {
  const text = (state: unknown): string | undefined => textOf(state as never);
  const at = (content: string | undefined) => ({
    at: content === undefined ? absent : fileState(content),
    parent: folder,
  });

  it.each<[string, Record<string, unknown>, string | undefined, string]>([
    ['adds to a new file', { value: '1' }, undefined, 'net.ipv4.ip_forward=1\n'],
    [
      'replaces the first and removes others',
      { value: '1' },
      '# c\nnet.ipv4.ip_forward = 0\nx=1\nnet/ipv4/ip_forward=0\n',
      '# c\nnet.ipv4.ip_forward=1\nx=1\n',
    ],
    ['leaves an equal line as it is', { value: 'yes' }, 'net.ipv4.ip_forward  =  1\n', 'net.ipv4.ip_forward  =  1\n'],
    ['removes', { state: 'absent' }, 'a=1\nnet.ipv4.ip_forward=1\n', 'a=1\n'],
  ])('sysctl %s', (_name, args, before, after) => {
    expect(text(plan(sysctl, { name: 'net.ipv4.ip_forward', ...args }, at(before)).after['at'])).toBe(after);
  });
  it('sysctl sets the kernel before the file', () => {
    expect(
      argvs(
        plan(
          sysctl,
          { name: 'a.b', value: '1 2', sysctl_set: true },
          { ...at(''), live: { kind: 'value', value: '1 1' } },
        ).steps,
      ),
    ).toEqual(['sysctl -w a.b=1 2', 'write', 'sysctl -p /etc/sysctl.conf']);
    expect(
      plan(sysctl, { name: 'a.b', value: '1', sysctl_set: true }, { ...at(''), live: { kind: 'absent' } }).failed,
    ).toContain('no parameter');
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['appends', {}, '# x\n', '# x\n*\t-\tnofile\t65536\n'],
    ['replaces, comments stay', {}, '*  -  nofile 1024 # old\n', '*\t-\tnofile\t65536\t# old\n'],
    ['keeps an equal one', {}, '* - nofile 65536\n', '* - nofile 65536\n'],
    ['keeps the larger', { use_max: true }, '* - nofile unlimited\n', '* - nofile unlimited\n'],
    ['keeps the smaller', { use_min: true }, '* - nofile 100\n', '* - nofile 100\n'],
  ])('pam_limits %s', (_name, args, before, after) => {
    expect(
      text(
        plan(pam_limits, { domain: '*', limit_type: '-', limit_item: 'nofile', value: '65536', ...args }, at(before))
          .after['at'],
      ),
    ).toBe(after);
  });

  const unmounted = { kind: 'unmounted', info: { there: false } };
  const mounted = { kind: 'mounted', info: { source: '/dev/sdb1', fstype: 'ext4', options: ['rw'], root: '/' } };
  it.each<[string, Record<string, unknown>, string, unknown, string, readonly string[], readonly string[]]>([
    [
      'adds and mounts',
      { state: 'mounted' },
      'a / ext4 x 0 1\n',
      unmounted,
      'a / ext4 x 0 1\n/dev/sdb1 /mnt/a\\040b ext4 noatime 0 0\n',
      [],
      [
        'write',
        `f=/etc/fstab\n{ { [ -e '/mnt/a b' ] || mkdir -p -- '/mnt/a b'; } && mount '/mnt/a b'; } </dev/null || { rc=$?; t=$(mktemp "$f.XXXXXX") && cp -p -- "$f" "$t" && cat >"$t" && mv -f -- "$t" "$f"; exit $rc; }`,
      ],
    ],
    [
      'leaves an equal entry in its own form',
      { state: 'mounted' },
      '/dev/sdb1\t/mnt/a\\040b  ext4 noatime\n',
      mounted,
      '/dev/sdb1\t/mnt/a\\040b  ext4 noatime\n',
      [],
      [],
    ],
    [
      'mounts again with a new entry',
      { state: 'mounted' },
      '/dev/sdb1 /mnt/a\\040b ext4 ro 0 0\n',
      mounted,
      '/dev/sdb1 /mnt/a\\040b ext4 noatime 0 0\n',
      ['remount'],
      ['write', `mount -o remount,noatime '/mnt/a b' || { umount '/mnt/a b' && mount '/mnt/a b'; }`],
    ],
    [
      'only writes for present',
      { state: 'present', boot: false },
      '',
      unmounted,
      '/dev/sdb1 /mnt/a\\040b ext4 noatime,noauto 0 0\n',
      [],
      ['write'],
    ],
    [
      'unmounts and leaves fstab',
      { state: 'unmounted' },
      '/dev/sdb1 /mnt/a\\040b ext4 noatime 0 0\n',
      mounted,
      '/dev/sdb1 /mnt/a\\040b ext4 noatime 0 0\n',
      [],
      ['umount /mnt/a b'],
    ],
    [
      'removes from fstab alone',
      { state: 'absent_from_fstab' },
      '/dev/sdb1 /mnt/a\\040b ext4 noatime 0 0\n',
      mounted,
      '',
      [],
      ['write'],
    ],
    [
      'mounts without fstab',
      { state: 'ephemeral' },
      '',
      unmounted,
      '',
      [],
      [`{ [ -e '/mnt/a b' ] || mkdir -p -- '/mnt/a b'; } && mount -t ext4 -o noatime /dev/sdb1 '/mnt/a b'`],
    ],
  ])('mount %s', (_name, args, before, state, after, effects, steps) => {
    const planned = plan(
      mount,
      { path: '/mnt/a b/', src: '/dev/sdb1', fstype: 'ext4', opts: 'noatime', ...args },
      { ...at(before), mount: state },
    );
    expect({ text: text(planned.after['at']), effects: planned.effects, steps: argvs(planned.steps) }).toEqual({
      text: after,
      effects,
      steps,
    });
  });
  it('a mount that fails gives the table back as it was', () => {
    const place = mkdtempSync(join(tmpdir(), 'vbx-mount-'));
    onTestFinished(() => rmSync(place, { recursive: true }));
    const table = join(place, 'fstab');
    const bin = join(place, 'mount');
    writeFileSync(bin, '#!/bin/sh\necho no such device >&2\nexit 32\n', { mode: 0o755 });
    writeFileSync(table, 'new\n', { mode: 0o640 });
    const { steps } = plan(
      mount,
      { path: join(place, 'x'), src: '/dev/none', fstype: 'ext4', state: 'mounted', fstab: table },
      { ...at('old password=x\n'), mount: unmounted },
    );
    const step = steps.at(-1);
    if (step?.kind !== 'script' || step.stdin === undefined) throw new Error('no script with input');
    expect(step.script).not.toContain('password');
    const ran = spawnSync('sh', ['-c', step.script], {
      input: step.stdin,
      env: { ...process.env, PATH: `${place}:${process.env['PATH'] ?? ''}` },
    });
    expect([
      ran.status,
      ran.stderr.toString(),
      readFileSync(table, 'utf8'),
      statSync(table).mode & 0o777,
      readdirSync(place).sort(),
    ]).toEqual([32, 'no such device\n', 'old password=x\n', 0o640, ['fstab', 'mount', 'x']]);
  });
  it('mount removes entry, mount and empty point', () => {
    const { steps } = plan(
      mount,
      { path: '/mnt/x', state: 'absent' },
      { ...at('/dev/sdb1 /mnt/x ext4 noatime 0 0\n'), mount: mounted },
    );
    expect(argvs(steps)).toEqual(['write', 'umount /mnt/x', expect.stringContaining('rmdir')]);
    expect(plan(mount, { path: '/mnt/x', state: 'remounted' }, { ...at(''), mount: unmounted }).failed).toContain(
      'not mounted',
    );
  });

  it("cron keeps Ansible's form, in crontabs and in files", () => {
    const job = { name: 'a job', job: 'run "it" é', minute: '5' };
    const made = plan(cron, job, { crontab: { kind: 'crontab', text: 'X=1\n' } });
    expect(made.steps).toEqual([
      { kind: 'run', argv: ['crontab', '-'], stdin: 'X=1\n#Ansible: a job\n5 * * * * run "it" é\n' },
    ]);
    expect(
      text(
        plan(cron, { ...job, cron_file: 'x', user: 'ops', special_time: 'daily', minute: '*' }, at(undefined)).after[
          'at'
        ],
      ),
    ).toBe(Buffer.from('#Ansible: a job\n@daily ops run "it" é\n').toString('latin1'));
    const there = 'A=1\n#Ansible: a job\n5 * * * * old\n# mine\n';
    expect(plan(cron, job, { crontab: { kind: 'crontab', text: there } }).steps).toMatchObject([
      { stdin: 'A=1\n#Ansible: a job\n5 * * * * run "it" é\n# mine\n' },
    ]);
    expect(
      plan(cron, { name: 'a job', state: 'absent' }, { crontab: { kind: 'crontab', text: there } }).steps,
    ).toMatchObject([{ stdin: 'A=1\n# mine\n' }]);
    expect(plan(cron, { ...job, disabled: true }, { crontab: { kind: 'crontab', text: '' } }).steps).toMatchObject([
      { stdin: '#Ansible: a job\n#5 * * * * run "it" é\n' },
    ]);
    expect(
      plan(
        cron,
        { name: 'PATH', job: '/bin', env: true, insertafter: 'A' },
        { crontab: { kind: 'crontab', text: there } },
      ).steps,
    ).toMatchObject([{ stdin: 'A=1\nPATH="/bin"\n#Ansible: a job\n5 * * * * old\n# mine\n' }]);
    const behind = { name: 'PATH', job: '/bin', env: true, insertafter: 'B' };
    expect(plan(cron, behind, { crontab: { kind: 'crontab', text: there } }).failed).toBe(
      "Variable named 'B' not found.",
    );
    expect(plan(cron, { ...behind, cron_file: 'x' }, at('A=1\n')).failed).toBe("Variable named 'B' not found.");
    expect(plan(cron, behind, { crontab: { kind: 'crontab', text: 'PATH="/bin"\n' } }).steps).toEqual([]);
    expect(plan(cron, job, { crontab: { kind: 'crontab', text: '5 * * * * run "it" é\n' } }).steps).toMatchObject([
      { stdin: '#Ansible: a job\n5 * * * * run "it" é\n' },
    ]);
  });

  it('locale_gen knows what the host can generate, and leaves what belongs to the C library', () => {
    const observed = {
      ...at('# de_CH.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n'),
      locales: {
        kind: 'locales' as const,
        generated: ['C', 'C.utf8', 'POSIX', 'fr_FR.utf8'],
        supported: ['de_CH.UTF-8', 'fr_FR.UTF-8'],
      },
    };
    expect(plan(locale_gen, { name: ['xx_YY.UTF-8', 'de_CH.UTF-8'] }, observed).failed).toBe(
      'The following locales you have entered are not available on your system: xx_YY.UTF-8',
    );
    expect(plan(locale_gen, { name: 'xx_YY.UTF-8', state: 'absent' }, observed).failed).toBe(
      'The following locales you have entered are not available on your system: xx_YY.UTF-8',
    );
    expect(plan(locale_gen, { name: ['C.UTF-8', 'de_CH.UTF-8'], state: 'absent' }, observed).steps).toEqual([]);
    expect(plan(locale_gen, { name: 'C.UTF-8' }, observed).steps).toEqual([]);
    expect(plan(locale_gen, { name: ['C.UTF-8', 'fr_FR.UTF-8'], state: 'absent' }, observed).after['locales']).toEqual({
      ...observed.locales,
      generated: ['C', 'C.utf8', 'POSIX'],
    });
    expect(
      parseLocales({
        rc: 0,
        stdout: Buffer.from('C\nC.UTF-8\nfr_FR.utf8\n@@supported\nde_CH.UTF-8\n'),
        stderr: Buffer.alloc(0),
      } as never),
    ).toEqual({ kind: 'locales', generated: ['C', 'C.utf8', 'fr_FR.utf8'], supported: ['de_CH.UTF-8'] });
  });

  it('known_hosts finds hashed names, and replaces keys of the same type', () => {
    const key = 'git.x ssh-ed25519 AAAAnew';
    expect(
      text(
        plan(known_hosts, { name: 'git.x', key, path: '/k' }, at('git.x ssh-ed25519 AAAAold\ngit.x ssh-rsa AAAAr\n'))
          .after['at'],
      ),
    ).toBe('git.x ssh-rsa AAAAr\ngit.x ssh-ed25519 AAAAnew\n');
    const hashed =
      text(plan(known_hosts, { name: 'git.x', key, path: '/k', hash_host: true }, at(undefined)).after['at']) ?? '';
    expect(hashed).toMatch(/^\|1\|[A-Za-z0-9+/=]+\|[A-Za-z0-9+/=]+ ssh-ed25519 AAAAnew\n$/);
    expect(plan(known_hosts, { name: 'git.x', key, path: '/k', hash_host: true }, at(hashed)).differs).toEqual([]);
    expect(
      text(
        plan(known_hosts, { name: 'git.x', path: '/k', state: 'absent' }, at(`${hashed}other ssh-rsa A\n`)).after['at'],
      ),
    ).toBe('other ssh-rsa A\n');
    expect(text(plan(known_hosts, { name: 'git.x', key, path: '/k' }, at(hashed)).after['at'])).toBe(`${key}\n`);
    const authority = '@cert-authority *.x ssh-ed25519 AAAAca\n';
    expect(
      text(
        plan(known_hosts, { name: '*.x', key: '@cert-authority *.x ssh-ed25519 AAAAother', path: '/k' }, at(authority))
          .after['at'],
      ),
    ).toBe(`${authority}@cert-authority *.x ssh-ed25519 AAAAother\n`);
    expect(
      text(
        plan(
          known_hosts,
          { name: 'git.x', key: '@revoked git.x ssh-ed25519 AAAAnew', path: '/k', state: 'absent' },
          at(`${key}\n@revoked ${key}\n`),
        ).after['at'],
      ),
    ).toBe(`${key}\n`);
    expect(() => parseArgs(known_hosts, { name: 'other', key })).toThrow('does not match');
    expect(() => parseArgs(known_hosts, { name: 'git.x,other', key })).toThrow(
      'Comma separated list of names is not supported',
    );
  });

  it('yum_repository writes and compares sections by meaning', () => {
    const args = {
      name: 'epel',
      description: 'EPEL',
      baseurl: ['https://a', 'https://b'],
      gpgcheck: true,
      exclude: ['x', 'y'],
    };
    const made = text(plan(yum_repository, args, at('[other]\nname=O\n')).after['at']);
    expect(made).toBe(
      '[epel]\nbaseurl = https://a\n    https://b\nexclude = x y\ngpgcheck = 1\nname = EPEL\n\n[other]\nname=O\n',
    );
    expect(
      plan(yum_repository, args, at('[epel]\nname=EPEL\ngpgcheck=1\nexclude=x y\nbaseurl=https://a\n  https://b\n'))
        .differs,
    ).toEqual([]);
    expect(plan(yum_repository, { name: 'epel', state: 'absent' }, at('[epel]\nname=E\n')).steps).toMatchObject([
      { kind: 'remove' },
    ]);
  });
});

describe('kernel, firewall, alternatives', () => {
  it('loads modules now and at boot', () => {
    const state = { kind: 'kernel-module', loaded: false, atBoot: false, options: '', info: { builtin: false } };
    expect(
      argvs(plan(modprobe, { name: 'dummy', params: 'numdummies=2', persistent: 'present' }, { module: state }).steps),
    ).toEqual([
      'modprobe dummy numdummies=2',
      expect.stringContaining('/etc/modules-load.d/dummy.conf'),
      expect.stringContaining("'options dummy numdummies=2'"),
    ]);
    expect(
      argvs(plan(modprobe, { name: 'dummy', state: 'absent' }, { module: { ...state, loaded: true } }).steps),
    ).toEqual(['modprobe -r dummy']);
    expect(
      plan(
        modprobe,
        { name: 'dummy', state: 'absent' },
        { module: { ...state, loaded: true, info: { builtin: true } } },
      ).failed,
    ).toContain('built into');
  });
  it('writes rules in the order in which iptables compares them', () => {
    const { steps } = plan(
      iptables,
      {
        chain: 'INPUT',
        action: 'insert',
        protocol: '!tcp',
        source: '10.0.0.0/8',
        ctstate: 'NEW,ESTABLISHED',
        destination_ports: ['80', '443'],
        jump: 'ACCEPT',
        comment: 'a b',
        syn: 'negate',
      },
      { rule: { kind: 'rule', present: false } },
    );
    expect(argvs(steps)).toEqual([
      'iptables -w -t filter -I INPUT ! -p tcp -s 10.0.0.0/8 -j ACCEPT -m multiport --dports 80,443 ! --syn -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment a b',
    ]);
    expect(
      argvs(
        plan(
          iptables,
          { chain: 'INPUT', policy: 'DROP' },
          { chain: { kind: 'chain', present: true, policy: 'ACCEPT' } },
        ).steps,
      ),
    ).toEqual(['iptables -w -t filter -P INPUT DROP']);
    expect(iptables.check?.({ flush: true, policy: 'DROP' } as never)).toBe(
      'parameters are mutually exclusive: flush|policy',
    );
  });
  it('chooses alternatives', () => {
    const state = {
      kind: 'alternative',
      mode: 'auto',
      value: '/usr/bin/a',
      choices: { '/usr/bin/a': 50, '/usr/bin/b': 10 },
      info: { link: '/usr/bin/x' },
    };
    expect(argvs(plan(alternatives, { name: 'x', path: '/usr/bin/b' }, { alternative: state }).steps)[0]).toContain(
      '--set x /usr/bin/b',
    );
    expect(plan(alternatives, { name: 'x', path: '/usr/bin/a' }, { alternative: state }).steps).toEqual([]);
    expect(
      argvs(plan(alternatives, { name: 'x', path: '/usr/bin/c', priority: 5 }, { alternative: state }).steps),
    ).toEqual([
      expect.stringContaining('--install /usr/bin/x x /usr/bin/c 5'),
      expect.stringContaining('--set x /usr/bin/c'),
    ]);
  });
});

describe('wait_for', () => {
  it('just waits without a target', () => {
    expect(action(wait_for, { timeout: 5, delay: 2 }).steps).toEqual([{ kind: 'sleep', seconds: 7 }]);
  });
  it('tells what matched, and says what it waited for', () => {
    const { steps, parse } = action(wait_for, { path: '/f', search_regex: '^id=(?P<id>\\w+)' });
    expect(parse(ran(steps[0]!, 0, ''), ran(steps[1]!, 0, 'x\nid=abc\n'))).toMatchObject({
      changed: false,
      match_groups: ['abc'],
      match_groupdict: { id: 'abc' },
      elapsed: 1,
    });
    expect(parse(ran(steps[0]!, 1, ''))).toMatchObject({
      failed: true,
      msg: 'Timeout when waiting for search string ^id=(?P<id>\\w+) in /f',
    });
    const port = action(wait_for, { port: 80, host: 'h' });
    expect(port.parse(ran(port.steps[0]!, 1, ''))).toMatchObject({
      failed: true,
      msg: 'Timeout when waiting for h:80',
    });
  });
  it('refuses what makes no sense', () => {
    expect(() => action(wait_for, { port: 1, path: '/x' })).toThrow('can not both be passed');
    expect(() => action(wait_for, { path: '/x', state: 'drained' })).toThrow('goes only with port');
    expect(() => action(wait_for, { port: 1, search_regex: '(' })).toThrow('regular expression');
  });
});

it('predicts what is not known as Unknown, never as a guess', () => {
  const { after } = plan(user, { name: 'new' }, { user: { kind: 'absent' } });
  expect((after['user'] as { home: unknown }).home).toBeInstanceOf(Unknown);
});

describe('cron in a file', () => {
  it('removes the file with its last job, and refuses the table of the system', () => {
    const at = fileState('#Ansible: x\n* * * * * root ls\n \n');
    expect(plan(cron, { name: 'x', cron_file: 'x', state: 'absent' }, { at, parent: folder })).toMatchObject({
      after: { at: absent },
      steps: [{ kind: 'remove', path: '/etc/cron.d/x' }],
    });
    expect(() => parseArgs(cron, { name: 'x', cron_file: '/etc/crontab', state: 'absent' })).toThrow(
      'Will not manage /etc/crontab via cron_file',
    );
  });
});

it('takes ~ in the paths of an account as the home of who runs', () => {
  const { steps } = plan(user, { name: 'new', shell: '~/sh', home: '~/new' }, { user: { kind: 'absent' } });
  expect(argvs(steps)[0]).toContain('-d /root/new -s /root/sh');
});

it.each([
  "dash: 1: cd: can't cd to /nope\n",
  'bash: line 1: cd: /nope: No such file or directory\n',
  "ash: cd: line 0: can't cd to /nope: No such file or directory\n",
])('tells a folder that cannot be entered: %j', (stderr) => {
  const done = [
    { step: { kind: 'command', script: '' }, rc: 1, stdout: '', stderr, start: 0, end: 0 } as unknown as StepResult,
  ];
  for (const module of [command, shell])
    expect(module.parse(parseArgs(module, { cmd: 'x', chdir: '/nope' }) as never, done, {})).toMatchObject({
      failed: true,
      stderr: '',
      msg: expect.stringMatching(/^Unable to change directory before execution: .*\/nope/),
    });
  expect(shell.parse(parseArgs(shell, { cmd: 'cd /nope' }) as never, done, {})).toMatchObject({
    rc: 1,
    stderr: stderr.trimEnd(),
  });
});

it.each([
  ['dash: 1: exec: nosuch: not found\n', 127, { rc: 2, msg: "[Errno 2] No such file or directory: b'nosuch'" }],
  ['bash: line 1: nosuch: No such file or directory\n', 127, { rc: 2 }],
  ['ash: exec: line 0: nosuch: Permission denied\n', 126, { rc: 13, msg: "[Errno 13] Permission denied: b'nosuch'" }],
  ['nosuch: other: not found\n', 127, { rc: 127, msg: 'non-zero return code' }],
])('tells a program that could not be started: %j', (stderr, rc, told) => {
  expect(
    command.parse(
      parseArgs(command, { cmd: 'nosuch a' }) as never,
      [{ step: { kind: 'command', script: '' }, rc, stdout: '', stderr, start: 0, end: 0 } as unknown as StepResult],
      {},
    ),
  ).toMatchObject({ failed: true, stdout: '', ...told });
});
