// The path probe's script run by every shell of this machine, compared with what Node's own lstat says.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PathState } from '../../src/core/path-state.ts';
import {
  absolutePath,
  cleanPath,
  pathFamily,
  pathProbe,
  type PathFacets,
  type PathQuery,
} from '../../src/probes/path.ts';
import { pathScript, pathWord } from '../../src/probes/path-script.ts';
import { testShells, type TestShell } from './shells.ts';

const { shells, close } = testShells();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-path-')));
const at = (name: string): string => join(root, name);
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

beforeAll(() => {
  writeFileSync(at('plain'), 'hello\n');
  chmodSync(at('plain'), 0o640);
  utimesSync(at('plain'), 1_700_000_000.25, 1_700_000_001.5);
  for (const name of [
    '-dash',
    'with space',
    "quo'te",
    'new\nline',
    'back\\slash',
    'ünï',
    'a|b|c',
    'dollar$x',
    '*',
    'tab\there',
  ])
    writeFileSync(at(name), name);
  writeFileSync(at('empty'), '');
  writeFileSync(at('binary'), Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256)));
  writeFileSync(at('large'), '');
  truncateSync(at('large'), 6 * 1024 * 1024);
  mkdirSync(at('folder'));
  chmodSync(at('folder'), 0o3775);
  mkdirSync(at('folder/below'));
  symlinkSync('plain', at('link'));
  symlinkSync('../link', at('folder/up'));
  symlinkSync('folder', at('folder-link'));
  symlinkSync('folder/', at('slash-link'));
  symlinkSync('nowhere/at/all', at('broken'));
  symlinkSync('loop-b', at('loop-a'));
  symlinkSync('loop-a', at('loop-b'));
  symlinkSync(at('new\nline'), at('li\nnk'));
  symlinkSync('/dev/null', at('device-link'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  close();
});

function ask(
  shell: TestShell,
  queries: readonly PathQuery[],
  options?: { cwd?: string; env?: Record<string, string> },
): readonly PathState[] {
  const answer = shell.run(pathFamily.script?.(queries) ?? '', options);
  expect(answer.stderr.toString()).toBe('');
  expect(answer.rc).toBe(0);
  return pathFamily.parse?.(answer, queries) ?? [];
}
const query = (path: string, ...facets: PathFacets[]): PathQuery => ({ path, facets });

