// import_role: a role in the middle of a play; the engine carries it out.
import { bool, field, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const import_role = defineControl({
  name: 'ansible.builtin.import_role',
  summary: 'Put a role into the play when the playbook is parsed',
  args: {
    name: field(str(), { aliases: ['role'] }).describe('The role: a name, a path, or namespace.collection.role.'),
    tasks_from: str().default('main').describe('File of its `tasks` to start from.'),
    vars_from: str().default('main').describe('File of its `vars` to read.'),
    defaults_from: str().default('main').describe('File of its `defaults` to read.'),
    handlers_from: str().default('main').describe('File of its `handlers` to read.'),
    allow_duplicates: bool().default(true).describe('Run it again although it ran before with the same parameters.'),
    public: bool().default(true).describe('Whether the rest of the play sees its defaults and vars.'),
    rolespec_validate: bool().default(true).describe('Check its parameters against meta/argument_specs.yml first.'),
  },
  example: `
- ansible.builtin.import_role:
    name: common
  when: false
`,
});
