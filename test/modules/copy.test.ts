// copy, template and assemble on this machine: content, names inside folders, modes, links, trees, copies on the host itself.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourceFile, SourceTree } from '../../src/core/args.ts';
import { contentOf } from '../../src/core/content.ts';
import type { StateModule } from '../../src/core/module.ts';
import { assemble } from '../../src/modules/assemble.ts';
import { copy } from '../../src/modules/copy.ts';
import { lineinfile } from '../../src/modules/lineinfile.ts';
import { template } from '../../src/modules/template.ts';
import { testShells } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';

const { shells, close } = testShells();
const base = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-copy-')));
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
const at = (name: string): string => join(root, name);
const mode = (name: string): string => (lstatSync(at(name)).mode & 0o7777).toString(8).padStart(4, '0');
const source = (path: string, text: string | Buffer, permissions = '0644'): SourceFile => ({
  kind: 'file',
  path,
  content: contentOf(text),
  mode: permissions,
});

describe.each(shells.filter(({ name }) => name === 'dash' || name === 'busybox'))('under $name', (shell) => {
  function converge(module: StateModule, args: Record<string, unknown>): Record<string, unknown> {
    const first = run(shell, module, args);
    expect(first).toMatchObject({ changed: true, astray: [] });
    expect(first.failed).toBeUndefined();
    const second = run(shell, module, args);
    expect({ changed: second.changed, failed: second.failed }).toEqual({ changed: false, failed: undefined });
    return first.result;
  }

  it('copy writes given text with its mode', () => {
    expect(converge(copy, { content: 'héllo\n', dest: at('x'), mode: '0640' })).toMatchObject({
      dest: at('x'),
      checksum: 'ff41a452d63d830292a7f39eee7410a45929f5d1',
      md5sum: expect.any(String) as string,
      mode: '0640',
      state: 'file',
      size: 7,
      owner: basics.user,
    });
    expect(readFileSync(at('x'), 'utf8')).toBe('héllo\n');
    const same = run(shell, copy, { content: 'héllo\n', dest: at('x') });
    expect(same).toMatchObject({
      changed: false,
      result: { dest: at('x'), path: at('x'), checksum: 'ff41a452d63d830292a7f39eee7410a45929f5d1', mode: '0640' },
    });
    expect(converge(copy, { content: 'héllo\n', dest: at('x'), mode: 'u=rw,go=' })).toMatchObject({ mode: '0600' });
  });

  it('copy writes structures as JSON, and bytes that are no text', () => {
    converge(copy, { content: { a: [1, 'ü'], b: null }, dest: at('json') });
    expect(readFileSync(at('json'), 'utf8')).toBe('{"a": [1, "\\u00fc"], "b": null}');
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
    converge(copy, { src: source('/src/binary', bytes), dest: at('binary') });
    expect(readFileSync(at('binary')).equals(bytes)).toBe(true);
  });

  it('copy keeps mode and owner of a file that it replaces, and the old file where asked', () => {
    writeFileSync(at('x'), 'old');
    chmodSync(at('x'), 0o751);
    utimesSync(at('x'), 1e9, 1e9);
    const result = converge(copy, { content: 'new', dest: at('x'), backup: true });
    expect(mode('x')).toBe('0751');
    // Only the backup has the old times.
    expect(lstatSync(at('x')).mtimeMs).toBeGreaterThan(1.5e12);
    const backup = String(result['backup_file']);
    expect(backup).toMatch(/\/x\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
    expect(readFileSync(backup, 'utf8')).toBe('old');
    if (shell.name === 'dash') expect(lstatSync(backup).mtimeMs).toBe(1e12);
    expect(readdirSync(root).filter((name) => name.startsWith('.vbx'))).toEqual([]);
  });

  it('copy puts a file into a folder under its own name, and makes folders only where a slash asks for it', () => {
    mkdirSync(at('folder'));
    expect(
      converge(copy, { src: source('/src/name.conf', 'x', '0755'), dest: at('folder'), mode: 'preserve' }),
    ).toMatchObject({ dest: at('folder/name.conf'), mode: '0755' });
    expect(
      converge(copy, { src: source('/src/name.conf', 'x'), dest: `${at('deep/er')}/`, directory_mode: '0700' }),
    ).toMatchObject({ dest: at('deep/er/name.conf') });
    expect([mode('deep'), mode('deep/er')]).toEqual(['0700', '0700']);
    expect(run(shell, copy, { src: source('/src/name.conf', 'x'), dest: at('none/file') }).failed).toBe(
      `Destination directory ${at('none')} does not exist`,
    );
    expect(run(shell, copy, { content: 'x', dest: at('folder') }).failed).toBe(
      'can not use content with a dir as dest',
    );
  });

  it('copy leaves what is there without force, and refuses what it cannot check', () => {
    writeFileSync(at('x'), 'mine');
    expect(run(shell, copy, { content: 'yours', dest: at('x'), force: false })).toMatchObject({
      changed: false,
      result: { dest: at('x') },
    });
    expect(run(shell, copy, { src: source('/s', 'x'), dest: at('y'), checksum: 'abc' })).toMatchObject({
      failed: 'Copied file does not match the expected checksum. Transfer failed.',
    });
    const refused = run(shell, copy, { content: 'bad', dest: at('x'), validate: 'grep -q good %s' });
    expect(refused.result).toMatchObject({
      msg: 'failed to validate',
      exit_status: 1,
      stdout: '',
      checksum: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(
      run(shell, copy, { content: 'bad', dest: at('x'), validate: 'sh -c "echo out; echo err >&2; exit 3" %s' }).result,
    ).toMatchObject({ exit_status: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(run(shell, lineinfile, { path: at('x'), line: 'bad', validate: 'grep -q good %s' }).result).toMatchObject({
      msg: 'failed to validate: rc:1 error:',
    });
    expect(run(shell, copy, { content: 'bad', dest: at('x'), owner: 'nobody-there' }).result).toMatchObject({
      msg: 'chown failed: failed to look up user nobody-there',
    });
    expect(readFileSync(at('x'), 'utf8')).toBe('mine');
    converge(copy, { content: 'unchecked', dest: at('y'), validate: '' });
    converge(copy, { content: 'good', dest: at('x'), validate: 'grep -q good %s' });
  });

  it('copy replaces a link, or with follow what it leads to', () => {
    writeFileSync(at('real'), 'old');
    symlinkSync('real', at('link'));
    converge(copy, { content: 'new', dest: at('link'), follow: true });
    expect([readlinkSync(at('link')), readFileSync(at('real'), 'utf8')]).toEqual(['real', 'new']);
    converge(copy, { content: 'newer', dest: at('link') });
    expect([
      lstatSync(at('link')).isSymbolicLink(),
      readFileSync(at('link'), 'utf8'),
      readFileSync(at('real'), 'utf8'),
    ]).toEqual([false, 'newer', 'new']);
  });

  it('copy brings a whole folder, with its links and modes', () => {
    const tree = (contentOnly: boolean): SourceTree => ({
      kind: 'tree',
      path: '/src/site',
      contentOnly,
      mode: '0755',
      entries: [
        { path: 'a b', kind: 'directory', mode: '0755' },
        { path: 'a b/page', kind: 'file', mode: '0640', content: contentOf('page') },
        { path: 'empty', kind: 'directory', mode: '0755' },
        { path: 'link', kind: 'link', mode: '0777', target: 'a b/page' },
        { path: 'tool', kind: 'file', mode: '0755', content: contentOf('#!/bin/sh\n') },
      ],
    });
    expect(
      converge(copy, {
        src: tree(false),
        dest: at('www'),
        mode: 'preserve',
        directory_mode: '0711',
        local_follow: false,
      }),
    ).toEqual({ dest: `${at('www')}/`, src: '/src/site' });
    expect(
      ['www', 'www/site', 'www/site/a b', 'www/site/empty', 'www/site/a b/page', 'www/site/tool'].map(mode),
    ).toEqual(['0711', '0711', '0711', '0711', '0640', '0755']);
    expect(readlinkSync(at('www/site/link'))).toBe('a b/page');
    writeFileSync(at('www/site/tool'), 'other');
    converge(copy, { src: tree(false), dest: at('www') });
    converge(copy, { src: tree(true), dest: at('flat') });
    expect(readdirSync(at('flat')).sort()).toEqual(['a b', 'empty', 'link', 'tool']);
  });

  it('copy copies on the host: files and folders', () => {
    writeFileSync(at('one'), 'text');
    chmodSync(at('one'), 0o604);
    expect(converge(copy, { src: { kind: 'host', path: at('one') }, dest: at('two'), remote_src: true })).toMatchObject(
      { src: at('one'), dest: at('two'), mode: '0644', checksum: '372ea08cab33e71c02c651dbc83a474d32c676ea' },
    );
    // What replaces a file brings its mode along; what is new has the usual one.
    writeFileSync(at('older'), 'other');
    expect(
      converge(copy, { src: { kind: 'host', path: at('one') }, dest: at('older'), remote_src: true }),
    ).toMatchObject({ mode: '0604' });
    mkdirSync(at('from/sub'), { recursive: true });
    writeFileSync(at('from/sub/file'), 'x');
    symlinkSync('sub', at('from/link'));
    converge(copy, { src: { kind: 'host', path: at('from') }, dest: at('to'), remote_src: true, local_follow: false });
    expect([readFileSync(at('to/from/sub/file'), 'utf8'), readlinkSync(at('to/from/link'))]).toEqual(['x', 'sub']);
    converge(copy, { src: { kind: 'host', path: `${at('from')}/` }, dest: at('flat'), remote_src: true });
    expect(existsSync(at('flat/sub/file'))).toBe(true);
    expect(
      run(shell, copy, { src: { kind: 'host', path: at('nothing') }, dest: at('x'), remote_src: true }).failed,
    ).toBe(`Source ${at('nothing')} not found`);
  });

  it('template writes its rendered text with the wished ends of lines and encoding', () => {
    expect(
      converge(template, { src: source('/t/page.j2', 'a\nb\n'), dest: at('page'), newline_sequence: '\r\n' }),
    ).toMatchObject({ dest: at('page') });
    expect(readFileSync(at('page'), 'utf8')).toBe('a\r\nb\r\n');
    converge(template, { src: source('/t/page.j2', 'ü\n'), dest: root, output_encoding: 'latin-1', mode: '0600' });
    expect(readFileSync(at('page.j2')).equals(Buffer.from([0xfc, 0x0a]))).toBe(true);
  });

  it('assemble puts parts together in order of their names', () => {
    mkdirSync(at('parts'));
    for (const [name, text] of [
      ['20-b', 'b'],
      ['10-a', 'a\n'],
      ['.hidden', 'h\n'],
      ['30 c', 'c\n'],
    ] as const)
      writeFileSync(at(`parts/${name}`), text);
    const src = { kind: 'host', path: at('parts') } as const;
    expect(
      converge(assemble, { src, dest: at('all'), delimiter: '---', ignore_hidden: true, mode: '0600' }),
    ).toMatchObject({ dest: at('all'), src: at('parts'), msg: 'OK', mode: '0600' });
    expect(readFileSync(at('all'), 'utf8')).toBe('a\n---\nb\n---\nc\n');
    converge(assemble, { src, dest: at('some'), regexp: '^[12]0' });
    expect(readFileSync(at('some'), 'utf8')).toBe('a\nb');
    expect(run(shell, assemble, { src: { kind: 'host', path: at('no') }, dest: at('x') }).failed).toBe(
      `Source (${at('no')}) does not exist`,
    );
    expect(run(shell, assemble, { src: { kind: 'host', path: at('all') }, dest: at('x') }).failed).toBe(
      `Source (${at('all')}) is not a directory`,
    );
  });
});

describe('arguments of copy', () => {
  it.each([
    [{ dest: '/x' }, 'src (or content) is required'],
    [{ dest: '', content: 'x' }, 'dest is required'],
    [{ dest: '/x/', content: 'x' }, 'can not use content with a dir as dest'],
    [{ dest: '/x', content: 'x', src: source('/s', '') }, 'mutually exclusive'],
    [{ dest: '/x', content: 'x', mode: 'u=q' }, 'must be a file mode'],
  ])('%o is refused', (args, message) => {
    expect(() => parseArgs(copy, args)).toThrow(message);
  });
});
