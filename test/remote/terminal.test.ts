// Commands in a terminal of their own: they see one, and what is typed reaches them.
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/core/error.ts';
import { runStep } from '../../src/engine/step-run.ts';
import { alive, localMachine, scratch, shells, shown, until } from './local-machine.ts';

describe.each(shells())('a command in a terminal of $name', ({ executable }) => {
  const spec = { executable };
  const silent = () => () => undefined;

  test('sees a terminal, its folder and its environment, and gives its status', async () => {
    const folder = scratch('terminal');
    const answer = await localMachine().terminal(
      spec,
      {
        script: `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && [ -r /dev/tty ] && stty size; pwd; echo "$QUOTED"; exit 7`,
        chdir: folder,
        environment: { QUOTED: `it's\n\\\u00e4` },
        echo: false,
      },
      silent,
    );
    expect(shown(answer)).toEqual({
      rc: 7,
      stdout: `24 80\r\n${folder}\r\nit's\r\n\\${Buffer.from('\u00e4').toString('latin1')}\r\n`,
      stderr: '',
    });
  });

  test.each([
    [false, 'name? hello you\r\n'],
    [true, 'name? you\r\nhello you\r\n'],
  ])('hears what is typed, with echo: %s', async (echo, stdout) => {
    const answer = await localMachine().terminal(
      spec,
      { script: `printf 'name? '; read a; echo "hello $a"`, echo },
      ({ type }) =>
        (chunk) => {
          if (chunk.toString().includes('?')) type(Buffer.from('you\n'));
        },
    );
    expect(shown(answer)).toEqual({ rc: 0, stdout, stderr: '' });
  });

  test('is ended with what it started', async () => {
    let printed = '';
    const answer = await localMachine().terminal(
      spec,
      { script: 'echo $$; sleep 600; echo late', echo: false },
      ({ end }) =>
        (chunk) => {
          printed += chunk.toString();
          if (printed.endsWith('\n')) end();
        },
    );
    expect(answer).toMatchObject({ timedOut: true });
    await until(async () => !(await alive(Number(printed))));
  });

  test('is ended by an interrupt', async () => {
    const stop = new AbortController();
    const running = localMachine().terminal(
      spec,
      { script: 'echo up; sleep 600', echo: false },
      () => () => stop.abort(),
      { signal: stop.signal },
    );
    await expect(running).rejects.toThrow(Interrupted);
  });

  test('a signal that ends it is told by its status alone', async () => {
    const answer = await localMachine().terminal(spec, { script: "sh -c 'kill -KILL $$'", echo: false }, silent);
    expect(shown(answer)).toEqual({ rc: 137, stdout: '', stderr: '' });
  });
});

describe('a talk', () => {
  const talk = (script: string, more: { answers?: string | string[]; quiet?: number }) =>
    runStep(
      localMachine(),
      {
        kind: 'talk',
        script,
        prompts: [{ pattern: 'Q', answers: more.answers ?? 'a' }],
        echo: false,
        display: script,
        ...(more.quiet === undefined ? {} : { quiet: more.quiet }),
      },
      [],
      { spec: {} },
    );
  test('answers until the program ends', async () => {
    const done = await talk('for i in 1 2; do printf Q; read a; echo "=$a"; done', { answers: ['one', 'two'] });
    expect(done).toMatchObject({ rc: 0, stdout: 'Q=one\r\nQ=two\r\n', stderr: '' });
  });
  test('waits for a question, not for the end', async () => {
    const done = await talk('for i in 1 2 3; do sleep 0.8; printf Q; read a; done; sleep 600', { quiet: 2 });
    expect(done).toMatchObject({ stdout: 'QQQ', timedOut: true });
  });
  test('breaks off where it has no answer left', async () => {
    const done = await talk('for i in 1 2; do printf Q; read a; done', { answers: ['one'] });
    expect(done.stderr).toBe(`No remaining responses for 'Q', output was 'b'Q''`);
  });
});
