// stat, slurp and find on this machine, compared with what Node says of the same files.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find } from '../../src/modules/find.ts';
import { extendedRegex } from '../../src/modules/parts/extended-regex.ts';
import { globPattern } from '../../src/modules/parts/glob-pattern.ts';
import { slurp } from '../../src/modules/slurp.ts';
import { stat } from '../../src/modules/stat.ts';
import { testShells } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';

const { shells, close } = testShells();
const root = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-reports-')));
const at = (name: string): string => join(root, name);

beforeAll(() => {
  mkdirSync(at('deep/er'), { recursive: true });
  const long = Math.floor(Date.now() / 1000) - 10 * 86_400;
  for (const [name, text, mode] of [
    ['one.conf', 'key = 1\n', 0o644],
    ['two.log', 'x'.repeat(5000), 0o600],
    ['.hidden.conf', '', 0o644],
    ['deep/three.conf', '# key\n  key2\n', 0o755],
    ['deep/er/four.conf', '', 0o644],
    ['new\nline.conf', 'n', 0o644],
    ['[odd] name', 'o', 0o644],
  ] as const) {
    writeFileSync(at(name), text);
    chmodSync(at(name), mode);
  }
  utimesSync(at('deep/three.conf'), long, long);
  symlinkSync('one.conf', at('link'));
  symlinkSync('deep', at('deep-link'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  close();
});

describe.each(shells.filter(({ name }) => name === 'dash' || name === 'busybox'))('under $name', (shell) => {
  const statOf = (args: Record<string, unknown>): Record<string, unknown> =>
    run(shell, stat, args).result['stat'] as Record<string, unknown>;

  it('stat tells what Ansible tells', () => {
    const own = lstatSync(at('one.conf'));
    expect(statOf({ path: at('one.conf') })).toMatchObject({
      exists: true,
      path: at('one.conf'),
      mode: '0644',
      isreg: true,
      isdir: false,
      islnk: false,
      isfifo: false,
      issock: false,
      ischr: false,
      isblk: false,
      size: 8,
      uid: own.uid,
      gid: own.gid,
      inode: own.ino,
      dev: own.dev,
      nlink: 1,
      rusr: true,
      wusr: true,
      xusr: false,
      rgrp: true,
      wgrp: false,
      roth: true,
      woth: false,
      isuid: false,
      isgid: false,
      readable: true,
      writeable: true,
      executable: false,
      checksum: createHash('sha1').update('key = 1\n').digest('hex'),
      pw_name: basics.user,
      blocks: own.blocks,
      block_size: own.blksize,
      device_type: 0,
      attributes: expect.any(Array) as unknown,
      charset: expect.any(String) as unknown,
      mimetype: expect.any(String) as unknown,
    });
    expect(statOf({ path: at('nothing') })).toEqual({ exists: false });
    expect(statOf({ path: at('link') })).toMatchObject({
      islnk: true,
      isreg: false,
      lnk_target: 'one.conf',
      lnk_source: at('one.conf'),
      mode: '0777',
      readable: true,
    });
    expect(statOf({ path: at('link'), follow: true, checksum_algorithm: 'sha256' })).toMatchObject({
      islnk: false,
      isreg: true,
      size: 8,
      checksum: createHash('sha256').update('key = 1\n').digest('hex'),
    });
    expect(statOf({ path: `${at('deep-link')}/` })).toMatchObject({ isdir: true, islnk: false });
    expect(statOf({ path: '' })).toEqual({ exists: false });
    expect(
      statOf({ path: at('deep'), get_checksum: false, get_mime: false, get_attributes: false }),
    ).not.toHaveProperty('mimetype');
  });

  it('slurp gives bytes as base64, and says why not', () => {
    expect(run(shell, slurp, { src: at('one.conf') }).result).toEqual({
      content: 'a2V5ID0gMQo=',
      encoding: 'base64',
      source: at('one.conf'),
    });
    expect(run(shell, slurp, { src: at('nothing') }).failed).toBe(`File not found: ${at('nothing')}`);
    expect(run(shell, slurp, { src: at('deep') }).failed).toBe(
      `Source is a directory and must be a file: ${at('deep')}`,
    );
    expect(run(shell, slurp, { src: '/proc/sys/kernel/ostype' }).result).toMatchObject({ content: 'TGludXgK' });
  });

  const found = (args: Record<string, unknown>): string[] =>
    (run(shell, find, { paths: [root], ...args }).result['files'] as { path: string }[]).map(({ path }) =>
      path.slice(root.length + 1),
    );

  it.each<[string, Record<string, unknown>, string[]]>([
    ['files of the folder itself', {}, ['[odd] name', 'new\nline.conf', 'one.conf', 'two.log']],
    ['names', { patterns: '*.conf,*.log' }, ['new\nline.conf', 'one.conf', 'two.log']],
    [
      'names below',
      { patterns: ['*.conf'], recurse: true },
      ['deep/er/four.conf', 'deep/three.conf', 'new\nline.conf', 'one.conf'],
    ],
    [
      'only so deep',
      { patterns: ['*.conf'], recurse: true, depth: 2 },
      ['deep/three.conf', 'new\nline.conf', 'one.conf'],
    ],
    ['hidden ones', { patterns: ['*.conf'], hidden: true }, ['.hidden.conf', 'new\nline.conf', 'one.conf']],
    ['but not those', { patterns: ['*.conf'], excludes: ['one*'] }, ['new\nline.conf']],
    ['by regular expression', { patterns: ['^(one|two)\\.'], use_regex: true }, ['one.conf', 'two.log']],
    ['by an odd pattern', { patterns: ['[[]odd*'] }, ['[odd] name']],
    ['folders', { file_type: 'directory', recurse: true }, ['deep', 'deep/er']],
    ['links', { file_type: 'link' }, ['deep-link', 'link']],
    [
      'anything',
      { file_type: 'any' },
      ['[odd] name', 'deep', 'deep-link', 'link', 'new\nline.conf', 'one.conf', 'two.log'],
    ],
    ['large ones', { size: '4k' }, ['two.log']],
    ['small ones', { size: '-10' }, ['[odd] name', 'new\nline.conf', 'one.conf']],
    ['old ones', { age: '1w', recurse: true }, ['deep/three.conf']],
    ['new ones', { age: '-1d' }, ['[odd] name', 'new\nline.conf', 'one.conf', 'two.log']],
    ['by content at the start of a line', { contains: 'key\\s*=\\s\\d', recurse: true }, ['one.conf']],
    [
      'by content anywhere',
      { contains: 'key\\d?', recurse: true, read_whole_file: true },
      ['deep/three.conf', 'one.conf'],
    ],
    ['by mode', { mode: '0600' }, ['two.log']],
    ['by bits of the mode', { mode: '0100', exact_mode: false, recurse: true }, ['deep/three.conf']],
    ['through links', { patterns: 'three*', follow: true, recurse: true }, ['deep-link/three.conf', 'deep/three.conf']],
    ['no more than asked for', { limit: 2 }, ['[odd] name', 'new\nline.conf']],
  ])('find: %s', (_, args, names) => {
    expect(found(args)).toEqual(names);
  });

  it('find looks at a file as a whole, at its lines, and in its encoding', () => {
    const folder = at('texts');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.txt'), 'first\nKO\nlast OK\n');
    writeFileSync(join(folder, 'b.gbk'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]));
    const names = (args: Record<string, unknown>): string[] =>
      (run(shell, find, { paths: [folder], patterns: '*.txt', ...args }).result['files'] as { path: string }[]).map(
        ({ path }) => path.slice(folder.length + 1),
      );
    const whole = { read_whole_file: true };
    expect([
      names({ contains: 'KO$', ...whole }),
      names({ contains: 'OK$', ...whole }),
      names({ contains: 'first\nKO', ...whole }),
      names({ contains: 'first.KO', ...whole }),
      names({ contains: 'first\\sKO\\n', ...whole }),
      names({ contains: '^KO', ...whole }),
    ]).toEqual([[], ['a.txt'], ['a.txt'], [], ['a.txt'], []]);
    expect([names({ contains: '.*KO$' }), names({ contains: 'first\nKO' }), names({ contains: 'KO\n' })]).toEqual([
      ['a.txt'],
      [],
      ['a.txt'],
    ]);
    const encoded = (encoding: string): Record<string, unknown> =>
      run(shell, find, { paths: [folder], patterns: '*.gbk', contains: '你好', encoding }).result;
    // BusyBox has no iconv: bytes are compared.
    if (shell.name === 'busybox') expect(encoded('gbk')).toMatchObject({ matched: 0, msg: 'All paths examined' });
    else {
      expect(encoded('gbk')).toMatchObject({ matched: 1, msg: 'All paths examined' });
      expect(encoded('utf-8')).toMatchObject({
        matched: 0,
        msg: 'Not all paths examined, check warnings for details',
        skipped_paths: {
          [folder]: `Failed to read the file ${folder}/b.gbk due to an encoding error. current encoding: utf-8`,
        },
      });
      expect(encoded('no-such')).toMatchObject({
        matched: 0,
        skipped_paths: { [folder]: 'unknown encoding: no-such' },
      });
    }
    rmSync(folder, { recursive: true });
  });

  it('find counts what lies one level below the depth', () => {
    expect(run(shell, find, { paths: [at('deep')], recurse: true, depth: 1 }).result).toMatchObject({
      examined: 3,
      matched: 1,
    });
  });

  it('find tells all of a file, and what it could not search', () => {
    const { result } = run(shell, find, { paths: [at('deep/er'), at('one.conf')], get_checksum: true });
    const own = lstatSync(at('deep/er/four.conf'));
    expect(result).toMatchObject({
      matched: 1,
      examined: 1,
      msg: 'Not all paths examined, check warnings for details',
      skipped_paths: { [at('one.conf')]: `'${at('one.conf')}' is not a directory` },
      files: [
        {
          path: at('deep/er/four.conf'),
          mode: '0644',
          isreg: true,
          isdir: false,
          size: 0,
          uid: own.uid,
          inode: own.ino,
          nlink: 1,
          pw_name: basics.user,
          xusr: false,
          checksum: createHash('sha1').update('').digest('hex'),
        },
      ],
    });
    expect(run(shell, find, { paths: [root] }).result).toMatchObject({ msg: 'All paths examined', skipped_paths: {} });
  });
});

describe('patterns', () => {
  it.each([
    ['*.conf', 'a.conf', true],
    ['*.conf', '.conf', true],
    ['*.conf', 'aconf', false],
    ['a?c', 'abc', true],
    ['[!a]b', 'cb', true],
    ['[!a]b', 'ab', false],
    ['[]]', ']', true],
    ['[a', '[a', true],
    ['a+b', 'a+b', true],
    ['[^a]', '^', true],
  ])('%s on %s is %s', (pattern, name, matches) => {
    expect(globPattern(pattern).test(name)).toBe(matches);
  });

  it.each([
    ['^key\\s*=', '^key[[:space:]]*='],
    ['a\\.b', 'a\\.b'],
    ['(?:a|b)+?', '(a|b)+'],
    ['[\\d_-]', '[0-9_-]'],
    ['[^\\]a]', '[^]a]'],
    ['\\-', '-'],
    ['a\n', 'a$'],
    ['a\nb', '$never'],
  ])('%s is %s for grep', (pattern, translated) => {
    expect(extendedRegex(pattern)).toEqual({ pattern: translated });
  });

  it.each(['(?P<n>a)', 'a(?=b)', '\\bword', '(a)\\1', 'a++'])('%s is refused by name', (pattern) => {
    expect(extendedRegex(pattern)).toHaveProperty('refused');
    expect(() => parseArgs(find, { paths: ['/'], contains: pattern })).toThrow("cannot be told to the host's grep");
  });
});
