// What can be wrong in a playbook that loads.
import { expect, test } from 'vitest';
import { lintPlaybook, type LintContext } from '../../src/playbook/lint.ts';
import { memoryFiles, testLoader, type Tree } from './memory-files.ts';

function lint(text: string, tree: Tree = {}): string[] {
  const files = { ...tree, '/p/site.yml': text };
  const loader = testLoader(files);
  const context: LintContext = {
    files: memoryFiles(files),
    argProblems: (task) => (task.action === 'ansible.builtin.ping' && task.args.has('dta') ? [{ arg: 'dta', message: 'no argument "dta"', hint: 'did you mean "data"?' }] : []),
    sources: (action) => (action === 'ansible.builtin.copy' ? [{ name: 'src', source: { folder: 'files', unless: 'remote_src' } }] : []),
    findTaskFile: (name, task) => loader.findTaskFile(name, task),
  };
  return lintPlaybook(loader.loadPlaybook('/p/site.yml'), context).map(({ rule, message, origin, hint }) => `${origin?.line}:${origin?.column} ${rule}: ${message}${hint === undefined ? '' : ` | ${hint}`}`);
}
const tasks = (yaml: string) => `- hosts: all\n  tasks:\n${yaml.replace(/^(?=.)/gm, '    ')}`;

test('a playbook without problems', () => {
  expect(lint(`${tasks('- copy: {src: a, dest: "{{ b }}"}\n  when: x is defined\n  notify: [h, l, "{{ n }}"]')}\n  handlers: [{name: h, ping: , listen: l}]\n`, { '/p/files/a': '' })).toEqual([]);
});

test('arguments', () => {
  expect(lint(tasks('- ping: {dta: 1}'))).toEqual(['3:14 args: no argument "dta" | did you mean "data"?']);
});

test('templates and conditions that do not parse, each once', () => {
  const found = lint(`- hosts: all\n  vars: {a: "{{ x "}\n  roles: [r]\n${tasks('- ping:\n  name: "{{ b"\n  when: "a =="\n  failed_when: [ok, "x )"]').replace('- hosts: all\n', '')}`, { '/p/roles/r/defaults/main.yml': 'd: "{% if x %}"\n', '/p/roles/r/tasks/main.yml': '- ping:\n- ping:\n' });
  expect(found.map((line) => line.replace(/(template): .*/, '$1'))).toHaveLength(5);
  expect(found.every((line) => line.includes(' template: '))).toBe(true);
});

test('files that are missing, unless they are on the host, templated or behind a condition', () => {
  expect(lint(tasks('- copy: {src: none, dest: x}\n- copy: {src: none, dest: x, remote_src: yes}\n- copy: {src: "{{ x }}", dest: x}\n- copy: {src: none, dest: x}\n  when: c\n- include_tasks: none.yml'))).toEqual([
    '3:14 file: Could not find or access \'none\' on the Ansible Controller. | looked for /p/files/none, /p/none', '8:7 file: Could not find or access \'none.yml\' on the Ansible Controller. | looked for /p/none.yml, /p/tasks/none.yml',
  ]);
});

test('handlers that nobody defines', () => {
  expect(lint(`${tasks('- ping:\n  notify: [restart web, "r : h", h, other]')}\n  handlers: [{name: restart wbe, ping: }]\n  roles: [r]\n`, { '/p/roles/r/handlers/main.yml': '- {name: h, ping: }\n' })).toEqual([
    '4:16 handler: no handler is named "restart web" or listens to it | did you mean "restart wbe"?', '4:41 handler: no handler is named "other" or listens to it',
  ]);
  expect(lint(tasks('- ping:\n  notify: h\n- include_role: {name: x}'))).toEqual([]);
});
