// The corpus: templates that ansible-core 2.19 evaluated, with what they gave. Compared on type, value and text, and on the kind of an error.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateCase, type EvalCase } from '../../src/template/jsonl.ts';
import { nodeHost } from '../../src/template/node-host.ts';

interface Case extends EvalCase {
  readonly id: string;
  readonly category: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly written?: string | null;
  readonly error?: { readonly kind: string };
}

// Cases name their files by this path; each run has its own copy of them.
const FIXTURES = '/tmp/jinja-fixtures';
const directory = mkdtempSync(join(tmpdir(), 'vbx-corpus-'));
cpSync(new URL('fixtures', import.meta.url).pathname, directory, { recursive: true });
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// `corpus.jsonl` was given; `more.jsonl` was made with the same tools from cases that the first did not have.
const cases = ['corpus.jsonl', 'more.jsonl'].flatMap((file) => {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll(FIXTURES, directory);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
});
const host = nodeHost(directory, {
  VBX_TEST: 'hello',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  PATH: process.env['PATH'],
});

/** A plugin that failed and any other failure at run time are one kind. */
const kind = (name: string): string => (name === 'plugin-failed' ? 'runtime' : name);

describe.each([...new Set(cases.map(({ category }) => category))])('%s', (category) => {
  it.each(cases.filter((one) => one.category === category).map((one) => [one.id, one] as const))('%s', (id, one) => {
    const { type, value, written, error } = evaluateCase(one, host, [directory]);
    if (one.error !== undefined) {
      expect({ kind: error && kind(error.kind), value }).toEqual({ kind: kind(one.error.kind), value: undefined });
      return;
    }
    expect({ type, value, error }).toEqual({ type: one.type, value: one.value, error: undefined });
    expect(JSON.stringify(value)).toBe(JSON.stringify(one.value));
    // The module was run on files named after the case.
    if (one.written !== undefined) expect(written?.replace('_case', id)).toBe(one.written);
  });
});
