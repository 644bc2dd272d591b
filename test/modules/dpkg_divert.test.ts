// dpkg_divert, with dpkg's own program on a database of the test's where the machine has it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step, StepResult } from '../../src/core/step.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import { dpkg_divert } from '../../src/modules/dpkg_divert.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-divert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  for (const below of ['dpkg/info', 'dpkg/updates', 'etc']) {
    rmSync(join(folder, below), { recursive: true, force: true });
    mkdirSync(join(folder, below), { recursive: true });
  }
  rmSync(join(folder, 'dpkg/diversions'), { force: true });
  for (const name of ['status', 'available']) writeFileSync(join(folder, 'dpkg', name), '');
  writeFileSync(join(folder, 'etc/conf'), 'of the package\n');
});
const file = join(folder, 'etc/conf');
const sh = (script: string): string =>
  execFileSync('/bin/sh', ['-c', script], {
    env: { ...process.env, DPKG_ADMINDIR: join(folder, 'dpkg') },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();

/** One run by real shell text; `commands` as the result tells them. */
function run(more: Record<string, unknown>): { changed: boolean; result: Record<string, unknown>; failed?: string } {
  const args = parseArgs(dpkg_divert, { path: file, ...more }) as never;
  const { diversion: probe } = dpkg_divert.probe(args, basics);
  const observed = (): never =>
    ({
      diversion: probe.family.parse?.(
        { rc: 0, stdout: Buffer.from(sh(String(probe.query))), stderr: Buffer.alloc(0) },
        [probe.query],
      )[0],
    }) as never;
  const before = observed() as { diversion: never };
  const plan = dpkg_divert.plan(args, before, basics);
  if (!('after' in plan) || plan.after === undefined)
    return { changed: false, result: {}, failed: ('failed' in plan ? plan.failed : '') ?? '' };
  const change = { before, after: { ...before, ...plan.after }, effects: [] };
  const steps = dpkg_divert.apply(args, change, basics);
  const done = steps.map((step: Step): StepResult => ({
    step,
    rc: 0,
    stdout: sh(stepScript(step) ?? ''),
    stderr: '',
    start: 0,
    end: 0,
  }));
  // Done, it is as planned, and there is nothing more to do.
  expect(dpkg_divert.plan(args, observed(), basics)).toEqual({ after: {} });
  return { changed: steps.length > 0, result: dpkg_divert.result?.(args, change, done, basics) ?? {} };
}

describe.skipIf(!existsSync('/usr/bin/dpkg-divert'))('dpkg_divert', () => {
  it('diverts a file once, and takes the diversion away', () => {
    expect(run({})).toMatchObject({
      changed: true,
      result: {
        diversion: { path: file, state: 'present', holder: 'LOCAL', divert: `${file}.distrib` },
        commands: [`dpkg-divert --no-rename --local --divert ${file}.distrib --add ${file}`],
      },
    });
    expect(run({}).changed).toBe(false);
    expect(existsSync(`${file}.distrib`)).toBe(false);
    expect(run({ state: 'absent' })).toMatchObject({
      changed: true,
      result: { diversion: { state: 'absent', divert: null, holder: null } },
    });
    expect(run({ state: 'absent' }).changed).toBe(false);
  });
  it('moves the file aside and back where it is to, over what is in the way only with force', () => {
    writeFileSync(`${file}.distrib`, 'in the way\n');
    expect(run({ rename: true }).failed).toContain("Set 'force'");
    expect(run({ rename: true, force: true }).changed).toBe(true);
    expect(readFileSync(`${file}.distrib`, 'utf8')).toBe('of the package\n');
    writeFileSync(file, 'of the site\n');
    expect(run({ state: 'absent', rename: true }).failed).toContain("Set 'force'");
    run({ state: 'absent', rename: true, force: true });
    expect(readFileSync(file, 'utf8')).toBe('of the package\n');
  });
  it('gives a diversion to another holder and place, and takes the file along', () => {
    run({ rename: true });
    expect(run({ holder: 'branding', divert: `${file}.old` })).toMatchObject({
      changed: true,
      result: { diversion: { holder: 'branding', divert: `${file}.old` } },
    });
    expect([existsSync(`${file}.distrib`), readFileSync(`${file}.old`, 'utf8')]).toEqual([false, 'of the package\n']);
  });
  it('refuses a path that is not absolute, and fails without dpkg', () => {
    expect(() => parseArgs(dpkg_divert, { path: 'etc/x' })).toThrow('path must be absolute');
    const args = parseArgs(dpkg_divert, { path: file }) as never;
    expect(
      dpkg_divert.plan(
        args,
        { diversion: { kind: 'missing', holder: '', divert: '', info: { path: false, target: false, divert: false } } },
        basics,
      ),
    ).toMatchObject({ failed: expect.stringContaining('dpkg-divert') as string });
  });
});
