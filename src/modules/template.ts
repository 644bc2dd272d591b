// ansible.builtin.template: a rendered file of the controller on the host.
import { z } from 'zod';
import { bool, choice, path, source, str } from '../core/args.ts';
import { contentOf, type Content } from '../core/content.ts';
import { VbxError } from '../core/error.ts';
import { defineModule } from '../core/module.ts';
import { encodeText, isEncoding } from './parts/encode-text.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { writeFailure } from './parts/write-failure.ts';
import {
  applyPlaced,
  checkValidate,
  digestOf,
  nameOf,
  placeProbes,
  planPlaced,
  resultPlaced,
  type Placed,
  type Placing,
  validateArg,
} from './parts/place-file.ts';

const args = {
  src: source({ folder: 'templates', render: true }).describe(
    'The template, searched for in templates/ of the role and of the play',
  ),
  dest: path().describe('Where the rendered file goes; a folder takes it under the name of the template'),
  backup: bool().default(false).describe('Keep the file that is replaced beside it'),
  force: bool().default(true).describe('Replace a file with other content; without it only a missing file is written'),
  follow: bool().default(false).describe('Write what a link at dest leads to, in place of the link'),
  validate: validateArg,
  newline_sequence: str().default('\n').describe('Ends of lines'),
  output_encoding: str()
    .default('utf-8')
    .describe(
      'Encoding of the file: utf-8, utf-16le, or one of one byte a character such as latin-1, ascii, windows-1252',
    ),
  block_start_string: str().default('{%').describe('Begin of a statement'),
  block_end_string: str().default('%}').describe('End of a statement'),
  variable_start_string: str().default('{{').describe('Begin of an expression'),
  variable_end_string: str().default('}}').describe('End of an expression'),
  comment_start_string: str().optional().describe('Begin of a comment'),
  comment_end_string: str().optional().describe('End of a comment'),
  trim_blocks: bool().default(true).describe('Leave out the newline after a statement'),
  lstrip_blocks: bool().default(false).describe('Leave out blanks before a statement'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const template = defineModule<typeof args, Placed>({
  name: 'ansible.builtin.template',
  summary: 'Renders a template of the controller into a file',
  args,
  check: (given) =>
    (/^(\\n|\\r|\\r\\n|\n|\r|\r\n)$/.test(given.newline_sequence)
      ? undefined
      : 'newline_sequence needs to be one of: \n, \r or \r\n') ??
    checkValidate(given.validate) ??
    (isEncoding(encodingOf(given)) ? undefined : `unknown encoding: ${given.output_encoding}`),
  example: `
- name: A greeting with the host's name
  ansible.builtin.template:
    src: greeting.j2
    dest: /etc/vbx-example
    mode: '0644'
`,
  diffs: 'placed',
  probe: (given) => placeProbes(placing(given)),
})({
  plan: (given, observed, basics) => planPlaced(placing(given), observed, basics),
  apply: (given, change, basics) => applyPlaced(placing(given), change, basics),
  result: (given, change, done) => resultPlaced(placing(given), change, done, given.src.path),
  failure: (result, given) => writeFailure('placed', { checksum: digestOf('sha1', placing(given).content) })(result),
});

/** An empty name is none, as under Ansible. */
const encodingOf = (given: { readonly output_encoding: string }): string =>
  given.output_encoding === '' ? 'utf-8' : given.output_encoding;

function placing(given: Args): Placing {
  if (given.src.kind !== 'file') throw new Error('the source of a template is a file');
  return {
    ...given,
    mode: given.mode === 'preserve' ? given.src.mode : given.mode,
    name: nameOf(given.src.path),
    content: encoded(given.src.content, given),
  };
}

/** The rendered text with the wished line ends, in the wished encoding. */
function encoded(content: Content, given: Args): Content {
  const sequence = given.newline_sequence.replace('\\r', '\r').replace('\\n', '\n');
  const encoding = encodingOf(given);
  if ((sequence === '\n' && /^utf-?8$/i.test(encoding)) || content.bytes === undefined) return content;
  const text = content.bytes.toString('utf8');
  const bytes = encodeText(sequence === '\n' ? text : text.replace(/\r\n|\r|\n/g, sequence), encoding);
  if ('missing' in bytes)
    throw new VbxError(`the encoding ${encoding} has no character ${JSON.stringify(bytes.missing)}`);
  return contentOf(bytes);
}
