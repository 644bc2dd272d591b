// archive, acl and xattr on this machine.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { StateModule } from '../../src/core/module.ts';
import { acl } from '../../src/modules/acl.ts';
import { archive } from '../../src/modules/archive.ts';
import { xattr } from '../../src/modules/xattr.ts';
import { testShells } from '../probes/shells.ts';
import { act, basics, parseArgs, run } from './on-this-machine.ts';

const { shells, close } = testShells();
const base = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-packing-')));
let root = base;
let count = 0;
const at = (name: string): string => join(root, name);
const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const dash = shells.find(({ name }) => name === 'dash') ?? shells[0];
if (dash === undefined) throw new Error('no shell on this machine');

beforeEach(() => {
  root = join(base, String(count++));
  mkdirSync(at('in/sub'), { recursive: true });
  writeFileSync(at('in/one file'), 'one');
  writeFileSync(at('in/sub/two.log'), 'two');
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
  close();
});

describe.each(shells.filter(({ name }) => name === 'dash' || name === 'busybox'))('archive under $name', (shell) => {
  const packed = (args: Record<string, unknown>): Record<string, unknown> => act(shell, archive, args).result;

  it('packs once, and again when something changed', () => {
    const args = { path: [at('in')], dest: at('a.tar.gz'), mode: '0600' };
    expect(packed(args)).toMatchObject({
      changed: true,
      state: 'archive',
      dest: at('a.tar.gz'),
      mode: '0600',
      arcroot: `${root}/`,
      archived: [at('in/one file'), at('in/sub'), at('in/sub/two.log')],
      missing: [],
    });
    expect(packed(args)).toMatchObject({ changed: false });
    writeFileSync(at('in/one file'), 'other');
    expect(packed(args)).toMatchObject({ changed: true });
    mkdirSync(at('out'));
    spawnSync('tar', ['-C', at('out'), '-xf', at('a.tar.gz')]);
    expect([readFileSync(at('out/in/one file'), 'utf8'), readFileSync(at('out/in/sub/two.log'), 'utf8')]).toEqual([
      'other',
      'two',
    ]);
    expect(readdirSync(root).filter((name) => name.startsWith('.vbx'))).toEqual([]);
  });

  it('compresses a single file beside it, and removes it where asked', () => {
    expect(packed({ path: at('in/one file'), remove: true })).toMatchObject({
      changed: true,
      state: 'compress',
      dest: at('in/one file.gz'),
    });
    expect([gunzipSync(readFileSync(at('in/one file.gz'))).toString(), existsSync(at('in/one file'))]).toEqual([
      'one',
      false,
    ]);
  });

  it('expands patterns, leaves parts out, and tells what is missing', () => {
    expect(
      packed({ path: [at('in/*'), at('none')], dest: at('b.tar'), format: 'tar', exclude_path: [at('in/sub')] }),
    ).toMatchObject({ changed: true, archived: [at('in/one file')], missing: [at('none')] });
    // A path that is missing is among those that it stands for, what a pattern does not match is not.
    expect(
      packed({
        path: [at('in/on*'), at('none'), at('no*')],
        dest: at('d.tar'),
        format: 'tar',
        exclude_path: [at('in/s*'), at('nowhere')],
      }),
    ).toMatchObject({
      expanded_paths: [at('in/one file'), at('none')],
      expanded_exclude_paths: [at('in/sub'), at('nowhere')],
      missing: [at('none')],
      archived: [at('in/one file')],
    });
    expect(packed({ path: at('in'), dest: at('c.tar'), format: 'tar', exclusion_patterns: ['*.log'] })).toMatchObject({
      archived: [at('in/one file'), at('in/sub')],
    });
    expect(packed({ path: at('in') })).toMatchObject({
      failed: true,
      msg: "Error, must specify 'dest' when archiving multiple files or trees",
    });
    expect(packed({ path: at('in'), dest: at('none/x.tar.gz') })).toMatchObject({
      failed: true,
      msg: `Destination ${at('none')} does not exist`,
    });
  });
});

function converge(module: StateModule, args: Record<string, unknown>): Record<string, unknown> {
  const first = run(dash as NonNullable<typeof dash>, module, args);
  expect(first).toMatchObject({ changed: true, astray: [] });
  expect(run(dash as NonNullable<typeof dash>, module, args).changed).toBe(false);
  return first.result;
}

