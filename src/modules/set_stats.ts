// set_stats: gives values that are told at the end of the run; the engine carries it out.
import { raw } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const set_stats = defineControl({
  name: 'ansible.builtin.set_stats',
  summary: 'Give values that are told at the end of the run',
  args: {
    data: raw().describe('The values by name.'),
    per_host: raw().optional().describe('Keep them for each host instead of for the run.'),
    aggregate: raw()
      .optional()
      .describe(
        'Add to a value that is already there (numbers add up, lists and dictionaries join) instead of replacing it.',
      ),
  },
  example: `
- ansible.builtin.set_stats:
    data:
      deployed: 1
`,
});
