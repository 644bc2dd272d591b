// Every level of Ansible's list of precedence sets one variable; taking away the strongest each time must leave the next one the winner.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VarsLayer } from '../../../src/core/host.ts';
import type { Play, Role, Task } from '../../../src/core/play.ts';
import { Dict, type Value } from '../../../src/core/value.ts';
import { LEVELS, Variables } from '../../../src/engine/variables/index.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { readVarsFile } from '../../../src/inventory/vars-folder.ts';
import { play as makePlay, role as makeRole, task as makeTask } from './structures.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-precedence-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Levels that hold variables, weakest first. */
const VARIABLE_LEVELS = LEVELS.slice(1, 22);

function layer(level: string, on: boolean, value = level): VarsLayer {
  return { level, vars: new Dict(on ? [['who', value]] : []), origin: { file: `${level}.yml`, line: 3, column: 1 } };
}

/** A run in which exactly the levels `on` set `who` to their own name. */
async function runWith(on: ReadonlySet<string>, hashBehaviour: 'replace' | 'merge' = 'replace') {
  const folder = mkdtempSync(join(root, 'run-'));
  const write = (path: string, level: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (on.has(level)) writeFileSync(join(folder, path), `who: ${level}\n`);
  };
  const set = (level: string) => (on.has(level) ? `who="${level}"` : '');
  mkdirSync(join(folder, 'inventory'), { recursive: true });
  writeFileSync(
    join(folder, 'inventory/hosts'),
    `[web]\nh1 ${set('inventory file or script host vars')}\n[web:vars]\n${on.has('inventory file or script group vars') ? 'who = inventory file or script group vars' : ''}\n`,
  );
  write('inventory/group_vars/all.yml', 'inventory group_vars/all');
  write('inventory/group_vars/web.yml', 'inventory group_vars/*');
  write('inventory/host_vars/h1.yml', 'inventory host_vars/*');
  write('play/group_vars/all.yml', 'playbook group_vars/all');
  write('play/group_vars/web.yml', 'playbook group_vars/*');
  write('play/host_vars/h1.yml', 'playbook host_vars/*');
  write('play/vars/extra.yml', 'play vars_files');
  const inventory = await loadInventory([join(folder, 'inventory/hosts')], { warn: () => undefined });
  const role: Role = makeRole('r', {
    defaults: layer('role defaults', on.has('role defaults')),
    vars: layer('role vars', on.has('role vars')),
    params: new Dict(on.has('role (and include_role) params') ? [['who', 'role (and include_role) params']] : []),
  });
  const task: Task = makeTask({
    role,
    vars: ['block vars', 'task vars', 'include params'].map((level) => layer(level, on.has(level))),
  });
  const play: Play = makePlay({
    vars: layer('play vars', on.has('play vars')),
    varsFiles: on.has('play vars_files')
      ? [{ value: 'extra.yml', origin: { file: 'play.yml', line: 4, column: 5 } }]
      : [],
    playbookDir: join(folder, 'play'),
  });
  const variables = new Variables({
    inventory,
    extraVars: [layer('extra vars', on.has('extra vars'))],
    options: { check: false, diff: false, forks: 5, verbosity: 0 },
    render: (value: Value) => value,
    readVarsFile: (path) => readVarsFile(path, 'play vars_files', {}),
    hashBehaviour,
  });
  const state = variables.hostState('h1');
  if (on.has('host facts / cached set_facts')) state.setFacts(new Dict([['who', 'host facts / cached set_facts']]));
  if (on.has('play vars_prompt'))
    variables.forPlay(play, { hosts: ['h1'] }).promptVars(new Dict([['who', 'play vars_prompt']]));
  if (on.has('include_vars')) state.includeVars(new Dict([['who', 'include_vars']]));
  if (on.has('set_facts / registered vars')) state.setFact('who', 'set_facts / registered vars', false);
  return { variables, play, task, role };
}

describe('precedence', () => {
  const cases = VARIABLE_LEVELS.map((level, index) => ({
    level,
    number: index + 2,
    on: new Set<string>(VARIABLE_LEVELS.slice(0, index + 1)),
  }));
  it.each(cases)('$number $level wins over all below it', async ({ level, on }) => {
    const { variables, play, task } = await runWith(on);
    expect(variables.scope({ host: 'h1', play, task }).lookup('who')).toBe(level);
  });
  it.each(cases)('$number $level alone is seen', async ({ level }) => {
    const { variables, play, task } = await runWith(new Set([level]));
    expect(variables.scope({ host: 'h1', play, task }).lookup('who')).toBe(level);
  });
  it('loop variables win over extra vars, magic variables over both where they are theirs', async () => {
    const { variables, play, task } = await runWith(new Set(VARIABLE_LEVELS));
    const scope = variables.scope({ host: 'h1', play, task, extra: new Map([['who', 'loop']]) });
    expect(scope.lookup('who')).toBe('loop');
  });

  let all: Awaited<ReturnType<typeof runWith>>;
  beforeAll(async () => {
    all = await runWith(new Set(VARIABLE_LEVELS));
  });
  it('explains every level with its place, weakest first', () => {
    const { variables, play, task } = all;
    const settings = variables.explain('who', { host: 'h1', play, task });
    expect(settings.map(({ number, level, winner }) => ({ number, level, winner }))).toEqual(
      VARIABLE_LEVELS.map((level, index) => ({ number: index + 2, level, winner: level === 'extra vars' })),
    );
    const at = (level: string) => settings.find((setting) => setting.level === level)?.origin;
    expect(at('play vars')).toEqual({ file: 'play vars.yml', line: 3, column: 1 });
    expect(at('inventory file or script host vars')).toMatchObject({ line: 2, column: 1 });
    expect(at('playbook host_vars/*')).toMatchObject({ line: 1 });
  });
  it('explains nothing for a name that nobody sets', () => {
    expect(all.variables.explain('nobody', { host: 'h1', play: all.play, task: all.task })).toEqual([]);
  });
});

describe('hash_behaviour merge', () => {
  it('joins dictionaries of all levels and replaces the rest', async () => {
    const { variables, play } = await runWith(new Set(), 'merge');
    const state = variables.hostState('h1');
    state.setFacts(
      new Dict([
        [
          'd',
          new Dict([
            ['a', 1],
            ['b', new Dict([['c', 1]])],
          ]),
        ],
        ['l', [1]],
      ]),
    );
    state.setFact('d', new Dict([['b', new Dict([['e', 2]])]]), false);
    state.setFact('l', [2], false);
    const scope = variables.scope({ host: 'h1', play });
    expect(scope.lookup('d')).toEqual(
      new Dict([
        ['a', 1],
        [
          'b',
          new Dict([
            ['c', 1],
            ['e', 2],
          ]),
        ],
      ]),
    );
    expect(scope.lookup('l')).toEqual([2]);
  });
});
