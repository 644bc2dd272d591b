// shell: runs a line (or many) of shell text as the user wrote it.
import { str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { commandStep, commonArgs, notEntered, skippedFields } from './command.ts';
import { outputFields, timeFields } from './command-result.ts';
import { guardProbes, guardSays, type Guards } from './guards.ts';

export const shell = defineAction<ShellShape, Guards>({
  name: 'ansible.builtin.shell',
  summary: 'Run shell text',
  args: shellArgs(),
  check: (args) => (args.cmd.trim() === '' ? 'no command given' : undefined),
  freeForm: 'cmd',
  refusedFields: { rc: 256 },
  example: `
- ansible.builtin.shell: ls /etc | wc -l
  changed_when: false
`,
  probe: (args) => guardProbes(args),
})({
  satisfied: (args, observed) => {
    const said = guardSays(args, observed);
    return said === undefined ? undefined : skippedFields(args.cmd, said);
  },
  steps: (args) => [commandStep(args, args.cmd, args.cmd)],
  parse: (args, done) => {
    const [only] = done;
    if (only === undefined) return { failed: true, msg: 'the command was not run' };
    return (
      notEntered(args.chdir, args.cmd, only) ?? {
        changed: true,
        cmd: args.cmd,
        ...timeFields(only),
        ...outputFields(only, args.strip_empty_ends),
      }
    );
  },
});

function shellArgs() {
  return { cmd: str().describe('The shell text.'), ...commonArgs() };
}
type ShellShape = ReturnType<typeof shellArgs>;
