// npm: what it reads of npm's list and what it runs.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stepScript } from '../../src/engine/step-script.ts';
import { npm, parsePackages } from '../../src/modules/npm.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-npm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = (list: unknown, outdated = '') =>
  parsePackages({
    rc: 0,
    stdout: Buffer.from(`${typeof list === 'string' ? list : JSON.stringify(list)}\n@@outdated\n${outdated}`),
    stderr: Buffer.alloc(0),
  });
/** The commands for a wish, or what it fails of; planned upon what it planned, the state is reached. */
function commands(written: Record<string, unknown>, packages: ReturnType<typeof told>): string[] | string {
  const args = parseArgs(npm, written) as never;
  const plan = npm.plan(args, { packages }, basics);
  if (!('after' in plan) || plan.after === undefined) return ('failed' in plan ? plan.failed : undefined) ?? '';
  const after = { packages, ...plan.after };
  expect(npm.plan(args, after, basics)).toMatchObject({ after: {} });
  return npm
    .apply(args, { before: { packages }, after, effects: plan.effects ?? [] }, basics)
    .map((step) => (step.kind === 'script' ? step.script.slice(step.script.lastIndexOf('\n') + 1) : step.kind));
}
const some = { dependencies: { forever: { version: '4.0.3' }, mocha: { version: '10.0.0' } } };

describe('npm', () => {
  it.each<[string, Record<string, unknown>, ReturnType<typeof told>, string[]]>([
    ['installs what is not there', { name: 'left-pad', path: '/a' }, told(some), ['npm install left-pad']],
    ['leaves what is there', { name: 'forever', path: '/a' }, told(some), []],
    [
      'installs another version',
      { name: 'forever', version: '4.0.4', global: true, registry: 'http://r' },
      told(some),
      ['npm install --global forever@4.0.4 --registry http://r'],
    ],
    ['leaves the version that is there', { name: 'forever', version: '4.0.3', global: true }, told(some), []],
    [
      'installs into an empty folder',
      {
        path: '/a',
        production: true,
        ignore_scripts: true,
        no_optional: true,
        no_bin_links: true,
        force: true,
        unsafe_perm: true,
      },
      told(''),
      ['npm install --production --ignore-scripts --unsafe-perm --no-optional --no-bin-links --force'],
    ],
    ['leaves a folder that is complete', { path: '/a' }, told(some), []],
    [
      'mends a folder where something is missing',
      { path: '/a' },
      told({ dependencies: { ...some.dependencies, x: { missing: true, required: '1' } } }),
      ['npm install'],
    ],
    [
      'mends one where something is invalid',
      { name: 'forever', path: '/a' },
      told({ dependencies: { ...some.dependencies, x: { invalid: '"1" from the root project' } } }),
      ['npm install forever'],
    ],
    ['updates', { path: '/a', state: 'latest' }, told(some, 'Package Current\nmocha 10.0.0\n'), ['npm update']],
    ['has nothing to update', { path: '/a', state: 'latest' }, told(some), []],
    [
      'removes',
      { name: 'mocha', version: '1', path: '/a', state: 'absent', executable: '/opt/npm --quiet' },
      told(some),
      ['/opt/npm --quiet uninstall mocha'],
    ],
    ['has nothing to remove', { name: 'x', path: '/a', state: 'absent' }, told(some), []],
    [
      'installs by the lock file each time',
      { path: '/a', ci: true, production: true },
      told(some),
      ['npm ci --production'],
    ],
  ])('%s', (_, written, packages, expected) => {
    expect(commands(written, packages)).toEqual(expected);
  });
  it('fails without npm, or where it says what is no JSON', () => {
    expect(commands({ path: '/a' }, told('@@missing'))).toBe('Failed to find required executable "npm" on the host');
    expect(commands({ path: '/a' }, told('npm ERR!'))).toBe('Failed to parse NPM output');
  });
  it('makes the folder and runs within it', () => {
    const tool = join(folder, 'npm');
    writeFileSync(
      tool,
      `#!/bin/sh\ncase $1 in list) echo '{"dependencies":{"a":{"version":"1"}}}'; exit 1;; *) echo "$PWD $*" >>${join(folder, 'log')};; esac\n`,
    );
    chmodSync(tool, 0o755);
    const args = parseArgs(npm, { name: 'b', path: join(folder, 'new/app'), executable: tool }) as never;
    const { packages: probe } = npm.probe(args, basics);
    const observe = () =>
      probe.family.parse?.(
        { rc: 0, stdout: execFileSync('/bin/sh', ['-c', String(probe.query)]), stderr: Buffer.alloc(0) },
        [probe.query],
      )[0] as ReturnType<typeof told>;
    expect(observe().installed).toEqual({});
    const [step] = npm.apply(
      args,
      { before: { packages: observe() }, after: { packages: told(some) }, effects: [] },
      basics,
    );
    execFileSync('/bin/sh', ['-c', step === undefined ? 'exit 1' : (stepScript(step) ?? '')]);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(`${join(folder, 'new/app')} install b\n`);
    expect(observe().installed).toEqual({ a: '1' });
  });
  it.each<[Record<string, unknown>, string]>([
    [{ name: 'a' }, 'global is False'],
    [{ state: 'absent', path: '/a' }, 'state is absent'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(npm, written)).toThrow(message);
  });
});
