// Writes a playbook of 300 tasks, 20 roles among them, into a folder: the fixture that `--list-tasks` is timed with. Run: node list-tasks-fixture.ts FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROLES = 20;
const TASKS_OF_ROLE = 12;
const TASKS_OF_PLAY = 60;

function task(name: string, index: number): string {
  const forms = [
    `- name: ${name}\n  ansible.builtin.apt:\n    name: "{{ packages_${index} }}"\n    state: present\n    update_cache: true\n  when: ansible_facts.os_family == 'Debian'\n  notify: Restart service\n  tags: [packages, role_${index % 7}]\n`,
    `- name: ${name}\n  ansible.builtin.template:\n    src: file-${index}.conf.j2\n    dest: /etc/service/{{ item.name }}.conf\n    mode: '0644'\n  loop: "{{ services }}"\n  loop_control:\n    label: "{{ item.name }}"\n  notify:\n    - Restart service\n`,
    `- name: ${name}\n  ansible.builtin.command: /usr/bin/tool --number ${index} creates=/var/lib/tool/${index}\n  register: result_${index}\n  changed_when: result_${index}.rc == 0\n`,
    `- name: ${name}\n  block:\n    - name: ${name} inside\n      ansible.builtin.copy:\n        content: |\n          first line {{ inventory_hostname }}\n          second line\n        dest: /etc/file-${index}\n  rescue:\n    - ansible.builtin.debug:\n        msg: "{{ ansible_failed_result }}"\n  become: true\n`,
  ];
  return forms[index % forms.length] ?? '';
}

/** Writes the fixture and gives the path of its playbook. */
export function writeListTasksFixture(folder: string): string {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const roles = Array.from({ length: ROLES }, (_, index) => `role_${String(index + 1).padStart(2, '0')}`);
  roles.forEach((role, number) => {
    write(
      `roles/${role}/tasks/main.yml`,
      `---\n${Array.from({ length: TASKS_OF_ROLE }, (_, index) => task(`${role} task ${index + 1}`, number * TASKS_OF_ROLE + index)).join('\n')}`,
    );
    write(
      `roles/${role}/handlers/main.yml`,
      '---\n- name: Restart service\n  ansible.builtin.service:\n    name: service\n    state: restarted\n',
    );
    write(
      `roles/${role}/defaults/main.yml`,
      `---\n${Array.from({ length: 30 }, (_, index) => `${role}_setting_${index}: "{{ base }}/${index}"\n`).join('')}`,
    );
    write(`roles/${role}/meta/main.yml`, `---\ndependencies: ${number % 5 === 4 ? `[${roles[number - 1]}]` : '[]'}\n`);
  });
  write(
    'site.yml',
    `---\n- hosts: all\n  become: true\n  vars:\n    base: /srv\n  roles:\n${roles.map((role) => `    - ${role}\n`).join('')}  tasks:\n${Array.from({ length: TASKS_OF_PLAY }, (_, index) => task(`Play task ${index + 1}`, index).replace(/^(?=.)/gm, '    ')).join('\n')}`,
  );
  return join(folder, 'site.yml');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('usage: node list-tasks-fixture.ts FOLDER');
  process.stdout.write(`${writeListTasksFixture(folder)}\n`);
}
