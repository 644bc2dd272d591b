// Runs in the form of Ansible's own output: what scripts that read it look for, line by line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { AnsibleReporter, type AnsibleOptions } from '../../src/reporters/ansible.ts';
import { playModel } from '../engine/model-host.ts';

async function told(
  tasks: string,
  options: Partial<AnsibleOptions> & { readonly hosts?: readonly string[] } = {},
): Promise<string[]> {
  const { hosts = ['h1'], ...given } = options;
  const played = await playModel(`- hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, '    ')}`, { hosts });
  let text = '';
  const reporter = new AnsibleReporter({
    write: (part) => (text += part),
    warn: () => undefined,
    color: new Chalk({ level: 0 }),
    columns: 40,
    verbosity: 0,
    ...given,
  });
  for (const event of played.events) reporter.event(event);
  const lines = text.split('\n');
  return lines
    .slice(
      lines.findIndex((line) => line.startsWith('TASK')),
      lines.findIndex((line) => line.startsWith('PLAY RECAP')),
    )
    .filter((line) => line !== '');
}

describe('items of a loop', () => {
  it('are told with what the loop calls them', async () => {
    expect(
      await told(
        "- {name: one, assert: {that: item == 'a', fail_msg: no}, loop: [a, b], loop_control: {index_var: i}, ignore_errors: true}\n",
      ),
    ).toMatchInlineSnapshot(`
      [
        "TASK [one] ******************************",
        "ok: [h1] => (item=a) => {",
        "    "ansible_index_var": "i",",
        "    "ansible_loop_var": "item",",
        "    "changed": false,",
        "    "i": 0,",
        "    "item": "a",",
        "    "msg": "All assertions passed"",
        "}",
        "failed: [h1] (item=b) => {",
        "    "ansible_index_var": "i",",
        "    "ansible_loop_var": "item",",
        "    "assertion": "item == 'a'",",
        "    "changed": false,",
        "    "evaluated_to": false,",
        "    "i": 1,",
        "    "item": "b",",
        "    "msg": false",
        "}",
        "...ignoring",
      ]
    `);
  });

  it('have two blanks before the result of a skipped one', async () => {
    expect((await told('- {name: one, raw: x, loop: [a], when: false}\n', { verbosity: 1 })).slice(1))
      .toMatchInlineSnapshot(`
      [
        "skipping: [h1] => (item=a)  => {"ansible_loop_var": "item", "changed": false, "false_condition": false, "item": "a", "skip_reason": "Conditional result was False"}",
        "skipping: [h1] => {"changed": false, "msg": "All items skipped"}",
      ]
    `);
  });

  it('keep line breaks in their names', async () => {
    expect((await told('- {name: one, raw: ok, loop: ["a\\nb"]}\n')).slice(1)).toEqual([
      'changed: [h1] => (item=a',
      'b)',
    ]);
  });

  it('stand alone where debug shows them', async () => {
    expect(
      (
        await told(
          '- {name: one, debug: {msg: "{{ item }}"}, loop: [a]}\n- {name: two, debug: {var: item}, loop: [b]}\n',
        )
      ).filter((line) => line.includes('"')),
    ).toEqual(['    "msg": "a"', '    "item": "b"']);
  });
});

describe('results', () => {
  it('of quiet assertions are told with -v alone, on one line', async () => {
    const tasks = '- {name: one, assert: {that: true, quiet: true}}\n';
    expect((await told(tasks))[1]).toBe('ok: [h1]');
    expect((await told(tasks, { verbosity: 1 }))[1]).toBe(
      'ok: [h1] => {"changed": false, "msg": "All assertions passed"}',
    );
  });

  it('are laid out with -vvv', async () => {
    expect((await told('- {name: one, set_fact: {a: 1}}\n', { verbosity: 3 })).slice(2)).toMatchInlineSnapshot(`
      [
        "ok: [h1] => {",
        "    "ansible_facts": {",
        "        "a": 1",
        "    },",
        "    "changed": false",
        "}",
      ]
    `);
  });

  it('leave out lines in YAML where there is the text', async () => {
    expect(
      (await told('- {name: one, raw: x}\n', { verbosity: 1, format: 'yaml' })).filter((line) => line.includes('std')),
    ).toMatchInlineSnapshot(`
      [
        "    stdout: x",
        "    stdout_lines: <omitted>",
      ]
    `);
  });
});

describe('where every host goes its own way', () => {
  it('headings stand before results alone', async () => {
    const played = await playModel(
      '- hosts: all\n  strategy: free\n  tasks:\n    - {name: one, raw: x}\n    - {meta: noop}\n',
      { hosts: ['h1', 'h2'] },
    );
    let text = '';
    const reporter = new AnsibleReporter({
      write: (part) => (text += part),
      warn: () => undefined,
      color: new Chalk({ level: 0 }),
      columns: 40,
      verbosity: 0,
      diff: false,
    });
    for (const event of played.events) if (event.kind !== 'host-end') reporter.event(event);
    expect(text).not.toContain('TASK');
  });
});

describe('inclusions', () => {
  it('of one file by several items are told one by one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbx-ansible-form-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a.yml'), '- debug:\n');
    const lines = await told(`- include_tasks: ${folder}/a.yml\n  loop: [x, x]\n`, { hosts: ['h1', 'h2'] });
    expect(lines.filter((line) => line.startsWith('included'))).toEqual(
      Array.from({ length: 2 }, () => `included: ${folder}/a.yml for h1, h2 => (item=x)`),
    );
  });
});

