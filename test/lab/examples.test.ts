// Every module's own example on a real host without Python: foretold by a dry run, done, and then found to be done. On u3 of the lab.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { MODULES } from '../../src/modules/registry.ts';

const root = new URL('../..', import.meta.url).pathname;
const lab = join(root, 'test/lab/lab');
const host = 'u3';
const HOUR = 3_600_000;
/** Set by test/all on a machine that cannot boot the hosts. */
const without = process.env['VBX_WITHOUT_LAB'] !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'vbx-examples-'));

/** Modules whose example cannot say anything on a Debian host without a way out, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'ansible.builtin.dnf': 'a Red Hat host',
  'ansible.builtin.rpm_key': 'a Red Hat host',
  'ansible.builtin.git': 'git, which the host has not',
  'ansible.posix.acl': 'the acl tools, which the host has not',
  'ansible.posix.firewalld': 'firewalld',
  'ansible.posix.seboolean': 'SELinux',
  'ansible.posix.selinux': 'SELinux',
  'ansible.builtin.apt_key': 'apt-key, which Debian 13 has no more',
  'ansible.builtin.pip': 'Python on the host',
  'ansible.builtin.reboot': 'a host that may go down (the site\'s test reboots one)',
  'ansible.builtin.sysvinit': 'an init of its own',
  'ansible.builtin.iptables': 'a kernel with the nat tables of today',
  'community.docker.docker_login': 'a registry',
  'community.general.alternatives': 'an alternative to choose',
  'community.general.apk': 'Alpine',
  'community.general.capabilities': 'libcap\'s tools',
  'community.general.locale_gen': 'the locales package',
  'community.general.pacman': 'Arch',
  'community.general.xattr': 'the attr tools, which the host has not',
  'community.general.zypper': 'SUSE',
};
type Task = Record<string, unknown>;
interface Outcome {
  readonly kind: string;
  readonly result: Record<string, unknown>;
}

function run(words: readonly string[]): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(lab, words, { cwd: root, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, LAB_TIMEOUT: '1800', VBX_STATE_DIR: join(folder, 'state') } }, (error, stdout, stderr) => resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }));
  });
}

const tried = (await Promise.all(Object.entries(MODULES).map(async ([name, load]) => ({ name, module: await load() })))).filter(({ name, module }) => module.kind !== 'control' && ELSEWHERE[name] === undefined);

/** The name of the host's own package of the lab's repository. */
const local = (text: string): string => text.replaceAll('name: hello\n', 'name: vbx-hello\n');

/** One block a module: what it needs, its example, and its example again; a failure ends its block alone. */
function playbook(): Task[] {
  return tried.map(({ name, module }) => {
    const setup = module.exampleSetup === undefined ? [] : (parse(module.exampleSetup) as Task[]);
    const [example = {}] = parse(local(module.example)) as Task[];
    return { block: [...setup, { ...example, name: `example ${name}` }, { ...example, name: `again ${name}` }], rescue: [{ 'ansible.builtin.debug': { msg: name } }] };
  });
}

async function play(...options: string[]): Promise<{ readonly exit: number; readonly outcomes: Map<string, Outcome>; readonly text: string }> {
  const ran = await run(['exec', process.execPath, join(root, 'src/main.ts'), 'play', join(folder, 'play.yml'), '-i', join(folder, 'hosts.yml'), '-o', 'json', ...options]);
  const events = ran.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  const names = new Map(events.filter((event) => event['kind'] === 'task-start').map((event) => [(event['task'] as { id: string }).id, (event['task'] as { name: string }).name]));
  const outcomes = new Map(events.filter((event) => event['kind'] === 'host-end').map((event) => [names.get(String(event['task'])) ?? '', event['outcome'] as Outcome]));
  return { exit: ran.status, outcomes, text: ran.stderr };
}
const told = (outcome: Outcome | undefined): string => (outcome === undefined ? 'was not reached' : `${outcome.kind}: ${JSON.stringify(outcome.result).slice(0, 600)}`);

let foretold: Map<string, Outcome>;
let done: Map<string, Outcome>;
beforeAll(async () => {
  if (without) return;
  for (const words of [['wipe', host], ['up', host]]) {
    const ran = await run(words);
    if (ran.status !== 0) throw new Error(ran.stderr);
  }
  writeFileSync(join(folder, 'hosts.yml'), (await run(['inventory'])).stdout);
  for (const below of ['files/vbx-image', 'templates']) mkdirSync(join(folder, below), { recursive: true });
  writeFileSync(join(folder, 'templates/greeting.j2'), 'Hello from {{ inventory_hostname }}\n');
  writeFileSync(join(folder, 'files/vbx-image/Dockerfile'), 'ARG BASE\nFROM $BASE\nENV GREETING=hello\n');
  writeFileSync(join(folder, 'files/hello.sh'), '#!/bin/sh\necho "hello $1"\n');
  writeFileSync(join(folder, 'play.yml'), stringify([{ hosts: host, gather_facts: true, become: true, tasks: playbook() }]));
  const dry = await play('--check', '--diff');
  if (dry.outcomes.size === 0) throw new Error(`the dry run gave nothing: ${dry.text}`);
  foretold = dry.outcomes;
  const real = await play();
  if (real.outcomes.size === 0) throw new Error(`the run gave nothing: ${real.text}`);
  done = real.outcomes;
}, HOUR);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  if (!without) await run(['wipe', host]);
}, HOUR);

describe.skipIf(without).each(tried)('$name', ({ name, module }) => {
  it('does not fail in a dry run', () => {
    const outcome = foretold.get(`example ${name}`);
    expect(['ok', 'changed', 'unknown', 'skipped'], told(outcome)).toContain(outcome?.kind);
  });
  it('does what its example says, once', () => {
    const first = done.get(`example ${name}`);
    expect(['ok', 'changed'], told(first)).toContain(first?.kind);
    const again = done.get(`again ${name}`);
    expect(module.kind === 'state' ? ['ok'] : ['ok', 'changed'], told(again)).toContain(again?.kind);
    // What was foretold as done already was nothing to do.
    if (foretold.get(`example ${name}`)?.kind === 'ok' && module.kind === 'state') expect(first?.kind, told(first)).toBe('ok');
  });
});
