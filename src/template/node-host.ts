// The controller's side of lookups on Node: the only file of the engine that touches the system.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { globPattern } from './glob.ts';
import type { FetchRequest, LookupHost } from './host.ts';

function tried<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** A host over this machine; `cwd` is where relative paths start, `environment` what lookups of `env` see. */
export function nodeHost(
  cwd: string = process.cwd(),
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LookupHost {
  // As the system takes it: what stands before a .. has to be there.
  const full = (path: string): string => (isAbsolute(path) ? path : `${cwd}/${path}`);
  let user: string | undefined;
  return {
    readFile: (path) => tried(() => readFileSync(full(path))),
    writeFile: (path, content) => {
      mkdirSync(dirname(full(path)), { recursive: true, mode: 0o700 });
      writeFileSync(full(path), content, { mode: 0o600 });
      chmodSync(full(path), 0o600);
    },
    status: (path) => {
      const found = tried(() => statSync(full(path)));
      return (
        found && {
          kind: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other',
          device: found.dev,
          inode: found.ino,
          mtime: found.mtimeMs / 1000,
          owner: () => nameOfUser(found.uid),
        }
      );
    },
    isLink: (path) => tried(() => lstatSync(full(path)).isSymbolicLink()),
    isMount: (path) => {
      const [own, parent] = [tried(() => lstatSync(full(path))), tried(() => lstatSync(join(full(path), '..')))];
      return (
        own !== undefined &&
        parent !== undefined &&
        !own.isSymbolicLink() &&
        (own.dev !== parent.dev || own.ino === parent.ino)
      );
    },
    realPath: (path) => realPath(full(path)),
    glob: (pattern) => glob(pattern, cwd),
    run: (command, directory) => {
      const result = spawnSync('/bin/sh', ['-c', command], {
        cwd: directory,
        env: environment as NodeJS.ProcessEnv,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return { rc: result.status ?? -1, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
    },
    env: (name) => environment[name],
    fetch: (request) => fetchWithChild(request, environment),
    cwd: () => cwd,
    home: (name) => (name === undefined ? (environment['HOME'] ?? homedir()) : homeOf(name)),
    now: () => Date.now() / 1000,
    // Passwords and salts come from it: nobody can foresee it.
    random: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53,
    hostname,
    user: () => (user ??= tried(() => userInfo().username) ?? ''),
  };
}

function realPath(path: string): string {
  const known = tried(() => realpathSync(path));
  if (known !== undefined) return known;
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), path.slice(parent.length));
}

function nameOfUser(uid: number): string {
  const line = tried(() => readFileSync('/etc/passwd', 'utf8'))
    ?.split('\n')
    .find((entry) => entry.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? String(uid);
}

function homeOf(user: string): string {
  const line = tried(() => readFileSync('/etc/passwd', 'utf8'))
    ?.split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  return line?.split(':')[5] ?? `~${user}`;
}

/** Paths that match, part by part; hidden names only where the pattern says so. */
function glob(pattern: string, cwd: string): string[] {
  const parts = pattern.split('/');
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of parts) {
    if (part === '') continue;
    const next: string[] = [];
    for (const base of found) {
      const at = (name: string): string => (base === '' ? name : base.endsWith('/') ? base + name : `${base}/${name}`);
      if (!/[*?[]/.test(part)) {
        if (tried(() => lstatSync(resolve(cwd, at(part)))) !== undefined) next.push(at(part));
        continue;
      }
      const matches = globPattern(part);
      for (const name of (tried(() => readdirSync(resolve(cwd, base === '' ? '.' : base))) ?? []).sort())
        if (matches.test(name) && (!name.startsWith('.') || part.startsWith('.'))) next.push(at(name));
    }
    found = next;
  }
  return found;
}

/** A request made by a child process, since templates cannot wait. */
function fetchWithChild(
  request: FetchRequest,
  environment: Readonly<Record<string, string | undefined>>,
): { status: number; body: string } {
  const script = `
    const request = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    if (!request.validateCertificates) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const headers = { ...request.headers };
    if (request.username !== undefined) headers.authorization = 'Basic ' + Buffer.from(request.username + ':' + (request.password ?? '')).toString('base64');
    fetch(request.url, { method: request.method, headers, body: request.body, redirect: request.followRedirects ? 'follow' : 'manual', signal: AbortSignal.timeout(request.timeoutSeconds * 1000) })
      .then(async (answer) => process.stdout.write(JSON.stringify({ status: answer.status, body: await answer.text() })))
      .catch((error) => { process.stderr.write(String(error.cause?.message ?? error.message)); process.exitCode = 1; });`;
  const result = spawnSync(process.execPath, ['-e', script], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    env: { ...environment, NODE_NO_WARNINGS: '1' } as NodeJS.ProcessEnv,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0) throw new Error(`${request.url}: ${result.stderr}`);
  return JSON.parse(result.stdout) as { status: number; body: string };
}
