// set_fact: sets variables of a host for the rest of the run; the engine carries it out.
import { bool } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const set_fact = defineControl({
  name: 'ansible.builtin.set_fact',
  summary: 'Set variables of a host for the rest of the run',
  args: {
    cacheable: bool()
      .default(false)
      .describe('Also keep them as facts (`ansible_facts`), which a fact cache may store.'),
  },
  openArgs: true,
  example: `
- ansible.builtin.set_fact:
    greeting: hello
`,
});
