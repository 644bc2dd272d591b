import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Inventory, VarsLayer } from '../../../src/core/host.ts';
import { Dict, TemplateText, toPlain, type Value } from '../../../src/core/value.ts';
import { factMayBeVariable } from '../../../src/engine/variables/host-state.ts';
import { Variables, type VariablesOptions } from '../../../src/engine/variables/index.ts';
import { JsonFactCache } from '../../../src/engine/variables/json-fact-cache.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import type { Scope } from '../../../src/template/context.ts';
import { play, role, task } from './structures.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-variables-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Templates of one name: `{{ x }}`. */
function render(value: Value, scope: Scope): Value {
  if (value instanceof TemplateText)
    return render(scope.lookup(/\{\{\s*(\w+)\s*\}\}/.exec(value.source)?.[1] ?? '') ?? null, scope);
  if (Array.isArray(value)) return value.map((item) => render(item, scope));
  if (value instanceof Dict) return new Dict(Array.from(value, ([key, item]) => [key, render(item, scope)] as const));
  return value;
}
async function make(
  text: string,
  given: Partial<VariablesOptions> = {},
): Promise<{ variables: Variables; inventory: Inventory }> {
  const file = join(mkdtempSync(join(root, 'inventory-')), 'hosts');
  writeFileSync(file, text);
  const inventory = await loadInventory([file], { warn: () => undefined });
  return {
    inventory,
    variables: new Variables({
      inventory,
      options: { check: true, diff: false, forks: 7, verbosity: 2, limit: 'web' },
      render,
      readVarsFile: () => undefined,
      ...given,
    }),
  };
}
const layer = (level: string, vars: Record<string, Value>): VarsLayer => ({
  level,
  vars: new Dict(Object.entries(vars)),
});
const HOSTS = '[web]\nw1.example.org x={{y}} y=of-w1\nw2 x={{y}} y=of-w2\n[db]\n10.0.0.1\n[prod:children]\nweb\n';

describe('magic variables', () => {
  it('tell of the host', async () => {
    const { variables } = await make(HOSTS);
    const look = (host: string, name: string) => variables.scope({ host }).lookup(name);
    expect(look('w1.example.org', 'inventory_hostname')).toBe('w1.example.org');
    expect(look('w1.example.org', 'inventory_hostname_short')).toBe('w1');
    expect(look('10.0.0.1', 'inventory_hostname_short')).toBe('10.0.0.1');
    expect(look('w1.example.org', 'group_names')).toEqual(['prod', 'web']);
    expect(look('localhost', 'group_names')).toEqual([]);
    expect(look('localhost', 'ansible_connection')).toBe('local');
    expect(look('localhost', 'inventory_dir')).toBeUndefined();
    expect(look('w2', 'inventory_file')).toMatch(/hosts$/);
  });
  it('tell of the run', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2' });
    expect(scope.lookup('ansible_check_mode')).toBe(true);
    expect(scope.lookup('ansible_forks')).toBe(7);
    expect(scope.lookup('ansible_limit')).toBe('web');
    expect(scope.lookup('ansible_run_tags')).toEqual(['all']);
    expect(toPlain(scope.lookup('ansible_version') ?? null)).toMatchObject({ major: 2, minor: 19 });
    expect(toPlain(scope.lookup('groups') ?? null)).toEqual({
      all: ['10.0.0.1', 'w1.example.org', 'w2'],
      ungrouped: [],
      web: ['w1.example.org', 'w2'],
      db: ['10.0.0.1'],
      prod: ['w1.example.org', 'w2'],
    });
  });
  it('tell of the play, less hosts that failed', async () => {
    const { variables } = await make(HOSTS);
    const one = play({ name: 'Web' });
    const run = variables.forPlay(one, { hosts: ['w1.example.org', 'w2', '10.0.0.1'] });
    run.batch = ['w1.example.org', 'w2'];
    run.removed.add('w2');
    const scope = variables.scope({ host: 'w2', play: one });
    expect(scope.lookup('ansible_play_hosts_all')).toEqual(['w1.example.org', 'w2', '10.0.0.1']);
    expect(scope.lookup('ansible_play_hosts')).toEqual(['w1.example.org', '10.0.0.1']);
    expect(scope.lookup('ansible_play_batch')).toEqual(['w1.example.org']);
    expect(scope.lookup('play_hosts')).toEqual(['w1.example.org']);
    expect(scope.lookup('ansible_play_name')).toBe('Web');
  });
  it('tell of roles', async () => {
    const { variables } = await make(HOSTS);
    const base = role('base');
    const app = role('app', { public: true, dependencies: [base] });
    const inner = role('ns.col.inner', { fqcn: 'ns.col.inner', collection: 'ns.col', parents: [base, app] });
    const one = play({ roles: [{ kind: 'role', role: app, nodes: [] }] });
    const scope = variables.scope({ host: 'w2', play: one, task: task({ role: inner }) });
    expect(scope.lookup('ansible_play_role_names')).toEqual(['app']);
    expect(scope.lookup('ansible_dependent_role_names')).toEqual(['base']);
    expect(scope.lookup('ansible_role_names')).toEqual(['base', 'app']);
    expect(scope.lookup('role_name')).toBe('inner');
    expect(scope.lookup('ansible_role_name')).toBe('ns.col.inner');
    expect(scope.lookup('role_path')).toBe('/play/roles/ns.col.inner');
    expect(scope.lookup('ansible_collection_name')).toBe('ns.col');
    expect(scope.lookup('ansible_parent_role_names')).toEqual(['app', 'base']);
  });
  it('are not there where they mean nothing', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2' });
    for (const name of [
      'role_name',
      'ansible_play_name',
      'ansible_play_hosts',
      'environment',
      'ansible_delegated_vars',
    ])
      expect(scope.lookup(name)).toBeUndefined();
    expect([...scope.names()]).not.toContain('role_name');
  });
});

