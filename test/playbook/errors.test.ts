// What is wrong in a playbook is told with its place and what to try.
import { expect, test } from 'vitest';
import { describeError, PlaybookError } from '../../src/core/error.ts';
import { testLoader, type Tree } from './memory-files.ts';

const ROLES: Tree = {
  '/p/roles/a/meta/main.yml': 'dependencies: [b]\n',
  '/p/roles/b/meta/main.yml': 'dependencies: [a]\n',
  '/p/roles/c/tasks/main.yml': '- ping:\n',
  '/p/roles/d/tasks/main.yml': 'ping:\n',
  '/p/roles/e/vars/main.yml': '- x\n',
  '/p/library/mine.py': 'from ansible.module_utils.basic import AnsibleModule\n',
  '/p/loop.yml': '- import_tasks: loop.yml\n',
  '/p/circle.yml': '- import_playbook: circle.yml\n',
};

function failure(text: string): string {
  const files: Tree = { ...ROLES, '/p/site.yml': text };
  try {
    testLoader(files).loadPlaybook('/p/site.yml');
  } catch (error) {
    expect(error).toBeInstanceOf(PlaybookError);
    return describeError(error, (file) => files[file]);
  }
  throw new Error('the playbook was accepted');
}
const task = (yaml: string): string => `- hosts: all\n  tasks:\n${yaml.replace(/^(?=.)/gm, '    ')}\n`;

test.each<[string, string]>([
  ['an empty file', ''],
  ['no list', 'hosts: all\n'],
  ['an empty list', '[]'],
  ['an item that is no play', '- x\n'],
  ['no hosts', '- tasks: []\n'],
  ['empty hosts', '- hosts:\n'],
  ['a host that is no text', '- hosts: [a, 5]\n'],
  ['an unknown keyword of a play', '- hosts: all\n  gather_fact: no\n'],
  ['a keyword of old', '- hosts: all\n  sudo: yes\n'],
  ['vars as a list', '- hosts: all\n  vars:\n    - a: 1\n'],
  ['a variable with a dash', '- hosts: all\n  vars:\n    my-var: 1\n'],
  ['a prompt without a name', '- hosts: all\n  vars_prompt: [{prompt: x}]\n'],
  ['tasks that are no list', '- hosts: all\n  tasks:\n    ping:\n'],
  ['a task that is text', task('- ping')],
  ['an unknown module', task('- name: x\n  comand: ls')],
  ['an unknown module far from all', task('- my.own.thing: {a: 1}')],
  ['an unknown keyword of a task', task('- ping:\n  whne: x')],
  ["a module of the user's own", task('- mine: {a: 1}')],
  ['two modules', task('- ping:\n  debug: msg=x')],
  ['no module', task('- name: x\n  when: y')],
  ['action and a module', task('- ping:\n  action: debug')],
  ['an unknown module below action', task('- action: comand ls')],
  ['free text for a module that takes none', task('- copy: hello src=a')],
  ['an open quote in short form', task('- copy: src="a dest=b')],
  ['args as a bare variable', task('- copy:\n  args: settings')],
  ['arguments as a list', task('- copy:\n    - src: a')],
  ['a reserved argument', task('- copy:\n    _ansible_check_mode: true')],
  ['a command twice', task('- command: ls\n  args: {cmd: pwd}')],
  ['a keyword that is a list where it is text', task('- ping:\n  remote_user: [a]')],
  ['a user of a play that is a list', '- hosts: all\n  user: [a]\n'],
  ['module_defaults as a template', '- hosts: all\n  module_defaults: "{{ defaults }}"\n'],
  ['two loops', task('- ping:\n  loop: [1]\n  with_items: [2]')],
  ['a loop over a bare variable', task('- ping:\n  loop: users')],
  ['a loop over a mapping', task('- ping:\n  loop: {a: 1}')],
  ['a loop without a value', task('- ping:\n  with_items:')],
  ['an unknown word of loop_control', task('- ping:\n  loop: []\n  loop_control: {loopvar: x}')],
  ['a variable name that is none', task('- ping:\n  register: my-result')],
  ['rescue without block', task('- rescue: [{ping: }]')],
  ['an unknown keyword of a block', task('- block: [{ping: }]\n  register: x')],
  ['a block as a nested handler', '- hosts: all\n  handlers:\n    - block:\n        - block: [{name: h, ping: }]\n'],
  ['a keyword that an include cannot take', task('- include_tasks: x.yml\n  become: true')],
  ['an unknown argument of import_tasks', task('- import_tasks: {file: x.yml, apply: {tags: a}}')],
  ['a loop of imports', task('- import_tasks: c.yml\n  loop: [1]')],
  ['a file of tasks that is missing', task('- import_tasks: none.yml')],
  ['an import that knows no host variables', task('- import_tasks: "{{ inventory_hostname }}.yml"')],
  ['a file that imports itself', task('- import_tasks: loop.yml')],
  ['a role that is missing', '- hosts: all\n  roles: [none]\n'],
  ['a role of old form', '- hosts: all\n  roles: ["c,v1"]\n'],
  ['a role without a name', '- hosts: all\n  roles: [{tags: x}]\n'],
  ['roles in a circle', '- hosts: all\n  roles: [a]\n'],
  ['tasks of a role that are no list', '- hosts: all\n  roles: [d]\n'],
  ['variables of a role that are no mapping', '- hosts: all\n  roles: [e]\n'],
  ['a file of a role that is missing', task('- import_role: {name: c, tasks_from: other}')],
  ['a file outside of the role', task('- import_role: {name: c, tasks_from: ../../d/tasks/main.yml}')],
  ['import_role as a handler', '- hosts: all\n  handlers: [{name: h, import_role: {name: c}}]\n'],
  ['a list of files of a role', task('- include_role: {name: c, vars_from: [main]}')],
  ['include_role without a name', task('- include_role: {tasks_from: x}')],
  ['end_role outside of a role', task('- meta: end_role')],
  ['a playbook that is missing', '- import_playbook: none.yml\n'],
  ['a playbook that imports itself', '- import_playbook: circle.yml\n'],
  ['import_playbook among tasks', task('- import_playbook: x.yml')],
  ['tags that are no text', task('- ping:\n  tags: [{a: 1}]')],
  ['an unquoted template', task('- debug:\n    msg: {{ x }}')],
])('%s', (name, text) => {
  expect(failure(text)).toMatchSnapshot(name);
});
