// tempfile, fetch, unarchive, get_url and git on this machine, with a server of this process.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentOf } from '../../src/core/content.ts';
import { Unknown } from '../../src/core/value.ts';
import { fetch } from '../../src/modules/fetch.ts';
import { get_url } from '../../src/modules/get_url.ts';
import { git } from '../../src/modules/git.ts';
import { tempfile } from '../../src/modules/tempfile.ts';
import { unarchive } from '../../src/modules/unarchive.ts';
import { testShells } from '../probes/shells.ts';
import { act, basics, parseArgs } from './on-this-machine.ts';
import { fileState } from './states.ts';

const { shells, close } = testShells();
const base = realpathSync(mkdtempSync(join(tmpdir(), 'vbx-actions-')));
let root = base;
let count = 0;
const at = (name: string): string => join(root, name);
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const dash = shells.find(({ name }) => name === 'dash') ?? shells[0];
if (dash === undefined) throw new Error('no shell on this machine');

beforeEach(() => {
  root = join(base, String(count++));
  mkdirSync(root);
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
  close();
});

describe.each(shells.filter(({ name }) => name === 'dash' || name === 'busybox'))('under $name', (shell) => {
  it('tempfile makes a file or folder of its own', () => {
    const { result } = act(shell, tempfile, { path: root, prefix: 'a b', suffix: '.x y' });
    expect(result).toMatchObject({ changed: true, state: 'file', mode: '0600', uid: basics.uid, size: 0 });
    expect(String(result['path'])).toMatch(/\/a b\w{8}\.x y$/);
    expect(lstatSync(String(result['path'])).isFile()).toBe(true);
    const folder = act(shell, tempfile, { path: root, state: 'directory', suffix: 'build' }).result;
    expect(folder).toMatchObject({ state: 'directory', mode: '0700' });
    expect(String(folder['path'])).toMatch(/\/ansible\.\w{8}build$/);
    expect(readdirSync(root)).toHaveLength(2);
    expect(act(shell, tempfile, { path: at('none') }).result).toMatchObject({ failed: true });
  });

  function archiveOf(name: string): void {
    mkdirSync(at('in/sub'), { recursive: true });
    writeFileSync(at('in/one'), 'one');
    writeFileSync(at('in/sub/two words'), 'two');
    chmodSync(at('in/one'), 0o640);
    execFileSync('tar', ['-C', at('in'), '-caf', at(name), '.']);
    mkdirSync(at('out'));
  }

  it.each(
    ['a.tar', 'a.tar.gz', 'a.tar.bz2', 'a.tar.xz']
      .filter((name) => !name.endsWith('xz') || has('xz'))
      .filter((name) => !name.endsWith('bz2') || has('bzip2')),
  )('unarchive unpacks %s once', (name) => {
    archiveOf(name);
    const args = { src: { kind: 'host', path: at(name) }, dest: at('out'), remote_src: true, list_files: true };
    expect(act(shell, unarchive, args, { check: true }).result).toMatchObject({ changed: true });
    expect(existsSync(at('out/one'))).toBe(false);
    const first = act(shell, unarchive, args);
    expect(first.result).toMatchObject({
      changed: true,
      dest: at('out'),
      state: 'directory',
      handler: {
        'a.tar': 'TarArchive',
        'a.tar.gz': 'TgzArchive',
        'a.tar.bz2': 'TarBzipArchive',
        'a.tar.xz': 'TarXzArchive',
      }[name],
    });
    expect(first.result['files']).toContain('./sub/two words');
    const packed = { 'a.tar': [], 'a.tar.gz': ['-z'], 'a.tar.bz2': ['-j'], 'a.tar.xz': ['-J'] }[name] ?? [];
    expect(first.result['extract_results']).toEqual({
      cmd: ['tar', '--extract', '-C', at('out'), ...packed, '-f', at(name)],
      rc: 0,
      out: '',
      err: expect.any(String),
    });
    expect(act(shell, unarchive, { ...args, extra_opts: ['-v'], dest: root }).result['extract_results']).toMatchObject({
      rc: 0,
      out: expect.stringContaining('sub/two words'),
    });
    expect([readFileSync(at('out/sub/two words'), 'utf8'), statSync(at('out/one')).mode & 0o777]).toEqual([
      'two',
      0o640,
    ]);
    expect(act(shell, unarchive, args).result).toMatchObject({ changed: false });
    writeFileSync(at('out/one'), 'other');
    expect(act(shell, unarchive, args).result).toMatchObject({ changed: true });
    expect(readFileSync(at('out/one'), 'utf8')).toBe('one');
    expect(readdirSync(at('out')).sort()).toEqual(['one', 'sub']);
  });

  it('unarchive takes an archive of the controller, leaves parts out and sets modes', () => {
    archiveOf('a.tar.gz');
    const src = { kind: 'file', path: '/c/a.tar.gz', mode: '0644', content: contentOf(readFileSync(at('a.tar.gz'))) };
    expect(act(shell, unarchive, { src, dest: at('out') }, { check: true }).result['changed']).toBeInstanceOf(Unknown);
    const part = act(shell, unarchive, { src, dest: at('out'), exclude: ['./sub'], mode: 'u=rwX,go=' }).result;
    if (shell.name === 'busybox') {
      expect(part).toMatchObject({ failed: true, msg: "the host's tar cannot leave files out: exclude needs GNU tar" });
      expect(act(shell, unarchive, { src, dest: at('out'), mode: 'u=rwX,go=' }).result).toMatchObject({
        changed: true,
      });
      expect(statSync(at('out/sub/two words')).mode & 0o777).toBe(0o600);
      return;
    }
    expect(part).toMatchObject({ changed: true });
    expect([readdirSync(at('out')), statSync(at('out/one')).mode & 0o777]).toEqual([['one'], 0o600]);
    expect(act(shell, unarchive, { src, dest: at('out'), exclude: ['./sub'], mode: 'u=rwX,go=' }).result).toMatchObject(
      { changed: false },
    );
  });

  it('unarchive says what is wrong', () => {
    expect(
      act(shell, unarchive, { src: { kind: 'host', path: at('x') }, dest: at('none'), remote_src: true }).result,
    ).toMatchObject({ failed: true, msg: `dest '${at('none')}' must be an existing dir` });
    expect(
      act(shell, unarchive, { src: { kind: 'host', path: at('x') }, dest: root, remote_src: true }).result,
    ).toMatchObject({ failed: true, msg: `Source '${at('x')}' does not exist` });
    writeFileSync(at('junk'), 'no archive at all, whatever tar thinks of it');
    expect(
      act(shell, unarchive, { src: { kind: 'host', path: at('junk') }, dest: root, remote_src: true }).result,
    ).toMatchObject({ failed: true });
    expect(
      act(shell, unarchive, {
        src: { kind: 'host', path: at('junk') },
        dest: root,
        remote_src: true,
        creates: at('junk'),
      }).result,
    ).toMatchObject({ changed: false, skipped: true });
  });
});

