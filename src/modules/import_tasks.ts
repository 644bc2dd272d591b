// import_tasks: tasks from another file; the engine carries it out.
import { str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const import_tasks = defineControl({
  name: 'ansible.builtin.import_tasks',
  summary: 'Read tasks from a file when the playbook is parsed',
  args: {
    file: str().describe(
      'File with a list of tasks; searched in `tasks` of the role or beside the file that names it.',
    ),
  },
  freeForm: 'file',
  example: `
- ansible.builtin.import_tasks:
    file: users.yml
  when: false
`,
});
