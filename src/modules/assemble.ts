// ansible.builtin.assemble: the files of a folder, in order of their names, as one file.
import { z } from 'zod';
import { bool, path, source, str } from '../core/args.ts';
import { contentOf, type Content } from '../core/content.ts';
import { defineModule, type Change } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { regex, search } from '../core/python-regex.ts';
import { fragmentsProbe, type Fragments } from '../probes/path-fragments.ts';
import { pathProbe, parentOf } from '../probes/path.ts';
import { fileArgs } from './parts/file-attributes.ts';
import {
  digestOf,
  applyPlaced,
  checkValidate,
  nameOf,
  planPlaced,
  resultPlaced,
  type Placing,
  validateArg,
} from './parts/place-file.ts';
import { patternProblem } from './parts/pattern-problem.ts';

const args = {
  src: source({ folder: 'files', tree: true, unless: 'remote_src' }).describe(
    'Folder with the parts; on the host unless remote_src is off',
  ),
  dest: path().describe('The file to make of them'),
  remote_src: bool().default(true).describe('src is on the host'),
  delimiter: str().optional().describe('What stands between two parts; \\n is a newline'),
  regexp: str().optional().describe('Only parts whose name matches'),
  ignore_hidden: bool().default(false).describe('Leave out names that begin with a dot'),
  validate: validateArg,
  backup: bool().default(false).describe('Keep the file that is replaced beside it'),
  decrypt: bool().default(true).describe('Decrypt vaulted parts of the controller'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly inside?: PathState;
  readonly fragments?: Fragments;
}

export const assemble = defineModule<typeof args, Observed>({
  name: 'ansible.builtin.assemble',
  summary: 'Puts the files of a folder together as one',
  args,
  check: (given) => checkValidate(given.validate) ?? patternProblem({ regexp: given.regexp }),
  example: `
- name: One file of the parts
  ansible.builtin.assemble:
    src: /etc/vbx-example.d
    dest: /etc/vbx-example.all
    mode: '0644'
`,
  exampleSetup: `
- name: A folder of parts
  ansible.builtin.file:
    path: /etc/vbx-example.d
    state: directory
- name: The first part
  ansible.builtin.copy:
    content: "one\\n"
    dest: /etc/vbx-example.d/10-one
- name: The second part
  ansible.builtin.copy:
    content: "two\\n"
    dest: /etc/vbx-example.d/20-two
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => ({
    at: pathProbe(given.dest, { content: 'bytes', ...(given.attributes === undefined ? {} : { flags: true }) }),
    parent: pathProbe(parentOf(given.dest)),
    inside: pathProbe(`${given.dest}/${nameOf(given.src.path)}`, { content: 'bytes' }),
    ...(given.src.kind === 'host' ? { fragments: fragmentsProbe(given.src.path) } : {}),
  }),
})({
  plan: (given, observed, basics) => {
    if (given.src.kind === 'file') return { failed: `Source (${given.src.path}) is not a directory` };
    const { fragments } = observed;
    if (fragments?.kind === 'absent') return { failed: `Source (${given.src.path}) does not exist` };
    if (fragments?.kind === 'other') return { failed: `Source (${given.src.path}) is not a directory` };
    if (fragments?.truncated === true)
      return { failed: `the files of ${given.src.path} are more than 5 MB, which is the most that is put together` };
    return planPlaced(placing(given, observed), observed, basics);
  },
  apply: (given, change: Change<Observed>, basics) => applyPlaced(placing(given, change.before), change, basics),
  result: (given, change, done) => {
    const wish = placing(given, change.before);
    const { path: _path, ...fields } = resultPlaced(wish, change, done, given.src.path);
    return { msg: 'OK', ...fields, src: given.src.path, md5sum: digestOf('md5', wish.content) };
  },
});

function placing(given: Args, observed: Observed): Placing {
  const { mode: wanted, ...rest } = given;
  return {
    ...rest,
    ...(wanted === 'preserve' ? {} : { mode: wanted }),
    follow: false,
    force: true,
    name: nameOf(given.src.path),
    content: together(partsOf(given, observed), given),
  };
}

function partsOf(given: Args, observed: Observed): { name: string; bytes: Buffer }[] {
  if (given.src.kind === 'tree')
    return given.src.entries.flatMap((entry) =>
      entry.kind === 'file' && !entry.path.includes('/') && entry.content.bytes !== undefined
        ? [{ name: entry.path, bytes: entry.content.bytes }]
        : [],
    );
  return [...(observed.fragments?.files ?? [])];
}

function together(parts: readonly { name: string; bytes: Buffer }[], given: Args): Content {
  const pattern = given.regexp === undefined ? undefined : regex(given.regexp);
  const chosen = parts
    .filter(
      ({ name }) =>
        (pattern === undefined || search(pattern, name) !== undefined) &&
        !(given.ignore_hidden && name.startsWith('.')),
    )
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const delimiter = given.delimiter === undefined || given.delimiter === '' ? undefined : unescape(given.delimiter);
  const pieces: Buffer[] = [];
  let unended = false;
  for (const [index, { bytes }] of chosen.entries()) {
    if (unended) pieces.push(Buffer.from('\n'));
    if (index > 0 && delimiter !== undefined)
      pieces.push(Buffer.from(delimiter.endsWith('\n') ? delimiter : `${delimiter}\n`));
    pieces.push(bytes);
    unended = !bytes.subarray(-1).equals(Buffer.from('\n'));
  }
  return contentOf(Buffer.concat(pieces));
}

/** Python's escapes in the delimiter. */
function unescape(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    "'": "'",
    '"': '"',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
  };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (all, hex: string | undefined, letter: string | undefined) =>
    hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (letters[letter ?? ''] ?? all),
  );
}
