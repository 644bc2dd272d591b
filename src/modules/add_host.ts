// add_host: adds a host to the inventory for the rest of the run; the engine carries it out.
import { field, list, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const add_host = defineControl({
  name: 'ansible.builtin.add_host',
  summary: 'Add a host to the inventory for the rest of the run; further arguments become its variables',
  args: {
    name: field(str(), { aliases: ['host', 'hostname'] }).describe(
      'Name of the host; `name:port` sets ansible_port too.',
    ),
    groups: field(list(str()), { aliases: ['group', 'groupname'] })
      .optional()
      .describe('Groups that it joins; made where they are not there.'),
  },
  openArgs: true,
  example: `
- ansible.builtin.add_host:
    name: made-by-play
    groups: made
`,
});
