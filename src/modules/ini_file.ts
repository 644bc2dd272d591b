// community.general.ini_file: an option, or a section, of an INI file; lines that it does not concern stay as they are.
import { z } from 'zod';
import { bool, choice, field, list, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { byteText, toBytes, userBytes } from '../core/python-regex.ts';
import { absolutePath } from '../probes/path.ts';
import {
  applyEdit,
  editProbes,
  editResult,
  planEdit,
  type Editable,
  type Editing,
  type EditFunction,
} from './parts/edit-file.ts';
import { writeFailure } from './parts/write-failure.ts';
import { fileArgs, pathFields } from './parts/file-attributes.ts';
import { targetOf } from './parts/file-steps.ts';
import { editIni } from './parts/ini-lines.ts';

const condition = z.object({ option: str(), value: str().optional(), values: list(str()).optional() });

const args = {
  path: field(path(), { aliases: ['dest'] }).describe('The file to edit'),
  section: str().optional().describe('The section; without one, the lines before the first section'),
  section_has_values: z
    .array(condition, { error: 'must be a list of dictionaries' })
    .optional()
    .describe('Take only a section of that name that has these options'),
  option: str().optional().describe('The option; without one the whole section is meant'),
  value: str().optional().describe('Its value'),
  values: list(str()).optional().describe('Its values, for options that may stand several times'),
  state: choice('absent', 'present').default('present').describe('Whether it is to be there'),
  exclusive: bool().default(true).describe('Remove further lines of the option'),
  no_extra_spaces: bool().default(false).describe('Write no blanks around the equals sign'),
  ignore_spaces: bool().default(false).describe('Do not change a line for its blanks alone'),
  allow_no_value: bool().default(false).describe('The option may stand without a value'),
  modify_inactive_option: bool().default(true).describe('Take a commented line of the option into use'),
  create: bool().default(true).describe('Make the file where it is missing'),
  follow: bool().default(false).describe('Edit what a link leads to, in place of the link'),
  backup: bool().default(false).describe('Keep the old file beside it'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const ini_file = defineModule<typeof args, Editable>({
  name: 'community.general.ini_file',
  diffs: 'content',
  summary: 'Sets options of INI files',
  args,
  check: (given) => {
    if (given.value !== undefined && given.values !== undefined)
      return 'parameters are mutually exclusive: value|values';
    if (
      given.state === 'present' &&
      !given.allow_no_value &&
      given.value === undefined &&
      (given.values ?? []).length === 0
    )
      return "Parameter 'value(s)' must be defined if state=present and allow_no_value=False.";
    if (given.option === undefined && (given.value !== undefined || given.values !== undefined))
      return 'a value needs an option';
    if (given.option === undefined && given.section === undefined) return 'section or option is required';
    if (given.section_has_values?.some((one) => one.value !== undefined && one.values !== undefined) === true)
      return 'parameters are mutually exclusive: value|values found in section_has_values';
    return undefined;
  },
  example: `
- name: Cache for a day
  community.general.ini_file:
    path: /etc/vbx-example.ini
    section: cache
    option: seconds
    value: '86400'
    mode: '0644'
`,
  probe: (given) => editProbes(given.path, given.attributes),
})({
  plan: (given, observed, basics) => planEdit(editing(given), observed, basics, edit(given)),
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  failure: writeFailure('edited'),
  result: (given, change, done, basics) => {
    const { editMsg: msg, backupFile } = editResult(editing(given), change, done, edit(given), basics);
    return {
      msg: msg === '' ? 'OK' : msg,
      path: absolutePath(given.path, change.after.at),
      ...pathFields(targetOf(given.path, change.after.at, given.follow).state, done.length > 0),
      ...(backupFile === undefined ? {} : { backup_file: backupFile }),
    };
  },
});

function editing(given: Args): Editing {
  return { ...given, missing: (file) => `Destination ${file} does not exist!` };
}

function edit(given: Args): EditFunction {
  return (bytes) => {
    const text = byteText(bytes ?? Buffer.alloc(0));
    const wanted = given.value === undefined ? (given.values ?? []) : [given.value];
    const edited = editIni(text, {
      section: given.section === undefined || given.section === '' ? undefined : userBytes(given.section),
      conditions: (given.section_has_values ?? []).map((one) => ({
        option: userBytes(one.option),
        values: (one.value === undefined ? (one.values ?? []) : [one.value]).map(userBytes),
      })),
      option: given.option === undefined ? undefined : userBytes(given.option),
      values: [...new Set(wanted)].map(userBytes),
      absent: given.state === 'absent',
      exclusive: given.exclusive,
      separator: given.no_extra_spaces ? '=' : ' = ',
      ignoreSpaces: given.ignore_spaces,
      allowNoValue: given.allow_no_value,
      inactive: given.modify_inactive_option,
    });
    return edited === undefined
      ? { bytes: bytes ?? Buffer.alloc(0), msg: '' }
      : { bytes: toBytes(edited.text), msg: edited.msg };
  };
}
