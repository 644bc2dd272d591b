// meta: tells the engine to do something of its own between tasks.
import { choice } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const meta = defineControl({
  name: 'ansible.builtin.meta',
  summary: 'Run handlers now, end a play or a host, drop connections, and the like',
  args: {
    action: choice(
      'flush_handlers',
      'refresh_inventory',
      'noop',
      'clear_facts',
      'clear_host_errors',
      'end_play',
      'end_host',
      'end_batch',
      'end_role',
      'reset_connection',
    ).describe(
      'What to do: run notified handlers, read the inventory again, nothing, forget facts, take failed hosts back, end the play, the host, the batch, the role, or connect afresh.',
    ),
  },
  freeForm: 'action',
  example: `
- ansible.builtin.meta: flush_handlers
`,
});
