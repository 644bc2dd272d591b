// debug: prints a message or the value of a variable; the engine carries it out.
import { int, raw } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const debug = defineControl({
  name: 'ansible.builtin.debug',
  summary: 'Print a message or the value of a variable',
  args: {
    msg: raw()
      .optional()
      .describe('What is printed: text or any value; `Hello world!` if neither msg nor var is given.'),
    var: raw().optional().describe('Name of a variable, or an expression without its braces, whose value is printed.'),
    verbosity: int().default(0).describe('Printed only when vbx runs with at least as many -v.'),
  },
  check: ({ msg, var: variable }) =>
    msg !== undefined && variable !== undefined ? 'parameters are mutually exclusive: msg|var' : undefined,
  example: `
- ansible.builtin.debug:
    msg: "{{ inventory_hostname }} is ready"
`,
});
