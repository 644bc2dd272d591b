// wait_for_connection: goes on when the host can be reached and has a working shell.
import { int } from '../core/args.ts';
import { defineAction } from '../core/module.ts';

export const wait_for_connection = defineAction({
  name: 'ansible.builtin.wait_for_connection',
  summary: 'Wait until a host can be reached',
  args: {
    timeout: int().default(600).describe('Longest wait, seconds.'),
    connect_timeout: int()
      .default(5)
      .describe('Taken for compatibility: a try takes as long as connections of this host may.'),
    delay: int().default(0).describe('Seconds before the first try.'),
    sleep: int().default(1).describe('Taken for compatibility: a second passes between tries.'),
  },
  example: `
- ansible.builtin.wait_for_connection:
    timeout: 60
`,
  // As under Ansible: a dry run waits for nothing.
  dryRun: () => ({ skipped: true }),
})({
  steps: ({ timeout, delay }) => [
    { kind: 'reconnect', reboot: false, atMost: timeout, ...(delay > 0 ? { delay } : {}) },
  ],
  parse: (_args, [only]) => {
    const elapsed = only === undefined ? 0 : Math.floor((only.end - only.start) / 1000);
    return only?.rc === 0
      ? { changed: false, elapsed }
      : { changed: false, failed: true, elapsed, msg: `timed out waiting for the connection: ${only?.stderr ?? ''}` };
  },
});
