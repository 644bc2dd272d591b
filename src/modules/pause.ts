// pause: waits for a time or for somebody at the terminal; the engine carries it out on the controller.
import { bool, number, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const pause = defineControl({
  name: 'ansible.builtin.pause',
  summary: 'Wait for a time or for an answer at the terminal',
  args: {
    // Refused as whole numbers are, and parts of them are taken: as under Ansible.
    minutes: number('must be an integer').optional().describe('How many minutes.'),
    seconds: number('must be an integer').optional().describe('How many seconds.'),
    prompt: str()
      .optional()
      .describe('What to ask; without a time it waits for Enter and registers what was typed as `user_input`.'),
    echo: bool().default(true).describe('Show what is typed.'),
  },
  check: ({ minutes, seconds }) =>
    minutes !== undefined && seconds !== undefined ? 'parameters are mutually exclusive: minutes|seconds' : undefined,
  example: `
- ansible.builtin.pause:
    seconds: 1
`,
});
