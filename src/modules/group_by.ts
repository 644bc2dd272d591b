// group_by: puts hosts into groups named after a value; the engine carries it out.
import { list, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const group_by = defineControl({
  name: 'ansible.builtin.group_by',
  summary: 'Put hosts into a group named after a value',
  args: {
    key: str().describe('Name of the group; blanks become hyphens.'),
    parents: list(str()).default(['all']).describe('Groups that the group becomes a child of.'),
  },
  example: `
- ansible.builtin.group_by:
    key: os_{{ ansible_facts.distribution | default('any') }}
`,
});