describe('meta tasks', () => {
  const ends = "- {meta: end_host, when: inventory_hostname == 'h1'}\n- {name: last, raw: x}\n";
  it('say what they did with -vv', async () => {
    expect(
      await told(ends, { hosts: ['h1', 'h2'], verbosity: 2 }).then((lines) =>
        lines.filter((line) => !line.startsWith('task path')).slice(0, 6),
      ),
    ).toMatchInlineSnapshot(`
      [
        "TASK [meta] *****************************",
        "META: end_host conditional evaluated to False, continuing execution for h2",
        "skipping: [h2] => {"msg": "end_host conditional evaluated to false, continuing execution for h2", "skip_reason": "end_host conditional evaluated to False, continuing execution for h2"}",
        "TASK [meta] *****************************",
        "META: ending play for h1",
        "TASK [last] *****************************",
      ]
    `);
  });

  it('are named and skipped as others', async () => {
    expect(await told('- {name: flush, meta: flush_handlers, when: false}\n- {meta: noop}\n', { verbosity: 0 }))
      .toMatchInlineSnapshot(`
      [
        "TASK [flush] ****************************",
        "skipping: [h1]",
        "TASK [meta] *****************************",
      ]
    `);
  });

  it('that concern all hosts ask the first of them', async () => {
    const lines = await told("- {meta: end_play, when: inventory_hostname == 'h2'}\n- {name: last, raw: x}\n", {
      hosts: ['h1', 'h2'],
      verbosity: 2,
    });
    expect(lines.filter((line) => line.startsWith('META'))).toEqual([
      'META: end_play conditional evaluated to False, continuing play',
    ]);
    expect(lines.filter((line) => line.startsWith('changed'))).toHaveLength(2);
  });
});

describe('differences', () => {
  const change: Event = {
    kind: 'host-end',
    host: 'h1',
    task: 't1',
    outcome: { kind: 'changed', result: { changed: true, diff: { before: '', after: 'x\n', after_header: '/a' } } },
    diffs: [],
    seconds: 0,
  } as unknown as Event;
  const start: Event = {
    kind: 'task-start',
    task: { id: 't1', name: 'one', action: 'ansible.builtin.copy' },
    play: 'p1',
    hosts: ['h1'],
  } as unknown as Event;
  const lines = (events: readonly Event[], options: Partial<AnsibleOptions> = {}): string[] => {
    let text = '';
    const reporter = new AnsibleReporter({
      write: (part) => (text += part),
      warn: () => undefined,
      color: new Chalk({ level: 0 }),
      columns: 40,
      verbosity: 0,
      ...options,
    });
    for (const event of events) reporter.event(event);
    return text.split('\n');
  };
  it('stand before the line of their host', () => {
    expect(lines([start, change], { diff: true }).slice(2)).toEqual([
      '--- before',
      '+++ after: /a',
      '@@ -0,0 +1 @@',
      '+x',
      '',
      'changed: [h1]',
      '',
    ]);
  });
  it('are shown without --diff where the task wants them, and not where the module tells them anyway', () => {
    expect(lines([start, change]).slice(2)).toEqual(['changed: [h1]', '']);
    const wanted: Event = {
      ...change,
      diffs: [{ resource: 'path:/a', beforeHeader: '/a', afterHeader: '/a', before: '', after: 'x\n' }],
    } as Event;
    expect(lines([start, wanted]).slice(2, 4)).toEqual(['--- before', '+++ after: /a']);
  });
  it('and in front of the result of a single module', () => {
    expect(lines([start, change], { adHoc: true, diff: true })).toEqual([
      '--- before',
      '+++ after: /a',
      '@@ -0,0 +1 @@',
      '+x',
      '',
      'h1 | CHANGED => {',
      '    "changed": true',
      '}',
      '',
    ]);
  });
});

describe('the recap', () => {
  it('is none where the playbook turns out to be wrong', async () => {
    const played = await playModel('- hosts: all\n  serial: "{{ nobody }}"\n  tasks: [{raw: ok}]\n');
    let text = '';
    const reporter = new AnsibleReporter({
      write: (part) => (text += part),
      warn: () => undefined,
      color: new Chalk({ level: 0 }),
      columns: 40,
      verbosity: 0,
    });
    for (const event of played.events) reporter.event(event);
    expect(text).toBe('');
  });
  it('leaves out hosts of which nothing is counted', async () => {
    const played = await playModel('- hosts: all\n  tasks: [{raw: ok, run_once: true}]\n', { hosts: ['h1', 'h2'] });
    let text = '';
    const reporter = new AnsibleReporter({
      write: (part) => (text += part),
      warn: () => undefined,
      color: new Chalk({ level: 0 }),
      columns: 40,
      verbosity: 0,
    });
    for (const event of played.events) reporter.event(event);
    expect(
      text
        .slice(text.indexOf('PLAY RECAP'))
        .split('\n')
        .filter((line) => line.includes(' : '))
        .map((line) => line.split(' ')[0]),
    ).toEqual(['h1']);
  });
});

describe('values', () => {
  it('of kinds that JSON has not are told as Python tells them', async () => {
    expect(
      (await told('- {name: one, debug: {msg: [2020-01-01 12:00:00, 2020-01-01, .inf, -.inf]}}\n')).slice(2, -2),
    ).toEqual([
      '    "msg": [',
      '        "2020-01-01T12:00:00",',
      '        "2020-01-01",',
      '        Infinity,',
      '        -Infinity',
    ]);
  });
});