describe('hostvars', () => {
  it('render the values of a host with that host variables', async () => {
    const { variables } = await make(HOSTS);
    const hostvars = variables.scope({ host: 'w2' }).lookup('hostvars');
    if (!(hostvars instanceof Dict)) throw new Error('no dict');
    const w1 = hostvars.get('w1.example.org');
    if (!(w1 instanceof Dict)) throw new Error('no dict');
    expect(w1.get('x')).toBe('of-w1');
    expect(w1.has('y')).toBe(true);
    expect(w1.get('nothing')).toBeUndefined();
    expect([...hostvars.keys()]).toEqual(['w1.example.org', 'w2', '10.0.0.1']);
    expect(hostvars.has('nobody')).toBe(false);
    expect(hostvars.has('localhost')).toBe(true);
  });
  it('show what a run learns, and set nothing', async () => {
    const { variables } = await make(HOSTS);
    const hostvars = variables.scope({ host: 'w2' }).lookup('hostvars');
    if (!(hostvars instanceof Dict)) throw new Error('no dict');
    variables.hostState('w1.example.org').register('result', new Dict([['rc', 3]]));
    const w1 = hostvars.get('w1.example.org');
    expect(w1 instanceof Dict ? toPlain(w1.get('result') ?? null) : undefined).toEqual({ rc: 3 });
    expect(() => hostvars.set('w3', 1)).toThrow(/cannot be changed/);
  });
  it('hold the variables of a delegate', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2', play: play(), delegate: 'w1.example.org' });
    const delegated = scope.lookup('ansible_delegated_vars');
    const w1 = delegated instanceof Dict ? delegated.get('w1.example.org') : undefined;
    expect(w1 instanceof Dict ? w1.get('x') : undefined).toBe('of-w1');
    expect(scope.lookup('y')).toBe('of-w2');
  });
});

