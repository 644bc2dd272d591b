// reboot: boots the host anew and goes on when it is back: reachable, with another boot id, and its test command works.
import { field, int, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote } from '../core/quote.ts';

export const reboot = defineAction({
  name: 'ansible.builtin.reboot',
  summary: 'Reboot a host and wait until it is back',
  args: {
    pre_reboot_delay: field(int(), { aliases: ['pre_reboot_delay_sec'] })
      .default(0)
      .describe('Seconds before it goes down.'),
    post_reboot_delay: field(int(), { aliases: ['post_reboot_delay_sec'] })
      .default(0)
      .describe('Seconds before the first try to reach it again.'),
    reboot_timeout: field(int(), { aliases: ['reboot_timeout_sec'] })
      .default(600)
      .describe('Longest wait until it is back, seconds.'),
    connect_timeout: field(int(), { aliases: ['connect_timeout_sec'] })
      .optional()
      .describe('Taken for compatibility: a try takes as long as connections of this host may.'),
    test_command: str().default('whoami').describe('Command that must work before it counts as back.'),
    msg: str().default('Reboot initiated by Ansible').describe('What users of the host are told.'),
    search_paths: list(path())
      .default(['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'])
      .describe('Folders in which to look for shutdown.'),
    boot_time_command: str()
      .optional()
      .describe('Taken for compatibility: the boot id of the kernel tells boots apart.'),
    reboot_command: str().optional().describe('Command that reboots; otherwise shutdown, else reboot.'),
  },
  example: `
- ansible.builtin.reboot:
    reboot_timeout: 300
  when: false
`,
  dropsShells: true,
  dryRun: () => ({ changed: true, rebooted: true, elapsed: 0 }),
})({
  steps: (args) => {
    const command =
      args.reboot_command ??
      `if command -v shutdown >/dev/null; then shutdown -r now ${quote(args.msg)}; else reboot; fi`;
    return [
      {
        kind: 'reconnect',
        reboot: true,
        atMost: args.reboot_timeout,
        trigger: `PATH=$PATH:${args.search_paths.map(quote).join(':')}\n${args.pre_reboot_delay > 0 ? `sleep ${args.pre_reboot_delay}\n` : ''}${command}`,
        test: `{ ${args.test_command}; } >/dev/null 2>&1`,
        ...(args.post_reboot_delay > 0 ? { delay: args.post_reboot_delay } : {}),
      },
    ];
  },
  parse: (args, [only]) => {
    const elapsed = only === undefined ? 0 : Math.floor((only.end - only.start) / 1000);
    if (only?.rc === 0) return { changed: true, rebooted: true, elapsed };
    return {
      changed: true,
      rebooted: false,
      elapsed,
      failed: true,
      msg: `Timed out waiting for the host to come back (${args.reboot_timeout} s) or the reboot was refused: ${only?.stderr ?? ''}`,
    };
  },
});
