// include_tasks: tasks from another file; the engine carries it out.
import { raw, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const include_tasks = defineControl({
  name: 'ansible.builtin.include_tasks',
  summary: 'Read tasks from a file when the task is reached',
  args: {
    file: str().describe(
      'File with a list of tasks; searched in `tasks` of the role or beside the file that names it.',
    ),
    apply: raw().optional().describe('Keywords for every task of the file (`tags`, `become`, `when`, ...).'),
  },
  freeForm: 'file',
  example: `
- ansible.builtin.include_tasks:
    file: users.yml
  when: false
`,
});
