// import_playbook: the plays of another file; resolved when the playbook is parsed.
import { str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const import_playbook = defineControl({
  name: 'ansible.builtin.import_playbook',
  summary: 'Put the plays of another file here (only at the top level of a playbook)',
  args: { file: str().describe('The playbook, relative to the file that names it, or namespace.collection.playbook.') },
  freeForm: 'file',
  example: `
- ansible.builtin.import_playbook: webservers.yml
`,
});
