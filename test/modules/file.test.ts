// The file module on this machine: every state, twice, with the result that Ansible gives.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { file } from '../../src/modules/file.ts';
import { testShells } from '../probes/shells.ts';
import type { Probe } from '../../src/core/probe.ts';
import { basics, observe, parseArgs, run } from './on-this-machine.ts';

const { shells, close } = testShells();
const base = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-file-')));
let root = base;
let count = 0;
beforeEach(() => {
  root = join(base, String(count++));
  mkdirSync(root);
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
  close();
});
const mode = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8).padStart(4, '0');

describe.each(shells.filter(({ name }) => name === 'dash' || name === 'busybox'))('file under $name', (shell) => {
  /** Runs twice: the first changes and reaches its plan, the second changes nothing. */
  function converge(args: Record<string, unknown>): Record<string, unknown> {
    const dry = run(shell, file, args, { check: true });
    const first = run(shell, file, args);
    expect(first).toMatchObject({ changed: true, astray: [] });
    expect(first.failed).toBeUndefined();
    expect(dry.changed).toBe(true);
    const second = run(shell, file, args);
    expect({ changed: second.changed, effects: second.effects, failed: second.failed }).toEqual({
      changed: false,
      effects: [],
      failed: undefined,
    });
    return first.result;
  }

  it('tells what appears to be binary, and changes nothing', () => {
    writeFileSync(join(root, 'text'), 'words');
    writeFileSync(join(root, 'bytes'), Buffer.from([65, 0, 66]));
    for (const [name, binary] of [
      ['text', false],
      ['bytes', true],
      ['none', false],
    ] as const) {
      expect(run(shell, file, { path: join(root, name), state: 'absent', _diff_peek: true })).toMatchObject({
        changed: false,
        result: { path: join(root, name), appears_binary: binary },
      });
    }
    expect(existsSync(join(root, 'text'))).toBe(true);
  });

  it('makes folders with their parents, all with the mode', () => {
    const path = join(root, 'a/b c/d');
    expect(converge({ path, state: 'directory', mode: '2750' })).toMatchObject({
      path,
      state: 'directory',
      mode: '02750',
      uid: basics.uid,
      owner: basics.user,
    });
    expect([mode(join(root, 'a')), mode(join(root, 'a/b c')), mode(path)]).toEqual(['2750', '2750', '2750']);
    expect(converge({ path, state: 'directory', mode: 'u=rwx,g=rx,o=' })).toMatchObject({ mode: '0750' });
  });

  it('follows a link to a folder, or refuses it', () => {
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'link'));
    expect(converge({ path: join(root, 'link'), state: 'directory', mode: '0700' })).toMatchObject({
      path: join(root, 'real'),
      mode: '0700',
    });
    expect(run(shell, file, { path: join(root, 'link'), state: 'directory', follow: false }).failed).toBe(
      `${join(root, 'link')} already exists as a link`,
    );
  });

  it('reads flags where files have no versions, and leaves them where nothing is asked for', () => {
    const path = join(root, 'f');
    writeFileSync(path, '');
    expect(run(shell, file, { path, attributes: '' })).toMatchObject({ changed: false });
    const made = run(shell, file, { path, attributes: '+A' });
    // Not every file system has flags.
    if (made.failed === undefined)
      expect(run(shell, file, { path, attributes: '+A' })).toMatchObject({ changed: false, effects: [] });
  });

  it('tells what differs, and what goes with a folder', () => {
    const [path, link] = [join(root, 'f'), join(root, 'l')];
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    expect(run(shell, file, { path, mode: '0600' }).result['diff']).toEqual({
      before: { path, mode: '0644' },
      after: { path, mode: '0600' },
    });
    expect(run(shell, file, { path, mode: '0600' }).result['diff']).toEqual({ before: { path }, after: { path } });
    expect(run(shell, file, { path, modification_time: '202001010000.00' }).result['diff']).toMatchObject({
      before: { path, mtime: expect.any(Number) },
      after: { path, mtime: expect.any(Number) },
    });
    symlinkSync(path, link);
    expect(run(shell, file, { path: link, src: 'f', state: 'link' }).result['diff']).toEqual({
      before: { path: link, src: path },
      after: { path: link, src: 'f' },
    });
    const folder = join(root, 'd');
    mkdirSync(join(folder, 'e'), { recursive: true });
    writeFileSync(join(folder, 'e', 'x y'), '');
    const diff = {
      before: {
        path: folder,
        state: 'directory',
        path_content: { directories: [join(folder, 'e')], files: [join(folder, 'e', 'x y')] },
      },
      after: { path: folder, state: 'absent' },
    };
    expect(run(shell, file, { path: folder, state: 'absent' }, { check: true }).result['diff']).toEqual(diff);
    expect(run(shell, file, { path: folder, state: 'absent' }).result['diff']).toEqual(diff);
    expect(run(shell, file, { path: folder, state: 'absent' }).result['diff']).toBe(undefined);
  });

  it('tells of something new what it was made as and what was set on it', () => {
    const path = join(root, 'new');
    expect(run(shell, file, { path, state: 'directory', mode: '2700' }).result['diff']).toEqual({
      before: { path, state: 'absent', mode: '0755' },
      after: { path, state: 'directory', mode: '02700' },
    });
  });

  it('refuses what cannot be made with what is there, and leaves the login folder alone', () => {
    const [plain, folder, link] = ['plain', 'folder', 'link'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(plain, 'text');
    mkdirSync(join(folder, 'below'), { recursive: true });
    symlinkSync('plain', link);
    for (const [args, words, fields] of [
      [{ path: `${plain}/x`, state: 'touch' }, 'Error, could not touch target.', {}],
      [
        { path: `${root}/none/x`, src: plain, state: 'link' },
        `Error while linking: [Errno 2] No such file or directory: b'${plain}' -> b'${root}/none/x'`,
        {},
      ],
      [
        { path: folder, src: plain, state: 'link', force: true },
        `the directory ${folder} is not empty, refusing to convert it`,
        { state: 'directory' },
      ],
      [{ path: plain, recurse: true }, "recurse option requires state to be 'directory'", { state: 'file', size: 4 }],
      [
        { path: folder, state: 'file' },
        `file (${folder}) is directory, cannot continue`,
        { state: 'directory', mode: '0755' },
      ],
      [
        { path: plain, mode: 'preserve' },
        'mode must be in octal or symbolic form',
        { details: 'bad symbolic permission for mode: preserve' },
      ],
    ] as const)
      expect(run(shell, file, args)).toMatchObject({ failed: words, result: { path: args.path, ...fields } });
    expect(run(shell, file, { path: '', state: 'absent' })).toMatchObject({ changed: false });
    expect(run(shell, file, { path: '', state: 'touch' }).failed).toContain('it is empty');
    expect(run(shell, file, { path: link, state: 'touch' }).result).toMatchObject({
      dest: link,
      state: 'link',
      diff: { before: { state: 'link' }, after: { state: 'touch' } },
    });
  });

  it('warns in a dry run of accounts that nobody knows', () => {
    const plain = join(root, 'plain');
    const observed = observe(
      shell,
      file.probe({ ...parseArgs(file, { path: plain, owner: 'nobody-there', group: '4242424' }) } as never, {
        ...basics,
        dryRun: true,
      }) as Record<string, Probe>,
    );
    const plan = (args: Record<string, unknown>) =>
      file.plan(parseArgs(file, { path: plain, ...args }) as never, observed as never, basics);
    expect(plan({ owner: 'nobody-there', group: '4242424' })).toMatchObject({
      failed: `file (${plain}) is absent, cannot continue`,
      warnings: [
        'failed to look up user nobody-there. Create user up to this point in real play',
        'failed to look up group with gid 4242424. Create group up to this point in real play',
      ],
    });
    const known = observe(
      shell,
      file.probe(parseArgs(file, { path: plain, owner: basics.user, group: '0' }) as never, {
        ...basics,
        dryRun: true,
      }) as Record<string, Probe>,
    );
    expect(
      file.plan(parseArgs(file, { path: plain, owner: basics.user, group: '0' }) as never, known as never, basics),
    ).not.toHaveProperty('warnings');
  });

  it('removes files, links and whole folders', () => {
    for (const name of ['plain', 'new\nline']) writeFileSync(join(root, name), '');
    mkdirSync(join(root, 'folder/below'), { recursive: true });
    symlinkSync('folder', join(root, 'link'));
    for (const name of ['plain', 'new\nline', 'link', 'folder']) {
      const path = join(root, name);
      expect(converge({ path, state: 'absent' })).toMatchObject({ path, state: 'absent' });
      expect(existsSync(path)).toBe(false);
      if (name === 'link') expect(existsSync(join(root, 'folder'))).toBe(true);
    }
  });

  it('sets the mode of a file and fails on one that is absent', () => {
    const path = join(root, 'x');
    writeFileSync(path, 'text');
    chmodSync(path, 0o600);
    expect(converge({ path, mode: 'u=rw,g=r,o=r' })).toMatchObject({ path, mode: '0644', state: 'file', size: 4 });
    const missing = run(shell, file, { path: join(root, 'missing') });
    expect(missing).toMatchObject({
      failed: `file (${join(root, 'missing')}) is absent, cannot continue`,
      result: { state: 'absent' },
    });
  });

  it('touches: makes an empty file, then changes its times each time', () => {
    const path = join(root, 't');
    const first = run(shell, file, { path, state: 'touch', mode: '0600' });
    expect(first).toMatchObject({
      changed: true,
      astray: [],
      result: { dest: path, mode: '0600', size: 0, state: 'file' },
    });
    utimesSync(path, 1000, 1000);
    expect(run(shell, file, { path, state: 'touch', mode: '0600' })).toMatchObject({
      changed: true,
      effects: ['touch'],
    });
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000_000_000);
    const preserved = run(shell, file, {
      path,
      state: 'touch',
      modification_time: 'preserve',
      access_time: 'preserve',
    });
    expect(preserved.changed).toBe(false);
    expect(run(shell, file, { path: join(root, 'no/t'), state: 'touch' }).failed).toContain('could not touch target');
  });

  it('sets given times once', () => {
    const path = join(root, 't');
    writeFileSync(path, '');
    converge({
      path,
      state: 'file',
      modification_time: '202001020304.05',
      access_time: '2020-01-02',
      access_time_format: '%Y-%m-%d',
    });
    expect(statSync(path).mtimeMs % 1000).toBe(0);
    expect(new Date(statSync(path).mtimeMs).getUTCSeconds()).toBe(5);
  });

  it('makes and changes links, and refuses where Ansible does', () => {
    writeFileSync(join(root, 'one'), '1');
    writeFileSync(join(root, 'two'), '2');
    const path = join(root, 'link');
    expect(converge({ path, src: join(root, 'one'), state: 'link' })).toMatchObject({
      dest: path,
      src: join(root, 'one'),
      state: 'link',
    });
    expect(converge({ path, src: 'two', state: 'link' })).toMatchObject({ dest: path, src: 'two' });
    expect(readlinkSync(path)).toBe('two');
    expect(run(shell, file, { path, src: 'nowhere', state: 'link' }).failed).toBe(
      `src file does not exist, use 'force=yes' if you really want to create the link: ${root}/nowhere`,
    );
    converge({ path, src: 'nowhere', state: 'link', force: true });
    expect(run(shell, file, { path: join(root, 'one'), src: 'two', state: 'link' }).failed).toBe(
      `refusing to convert from file to symlink for ${join(root, 'one')}`,
    );
    converge({ path: join(root, 'one'), src: 'two', state: 'link', force: true });
    mkdirSync(join(root, 'full/x'), { recursive: true });
    expect(run(shell, file, { path: join(root, 'full'), src: 'two', state: 'link', force: true }).failed).toContain(
      'is not empty, refusing to convert it',
    );
  });

  it('sets the mode of what a link leads to', () => {
    writeFileSync(join(root, 'one'), '1');
    symlinkSync('one', join(root, 'link'));
    expect(converge({ path: join(root, 'link'), src: 'one', state: 'link', mode: '0600' })).toMatchObject({
      state: 'link',
    });
    expect(mode(join(root, 'one'))).toBe('0600');
    expect(converge({ path: join(root, 'link'), state: 'file', mode: '0640' })).toMatchObject({
      path: join(root, 'one'),
      mode: '0640',
    });
  });

  it('makes hard links', () => {
    writeFileSync(join(root, 'one'), '1');
    writeFileSync(join(root, 'two'), '2');
    const path = join(root, 'hard');
    expect(converge({ path, src: join(root, 'one'), state: 'hard' })).toMatchObject({
      dest: path,
      src: join(root, 'one'),
      state: 'hard',
    });
    expect(lstatSync(path).ino).toBe(lstatSync(join(root, 'one')).ino);
    expect(run(shell, file, { path, src: join(root, 'two'), state: 'hard' }).failed).toBe(
      'Cannot link, different hard link exists at destination',
    );
    converge({ path, src: join(root, 'two'), state: 'hard', force: true });
    expect(run(shell, file, { path: join(root, 'x'), src: join(root, 'nowhere'), state: 'hard' }).failed).toBe(
      'src does not exist',
    );
    expect(readFileSync(path, 'utf8')).toBe('2');
  });

  it('sets modes of all below a folder, X only where it belongs', () => {
    mkdirSync(join(root, 'tree/sub'), { recursive: true });
    writeFileSync(join(root, 'tree/plain'), '');
    writeFileSync(join(root, 'tree/sub/tool'), '');
    writeFileSync(join(root, 'outside'), '');
    chmodSync(join(root, 'tree/sub/tool'), 0o755);
    chmodSync(join(root, 'outside'), 0o604);
    symlinkSync('../outside', join(root, 'tree/out'));
    converge({ path: join(root, 'tree'), state: 'directory', mode: 'u=rwX,g=rX,o=', recurse: true, follow: false });
    expect(
      ['tree', 'tree/sub', 'tree/plain', 'tree/sub/tool', 'outside'].map((name) => mode(join(root, name))),
    ).toEqual(['0750', '0750', '0640', '0750', '0604']);
    converge({ path: join(root, 'tree'), state: 'directory', mode: 'u=rwX,g=rX,o=', recurse: true });
    expect(mode(join(root, 'outside'))).toBe('0640');
  });

  it('takes an empty mode for none, and tells what differs of what a link leads to', () => {
    writeFileSync(join(root, 'x'), '');
    chmodSync(join(root, 'x'), 0o600);
    symlinkSync('x', join(root, 'link'));
    expect(converge({ path: join(root, 'link'), mode: '0640' })).toMatchObject({
      src: 'x',
      diff: {
        before: { path: join(root, 'link'), mode: '0600' },
        after: { path: join(root, 'link'), mode: '0640' },
      },
    });
    expect(run(shell, file, { path: join(root, 'x'), mode: '' })).toMatchObject({
      changed: false,
      result: { mode: '0640' },
    });
  });

  it.runIf(basics.uid === 0)('sets owners of all below a folder and of what links there lead to', () => {
    mkdirSync(join(root, 'tree/sub'), { recursive: true });
    writeFileSync(join(root, 'outside'), '');
    symlinkSync('../../outside', join(root, 'tree/sub/out'));
    symlinkSync('nowhere', join(root, 'tree/broken'));
    converge({ path: join(root, 'tree'), state: 'directory', owner: 'daemon', group: 'daemon', recurse: true });
    expect(
      ['tree', 'tree/sub', 'tree/sub/out', 'tree/broken', 'outside'].map((name) => lstatSync(join(root, name)).uid),
    ).toEqual([1, 1, 1, 1, 1]);
  });

  it.runIf(basics.uid === 0)('sets owners by name or number', () => {
    const path = join(root, 'x');
    writeFileSync(path, '');
    linkSync(path, join(root, 'y'));
    chmodSync(path, 0o4755);
    expect(converge({ path, owner: 'daemon', group: 'daemon', mode: '4755' })).toMatchObject({
      owner: 'daemon',
      group: 'daemon',
      mode: '04755',
      state: 'hard',
    });
    expect(mode(path)).toBe('4755');
    expect(run(shell, file, { path, owner: '1', group: 1 }).changed).toBe(false);
    expect(run(shell, file, { path, owner: 'nobody-there' }).failed).toContain(
      'chown failed: failed to look up user nobody-there',
    );
    expect(run(shell, file, { path, owner: '' }).failed).toContain('chown failed: failed to look up user');
  });
});

describe('arguments of file', () => {
  it.each([
    [{ path: '/x', recurse: true, state: 'touch' }, "recurse option requires state to be 'directory'"],
    [{ path: '/x', src: '/y' }, "src option requires state to be 'link' or 'hard'"],
    [{ path: '/x', modification_time: 'noon' }, 'does not fit the format'],
  ])('%o is refused', (args, message) => {
    expect(() => parseArgs(file, args)).toThrow(message);
  });
});