describe('facts', () => {
  it('are in ansible_facts without prefix and, unless switched off, variables', async () => {
    const facts = new Dict([
      ['ansible_os_family', 'Debian'],
      ['ansible_local', new Dict()],
      ['services', new Dict()],
      ['ansible_user', 'evil'],
      ['ansible_ssh_host_key_rsa_public', 'AAA'],
      ['ansible_python_interpreter', '/x'],
    ] satisfies [Value, Value][]);
    const on = (await make(HOSTS)).variables;
    on.hostState('w2').setFacts(facts, true);
    const scope = on.scope({ host: 'w2' });
    expect(toPlain(scope.lookup('ansible_facts') ?? null)).toEqual({
      os_family: 'Debian',
      ansible_local: {},
      services: {},
      user: 'evil',
      ssh_host_key_rsa_public: 'AAA',
      python_interpreter: '/x',
      _ansible_facts_gathered: true,
    });
    expect(scope.lookup('ansible_os_family')).toBe('Debian');
    expect(scope.lookup('ansible_user')).toBeUndefined();
    expect(scope.lookup('ansible_python_interpreter')).toBeUndefined();
    expect(scope.untrusted('ansible_os_family')).toBe(true);
    expect(on.hostState('w2').gathered).toBe(true);
    const off = (await make(HOSTS, { injectFacts: false })).variables;
    off.hostState('w2').setFacts(facts);
    expect(off.scope({ host: 'w2' }).lookup('ansible_os_family')).toBeUndefined();
    expect(off.scope({ host: 'w2' }).lookup('ansible_local')).toEqual(new Dict());
    expect(toPlain(off.scope({ host: 'w2' }).lookup('ansible_facts') ?? null)).toMatchObject({ os_family: 'Debian' });
  });
  it('are empty for a host that was not asked', async () => {
    const { variables } = await make(HOSTS);
    expect(variables.scope({ host: 'w2' }).lookup('ansible_facts')).toEqual(new Dict());
    expect(variables.hostState('w2').gathered).toBe(false);
  });
  it.each([
    ['ansible_distribution', true],
    ['ansible_docker_gwbridge', true],
    ['ansible_docker_extra_args', false],
    ['ansible_become_pass', false],
    ['ansible_ssh_common_args', false],
    ['ansible_host', false],
    ['ansible_facts', false],
    ['packages', true],
  ])('%s may be a variable: %s', (name, may) => {
    expect(factMayBeVariable(name)).toBe(may);
  });
  it('outlive a run in a cache until they are too old', async () => {
    let now = Date.now();
    const cache = new JsonFactCache({ folder: join(root, 'facts'), timeout: 60, now: () => now });
    const first = (await make(HOSTS, { factCache: cache })).variables;
    first.hostState('w2').setFacts(new Dict([['ansible_kernel', '6.1']]), true);
    first.hostState('w2').setFact('kept', 1, true);
    first.hostState('w2').setFact('lost', 1, false);
    const again = (await make(HOSTS, { factCache: cache })).variables;
    const look = (name: string) => again.scope({ host: 'w2' }).lookup(name);
    expect([look('ansible_kernel'), look('kept'), look('lost')]).toEqual(['6.1', 1, undefined]);
    expect(again.hostState('w2').gathered).toBe(true);
    now += 120_000;
    expect((await make(HOSTS, { factCache: cache })).variables.hostState('w2').gathered).toBe(false);
    again.hostState('w2').clearFacts();
    expect(cache.get('w2')).toBeUndefined();
  });
});

describe('roles', () => {
  const dep = role('dep', {
    defaults: layer('role defaults', { a: 'dep', b: 'dep' }),
    vars: layer('role vars', { v: 'dep' }),
  });
  const app = role('app', {
    public: true,
    dependencies: [dep],
    defaults: layer('role defaults', { a: 'app' }),
    vars: layer('role vars', { w: 'app' }),
  });
  const hidden = role('hidden', {
    defaults: layer('role defaults', { a: 'hidden', h: 'hidden' }),
    vars: layer('role vars', { w: 'hidden' }),
    params: new Dict([['p', 'param']]),
  });
  const one = play({ roles: [{ kind: 'role', role: app, nodes: [] }], tasks: [task({ role: hidden })] });
  it('show defaults and vars of public roles and their dependencies to the whole play', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2', play: one });
    expect(['a', 'b', 'v', 'w', 'h'].map((name) => scope.lookup(name))).toEqual([
      'app',
      'dep',
      'dep',
      'app',
      undefined,
    ]);
  });
  it('keep them to themselves with private_role_vars', async () => {
    const { variables } = await make(HOSTS, { privateRoleVars: true });
    expect(variables.scope({ host: 'w2', play: one }).lookup('a')).toBeUndefined();
    expect(variables.scope({ host: 'w2', play: one, task: task({ role: app }) }).lookup('b')).toBe('dep');
  });
  it('see their own defaults above those of others', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2', play: one, task: task({ role: hidden }) });
    expect(['a', 'b', 'w', 'p'].map((name) => scope.lookup(name))).toEqual(['hidden', 'dep', 'hidden', 'param']);
  });
  it('become public in mid-play', async () => {
    const { variables } = await make(HOSTS);
    variables.addPublicRole(one, hidden);
    const scope = variables.scope({ host: 'w2', play: one });
    expect(['a', 'w', 'h', 'p'].map((name) => scope.lookup(name))).toEqual(['hidden', 'hidden', 'hidden', undefined]);
  });
  it('see the variables of the roles that led to them', async () => {
    const { variables } = await make(HOSTS);
    const parent = role('parent', {
      defaults: layer('role defaults', { d: 'parent' }),
      vars: layer('role vars', { e: 'parent' }),
      params: new Dict([['f', 'parent']]),
    });
    const child = role('child', { parents: [parent] });
    const scope = variables.scope({ host: 'w2', play: play(), task: task({ role: child }) });
    expect(['d', 'e', 'f'].map((name) => scope.lookup(name))).toEqual(['parent', 'parent', 'parent']);
  });
});

