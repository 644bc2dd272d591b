// gather_facts: what a play does before its tasks; the engine runs `setup` (or what ansible_facts_modules names) for it.
import { bool } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const gather_facts = defineControl({
  name: 'ansible.builtin.gather_facts',
  summary: 'Gather facts as a play does before its tasks',
  args: { parallel: bool().optional().describe('Taken for compatibility: all facts come with one exchange.') },
  openArgs: true,
  example: `
- ansible.builtin.gather_facts:
`,
});