describe.runIf(has('curl'))('get_url', () => {
  let server: Server;
  let url = '';
  const seen: { url: string; headers: Record<string, unknown> }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers });
      if (
        request.url === '/secret' &&
        request.headers.authorization !== `Basic ${Buffer.from('me:p"w\\d').toString('base64')}`
      )
        response.writeHead(401).end();
      else if (request.url === '/missing') response.writeHead(404).end('no');
      else if (request.url === '/named')
        response.writeHead(200, { 'Content-Disposition': 'attachment; filename="../given name"' }).end('named');
      else if (request.url === '/moved') response.writeHead(302, { Location: '/file.txt' }).end();
      else if (request.url === '/SUMS') response.end(`${sha1('text')}  file.txt\n${sha1('x')}  other\n`);
      else if (request.headers['if-modified-since'] !== undefined && request.url === '/old')
        response.writeHead(304).end();
      else response.writeHead(200, { 'Content-Length': 4 }).end(request.method === 'HEAD' ? undefined : 'text');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // The server lives in this process, so that scripts must not block it.
  const acted = async (args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { actAsync } = await import('./act-async.ts');
    return actAsync(get_url, args);
  };

  it('fetches once, and again when the server has another file', async () => {
    expect(await acted({ url: `${url}/file.txt`, dest: at('f'), mode: '0640' })).toMatchObject({
      changed: true,
      dest: at('f'),
      checksum_src: sha1('text'),
      checksum_dest: null,
      status_code: 200,
      mode: '0640',
      size: 4,
      msg: 'OK (4 bytes)',
      state: 'file',
    });
    expect(readFileSync(at('f'), 'utf8')).toBe('text');
    expect(await acted({ url: `${url}/file.txt`, dest: at('f') })).toMatchObject({
      changed: false,
      checksum_dest: sha1('text'),
    });
    expect(await acted({ url: `${url}/old`, dest: at('f') })).toMatchObject({ changed: false, status_code: 304 });
    writeFileSync(at('f'), 'mine');
    utimesSync(at('f'), 1000, 1000);
    const again = await acted({ url: `${url}/file.txt`, dest: at('f'), backup: true });
    expect(again).toMatchObject({ changed: true });
    expect(readFileSync(String(again['backup_file']), 'utf8')).toBe('mine');
    expect(readdirSync(root).filter((name) => name.startsWith('.vbx'))).toEqual([]);
  });

  it('checks digests that only openssl knows', async () => {
    for (const [algorithm, name] of [
      ['sha3_256', 'sha3-256'],
      ['blake2b', 'blake2b512'],
    ] as const) {
      const digest = createHash(name).update('text').digest('hex');
      expect(
        await acted({ url: `${url}/file.txt`, dest: at(algorithm), checksum: `${algorithm}:${digest}` }),
      ).toMatchObject({ changed: true });
      expect(
        await acted({ url: `${url}/file.txt`, dest: at(algorithm), checksum: `${algorithm}:${digest}` }),
      ).toMatchObject({ changed: false, msg: 'file already exists' });
      expect(
        await acted({
          url: `${url}/file.txt`,
          dest: at('other'),
          checksum: `${algorithm}:${'0'.repeat(digest.length)}`,
        }),
      ).toMatchObject({ failed: true });
    }
  });

  it('asks for the head alone in a dry run', async () => {
    const dry = async (path: string, more: Record<string, unknown> = {}) =>
      (await import('./act-async.ts')).actAsync(
        get_url,
        { url: `${url}${path}`, dest: at('f'), ...more },
        { check: true },
      );
    expect(await dry('/file.txt')).toMatchObject({ changed: true, msg: 'OK (4 bytes)', status_code: 200 });
    expect(existsSync(at('f'))).toBe(false);
    expect(await dry('/missing')).toMatchObject({ failed: true, msg: 'Request failed', status_code: 404 });
    writeFileSync(at('f'), 'text');
    expect(await dry('/old')).toMatchObject({ changed: false, status_code: 304 });
    expect(await dry('/file.txt', { checksum: `sha1:${sha1('text')}` })).toMatchObject({
      changed: false,
      msg: 'file already exists',
    });
  });

  it('checks digests, also those of a file of digests', async () => {
    expect(await acted({ url: `${url}/file.txt`, dest: at('f'), checksum: `sha1:${sha1('text')}` })).toMatchObject({
      changed: true,
    });
    const asked = seen.length;
    expect(await acted({ url: `${url}/file.txt`, dest: at('f'), checksum: `sha1:${sha1('text')}` })).toMatchObject({
      changed: false,
      msg: 'file already exists',
    });
    expect(seen).toHaveLength(asked);
    expect(await acted({ url: `${url}/file.txt`, dest: at('g'), checksum: `sha1:${url}/SUMS` })).toMatchObject({
      changed: true,
    });
    expect(await acted({ url: `${url}/elsewhere`, dest: at('h'), checksum: `sha1:${url}/SUMS` })).toMatchObject({
      failed: true,
      msg: `Unable to find a checksum for file 'elsewhere' in '${url}/SUMS'`,
    });
    const wrong = await acted({ url: `${url}/file.txt`, dest: at('h'), checksum: `sha256:${'a'.repeat(64)}` });
    expect(wrong).toMatchObject({ failed: true, msg: expect.stringContaining('did not match') as string });
    expect(existsSync(at('h'))).toBe(false);
  });

  it('names the file in a folder by the server or by the address', async () => {
    expect(await acted({ url: `${url}/named`, dest: root })).toMatchObject({ dest: at('given name') });
    expect(await acted({ url: `${url}/moved?x=1`, dest: root })).toMatchObject({ changed: true, dest: at('moved') });
    expect(await acted({ url: `${url}/moved`, dest: root })).toMatchObject({ dest: at('file.txt') });
  });

  it('sends headers and credentials, none of them by the command line', async () => {
    expect(
      await acted({
        url: `${url}/secret`,
        dest: at('s'),
        url_username: 'me',
        url_password: 'p"w\\d',
        headers: { 'X-One': 'a "b" c' },
      }),
    ).toMatchObject({ changed: true });
    expect(seen.at(-1)?.headers).toMatchObject({ 'x-one': 'a "b" c', 'user-agent': 'ansible-httpget' });
    const [step] = get_url.steps(
      parseArgs(get_url, { url: 'http://h/', dest: '/d', url_username: 'me', url_password: 'hush' }) as never,
      { at: { kind: 'absent' } },
      basics,
      { host: 'h', playbookDir: '/', environment: {}, checkMode: false },
    );
    expect(step?.kind === 'script' && [step.script.includes('hush'), step.secret]).toEqual([false, true]);
  });

  it('tells failures', async () => {
    expect(await acted({ url: `${url}/missing`, dest: at('f') })).toMatchObject({
      failed: true,
      msg: 'Request failed',
      status_code: 404,
    });
    expect(await acted({ url: 'http://127.0.0.1:1/', dest: at('f') })).toMatchObject({ failed: true, status_code: -1 });
    expect(await acted({ url: `${url}/file.txt`, dest: at('none/f') })).toMatchObject({
      failed: true,
      msg: `Destination ${at('none')} does not exist`,
    });
    expect(await acted({ url: 'file:///etc/hostname', dest: at('hostname') })).toMatchObject({ changed: true });
  });
});

