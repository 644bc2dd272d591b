// ansible.builtin.copy: a file, a folder or given text on the host, from the controller or from elsewhere on the host.
import { z } from 'zod';
import { bool, field, mode, path, source, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { contentOf, type Content } from '../core/content.ts';
import { defineModule, type Change, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import type { Step } from '../core/step.ts';
import type { CopyDifference } from '../probes/path-copy.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { applyTree, planTree, resultTree, treeProbes, type TreeCopy } from './parts/copy-tree.ts';
import { applyOnHost, onHostProbes, planOnHost, resultOnHost, type OnHostCopy } from './parts/copy-on-host.ts';
import {
  applyPlaced,
  checkValidate,
  digestOf,
  nameOf,
  placeProbes,
  planPlaced,
  resultPlaced,
  type Placing,
  validateArg,
} from './parts/place-file.ts';
import { writeFailure } from './parts/write-failure.ts';
import { pythonJson } from './parts/python-json.ts';

const args = {
  src: source({ folder: 'files', tree: true, unless: 'remote_src' })
    .optional()
    .describe(
      'File or folder of the controller (of the host with remote_src); a folder with a slash at its end means what is in it',
    ),
  content: z.unknown().optional().describe('The text of the file, in place of src; structures become JSON'),
  dest: path().describe('Where it goes; a slash at the end, or a folder there, takes it under its own name'),
  remote_src: bool().default(false).describe('src is on the host'),
  backup: bool().default(false).describe('Keep the file that is replaced beside it'),
  force: bool().default(true).describe('Replace a file with other content; without it only a missing file is written'),
  follow: bool().default(false).describe('Write what a link at dest leads to, in place of the link'),
  local_follow: bool().default(true).describe('Copy what links of the source lead to, in place of the links'),
  directory_mode: field(mode().optional(), {}).describe('Permissions of the folders that are made'),
  validate: validateArg,
  checksum: str().optional().describe('SHA-1 that the source must have'),
  decrypt: bool().default(true).describe('Decrypt a vaulted source'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

/** `at`, `parent`, `inside` for one file; paths of a tree under their own names (`/sub/file`); `source` and `tree` for what is on the host. */
export interface CopyObserved {
  readonly at: PathState;
  readonly parent: PathState;
  readonly inside?: PathState;
  readonly source?: PathState;
  readonly tree?: CopyDifference;
  readonly [entry: `/${string}`]: PathState;
}

export const copy = defineModule<typeof args, CopyObserved>({
  name: 'ansible.builtin.copy',
  summary: 'Copies files and folders, or writes given text',
  args,
  check: (given) => {
    const src: unknown = given.src;
    if ((src === undefined || src === '') && given.content === undefined) return 'src (or content) is required';
    if (given.src !== undefined && given.content !== undefined) return 'src and content are mutually exclusive';
    if (given.dest === '') return 'dest is required';
    if (given.content !== undefined && given.dest.endsWith('/')) return 'can not use content with a dir as dest';
    return checkValidate(given.validate);
  },
  example: `
- name: A message of the day
  ansible.builtin.copy:
    content: "Welcome\\n"
    dest: /etc/vbx-example-motd
    mode: '0644'
`,
  diffs: 'placed',
  probe: (given): { readonly [K in keyof CopyObserved]: Probe<CopyObserved[K]> } => {
    const wish = wishOf(given);
    return wish.kind === 'file'
      ? placeProbes(wish.placing)
      : wish.kind === 'tree'
        ? treeProbes(wish.tree)
        : onHostProbes(wish.copy);
  },
})({
  plan: (given, observed, basics): Plan<CopyObserved> => {
    const wish = wishOf(given);
    const wrong = wish.kind === 'file' ? wrongChecksum(given, wish.placing.content) : undefined;
    if (wrong !== undefined) return wrong;
    return wish.kind === 'file'
      ? planPlaced(wish.placing, observed, basics)
      : wish.kind === 'tree'
        ? planTree(wish.tree, observed, basics)
        : planOnHost(wish.copy, observed, basics);
  },
  apply: (given, change: Change<CopyObserved>, basics: Basics): readonly Step[] => {
    const wish = wishOf(given);
    return wish.kind === 'file'
      ? applyPlaced(wish.placing, change, basics)
      : wish.kind === 'tree'
        ? applyTree(wish.tree, change, basics)
        : applyOnHost(wish.copy, change, basics);
  },
  result: (given, change, done) => {
    const wish = wishOf(given);
    return wish.kind === 'file'
      ? resultPlaced(wish.placing, change, done, given.src?.path)
      : wish.kind === 'tree'
        ? resultTree(wish.tree, change, done)
        : resultOnHost(wish.copy, change, done);
  },
  failure: (result, given) =>
    writeFailure(
      'placed',
      given.src === undefined || given.src.kind === 'file' ? { checksum: sourceChecksum(given) } : {},
    )(result),
});

type Wish =
  | { readonly kind: 'file'; readonly placing: Placing }
  | { readonly kind: 'tree'; readonly tree: TreeCopy }
  | { readonly kind: 'host'; readonly copy: OnHostCopy };

function wishOf(given: Args): Wish {
  const { src } = given;
  if (src?.kind === 'tree') return { kind: 'tree', tree: { ...given, source: src } };
  if (src?.kind === 'host') return { kind: 'host', copy: { ...given, src: src.path } };
  if (src?.kind === 'file')
    return {
      kind: 'file',
      placing: {
        ...given,
        mode: given.mode === 'preserve' ? src.mode : given.mode,
        content: src.content,
        name: nameOf(src.path),
      },
    };
  // Ansible writes given text to a file of its own before, of which the mode is preserved.
  return {
    kind: 'file',
    placing: {
      ...given,
      mode: given.mode === 'preserve' ? '0600' : given.mode,
      content: contentOf(textOf(given.content)),
    },
  };
}

/** Text of `content`: lists and dictionaries as Python's json.dumps writes them. */
function textOf(content: unknown): string {
  return content !== null && typeof content === 'object'
    ? pythonJson(content)
    : typeof content === 'boolean'
      ? content
        ? 'True'
        : 'False'
      : String(content as string | number);
}

const sourceChecksum = (given: Args): string | undefined => {
  const wish = wishOf(given);
  return wish.kind === 'file' ? digestOf('sha1', wish.placing.content) : undefined;
};

function wrongChecksum(given: Args, content: Content): { failed: string; fields: Record<string, unknown> } | undefined {
  const checksum = digestOf('sha1', content);
  if (given.checksum === undefined || checksum === undefined || checksum === given.checksum) return undefined;
  return {
    failed: 'Copied file does not match the expected checksum. Transfer failed.',
    fields: { checksum, expected_checksum: given.checksum },
  };
}
