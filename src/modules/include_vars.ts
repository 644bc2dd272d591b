// include_vars: reads variables from files of the controller in the middle of a play; the engine carries it out.
import { bool, choice, int, list, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const include_vars = defineControl({
  name: 'ansible.builtin.include_vars',
  summary: 'Read variables from a file or a folder of the controller',
  args: {
    file: str().optional().describe('File to read; searched in `vars` of the role or beside the playbook.'),
    dir: str().optional().describe('Folder whose files are read in alphabetical order.'),
    name: str().optional().describe('Put the variables into one dictionary of this name.'),
    depth: int().default(0).describe('How many levels of `dir` to read; 0 is all.'),
    files_matching: str().optional().describe('Regular expression for the names of the files in `dir`.'),
    ignore_files: list(str()).optional().describe('Regular expressions for names of files in `dir` to leave out.'),
    extensions: list(str()).default(['yaml', 'yml', 'json']).describe('Endings of files that are read.'),
    ignore_unknown_extensions: bool().default(false).describe('Skip files with other endings instead of failing.'),
    hash_behaviour: choice('replace', 'merge')
      .optional()
      .describe('Whether dictionaries of the same name are replaced or merged.'),
  },
  check: ({ file, dir }) =>
    file !== undefined && dir !== undefined
      ? 'You are mixing file only and dir only arguments, these are incompatible'
      : undefined,
  freeForm: 'file',
  example: `
- ansible.builtin.include_vars:
    file: versions.yml
  when: false
`,
});