describe.runIf(has('git'))('git', () => {
  const inRepo = (...args: string[]): string =>
    execFileSync('git', ['-C', at('repo'), '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = (text: string): string => {
    writeFileSync(at('repo/file'), text);
    inRepo('add', 'file');
    inRepo('commit', '-qm', text);
    return inRepo('rev-parse', 'HEAD');
  };
  const start = (): string => {
    mkdirSync(at('repo'));
    inRepo('init', '-q', '-b', 'main');
    return commit('one');
  };
  const run = (args: Record<string, unknown>, check = false): Record<string, unknown> =>
    act(dash, git, { repo: at('repo'), dest: at('clone'), ...args }, { check }).result;

  it('clones, follows the branch, and takes tags and commits', () => {
    const first = start();
    expect(run({}, true)).toMatchObject({ changed: true, before: null, after: first });
    expect(existsSync(at('clone'))).toBe(false);
    expect(run({})).toMatchObject({ changed: true, before: null, after: first });
    expect(run({})).toMatchObject({ changed: false, before: first, after: first });
    const second = commit('two');
    inRepo('tag', '-a', '-m', 'v1', 'v1', first);
    expect(run({}, true)).toMatchObject({ changed: true, before: first, after: second });
    expect(run({ update: false })).toMatchObject({ changed: false, before: first, after: first });
    expect(run({ version: 'main' })).toMatchObject({ changed: true, before: first, after: second });
    expect(readFileSync(at('clone/file'), 'utf8')).toBe('two');
    expect(run({ version: 'v1' }, true)).toMatchObject({ changed: true, after: first });
    expect(run({ version: 'v1' })).toMatchObject({ changed: true, after: first });
    expect(run({ version: second })).toMatchObject({ changed: true, after: second });
    expect(run({ version: second })).toMatchObject({ changed: false });
    expect(run({ version: 'no-such-thing' })).toMatchObject({ failed: true, msg: 'Failed to checkout no-such-thing' });
  });

  it('asks the remote alone where nothing is to be cloned', () => {
    const first = start();
    expect(act(dash, git, { repo: at('repo'), clone: false, update: false }).result).toMatchObject({
      changed: true,
      before: null,
      after: first,
    });
    expect(() => parseArgs(git, { repo: at('repo') })).toThrow(
      'the destination directory must be specified unless clone=no',
    );
  });

  it('makes an archive of the version, once', () => {
    start();
    for (const ending of ['tar', 'zip', 'tar.gz', 'tgz']) {
      const archive = at(`clone/a.${ending}`);
      expect(run({ archive, archive_prefix: 'in/' }), ending).toMatchObject({ changed: true });
      expect(existsSync(archive)).toBe(true);
    }
    expect(execFileSync('tar', ['-tf', at('clone/a.tar')], { encoding: 'utf8' })).toBe('in/\nin/file\n');
    expect(run({ archive: at('clone/a.tar'), archive_prefix: 'in/', update: false })).toMatchObject({ changed: false });
    expect(run({ archive: at('clone/a.tar'), update: false })).toMatchObject({ changed: true });
    expect(() => parseArgs(git, { repo: 'x', dest: 'y', archive: 'a.rar' })).toThrow(
      'Unable to get file extension from archive file name : a.rar',
    );
  });

  it('keeps its data where it is told, and moves it', () => {
    const first = start();
    mkdirSync(at('data'));
    expect(run({ separate_git_dir: at('data') })).toMatchObject({
      failed: true,
      msg: `Separate-git-dir path ${at('data')} already exists.`,
    });
    rmSync(at('data'), { recursive: true });
    expect(run({ separate_git_dir: at('data') })).toMatchObject({ changed: true, after: first });
    expect(existsSync(at('data/HEAD'))).toBe(true);
    expect(run({ separate_git_dir: at('data') })).toMatchObject({ changed: false });
    expect(run({ separate_git_dir: at('data2') })).toMatchObject({
      changed: true,
      git_dir_before: at('data'),
      git_dir_now: at('data2'),
    });
    expect(run({})).toMatchObject({ changed: false, before: first });
    writeFileSync(at('clone/.git'), 'some text\n');
    expect(run({})).toMatchObject({
      failed: true,
      msg: 'Current repo does not have a valid reference to a separate Git dir or it refers to the invalid path',
    });
  });

  it('keeps local changes unless they may be thrown away', () => {
    const first = start();
    run({});
    writeFileSync(at('clone/file'), 'mine');
    expect(run({})).toMatchObject({
      failed: true,
      msg: `Local modifications exist in the destination: ${at('clone')} (force=no).`,
    });
    expect(run({ force: true })).toMatchObject({ changed: true, before: first, after: first });
    expect(readFileSync(at('clone/file'), 'utf8')).toBe('one');
  });

  it('clones bare and shallow, and follows a remote that moved', () => {
    const first = start();
    commit('two');
    expect(run({ bare: true, dest: at('bare') })).toMatchObject({ changed: true });
    expect(run({ bare: true, dest: at('bare') })).toMatchObject({ changed: false });
    expect(run({ repo: `file://${at('repo')}`, depth: 1, dest: at('shallow') })).toMatchObject({ changed: true });
    expect(existsSync(at('shallow/.git/shallow'))).toBe(true);
    run({});
    execFileSync('cp', ['-a', at('repo'), at('moved')]);
    expect(run({ repo: at('moved') }, true)).toMatchObject({ changed: true, remote_url_changed: true });
    expect(run({ repo: at('moved') })).toMatchObject({ changed: true, remote_url_changed: true });
    expect(run({ repo: at('moved') })).toMatchObject({ changed: false });
    expect(first).toHaveLength(40);
  });
});

describe('get_url by wget', () => {
  it('goes by no proxy where it is to use none, in a dry run as well', () => {
    const script = (checkMode: boolean): unknown =>
      get_url.steps(
        parseArgs(get_url, { url: 'http://h/x', dest: '/y', use_proxy: false }) as never,
        { at: { kind: 'absent' } } as never,
        basics,
        { host: 'h', playbookDir: '/', environment: {}, checkMode },
      )[0];
    for (const check of [true, false])
      expect(script(check)).toMatchObject({
        script: expect.stringMatching(/^elif command -v wget .* wget -q .* -Y off http:\/\/h\/x && /m) as unknown,
      });
  });
});

describe('fetch', () => {
  const state = fileState('x');
  const there = { at: { ...state, info: { ...state.info, digests: { sha1: sha1('x') } } } };
  const steps = (args: Record<string, unknown>): unknown =>
    fetch.steps(parseArgs(fetch, args) as never, there, basics, {
      host: 'web1',
      playbookDir: '/play',
      environment: {},
      checkMode: false,
    });

  it('puts files below host and path, or flat', () => {
    expect(steps({ src: '/etc/x', dest: 'got' })).toEqual([
      { kind: 'download', path: '/etc/x', to: '/play/got/web1/etc/x' },
    ]);
    expect(steps({ src: '/etc/x', dest: '/tmp/got/', flat: true })).toEqual([
      { kind: 'download', path: '/etc/x', to: '/tmp/got/x' },
    ]);
    expect(steps({ src: '/etc/x', dest: '/tmp/y', flat: true })).toEqual([
      { kind: 'download', path: '/etc/x', to: '/tmp/y' },
    ]);
  });

  it('fails on what is missing unless it may be missing', () => {
    const told = (args: Record<string, unknown>): unknown =>
      fetch.parse(parseArgs(fetch, args) as never, [], { at: { kind: 'absent' } });
    expect(told({ src: '/x', dest: '/y' })).toEqual({
      failed: true,
      msg: 'the remote file does not exist',
      file: '/x',
    });
    expect(told({ src: '/x', dest: '/y', fail_on_missing: false })).toEqual({
      changed: false,
      msg: 'the remote file does not exist, not transferring, ignored',
      file: '/x',
    });
  });

  it('is skipped in a dry run, whether the file is there or not', () => {
    for (const args of [
      { src: '/etc/hostname', dest: '/y' },
      { src: '/no/such', dest: '/y' },
    ])
      expect(act(dash, fetch, args, { check: true })).toMatchObject({
        scripts: [],
        result: { skipped: true, changed: false, msg: 'check mode not (yet) supported for this module' },
      });
  });

  it('tells what arrived', () => {
    const step = { kind: 'download', path: '/etc/x', to: '/y' } as const;
    const parse = (stdout: string): unknown =>
      fetch.parse(
        parseArgs(fetch, { src: '/etc/x', dest: '/y' }) as never,
        [{ step, rc: 0, stdout, stderr: '', start: 0, end: 0 }],
        there,
      );
    expect(parse(`changed ${sha1('x')} ${'0'.repeat(32)}`)).toMatchObject({
      changed: true,
      dest: '/y',
      checksum: sha1('x'),
      remote_checksum: sha1('x'),
    });
    expect(parse(`same ${sha1('x')} ${'0'.repeat(32)}`)).toMatchObject({
      changed: false,
      dest: '/y',
      checksum: sha1('x'),
      file: '/etc/x',
    });
    const failed = (args: Record<string, unknown>, to: string): unknown =>
      fetch.parse(
        parseArgs(fetch, { src: '/etc/x', ...args }) as never,
        [
          {
            step: { kind: 'download', path: '/etc/x', to },
            rc: 1,
            stdout: '',
            stderr: `${to} is a directory\n`,
            start: 0,
            end: 0,
          },
        ],
        there,
      );
    expect(failed({ dest: '/y', flat: true }, '/y')).toEqual({
      failed: true,
      changed: false,
      msg: 'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
    });
    expect(failed({ dest: '/y/', flat: true }, '/y/x')).toMatchObject({
      msg: "calculated dest '/y/x' is an existing directory, use another path that does not point to an existing directory",
    });
    expect(parse(`changed ${sha1('z')} ${'0'.repeat(32)}`)).toMatchObject({ failed: true, msg: 'checksum mismatch' });
  });
});
