// Commands of users: own environment, own process group, and nothing of one in the output of the next.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Interrupted, UsageError } from '../../src/core/error.ts';
import { alive, localMachine, scratch, shells, shown, until } from './local-machine.ts';

describe.each(shells())('a command in $name', ({ name, executable }) => {
  const spec = { executable };
  const pid = (answer: { stdout: Buffer }) => Number(answer.stdout.toString().trim());

  test('keeps the environment and locale, takes folder, mask and variables', async () => {
    const folder = scratch(`command-${name.replace(' ', '-')}`);
    const machine = localMachine({ MINE: 'kept' });
    const answer = await machine.command(spec, {
      script: 'echo "$MINE $LANG ${LC_ALL-unset} $QUOTED"; pwd; umask',
      chdir: folder,
      umask: '027',
      environment: { QUOTED: `it's $HOME` },
    });
    expect(shown(answer)).toEqual({ rc: 0, stdout: `kept C.UTF-8 unset it's $HOME\n${folder}\n0027\n`, stderr: '' });
  });

  test('streams what it prints', async () => {
    const heard: string[] = [];
    const file = `${scratch('stream')}/${name.replace(' ', '-')}`;
    const running = localMachine().command(
      spec,
      { script: `echo first; echo oops >&2; while [ ! -e ${file} ]; do sleep 0.1; done; echo second` },
      { onOutput: (stream, chunk) => heard.push(`${stream} ${chunk.toString()}`) },
    );
    await until(() => heard.includes('stdout first\n') && heard.includes('stderr oops\n'));
    writeFileSync(file, '');
    expect(shown(await running)).toEqual({ rc: 0, stdout: 'first\nsecond\n', stderr: 'oops\n' });
    expect(heard.at(-1)).toBe('stdout second\n');
  });

  test.each([
    ['exit 9', 9],
    ['kill -KILL $$', 137],
    ['exec /bin/false', 1],
    ['if then', 2],
    ['no-such-command-at-all', 127],
  ])('gives the status of %s', async (script, rc) => {
    expect((await localMachine().command(spec, { script })).rc).toBe(rc);
  });

  test('takes bytes on stdin, and none by default', async () => {
    const machine = localMachine();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
    expect((await machine.command(spec, { script: 'cat', stdin: bytes })).stdout.equals(bytes)).toBe(true);
    expect(shown(await machine.command(spec, { script: 'cat; echo end' }))).toEqual({
      rc: 0,
      stdout: 'end\n',
      stderr: '',
    });
    expect((await machine.command(spec, { script: 'exec head -c 1', stdin: bytes })).stdout.length).toBe(1);
  });

  test.each([
    ['that holds its output', 'sleep 600 & echo $!'],
    ['in a session of its own that holds its output', `setsid sh -c 'echo $$; exec sleep 600' &\nsleep 0.3`],
    ['that holds nothing', 'sleep 600 >/dev/null 2>&1 & echo $!'],
  ])('is not held up by a daemon %s, which lives on and stays out of the next', async (_, script) => {
    const machine = localMachine();
    const daemon = pid(await machine.command(spec, { script }));
    expect(shown(await machine.command(spec, { script: 'echo next' }))).toEqual({
      rc: 0,
      stdout: 'next\n',
      stderr: '',
    });
    // The next one may be killed without the daemon.
    expect(await machine.command(spec, { script: 'sleep 600' }, { timeout: 1 })).toMatchObject({ timedOut: true });
    expect(await alive(daemon)).toBe(true);
    process.kill(daemon, 'SIGKILL');
  });

  test('does not hear what a daemon says later', async () => {
    const machine = localMachine();
    await machine.command(spec, { script: '(sleep 1; echo late; echo late >&2) & true' });
    const answers = [];
    for (let round = 0; round < 4; round++)
      answers.push(shown(await machine.command(spec, { script: 'sleep 0.5; echo mine' })));
    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ rc: 0, stdout: 'mine\n', stderr: '' })));
  });

  test('keeps one shell for commands that leave nothing behind', async () => {
    const machine = localMachine();
    const parents = new Set<string>();
    for (let round = 0; round < 5; round++)
      parents.add((await machine.command(spec, { script: 'echo $PPID' })).stdout.toString());
    expect(parents.size).toBe(1);
  });

  test("shares the shell of root's questions while it leaves nothing behind", async () => {
    const machine = localMachine();
    const shell = async () => shown((await machine.exchange(spec, [{ script: 'echo $$' }]))[0])?.['stdout'];
    const first = await shell();
    expect((await machine.command(spec, { script: 'echo $PPID' })).stdout.toString()).toBe(first);
    expect(await shell()).toBe(first);
    const daemon = pid(await machine.command(spec, { script: 'sleep 600 & echo $!' }));
    expect(await shell()).not.toBe(first);
    process.kill(daemon, 'SIGKILL');
  });

  test('cannot write into the answers to questions behind it', async () => {
    const machine = localMachine();
    await machine.exchange(spec, [{ script: 'true' }]);
    await machine.command(spec, { script: '(sleep 1; echo late; echo late >&2) & true' });
    const answers = [];
    for (let round = 0; round < 4; round++)
      answers.push(shown((await machine.exchange(spec, [{ script: 'sleep 0.5; echo mine' }]))[0]));
    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ rc: 0, stdout: 'mine\n', stderr: '' })));
  });

  test('is ended with its children when its time is up', async () => {
    const answer = await localMachine().command(spec, { script: 'sleep 600 & echo $!; sleep 600' }, { timeout: 1 });
    expect(answer).toMatchObject({ timedOut: true, rc: 143 });
    await until(async () => !(await alive(pid(answer))));
  });

  test('is killed when it ignores TERM', async () => {
    const answer = await localMachine().command(
      spec,
      { script: `trap '' TERM; echo $$; while :; do sleep 1; done` },
      { timeout: 1 },
    );
    expect(answer).toMatchObject({ timedOut: true, rc: 137 });
    await until(async () => !(await alive(pid(answer))));
  });

  test('is ended by its signal', async () => {
    const machine = localMachine();
    const stop = new AbortController();
    let child = 0;
    const running = machine.command(
      spec,
      { script: 'echo $$; sleep 600' },
      { signal: stop.signal, onOutput: (_, chunk) => (child ||= Number(chunk.toString())) },
    );
    await until(() => child > 0);
    stop.abort();
    await expect(running).rejects.toBeInstanceOf(Interrupted);
    await until(async () => !(await alive(child)));
    expect((await machine.command(spec, { script: 'echo again' })).stdout.toString()).toBe('again\n');
  });

  test('shows nothing of its text or variables in the list of processes', async () => {
    const machine = localMachine();
    const listed = await machine.command(spec, {
      script: `: in-text-2718; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '[i]n-text-2718\\|[i]n-variable-3141'`,
      environment: { SECRET: 'in-variable-3141' },
    });
    expect(listed.stdout.toString()).toBe('0\n');
  });

  test('caps what is kept', async () => {
    const answer = await localMachine().command(spec, { script: 'head -c 50000000 /dev/zero', limit: 5000 });
    expect(answer).toMatchObject({ rc: 0, truncated: true });
    expect(answer.stdout.length).toBe(5000);
  });

  test('works where there is no setsid', async () => {
    const bin = scratch(`bin-${name.replace(' ', '-')}`);
    for (const tool of ['sleep', 'cat']) symlinkSync(`/bin/${tool}`, `${bin}/${tool}`);
    const machine = localMachine({ PATH: bin });
    expect(shown(await machine.command(spec, { script: 'echo one; exit 3' }))).toEqual({
      rc: 3,
      stdout: 'one\n',
      stderr: '',
    });
    expect(await machine.command(spec, { script: 'sleep 600' }, { timeout: 1 })).toMatchObject({ timedOut: true });
    expect(shown(await machine.command(spec, { script: 'cat; echo two' }))).toEqual({
      rc: 0,
      stdout: 'two\n',
      stderr: '',
    });
  });

  test('streams up and down', async () => {
    const machine = localMachine();
    const pieces = Array.from({ length: 50 }, (_, index) => Buffer.alloc(65_537, index));
    const file = `${scratch('transfer')}/${name.replace(' ', '-')}`;
    expect(
      await machine.upload(
        spec,
        `cat >'${file}'; echo done`,
        (async function* () {
          yield* pieces;
        })(),
      ),
    ).toMatchObject({ rc: 0, stdout: Buffer.from('done\n') });
    expect(readFileSync(file).equals(Buffer.concat(pieces))).toBe(true);
    const got: Buffer[] = [];
    const answer = await machine.download(spec, `cat '${file}'; echo said >&2; exit 5`, async (chunk) => {
      got.push(Buffer.from(chunk));
      await new Promise((resolve) => setImmediate(resolve));
    });
    expect(shown(answer)).toEqual({ rc: 5, stdout: '', stderr: 'said\n' });
    expect(Buffer.concat(got).equals(Buffer.concat(pieces))).toBe(true);
  });

  test('ends an upload whose source fails, with its error', async () => {
    const machine = localMachine();
    const source = (async function* () {
      yield Buffer.from('some');
      throw new Error('file vanished');
    })();
    await expect(machine.upload(spec, 'cat', source)).rejects.toThrow('file vanished');
    expect((await machine.command(spec, { script: 'echo on' })).stdout.toString()).toBe('on\n');
  });

  test('lets two programs talk, whatever the bytes that one waits for', async () => {
    const said: Buffer[] = [];
    const heard = Promise.withResolvers<void>();
    const source = async function* () {
      await heard.promise;
      yield Buffer.from('and you\\n\n');
    };
    // The byte that frames begin with, alone: nothing follows until it is answered.
    const answer = await localMachine().pipe(
      spec,
      `printf '\\036'; read -r line; printf '%s' "$line"; cat >/dev/null; echo so >&2; exit 3`,
      source(),
      (chunk) => {
        said.push(chunk);
        if (Buffer.concat(said).length === 1) heard.resolve();
      },
    );
    expect([Buffer.concat(said).toString('latin1'), shown(answer)]).toEqual([
      '\x1eand you\\n',
      { rc: 3, stdout: '', stderr: 'so\n' },
    ]);
  });

  test('ends a download whose sink fails, with its error', async () => {
    const machine = localMachine();
    await expect(
      machine.download(spec, 'cat /dev/zero', () => {
        throw new Error('disk full');
      }),
    ).rejects.toThrow('disk full');
    expect((await machine.command(spec, { script: 'echo on' })).stdout.toString()).toBe('on\n');
  });
});

test('a variable that no shell can hold is refused', async () => {
  await expect(localMachine().command({}, { script: 'true', environment: { 'a-b': 'c' } })).rejects.toBeInstanceOf(
    UsageError,
  );
});
