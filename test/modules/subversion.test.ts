// subversion with an svn of shell script: what it is asked to do, and what is told of its answers.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { subversion } from '../../src/modules/subversion.ts';
import { testShells, type TestShell } from '../probes/shells.ts';
import { act, parseArgs } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-svn-'));
const bin = join(folder, 'bin');
const dest = join(folder, "it's here");
const { shells, close } = testShells();
const [sh] = shells;
if (sh === undefined) throw new Error('this machine has no shell');
const shell: TestShell = {
  name: 'with an svn',
  run: (script) => sh.run(script, { env: { PATH: `${bin}:/usr/bin:/bin`, SVN: folder } }),
};
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const words = (): string[] => {
  const log = join(folder, 'log');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
};
const state = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const svn = (written: Record<string, unknown>, options = {}) =>
  act(shell, subversion, { repo: 'file:///r', dest, ...written }, options).result;

beforeEach(() => {
  for (const name of [dest, join(folder, 'log'), join(folder, 'stdin')]) rmSync(name, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  state('working', '1');
  state('status', '');
  writeFileSync(
    join(bin, 'svn'),
    `#!/bin/sh
[ "$1" = --version ] && { cat "$SVN/version" 2>/dev/null || echo 1.14.2; exit 0; }
case "$*" in *--password-from-stdin*) cat > "$SVN/stdin";; esac
while :; do case $1 in --username) shift 2;; --*) shift;; *) break;; esac; done
d=${`"${dest}"`}
case $1 in
info) case $2 in file:*) echo 'Revision: 7';; -r) echo 'Revision: 7';; *) [ -d "$2/.svn" ] || { echo "svn: E155007: '$2' is not a working copy" >&2; exit 1; }; printf 'Path: x\\nURL: file:///r\\nRevision: %s\\n' "$(cat "$SVN/working")";; esac; exit 0;;
status) cat "$SVN/status"; exit 0;;
esac
echo "$*" >> "$SVN/log"
case $1 in
checkout) mkdir -p "$d/.svn"; echo 7 > "$SVN/working";;
update) [ "$(cat "$SVN/working")" = 7 ] || echo 'U    a'; echo 7 > "$SVN/working"; echo 'At revision 7.';;
revert) : > "$SVN/status"; echo "Reverted 'a'";;
export) [ "$2" = --force ] || [ ! -e "$d" ] || { echo 'svn: E155000: exists' >&2; exit 1; }; mkdir -p "$d";;
esac
`,
  );
  chmodSync(join(bin, 'svn'), 0o755);
});
const AT = (revision: number): string[] => [`Revision: ${revision}`, 'URL: file:///r'];

describe('subversion', () => {
  it('checks out, and then updates what is not up to date', () => {
    expect(svn({}, { check: true })).toEqual({ changed: true });
    expect(svn({ revision: '7' })).toEqual({ changed: true, before: null, after: AT(7) });
    expect(svn({})).toEqual({ changed: false, before: AT(7), after: AT(7) });
    state('working', '3');
    expect(svn({}, { check: true })).toEqual({ changed: true, before: 'Revision: 3', after: 'Revision: 7' });
    expect(svn({ switch: false })).toEqual({ changed: true, before: AT(3), after: AT(7) });
    expect(svn({ update: false })).toEqual({ changed: false });
    expect(words()).toEqual([
      `checkout -r 7 file:///r ${dest}`,
      `switch --revision HEAD file:///r ${dest}`,
      `update -r HEAD ${dest}`,
      `update -r HEAD ${dest}`,
    ]);
  });
  it('throws local changes away only where it may', () => {
    svn({});
    state('status', '?       new\nM       a\n');
    expect(svn({})).toEqual({ failed: true, changed: false, msg: 'ERROR: modified files exist in the repository.' });
    expect(svn({ force: true })).toEqual({ changed: true, before: AT(7), after: AT(7) });
    expect(words()).toContain(`revert -R ${dest}`);
    state('status', '?       new\n');
    expect(svn({}).changed).toBe(false);
  });
  it('exports, each time', () => {
    expect(svn({ export: true })).toEqual({ changed: true });
    expect(svn({ export: true })).toMatchObject({ failed: true, rc: 1, msg: 'svn: E155000: exists' });
    expect(svn({ export: true, force: true })).toEqual({ changed: true });
  });
  it('takes over a folder only where it may, and asks the repository alone', () => {
    mkdirSync(dest);
    expect(svn({})).toMatchObject({
      failed: true,
      msg: `ERROR: ${dest} folder already exists, but its not a subversion repository.`,
    });
    expect(svn({ in_place: true })).toEqual({ changed: true, before: null, after: AT(7) });
    expect(svn({ dest: undefined, update: false, checkout: false })).toEqual({ changed: false, after: 'Revision: 7' });
  });
  it('gives the password to stdin alone', () => {
    svn({ username: 'me', password: "p'w" });
    expect(readFileSync(join(folder, 'stdin'), 'utf8')).toBe("p'w");
    state('version', '1.9.7\n');
    expect(svn({ password: 'x' })).toMatchObject({ msg: 'svn 1.10 or newer is needed to log in with a password' });
    rmSync(join(folder, 'version'));
  });
  it('fails without svn', () => {
    rmSync(join(bin, 'svn'));
    expect(svn({ executable: 'no-svn' })).toMatchObject({
      msg: 'Failed to find required executable "no-svn" in paths',
    });
  });
  it.each([
    [{ dest: undefined }, 'the destination directory must be specified'],
    [{ revision: '-x' }, 'do not begin with a hyphen'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(subversion, { repo: 'file:///r', dest: '/d', ...written })).toThrow(message);
  });
});