it('acl asks for masks apart from what it asks without them', () => {
  const key = (etype: string): string =>
    acl.probe(parseArgs(acl, { path: '/a', etype, permissions: 'r', state: 'present' }) as never, basics).acl.key;
  expect(key('user')).toBe(key('group'));
  expect(key('user')).not.toBe(key('mask'));
});

const holdsAcl =
  has('setfacl') &&
  spawnSync('setfacl', ['-m', 'u:daemon:r', base]).status === 0 &&
  spawnSync('setfacl', ['-b', base]).status === 0;
describe.runIf(holdsAcl)('acl', () => {
  it('adds, changes and removes entries', () => {
    expect(
      converge(acl, { path: at('in/one file'), entity: 'daemon', etype: 'user', permissions: 'r', state: 'present' }),
    ).toEqual({
      msg: 'user:daemon:r is present',
      acl: ['user::rw-', 'user:daemon:r--', 'group::r--', 'mask::r--', 'other::r--'],
    });
    converge(acl, { path: at('in/one file'), entry: 'user:daemon:rw', state: 'present' });
    expect(
      converge(acl, {
        path: at('in'),
        entity: 'daemon',
        etype: 'group',
        permissions: 'rX',
        default: true,
        state: 'present',
      }),
    ).toEqual({
      msg: 'group:daemon:rX is present',
      acl: ['user::rwx', 'group::r-x', 'group:daemon:r-x', 'mask::r-x', 'other::r-x'],
    });
    converge(acl, {
      path: at('in'),
      entity: 'daemon',
      etype: 'user',
      permissions: 'rX',
      recursive: true,
      state: 'present',
    });
    converge(acl, { path: at('in/one file'), entry: 'user:daemon', state: 'absent' });
    expect(run(dash as NonNullable<typeof dash>, acl, { path: at('in') }).result).toEqual({
      msg: 'current acl',
      acl: [
        ...['user::rwx', 'user:daemon:r-x', 'group::r-x', 'mask::r-x', 'other::r-x'],
        ...['default:user::rwx', 'default:group::r-x', 'default:group:daemon:r-x', 'default:mask::r-x'],
        'default:other::r-x',
      ],
    });
  });
});

const holdsXattr = has('setfattr') && spawnSync('setfattr', ['-n', 'user.x', '-v', '1', base]).status === 0;
describe.runIf(holdsXattr)('xattr', () => {
  it('sets, tells and removes attributes', () => {
    const path = at('in/one file');
    expect(converge(xattr, { path, key: 'origin', value: 'hé "re"', state: 'present' })).toEqual({
      msg: 'user.origin set to hé "re"',
      xattr: {},
    });
    expect(run(dash as NonNullable<typeof dash>, xattr, { path, key: 'origin', value: 'hé "re"' })).toMatchObject({
      changed: false,
      result: { msg: 'user.origin set to hé "re"', xattr: { 'user.origin': 'hé "re"' } },
    });
    expect(run(dash as NonNullable<typeof dash>, xattr, { path, key: 'user.origin' }).result).toEqual({
      msg: 'returning user.origin',
      xattr: { 'user.origin': 'hé "re"' },
    });
    converge(xattr, { path, key: 'other', value: '', state: 'present' });
    expect(run(dash as NonNullable<typeof dash>, xattr, { path, state: 'keys' }).result).toEqual({
      msg: 'returning all keys',
      xattr: { 'user.origin': '', 'user.other': '' },
    });
    expect(converge(xattr, { path, key: 'origin', state: 'absent' })).toMatchObject({
      msg: 'user.origin removed',
      xattr: { 'user.origin': 'hé "re"' },
    });
    expect(run(dash as NonNullable<typeof dash>, xattr, { path, state: 'all' }).result).toEqual({
      msg: 'dumping all',
      xattr: { 'user.other': '' },
    });
  });
});

it.each([
  [acl, { path: '/x', state: 'present' }, "'etype' MUST be set"],
  [acl, { path: '/x', state: 'present', etype: 'user' }, "'permissions' MUST be set"],
  [acl, { path: '/x', entry: 'what', state: 'present' }, 'is not of the form'],
  [acl, { path: '/x', use_nfsv4_acls: true }, 'only POSIX lists'],
  [xattr, { path: '/x', state: 'present', key: 'a' }, 'needs the argument "value"'],
] as const)('%#: impossible arguments are refused', (module, args, message) => {
  expect(() => parseArgs(module, args)).toThrow(message);
});
