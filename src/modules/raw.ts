// raw: sends a line to the host's shell and takes what comes back, nothing more.
import { path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { outputFields } from './command-result.ts';

export const raw = defineAction({
  name: 'ansible.builtin.raw',
  summary: 'Run shell text with no guards (kept for hosts on which Ansible has nothing else)',
  args: {
    cmd: str().describe('The shell text.'),
    executable: path().optional().describe('The shell to use.'),
  },
  freeForm: 'cmd',
  example: `
- ansible.builtin.raw: uptime
  changed_when: false
`,
})({
  steps: ({ cmd, executable }) => [
    { kind: 'command', script: cmd, display: cmd, accept: 'any', ...(executable === undefined ? {} : { executable }) },
  ],
  parse: (_args, done) => {
    const [only] = done;
    return only === undefined
      ? { failed: true, msg: 'the command was not run' }
      : { changed: true, ...outputFields(only, false) };
  },
});
