// assert: fails unless all conditions hold; the engine carries it out.
import { bool, field, raw } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const assert = defineControl({
  name: 'ansible.builtin.assert',
  summary: 'Fail unless conditions hold',
  args: {
    that: raw().describe('A condition or a list of conditions, as in `when`: expressions without braces.'),
    fail_msg: field(raw(), { aliases: ['msg'] })
      .optional()
      .describe('What to say on failure; text or a list of texts.'),
    success_msg: raw().optional().describe('What to say when all conditions hold.'),
    quiet: bool().default(false).describe('Leave the conditions out of the result.'),
  },
  check: ({ that }) =>
    that === undefined || that === null ? 'that is required: the conditions that must hold' : undefined,
  example: `
- ansible.builtin.assert:
    that:
      - 1 + 1 == 2
    fail_msg: Arithmetic is broken
`,
});
