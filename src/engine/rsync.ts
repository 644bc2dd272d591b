// rsync on the controller with its other end on a host: it starts that end by a small relay, which reaches it over the connection that vbx has, as the user that the task becomes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExchangeOptions, Machine, ShellSpec } from '../core/connection.ts';
import { Interrupted } from '../core/error.ts';
import { rsyncWords } from '../core/rsync-words.ts';
import type { Step } from '../core/step.ts';

/** Run by rsync in place of ssh: tells what is to be started on the host, then passes bytes both ways, and ends with the status that was left for it. */
const RELAY = `import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exit } from 'node:process';
// How rsync ends its helpers; Node would open its debugger.
process.on('SIGUSR1', () => exit(255));
const folder = dirname(process.argv[1]);
const socket = connect({ path: folder + '/socket', allowHalfOpen: true });
socket.write(JSON.stringify(process.argv.slice(3).join(' ')) + '\\n');
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('error', () => exit(255));
socket.on('end', () => socket.end());
socket.on('close', () => exit(Number(readFileSync(folder + '/status', 'utf8'))));
`;

interface Ended {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The end on the host. */
interface Other {
  readonly rc: number;
  readonly stderr: string;
}

/** rsync's status for an error in the protocol data stream. */
const RSYNC_PROTOCOL = 12;

/** Errors: ConnectionError, Interrupted. A program that is missing, here or there, is a status and its message. */
export async function runRsync(
  machine: Machine,
  step: Step & { kind: 'rsync' },
  spec: ShellSpec,
  options: ExchangeOptions & { readonly environment: Readonly<Record<string, string>> },
): Promise<Ended> {
  // ssh would have its login shell read `~`, and sudo would come after that: there is no such shell here.
  if (spec.become !== undefined && step.rsyncPath === undefined && step.there.startsWith('~'))
    return {
      rc: 1,
      stdout: '',
      stderr: `${step.there}: write the path on the host out, as a task that becomes another user has two home folders`,
    };
  // The path of a socket has room for about 100 bytes.
  const folder = mkdtempSync(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'vbx-rsync-'));
  const { signal, timeout } = options;
  const limits = { ...(signal === undefined ? {} : { signal }) };
  let remote: Promise<Other> | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    // The relay is the only one that can reach the socket, and asks once.
    remote ??= serve(machine, step.rsyncPath === undefined ? spec : {}, socket, join(folder, 'status'), limits);
    remote.catch(() => socket.destroy());
  });
  try {
    writeFileSync(join(folder, 'relay.mjs'), RELAY, { mode: 0o600 });
    writeFileSync(join(folder, 'status'), '255');
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(join(folder, 'socket'), resolve));
    const [program = 'rsync', ...words] = rsyncWords(
      { ...step, here: step.here.replace(/^~(?=\/|$)/, homedir()) },
      `${shellWord(process.execPath)} ${shellWord(join(folder, 'relay.mjs'))}`,
    );
    const ended = await here(program, words, { ...process.env, ...options.environment }, signal, timeout);
    const there = (await remote) ?? { rc: 0, stderr: '' };
    if (signal?.aborted === true) throw new Interrupted('interrupted while rsync ran');
    // rsync may see the end of what it talks with before the status of that, which says more: there is no such program.
    const rc = ended.rc === RSYNC_PROTOCOL && (there.rc === 126 || there.rc === 127) ? there.rc : ended.rc;
    return { rc, stdout: ended.stdout, stderr: `${there.stderr}${ended.stderr}` };
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** rsync takes a word of its `-e` in quotes, in which a quote is written twice. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Joins the relay with the program on the host that its first line asks for. */
async function serve(
  machine: Machine,
  spec: ShellSpec,
  socket: Socket,
  status: string,
  options: ExchangeOptions,
): Promise<Other> {
  const bytes = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let first = Buffer.alloc(0);
  while (!first.includes(10)) {
    const { value, done } = await bytes.next();
    if (done === true) return { rc: 0, stderr: '' };
    first = Buffer.concat([first, value]);
  }
  const at = first.indexOf(10);
  const script = JSON.parse(first.subarray(0, at).toString()) as string;
  const rest = first.subarray(at + 1);
  const source = async function* (): AsyncGenerator<Uint8Array> {
    if (rest.length > 0) yield rest;
    for (let piece = await bytes.next(); piece.done !== true; piece = await bytes.next()) yield piece.value;
  };
  const sink = (chunk: Buffer): Promise<void> | void =>
    socket.destroyed || socket.write(chunk)
      ? undefined
      : new Promise((resolve) => socket.once('drain', resolve).once('close', () => resolve()));
  const answer = await machine.pipe(spec, script, source(), sink, options);
  writeFileSync(status, String(answer.rc));
  socket.end();
  return { rc: answer.rc, stderr: answer.stderr.toString() };
}

/** A program on the controller, ended with the run or when its time is over. */
function here(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
  timeout: number | undefined,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined || timeout === 0 ? {} : { timeout: timeout * 1000 }),
    });
    const said: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk: Buffer) => said[stream].push(chunk));
    const end = (rc: number, more = ''): void =>
      resolve({
        rc,
        stdout: Buffer.concat(said.stdout).toString(),
        stderr: `${Buffer.concat(said.stderr).toString()}${more}`,
      });
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(
        127,
        error.code === 'ENOENT' ? `Failed to find required executable "${program}" on the controller` : error.message,
      ),
    );
    child.once('close', (code) => end(code ?? 255));
  });
}
