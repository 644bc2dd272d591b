// sudoers in a folder of this machine, with a visudo of shell script.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseVerdict, sudoers } from '../../src/modules/sudoers.ts';
import { testShells, type TestShell } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';
import { absent, folder as directory } from './states.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-sudoers-'));
const bin = join(folder, 'bin');
const rules = join(folder, 'rules');
const file = join(rules, 'ops');
const { shells, close } = testShells();
const [sh] = shells;
if (sh === undefined) throw new Error('this machine has no shell');
const shell: TestShell = {
  name: 'with a visudo',
  run: (script) => sh.run(script, { env: { PATH: `${bin}:/usr/bin:/bin` } }),
};
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const keep = (written: Record<string, unknown>, options = {}) =>
  run(shell, sudoers, { name: 'ops', sudoers_path: rules, ...written }, options);
beforeEach(() => {
  for (const path of [bin, rules]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
  }
  writeFileSync(
    join(bin, 'visudo'),
    '#!/bin/sh\n[ "$*" = "-c -f -" ] || exit 9\nif grep -q wrong; then echo "stdin:1: syntax error"; exit 1; fi; echo "stdin: parsed OK"\n',
  );
  chmodSync(join(bin, 'visudo'), 0o755);
});
const mode = (): string => (statSync(file).mode & 0o7777).toString(8);

describe('sudoers', () => {
  it('writes a rule, once', () => {
    const rule = { user: "o'ps", commands: ['/bin/a b', '/bin/c'] };
    expect(keep(rule, { check: true }).changed).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(keep(rule)).toMatchObject({ changed: true, astray: [] });
    expect([readFileSync(file, 'utf8'), mode()]).toEqual(["o'ps ALL=NOPASSWD: /bin/a b, /bin/c\n", '440']);
    expect(keep(rule).changed).toBe(false);
    chmodSync(file, 0o644);
    expect(keep(rule)).toMatchObject({ changed: true, astray: [] });
    expect(mode()).toBe('440');
  });
  it('says all that a rule may say', () => {
    keep({
      group: 'wheel',
      commands: 'ALL',
      host: 'web',
      runas: 'www:www',
      noexec: true,
      nopassword: false,
      setenv: true,
    });
    expect(readFileSync(file, 'utf8')).toBe('%wheel web=(www:www)NOEXEC:SETENV: ALL\n');
  });
  it('removes it, once', () => {
    writeFileSync(file, 'x');
    expect(keep({ state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(existsSync(file)).toBe(false);
    expect(keep({ state: 'absent' }).changed).toBe(false);
  });
  it('writes nothing that visudo refuses', () => {
    const rule = { user: 'wrong', commands: 'ALL' };
    expect(keep(rule).failed).toBe('Failed to validate sudoers rule:\nstdin:1: syntax error\n');
    expect(existsSync(file)).toBe(false);
    expect(keep({ ...rule, validation: 'absent' }).changed).toBe(true);
  });
  it('goes without visudo unless it is required', () => {
    const verdict = parseVerdict({ rc: 0, stdout: Buffer.from('@@missing\n'), stderr: Buffer.alloc(0) });
    const observed = { at: absent, parent: directory, verdict };
    const plan = (validation: string) =>
      sudoers.plan(
        parseArgs(sudoers, { name: 'ops', user: 'a', commands: 'ALL', validation }) as never,
        observed,
        basics,
      );
    expect(plan('required')).toEqual({ failed: 'Failed to find required executable "visudo" in paths' });
    expect(plan('detect')).toMatchObject({ after: { at: { kind: 'file', mode: '0440' } } });
  });
  it.each([
    [{ user: 'a', group: 'b', commands: 'ALL' }, 'parameters are mutually exclusive: user|group'],
    [{ user: 'a' }, 'state is present but all of the following are missing: commands'],
    [{ commands: 'ALL' }, 'one of the following is required: user, group'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(sudoers, { name: 'ops', ...written })).toThrow(message);
  });
});
