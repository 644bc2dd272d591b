// include_role: a role in the middle of a play; the engine carries it out.
import { bool, field, raw, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const include_role = defineControl({
  name: 'ansible.builtin.include_role',
  summary: 'Run a role when the task is reached',
  args: {
    name: field(str(), { aliases: ['role'] }).describe('The role: a name, a path, or namespace.collection.role.'),
    tasks_from: str().default('main').describe('File of its `tasks` to start from.'),
    vars_from: str().default('main').describe('File of its `vars` to read.'),
    defaults_from: str().default('main').describe('File of its `defaults` to read.'),
    handlers_from: str().default('main').describe('File of its `handlers` to read.'),
    allow_duplicates: bool().default(true).describe('Run it again although it ran before with the same parameters.'),
    public: bool().optional().describe('Whether the rest of the play sees its defaults and vars; by default not.'),
    rolespec_validate: bool().default(true).describe('Check its parameters against meta/argument_specs.yml first.'),
    apply: raw().optional().describe('Keywords for every task of the role (`tags`, `become`, ...).'),
  },
  example: `
- ansible.builtin.include_role:
    name: common
  when: false
`,
});
