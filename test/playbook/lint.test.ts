// What can be wrong in a playbook that loads.
import { expect, test } from 'vitest';
import { lintPlaybook, type LintContext } from '../../src/playbook/lint.ts';
import { memoryFiles, testLoader, type Tree } from './memory-files.ts';

function lint(text: string, tree: Tree = {}): string[] {
  const files = { ...tree, '/p/site.yml': text };
  const loader = testLoader(files);
  const context: LintContext = {
    files: memoryFiles(files),
    argProblems: (task) =>
      task.action === 'ansible.builtin.ping' && task.args.has('dta')
        ? [{ arg: 'dta', message: 'no argument "dta"', hint: 'did you mean "data"?' }]
        : [],
    ownPlugin: (kind, name) => kind === 'filter' && name === 'mine',
    sources: (action) =>
      action === 'ansible.builtin.template'
        ? [{ name: 'src', source: { folder: 'templates', render: true } }]
        : action === 'ansible.builtin.copy'
          ? [{ name: 'src', source: { folder: 'files', unless: 'remote_src' } }]
          : [],
    findTaskFile: (name, task) => loader.findTaskFile(name, task),
  };
  return lintPlaybook(loader.loadPlaybook('/p/site.yml'), context).map(
    ({ rule, message, origin, hint }) =>
      `${origin?.line}:${origin?.column} ${rule}: ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  );
}
const tasks = (yaml: string) => `- hosts: all\n  tasks:\n${yaml.replace(/^(?=.)/gm, '    ')}`;

test('a playbook without problems', () => {
  expect(
    lint(
      `${tasks('- copy: {src: a, dest: "{{ b }}"}\n  when: x is defined\n  notify: [h, l, "{{ n }}"]')}\n  handlers: [{name: h, ping: , listen: l}]\n`,
      { '/p/files/a': '' },
    ),
  ).toEqual([]);
});

test('arguments', () => {
  expect(lint(tasks('- ping: {dta: 1}'))).toEqual(['3:14 args: no argument "dta" | did you mean "data"?']);
});

test('templates and conditions that do not parse, each once', () => {
  const found = lint(
    `- hosts: all\n  vars: {a: "{{ x "}\n  roles: [r]\n${tasks('- ping:\n  name: "{{ b"\n  when: "a =="\n  failed_when: [ok, "x )"]').replace('- hosts: all\n', '')}`,
    { '/p/roles/r/defaults/main.yml': 'd: "{% if x %}"\n', '/p/roles/r/tasks/main.yml': '- ping:\n- ping:\n' },
  );
  expect(found.map((line) => line.replace(/(template): .*/, '$1'))).toHaveLength(5);
  expect(found.every((line) => line.includes(' template: '))).toBe(true);
});

test('files that are missing, unless they are on the host, templated or behind a condition', () => {
  expect(
    lint(
      tasks(
        '- copy: {src: none, dest: x}\n- copy: {src: none, dest: x, remote_src: yes}\n- copy: {src: "{{ x }}", dest: x}\n- copy: {src: none, dest: x}\n  when: c\n- include_tasks: none.yml',
      ),
    ),
  ).toEqual([
    "3:14 file: Could not find or access 'none' on the Ansible Controller. | looked for /p/files/none, /p/none",
    "8:7 file: Could not find or access 'none.yml' on the Ansible Controller. | looked for /p/none.yml, /p/tasks/none.yml",
  ]);
});

test('handlers that nobody defines', () => {
  expect(
    lint(
      `${tasks('- ping:\n  notify: [restart web, "r : h", h, other]')}\n  handlers: [{name: restart wbe, ping: }]\n  roles: [r]\n`,
      { '/p/roles/r/handlers/main.yml': '- {name: h, ping: }\n' },
    ),
  ).toEqual([
    '4:16 handler: no handler is named "restart web" or listens to it | did you mean "restart wbe"?',
    '4:41 handler: no handler is named "other" or listens to it',
  ]);
  expect(lint(tasks('- ping:\n  notify: h\n- include_role: {name: x}'))).toEqual([]);
});

test('filters, tests and lookups that are not there, and are not of the playbook either', () => {
  expect(
    lint(
      tasks(
        "- copy:\n    content: \"{{ a | b64encod | mine | sort(attribute=x | nope) }}\"\n    dest: \"{{ lookup('fil', 'x') }} {{ q('env', 'A') }} {% if a is defned %}{% endif %}\"\n  when: a is odd and a is nevr",
      ),
    ),
  ).toEqual([
    '4:26 template: there is no filter "b64encod" | Did you mean \'b64encode\'?',
    '4:63 template: there is no filter "nope"',
    '5:26 template: there is no lookup "fil" | Did you mean \'file\'?',
    '5:72 template: there is no test "defned" | Did you mean \'defined\'?',
    '6:13 template: there is no test "nevr"',
  ]);
});

test('templates that do not parse or name what is not there, in their own files', () => {
  const found = lint(
    tasks(
      '- template: {src: a.j2, dest: x}\n- template: {src: b.j2, dest: x}\n- template: {src: c.j2, dest: x}\n- template: {src: a.j2, dest: x, block_start_string: "[%"}',
    ),
    {
      '/p/templates/a.j2': 'x\n{{ y | nope }}\n',
      '/p/templates/b.j2': '{% if x %}\n',
      '/p/templates/c.j2': '#jinja2: block_start_string: "[%"\n{% nothing\n',
    },
  );
  expect(found.map((line) => line.replace(/(template): Syntax.*/, '$1'))).toEqual([
    '2:8 template: there is no filter "nope"',
    expect.stringMatching(/^\d+:\d+ template$/),
  ]);
});
