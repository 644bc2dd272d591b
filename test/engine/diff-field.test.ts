// The `diff` of registered results, in the form that Ansible's modules of the same name give.
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../src/core/content.ts';
import type { StateModule } from '../../src/core/module.ts';
import type { PathState } from '../../src/core/path-state.ts';
import { diffChange } from '../../src/engine/diff-change.ts';
import { diffFields } from '../../src/engine/diff-field.ts';
import { copy } from '../../src/modules/copy.ts';
import { ini_file as iniFile } from '../../src/modules/ini_file.ts';
import { lineinfile } from '../../src/modules/lineinfile.ts';
import { replace } from '../../src/modules/replace.ts';
import { stat } from '../../src/modules/stat.ts';
import { fileState, info } from '../modules/states.ts';

const absent: PathState = { kind: 'absent' };
const text = (content: string, mode = '0644'): PathState => ({
  ...fileState(content),
  content: contentOf(content),
  mode,
});
const told = (module: StateModule, before: PathState, after: PathState): unknown =>
  diffFields(module, diffChange({ at: 'path:/x' }, ['at'], { at: before }, { at: after }, [])).diff;

describe('the diff of a result', () => {
  it('is the content of a file that is put in place, or its attributes where only they differ', () => {
    expect(told(copy, absent, text('new\n'))).toEqual([{ before: '', after: 'new\n', after_header: '/x' }]);
    expect(told(copy, text('old\n'), text('new\n', '0600'))).toEqual([
      { before: 'old\n', before_header: '/x', after: 'new\n', after_header: '/x' },
    ]);
    expect(told(copy, text('old\n'), text('old\n', '0600'))).toEqual({
      before: { path: '/x', mode: '0644' },
      after: { path: '/x', mode: '0600' },
    });
    expect(
      diffFields(
        copy,
        diffChange(
          { a: 'path:/a', b: 'path:/b' },
          ['a', 'b'],
          { a: absent, b: absent },
          { a: text('1'), b: text('2') },
          [],
        ),
      ),
    ).toEqual({});
  });

  it('is the content and the attributes of a file that is edited', () => {
    const headers = (what: string) => ({ before_header: `/x (${what})`, after_header: `/x (${what})` });
    expect(told(lineinfile, text('a\n'), text('b\n'))).toEqual([
      { before: 'a\n', after: 'b\n', ...headers('content') },
      headers('file attributes'),
    ]);
    expect(told(lineinfile, text('a\n'), text('b\n', '0600'))).toEqual([
      { before: 'a\n', after: 'b\n', ...headers('content') },
      { before: { mode: '0644' }, after: { mode: '0600' }, ...headers('file attributes') },
    ]);
    expect(told(replace, text('a\n'), text('b\n', '0600'))).toEqual({
      before: 'a\n',
      after: 'b\n',
      before_header: '/x',
      after_header: '/x',
    });
  });

  it('is, through a link, that of the file that it leads to', () => {
    const link = (real: PathState): PathState => ({
      kind: 'link',
      target: 'y',
      realPath: '/y',
      real,
      mode: '0777',
      owner: 'root',
      group: 'root',
      info,
    });
    expect(told(lineinfile, link(text('a\n')), link(text('b\n', '0600')))).toEqual([
      { before: 'a\n', after: 'b\n', before_header: '/x (content)', after_header: '/x (content)' },
      {
        before: { mode: '0644' },
        after: { mode: '0600' },
        before_header: '/x (file attributes)',
        after_header: '/x (file attributes)',
      },
    ]);
    expect(told(replace, link(text('a\n')), link(text('b\n')))).toEqual({
      before: 'a\n',
      after: 'b\n',
      before_header: '/x',
      after_header: '/x',
    });
  });

  it('is the content alone for ini_file, told of where the file is', () => {
    const header = { before_header: '/root/x (content)', after_header: '/root/x (content)' };
    const home = { kind: 'absent', info: { path: '/root/x' } } as const;
    expect(told(iniFile, home, text('b\n'))).toEqual({ before: '', after: 'b\n', ...header });
    expect(told(iniFile, text('b\n'), text('b\n', '0600'))).toBe(undefined);
  });

  it('is not there for what only reads', () => expect(diffFields(stat, [])).toEqual({}));
});