/** What Node says, in the shape of a state. */
function expected(path: string): object {
  const own = path.endsWith('plain/below') ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (own === undefined) return { kind: 'absent' };
  const attributes = (stat: typeof own): object => ({
    mode: (stat.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: userInfo().username,
    info: expect.objectContaining({
      uid: stat.uid,
      gid: stat.gid,
      size: stat.size,
      inode: stat.ino,
      links: stat.nlink,
      device: stat.dev,
      blocks: stat.blocks,
      blockSize: stat.blksize,
      deviceType: stat.rdev,
    }),
  });
  const kind = (stat: typeof own): object =>
    stat.isDirectory() ? { kind: 'directory' } : stat.isFile() ? { kind: 'file' } : { kind: 'other', type: 'char' };
  if (!own.isSymbolicLink()) return { ...kind(own), ...attributes(own) };
  const real = statSync(path);
  return {
    kind: 'link',
    target: readlinkSync(path),
    realPath: realpathSync(path),
    ...attributes(own),
    real: expect.objectContaining({ ...kind(real), ...attributes(real) }),
  };
}

describe.each(shells)('the path probe under $name', (shell) => {
  it('sees every kind of path and every kind of name as lstat(2) does, in one script', () => {
    const names = [
      'plain',
      '-dash',
      'with space',
      "quo'te",
      'new\nline',
      'back\\slash',
      'ünï',
      'a|b|c',
      '*',
      'tab\there',
      'empty',
      'folder',
      'folder/below',
      'link',
      'folder/up',
      'folder-link',
      'slash-link',
      'li\nnk',
      'device-link',
      'missing',
      'missing/below',
      'plain/below',
      'mis\nsing',
    ];
    const states = ask(
      shell,
      names.map((name) => query(at(name))),
    );
    names.forEach((name, index) =>
      expect({ name, state: states[index] }).toEqual({ name, state: expect.objectContaining(expected(at(name))) }),
    );
  });

  it('tells broken links and loops apart', () => {
    const [broken, loop] = ask(shell, [query(at('broken')), query(at('loop-a'))]);
    expect(broken).toMatchObject({
      kind: 'link',
      target: 'nowhere/at/all',
      realPath: at('nowhere/at/all'),
      real: { kind: 'absent' },
    });
    expect(loop).toMatchObject({
      kind: 'link',
      target: 'loop-b',
      real: { kind: 'denied', message: 'Too many levels of symbolic links' },
    });
  });

  it('keeps the fractions of times where the host tells them', () => {
    const [state] = ask(shell, [query(at('plain'))]);
    const info = (state as PathState & { kind: 'file' }).info;
    expect(Math.floor(info.mtime)).toBe(1_700_000_001);
    expect([1_700_000_001, 1_700_000_001.5]).toContain(info.mtime);
  });

  it('reads digests and bytes of what links lead to, whatever the name', () => {
    const names = ['plain', 'new\nline', 'back\\slash', 'with space', 'empty', 'binary', 'link'];
    const states = ask(
      shell,
      names.map((name) => query(at(name), { content: 'bytes' }, { digests: ['sha1', 'md5'] }, { content: 'digest' })),
    );
    names.forEach((name, index) => {
      const state = states[index] as PathState;
      const file = state.kind === 'link' ? state.real : state;
      const bytes =
        name === 'binary'
          ? Buffer.from(Array.from({ length: 4096 }, (_, byte) => byte % 256))
          : Buffer.from(name === 'empty' ? '' : name === 'plain' || name === 'link' ? 'hello\n' : name);
      expect({ name, file }).toMatchObject({
        name,
        file: {
          kind: 'file',
          content: { size: bytes.length, sha256: sha256(bytes), bytes },
          info: {
            digests: {
              sha256: sha256(bytes),
              sha1: createHash('sha1').update(bytes).digest('hex'),
              md5: createHash('md5').update(bytes).digest('hex'),
            },
          },
        },
      });
    });
  });

  it('sends bytes only where the content is not the wanted one', () => {
    const wanted = (text: string): PathFacets => ({
      content: { unless: { sha256: sha256(text), size: Buffer.byteLength(text) } },
    });
    const states = ask(shell, [
      query(at('plain'), wanted('hello\n')),
      query(at('link'), wanted('hullo\n')),
      query(at('with space'), wanted('x')),
      query(at('new\nline'), wanted('new\nline')),
      query(at('large'), wanted('x')),
      query(at('folder'), wanted('x')),
    ]);
    expect(states[0]).toHaveProperty('content', { size: 6, sha256: sha256('hello\n') });
    expect(states[1]).toHaveProperty('real.content.bytes', Buffer.from('hello\n'));
    expect(states[2]).toHaveProperty('content.bytes', Buffer.from('with space'));
    expect(states[3]).toHaveProperty('content.sha256', sha256('new\nline'));
    expect(states[4]).not.toHaveProperty('content');
    expect(states[5]).toHaveProperty('kind', 'directory');
  });

  it('does not send files above the limit, and still tells their digest when asked', () => {
    const [one, two] = ask(shell, [
      query(at('large'), { content: 'bytes' }),
      query(at('with space'), { content: 'bytes' }),
    ]);
    expect(one).not.toHaveProperty('content');
    expect(two).toHaveProperty('content.bytes');
    const [digest] = ask(shell, [query(at('large'), { content: 'bytes' }, { content: 'digest' })]);
    expect(digest).toHaveProperty('content', { size: 6 * 1024 * 1024, sha256: sha256(Buffer.alloc(6 * 1024 * 1024)) });
  });

  it('expands what the user wrote as Python does, on the host', () => {
    const env = { HOME: root, SPOT: 'folder', ODD: 'a b"c' };
    const asked = [
      '~/plain',
      '$SPOT/below',
      '~',
      '${SPOT}',
      '$NOT_SET/x',
      `${root}/$ODD`,
      '~root',
      'plain',
      '.',
      '~no-such-user-here/x',
    ];
    const states = ask(
      shell,
      asked.map((path) => query(path)),
      { cwd: root, env },
    );
    expect(asked.map((path, index) => absolutePath(path, states[index] as PathState))).toEqual([
      at('plain'),
      at('folder/below'),
      root,
      at('folder'),
      at('$NOT_SET/x'),
      `${root}/a b"c`,
      '/root',
      at('plain'),
      root,
      at('~no-such-user-here/x'),
    ]);
    expect(states.map((state) => state.kind).slice(0, 5)).toEqual([
      'file',
      'directory',
      'directory',
      'directory',
      'absent',
    ]);
  });

  it('gives every asker of a path all that was asked of it', () => {
    const states = ask(shell, [query(at('plain')), query(at('plain'), { content: 'bytes' })]);
    expect(states[0]).toEqual(states[1]);
    expect(states[0]).toHaveProperty('content.bytes');
  });
});

describe('the path probe without stat', () => {
  it('falls back on ls', () => {
    const shell = shells.find(({ name }) => name === 'dash') ?? shells[0];
    if (shell === undefined) throw new Error('no shell');
    const hidden = pathScript([
      query(at('plain')),
      query(at('folder')),
      query(at('link')),
      query(at('missing')),
    ]).replace('has() {', 'has() { [ "$1" != stat ] &&');
    const states =
      pathFamily.parse?.(shell.run(hidden), [
        query(at('plain')),
        query(at('folder')),
        query(at('link')),
        query(at('missing')),
      ]) ?? [];
    expect(states).toMatchObject([
      { kind: 'file', mode: '0640', owner: userInfo().username, info: { size: 6, mtime: 1_700_000_001 } },
      { kind: 'directory', mode: '3775' },
      { kind: 'link', target: 'plain', realPath: at('plain'), real: { kind: 'file', mode: '0640', info: { size: 6 } } },
      { kind: 'absent' },
    ]);
  });
});

describe('names of paths', () => {
  it.each([
    ['/etc/hosts', '/etc/hosts'],
    ['/etc//hosts/', '/etc/hosts'],
    ['/', '/'],
    ['//', '/'],
    ['/./a/./b', '/a/b'],
    ['a/../b', 'a/../b'],
    ['./x', 'x'],
    ['.', '.'],
    ['~/x/', '~/x'],
    ['/a/..', '/a/..'],
  ])('%s is asked as %s', (written, clean) => {
    expect(cleanPath(written)).toBe(clean);
    expect(pathProbe(written).resource).toBe(`path:${clean}`);
  });

  it.each([
    ["/it's", `'/it'\\''s'`],
    ['~/a b', `~'/a b'`],
    ['~bob/x', '~bob/x'],
    ['~bad user/x', `'~bad user/x'`],
    ['$A/b', '"${A-\\$A}"/b'],
    ['/a$(id)b', "'/a$(id)b'"],
    ['${A:-x}/b', "'${A:-x}'/b"],
  ])('%s becomes the word %s', (path, word) => {
    expect(pathWord(path)).toBe(word);
  });
});
