// The framed shell over every shell that a host may have: what comes out of a snippet is its own, whatever it does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/core/error.ts';
import { alive, localMachine, scratch, shells, shown, until } from './local-machine.ts';

describe.each(shells())('an exchange in $name', ({ name, executable }) => {
  const spec = { executable };
  const ask = async (script: string) => {
    const [answer] = await localMachine().exchange(spec, [{ script }]);
    return shown(answer);
  };

  test.each([
    [
      'keeps stdout and stderr apart',
      'echo out; echo err >&2; echo more',
      { rc: 0, stdout: 'out\nmore\n', stderr: 'err\n' },
    ],
    ['keeps output that ends without a newline', 'printf a; printf b >&2', { rc: 0, stdout: 'a', stderr: 'b' }],
    [
      'gives the status of an exit inside',
      'echo before; exit 7; echo after',
      { rc: 7, stdout: 'before\n', stderr: '' },
    ],
    ['keeps NUL bytes', `printf 'a\\000b\\000\\377'`, { rc: 0, stdout: 'a\0b\0\xff', stderr: '' }],
    ['gives stdin from /dev/null', 'cat; read -r x; echo "$?"', { rc: 0, stdout: '1\n', stderr: '' }],
    ['survives quotes', `echo 'it'"'"'s' "\\"\\$\\""`, { rc: 0, stdout: `it's "$"\n`, stderr: '' }],
    ['says 128+n for a signal', `sh -c 'kill -TERM $$'`, { rc: 143, stdout: '', stderr: expect.any(String) }],
    ['speaks C', 'echo "$LC_ALL"', { rc: 0, stdout: 'C\n', stderr: '' }],
    ['runs a trap on exit', `trap 'echo trapped' EXIT; exit 3`, { rc: 3, stdout: 'trapped\n', stderr: '' }],
    [
      'has no stray file descriptor',
      'echo x 2>/dev/null >&7 && echo open; true',
      { rc: 0, stdout: '', stderr: expect.any(String) },
    ],
    ['bears set -e and set -u', 'set -eu; false; echo no', { rc: 1, stdout: '', stderr: '' }],
  ])('%s', async (_, script, expected) => {
    expect(await ask(script)).toEqual(expected);
  });

  test('answers a syntax error with a status and goes on', async () => {
    const answers = await localMachine().exchange(spec, [
      { script: 'if then fi (' },
      { script: `echo "unfinished` },
      { script: 'echo fine' },
    ]);
    expect(answers.map((answer) => answer?.rc === 0)).toEqual([false, false, true]);
    expect(shown(answers[2])).toEqual({ rc: 0, stdout: 'fine\n', stderr: '' });
  });

  test('does not let one snippet change the next', async () => {
    const answers = await localMachine().exchange(spec, [
      { script: `cd /; x=1; set -e; umask 0; exec 1>/dev/null` },
      { script: 'echo "${x:-unset} $(pwd)"; false; echo on' },
    ]);
    expect(shown(answers[1])).toEqual({ rc: 0, stdout: `unset ${process.cwd()}\non\n`, stderr: '' });
  });

  test('stops behind a failure but for what always runs', async () => {
    const answers = await localMachine().exchange(spec, [
      { script: 'false' },
      { script: 'exit 4', stopOnFailure: true },
      { script: 'echo no' },
      { script: 'echo yes', always: true },
      { script: 'echo no' },
    ]);
    expect(answers.map((answer) => answer && [answer.rc, answer.stdout.toString()])).toEqual([
      [1, ''],
      [4, ''],
      undefined,
      [0, 'yes\n'],
      undefined,
    ]);
  });

  test('survives a snippet that kills its shell', async () => {
    const machine = localMachine();
    const answers = await machine.exchange(spec, [
      { script: 'echo first' },
      { script: 'echo dying; kill -KILL $$; sleep 5' },
      { script: 'echo third' },
    ]);
    expect(answers.map(shown)).toEqual([
      { rc: 0, stdout: 'first\n', stderr: '' },
      { rc: 137, stdout: 'dying\n', stderr: '' },
      { rc: 0, stdout: 'third\n', stderr: '' },
    ]);
  });

  test('kills what overstays, with its children, and answers the rest', async () => {
    const machine = localMachine();
    const answers = await machine.exchange(spec, [
      { script: 'sleep 600 & echo $!; sleep 600', timeout: 1 },
      { script: 'echo after' },
    ]);
    expect(answers[0]).toMatchObject({ rc: 143, timedOut: true });
    expect(shown(answers[1])).toEqual({ rc: 0, stdout: 'after\n', stderr: '' });
    const child = Number(answers[0]?.stdout.toString());
    expect(child).toBeGreaterThan(1);
    await until(async () => !(await alive(child)));
  });

  test('asks anew what stands behind a question that ended just before it was killed', async () => {
    const folder = scratch(`late-${name.replace(' ', '-')}`);
    // All shells but the first take long to begin, and with them whoever kills.
    const late = join(folder, 'late-sh');
    writeFileSync(late, `#!/bin/sh\nmkdir ${folder}/first 2>/dev/null || sleep 1.5\nexec ${executable} "$@"\n`, {
      mode: 0o755,
    });
    const answers = await localMachine().exchange({ executable: late }, [
      { script: 'sleep 0.6; echo slow', timeout: 0.3, always: true, quiet: true },
      { script: 'sleep 1.5; echo whole', always: true, quiet: true },
      { script: 'echo more', always: true, quiet: true },
    ]);
    expect(answers.map((answer) => [answer?.stdout.toString(), answer?.timedOut])).toEqual([
      ['slow\n', true],
      ['whole\n', undefined],
      ['more\n', undefined],
    ]);
  });

  test('kills what ignores TERM', async () => {
    const [answer] = await localMachine().exchange(spec, [
      { script: `trap '' TERM; echo $$; sleep 600; sleep 600`, timeout: 1 },
    ]);
    expect(answer).toMatchObject({ timedOut: true });
    await until(async () => !(await alive(Number(answer?.stdout.toString()))));
  });

  test('does not let a kill that comes too late meet what runs next', async () => {
    const machine = localMachine();
    for (const seconds of [1.05, 1.08, 1.12, 1.16, 1.2]) {
      await machine.exchange(spec, [{ script: `sleep ${seconds}`, timeout: 1 }]);
      const [next] = await machine.exchange(spec, [{ script: 'sleep 1; echo fine' }]);
      expect(shown(next)).toEqual({ rc: 0, stdout: 'fine\n', stderr: '' });
    }
  });

  test('drops a flood beyond the limit', async () => {
    const before = process.memoryUsage().rss;
    const answers = await localMachine().exchange(spec, [
      { script: 'head -c 100000000 /dev/zero; echo behind >&2', limit: 1000 },
      { script: 'echo next' },
    ]);
    expect(answers[0]).toMatchObject({ rc: 0, truncated: true, stderr: Buffer.from('behind\n') });
    expect(answers[0]?.stdout.length).toBe(1000);
    expect(shown(answers[1])).toEqual({ rc: 0, stdout: 'next\n', stderr: '' });
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
  });

  test('takes a text of megabytes', async () => {
    const big = `it's é `.repeat(100_000);
    const [answer] = await localMachine().exchange(spec, [
      { script: `printf %s '${big.replaceAll("'", `'\\''`)}' | wc -c` },
    ]);
    expect(Number(answer?.stdout.toString())).toBe(Buffer.byteLength(big));
  });

  test('is interrupted by its signal, and what ran is killed', async () => {
    const machine = localMachine();
    const stop = new AbortController();
    const file = `${scratch(`interrupt-${name.replace(' ', '-')}`)}/pid`;
    const running = machine.exchange(spec, [{ script: `echo $$ >${file}; sleep 600` }], { signal: stop.signal });
    const { readFileSync, existsSync } = await import('node:fs');
    await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    stop.abort();
    await expect(running).rejects.toBeInstanceOf(Interrupted);
    await until(async () => !(await alive(Number(readFileSync(file, 'utf8')))));
    const [answer] = await machine.exchange(spec, [{ script: 'echo again' }]);
    expect(answer?.stdout.toString()).toBe('again\n');
  });

  test('serves exchanges asked at once one after the other', async () => {
    const machine = localMachine();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => machine.exchange(spec, [{ script: `echo ${index}` }])),
    );
    expect(answers.map(([answer]) => answer?.stdout.toString())).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index}\n`),
    );
    expect(machine.stats.exchanges).toBe(10);
  });

  test('brings any bytes through unchanged', async () => {
    const machine = localMachine();
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    const markerLike = fc
      .constantFrom('\x1e', '\x1e0123456789abcdef0123456789abcdef 1 0 0\n', '\n', '\x1e\x1e', '1 end 0\n')
      .map((text) => Buffer.from(text, 'latin1'));
    const output = fc.array(fc.oneof(bytes, markerLike), { maxLength: 6 }).map((parts) => Buffer.concat(parts));
    const octal = (data: Buffer) => [...data].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(output, output, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        async (snippets) => {
          const answers = await machine.exchange(
            spec,
            snippets.map(([out, err, rc]) => ({
              script: `printf %b '${octal(out)}'; printf %b '${octal(err)}' >&2; exit ${rc}`,
            })),
          );
          expect(answers).toEqual(snippets.map(([stdout, stderr, rc]) => ({ rc, stdout, stderr })));
        },
      ),
      { numRuns: 40 },
    );
  });
});