describe('vars_files', () => {
  const file = (value: Value) => ({ value, origin: { file: 'play.yml', line: 2, column: 3 } });
  const files: Record<string, VarsLayer[]> = {
    '/play/vars/a.yml': [layer('x', { n: 1 })],
    '/play/b.yml': [layer('x', { n: 2 })],
    '/play/vars/of-w2.yml': [layer('x', { n: 3 })],
  };
  const readVarsFile = (path: string) => files[path];
  it('take the first file of a list that exists, in vars/ or beside the playbook', async () => {
    const warnings: string[] = [];
    const { variables } = await make(HOSTS, { readVarsFile, warn: (message) => warnings.push(message) });
    const look = (value: Value) =>
      variables.scope({ host: 'w2', play: play({ varsFiles: [file(value)] }) }).lookup('n');
    expect(look('a.yml')).toBe(1);
    expect(look('b.yml')).toBe(2);
    expect(look(['none.yml', 'b.yml'])).toBe(2);
    expect(look(['none.yml', 'nope.yml'])).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/none.yml, nope.yml was not found in \/play\/vars or \/play/)]);
  });
  it('may be named by variables of the host', async () => {
    const { variables } = await make(
      `${HOSTS}w2 f=of-w2.yml\n`.replace('[prod', '[other]\nw2 f=of-w2.yml\n[prod').replace(/w2 f=of-w2.yml\n$/, ''),
      { readVarsFile },
    );
    const scope = variables.scope({ host: 'w2', play: play({ varsFiles: [file(new TemplateText('{{ f }}'))] }) });
    expect(scope.lookup('n')).toBe(3);
  });
});

describe('a scope', () => {
  it('is live', async () => {
    const { variables } = await make(HOSTS);
    const scope = variables.scope({ host: 'w2' });
    expect(scope.lookup('later')).toBeUndefined();
    variables.hostState('w2').setFact('later', 1, false);
    expect(scope.lookup('later')).toBe(1);
    variables.hostState('w2').register('later', 2);
    expect(scope.lookup('later')).toBe(2);
    expect(scope.untrusted('later')).toBe(true);
    expect([...scope.names()]).toContain('later');
  });
  it('follows hosts that change their groups', async () => {
    const { variables, inventory } = await make(`${HOSTS}[extra]\n[extra:vars]\ng=1\n`);
    expect(variables.scope({ host: 'w2' }).lookup('g')).toBeUndefined();
    inventory.addToGroup('w2', 'extra', []);
    expect(variables.scope({ host: 'w2' }).lookup('g')).toBe(1);
    inventory.addHost('new1', ['extra'], new Dict([['mine', 2]]));
    expect(['g', 'mine', 'inventory_file'].map((name) => variables.scope({ host: 'new1' }).lookup(name))).toEqual([
      1,
      2,
      null,
    ]);
  });
  it('costs memory and time by what it holds, not by the number of hosts', async () => {
    const { variables } = await make(`[all:vars]\nshared=1\n[web]\nw[1:20000]\n`);
    let found = 0;
    for (let host = 1; host <= 20_000; host++)
      if (variables.scope({ host: `w${host}` }).lookup('shared') === 1) found++;
    expect(found).toBe(20_000);
  });
});
