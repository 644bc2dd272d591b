// make and git_config with the programs of this machine, gem with one of shell script.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { gem, parseGem } from '../../src/modules/gem.ts';
import { git_config } from '../../src/modules/git_config.ts';
import { make } from '../../src/modules/make.ts';
import { testShells, type TestShell } from '../probes/shells.ts';
import { act, parseArgs, run } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-building-'));
const { shells, close } = testShells();
const [sh] = shells;
if (sh === undefined) throw new Error('this machine has no shell');
const shell: TestShell = {
  name: 'with programs',
  run: (script) =>
    sh.run(script, { env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder, GEMS: join(folder, 'gems') } }),
};
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const program = (name: string, script: string): void => {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
};

describe('make', () => {
  const chdir = join(folder, "it's app");
  beforeEach(() => {
    rmSync(chdir, { recursive: true, force: true });
    mkdirSync(chdir);
    writeFileSync(
      join(chdir, 'Makefile'),
      'out: \n\t@echo making $(WORD); echo $(WORD) > out\nbroken:\n\t@echo odd >&2; exit 3\n',
    );
  });
  it('makes what is not up to date, once', () => {
    const written = { chdir, target: 'out', params: { WORD: 'well done' }, jobs: 2 };
    const made = act(shell, make, written);
    expect(made.result).toMatchObject({
      changed: true,
      stdout: 'making well done',
      target: 'out',
      targets: null,
      file: null,
      jobs: 2,
      command: "make -j 2 out 'WORD=well done'",
    });
    expect(readFileSync(join(chdir, 'out'), 'utf8')).toBe('well done\n');
    expect(act(shell, make, written)).toMatchObject({ result: { changed: false, stdout: '' }, scripts: [] });
  });
  it('says what went wrong', () => {
    expect(act(shell, make, { chdir, targets: ['broken'] }).result).toMatchObject({
      failed: true,
      rc: 2,
      stderr: expect.stringContaining('odd') as unknown,
    });
    expect(act(shell, make, { chdir: join(folder, 'nowhere') }).result).toMatchObject({
      failed: true,
      msg: expect.stringContaining('is not there') as unknown,
    });
    expect(() => parseArgs(make, { chdir, target: 'a', targets: ['b'] })).toThrow('mutually exclusive');
  });
  it('predicts', () => {
    expect(
      typeof make.dryRun === 'function' && make.dryRun(parseArgs(make, { chdir }) as never, {} as never),
    ).toMatchObject({ changed: true, command: 'make' });
  });
});

describe('git_config', () => {
  const file = join(folder, 'settings');
  const config = (written: Record<string, unknown>) =>
    run(shell, git_config, { scope: 'file', file, name: 'a.b', ...written });
  beforeEach(() => writeFileSync(file, '[x]\n\ty = 1\n'));
  it('sets, changes, adds and unsets, each once', () => {
    expect(config({ value: "it's" })).toMatchObject({ changed: true, astray: [], result: { msg: 'setting changed' } });
    expect(config({ value: "it's" })).toMatchObject({ changed: false, result: { msg: '' } });
    expect(config({ value: 'two\nlines' })).toMatchObject({ changed: true, astray: [] });
    expect(config({ value: 'c', add_mode: 'add' })).toMatchObject({
      changed: true,
      astray: [],
      after: { setting: { values: ['two\nlines', 'c'] } },
    });
    expect(config({ value: 'c', add_mode: 'add' }).changed).toBe(false);
    expect(config({ value: 'c' })).toMatchObject({ changed: true, astray: [] });
    expect(config({ state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(config({ state: 'absent' })).toMatchObject({ changed: false, result: { msg: 'no setting to unset' } });
    expect(readFileSync(file, 'utf8')).toContain('y = 1');
  });
  it('says what git says of a file that is none', () => {
    writeFileSync(file, '[odd\n');
    expect(config({ value: 'c' }).failed).toContain('bad config line 1');
  });
  it.each([
    [{ scope: 'local', value: 'a' }, 'missing: repo'],
    [{ scope: 'file', value: 'a' }, 'missing: file'],
    [{}, 'missing: value'],
    [{ value: '' }, 'a value must be specified'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(git_config, { name: 'a.b', ...written })).toThrow(message);
  });
});

describe('gem', () => {
  const words = (): string[] => readFileSync(join(folder, 'words'), 'utf8').trimEnd().split('\n');
  const gems = (written: Record<string, unknown>, options = {}) =>
    run(shell, gem, { name: 'rake', ...written }, options);
  beforeEach(() => {
    writeFileSync(join(folder, 'gems'), '');
    program(
      'gem',
      `case $1 in
--version) echo 3.3.15;;
list) case "$*" in *--remote*) echo 'rake (13.2.1, 13.0.0 ruby java)';; *) cat "$GEMS";; esac;;
*) echo "$*" > ${join(folder, 'words')}; v=13.2.1; while [ $# -gt 0 ]; do [ "$1" = --version ] && v=$2; [ "$1" = uninstall ] && v=; shift; done; if [ -n "$v" ]; then echo "rake (default: $v)" > "$GEMS"; else : > "$GEMS"; fi;;
esac`,
    );
  });
  it('installs and removes, once', () => {
    expect(gems({}, { check: true })).toMatchObject({ changed: true, result: { name: 'rake', state: 'present' } });
    expect(gems({ repository: 'https://g', user_install: false })).toMatchObject({ changed: true, astray: [] });
    expect(words()).toEqual(['install --norc --source https://g --no-user-install --no-document rake']);
    expect(gems({}).changed).toBe(false);
    expect(gems({ version: '13.2.1' }).changed).toBe(false);
    expect(gems({ version: '12.0' })).toMatchObject({ changed: true, result: { version: '12.0' } });
    expect(gems({ state: 'latest' })).toMatchObject({ changed: true, result: { version: '13.2.1' } });
    expect(gems({ state: 'latest' }).changed).toBe(false);
    gems({ version: '12.0', force: true, build_flags: '--with-x' });
    expect(words()).toEqual(['install --norc --version 12.0 --user-install --no-document --force rake -- --with-x']);
    expect(gems({ state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(words()).toEqual(['uninstall --norc --all --executable rake']);
    expect(gems({ state: 'absent' }).changed).toBe(false);
  });
  it('fails where gem cannot list', () => {
    program('gem', 'case $1 in --version) echo 3.3.15;; *) echo partly; echo no such option >&2; exit 2;; esac');
    expect(gems({}).failed).toBe('no such option');
    expect(gems({ state: 'absent' }).failed).toBe('no such option');
    program('gem', 'echo broken ruby >&2; exit 3');
    expect(gems({}).failed).toBe('broken ruby');
  });
  it('reads what gem lists', () => {
    const parsed = (text: string) => parseGem({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });
    expect(parsed('@@version 1.8.2\nrake (13.0.6, default: 12.3.3)\n').versions).toEqual(['13.0.6', '12.3.3']);
    expect(parsed('@@missing\n').kind).toBe('missing');
  });
  it.each([
    [{ version: '1', state: 'latest' }, 'Cannot specify version'],
    [{ gem_source: '/g', version: '1' }, 'gem_source|version'],
    [{ install_dir: '/g' }, 'install_dir requires user_install=false'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(gem, { name: 'rake', ...written })).toThrow(message);
  });
});
