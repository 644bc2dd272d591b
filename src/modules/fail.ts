// fail: ends the play for a host with a message; the engine carries it out.
import { str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const fail = defineControl({
  name: 'ansible.builtin.fail',
  summary: 'Fail with a message',
  args: { msg: str().default('Failed as requested from task').describe('Why.') },
  example: `
- ansible.builtin.fail:
    msg: This host has no network
  when: false
`,
});
