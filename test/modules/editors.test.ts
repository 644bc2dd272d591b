// The editors of text files against recorded outcomes of Ansible's own modules (test/cases).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StateModule } from '../../src/core/module.ts';
import type { PathState } from '../../src/core/path-state.ts';
import { blockinfile } from '../../src/modules/blockinfile.ts';
import { ini_file } from '../../src/modules/ini_file.ts';
import { lineinfile } from '../../src/modules/lineinfile.ts';
import { replace } from '../../src/modules/replace.ts';
import { basics, parseArgs } from './on-this-machine.ts';
import { absent, fileState, folder, linkTo, textOf } from './states.ts';

interface Case {
  readonly args: Record<string, unknown>;
  readonly before: string | null;
  readonly after?: string | null;
  readonly changed?: boolean;
  readonly msg?: string;
  readonly found?: number;
  readonly failed?: string;
}

function casesOf(name: string): Case[] {
  return readFileSync(new URL(`../cases/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
}

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
}

const lines: StateModule = lineinfile;
const ini: StateModule = ini_file;

function edit(
  module: StateModule,
  args: Record<string, unknown>,
  observed: Observed,
): { after: Observed; result: Record<string, unknown> } | { failed: string } {
  const parsed = parseArgs(module, { path: '/srv/file', ...args });
  const plan = module.plan(parsed, observed, basics);
  if (!('after' in plan)) return { failed: 'failed' in plan ? (plan.failed ?? '') : 'unknown' };
  const after = { ...observed, ...(plan.after as Partial<Observed>) };
  return { after, result: module.result?.(parsed, { before: observed, after, effects: [] }, [], basics) ?? {} };
}

describe.each<[string, StateModule]>([
  ['lineinfile', lineinfile],
  ['blockinfile', blockinfile],
  ['replace', replace],
  ['ini_file', ini_file],
])('%s', (name, module) => {
  it('does what Ansible does', () => {
    for (const one of casesOf(name)) {
      const observed = {
        at: one.before === null ? absent : fileState(Buffer.from(one.before, 'latin1')),
        parent: folder,
      };
      const ran = edit(module, one.args, observed);
      if ('failed' in ran) {
        expect({ ...one, got: ran.failed }).toEqual({ ...one, got: one.failed });
        continue;
      }
      const got = {
        after: textOf(ran.after.at) ?? null,
        msg: ran.result['msg'],
        changed: textOf(ran.after.at) !== textOf(observed.at),
        ...(one.found === undefined ? {} : { found: ran.result['found'] }),
      };
      expect({ ...one, got }).toEqual({
        ...one,
        got: {
          after: one.after,
          msg: one.msg,
          changed: one.changed,
          ...(one.found === undefined ? {} : { found: one.found }),
        },
      });
    }
  });

  it('plans nothing more on its own plan', () => {
    for (const one of casesOf(name)) {
      const observed = {
        at: one.before === null ? absent : fileState(Buffer.from(one.before, 'latin1')),
        parent: folder,
      };
      const first = edit(module, one.args, observed);
      if ('failed' in first) continue;
      const second = edit(module, one.args, first.after);
      // `replace` may match what it wrote, and a line made by backrefs may match again: then a second run changes again, under Ansible too.
      // An INI option that may stand without a value gets one more line where its value stands already.
      const converges =
        name !== 'replace' &&
        one.args['allow_no_value'] !== true &&
        one.args['backrefs'] !== true &&
        one.args['insertafter'] === undefined &&
        one.args['insertbefore'] === undefined &&
        one.args['regexp'] === undefined &&
        one.args['search_string'] === undefined;
      if (converges)
        expect({ one, text: 'after' in second ? textOf(second.after.at) : second }).toEqual({
          one,
          text: textOf(first.after.at),
        });
    }
  });
});

describe('bytes of the file', () => {
  const binary = Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x61, 0x3d, 0x31, 0x0d, 0x0a, 0xe9]);

  it('are kept where a line is added to a file that is no text', () => {
    const ran = edit(lineinfile, { line: 'ünï' }, { at: fileState(binary), parent: folder });
    expect('after' in ran && textOf(ran.after.at)).toBe(
      `${binary.toString('latin1')}\n${Buffer.from('ünï\n').toString('latin1')}`,
    );
  });

  it('are replaced byte by byte where they are no UTF-8', () => {
    const ran = edit(replace, { regexp: 'a=(\\d)', replace: 'ä=\\1' }, { at: fileState(binary), parent: folder });
    expect('after' in ran && textOf(ran.after.at)).toBe(
      binary.toString('latin1').replace('a=', Buffer.from('ä=').toString('latin1')),
    );
  });

  it('keep their ends of lines in an INI file', () => {
    const ran = edit(
      ini_file,
      { section: 's', option: 'b', value: '2' },
      { at: fileState('[s]\r\na = 1\r\n[t]\r\n'), parent: folder },
    );
    expect('after' in ran && textOf(ran.after.at)).toBe('[s]\r\na = 1\r\nb = 2\r\n[t]\r\n');
  });
});

describe('where the file is', () => {
  it('follows a link to the file, and tells the message of attributes', () => {
    const at = linkTo('real', '/srv/real', fileState('a\n'));
    const ran = edit(lineinfile, { line: 'b', mode: '0600' }, { at, parent: folder });
    expect(ran).toMatchObject({
      after: { at: { kind: 'link', real: { kind: 'file', mode: '0600', content: { bytes: Buffer.from('a\nb\n') } } } },
      result: { msg: 'line added and ownership, perms or SE linux context changed' },
    });
    const parsed = parseArgs(lineinfile, { path: '/srv/file', line: 'b', mode: '0600' });
    const after = 'after' in ran ? ran.after : { at, parent: folder };
    expect(lines.apply(parsed, { before: { at, parent: folder }, after, effects: [] }, basics)).toMatchObject([
      { kind: 'write', path: '/srv/real', mode: '00600', guard: { kind: 'file' } },
    ]);
  });

  it('makes missing folders of a file that it may make', () => {
    const parsed = parseArgs(ini_file, { path: '/srv/new/file', section: 's', option: 'a', value: '1' });
    const observed = { at: absent, parent: absent };
    const plan = ini.plan(parsed, observed, basics);
    expect(plan).toMatchObject({ after: { parent: { kind: 'directory' }, at: { kind: 'file', mode: '0644' } } });
    const steps = ini.apply(
      parsed,
      { before: observed, after: { ...observed, ...('after' in plan ? plan.after : {}) }, effects: [] },
      basics,
    );
    expect(steps.map((step) => step.kind)).toEqual(['script', 'write']);
  });

  it('refuses folders, files that are too large and files that cannot be read', () => {
    expect(edit(lineinfile, { line: 'x' }, { at: folder, parent: folder })).toEqual({
      failed: 'Path /srv/file is a directory !',
    });
    const { content: _content, ...large } = fileState('');
    expect(
      edit(lineinfile, { line: 'x' }, { at: { ...large, info: { ...large.info, size: 6_000_000 } }, parent: folder }),
    ).toEqual({ failed: '/srv/file has 6000000 bytes; files above 5242880 are not edited' });
    expect(
      edit(lineinfile, { line: 'x' }, { at: { ...large, info: { ...large.info, size: 3 } }, parent: folder }),
    ).toEqual({ failed: '/srv/file cannot be read' });
    expect(
      edit(
        lineinfile,
        { line: 'x' },
        { at: { kind: 'denied', message: 'Permission denied: /srv cannot be searched' }, parent: folder },
      ),
    ).toEqual({ failed: '/srv/file: Permission denied: /srv cannot be searched' });
  });
});

describe('arguments that cannot be', () => {
  it.each([
    [lineinfile, { line: 'x', insertafter: 'a', insertbefore: 'b' }, 'mutually exclusive'],
    [lineinfile, { regexp: 'x' }, 'line is required with state=present'],
    [lineinfile, { line: 'x', regexp: '(' }, 'regexp is not a regular expression'],
    [lineinfile, { line: 'x', backrefs: true }, 'regexp is required with backrefs=true'],
    [lineinfile, { line: 'x', validate: 'visudo -cf' }, 'validate must contain %s'],
    [blockinfile, { block: 'x', insertafter: '[' }, 'insertafter is not a regular expression'],
    [replace, { regexp: 'x', encoding: 'ebcdic' }, 'encoding ebcdic is not known'],
    [ini_file, { section: 's', option: 'a' }, "Parameter 'value(s)' must be defined"],
  ] as const)('%o', (module, args, message) => {
    expect(() => parseArgs(module, { path: '/srv/file', ...args })).toThrow(message);
  });
});
