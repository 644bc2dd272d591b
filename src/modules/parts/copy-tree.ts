// A folder of the controller copied to the host: every file, folder and link of it is a state of its own, named by its path below the destination.
import type { SourceTree } from '../../core/args.ts';
import { afterApply } from '../../core/after-apply.ts';
import type { Basics } from '../../core/basics.ts';
import type { Change, Plan } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import type { Probe } from '../../core/probe.ts';
import { same } from '../../core/same.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { absolutePath, parentOf, pathProbe } from '../../probes/path.ts';
import type { CopyObserved } from '../copy.ts';
import {
  attributeSteps,
  deniedPlan,
  fileAfter,
  freshAttributes,
  pathFields,
  withAttributes,
  type AttributeWish,
} from './file-attributes.ts';
import { fileSteps, targetOf, type WriteOptions } from './file-steps.ts';
import { folderSteps, linkSteps } from './path-steps.ts';
import { digestOf, nameOf } from './place-file.ts';

export interface TreeCopy extends AttributeWish, WriteOptions {
  readonly source: SourceTree;
  readonly dest: string;
  readonly force: boolean;
  readonly directory_mode?: string | undefined;
}
type Entry = SourceTree['entries'][number];

/** Entries by their key (`/` and the path below the destination); the folder itself comes first unless only its content is meant. */
function entriesOf(tree: TreeCopy): [`/${string}`, Entry][] {
  const { source } = tree;
  const prefix = source.contentOnly ? '' : `/${nameOf(source.path)}`;
  const own: [`/${string}`, Entry][] = source.contentOnly
    ? []
    : [[`/${nameOf(source.path)}`, { path: '', kind: 'directory', mode: source.mode }]];
  return [
    ...own,
    ...source.entries.map((entry): [`/${string}`, Entry] => [`${prefix}/${entry.path}` as `/${string}`, entry]),
  ];
}

export function treeProbes(tree: TreeCopy): { readonly [K in keyof CopyObserved]: Probe<CopyObserved[K]> } {
  const entries = entriesOf(tree).map(
    ([key, entry]) =>
      [
        key,
        pathProbe(
          `${tree.dest}${key}`,
          entry.kind === 'file'
            ? { content: { unless: { sha256: entry.content.sha256, size: entry.content.size } } }
            : {},
        ),
      ] as const,
  );
  return { at: pathProbe(tree.dest), parent: pathProbe(parentOf(tree.dest)), ...Object.fromEntries(entries) };
}

function isFolder(state: PathState): boolean {
  return state.kind === 'directory' || (state.kind === 'link' && state.real.kind === 'directory');
}

export function planTree(tree: TreeCopy, observed: CopyObserved, basics: Basics): Plan<CopyObserved> {
  const denied = deniedPlan(tree.dest, observed.at);
  if (denied !== undefined) return denied;
  if (observed.at.kind !== 'absent' && !isFolder(observed.at))
    return {
      failed: `${absolutePath(tree.dest, observed.at)} is no folder, so that nothing can be copied into it`,
      fields: { dest: tree.dest },
    };
  const after: Record<`/${string}`, PathState> & { at?: PathState } = {};
  const entries = entriesOf(tree);
  // Owner and group of a folder that the copy itself makes are those of the files.
  const folderWish: AttributeWish = { ...tree, mode: tree.directory_mode };
  if (observed.at.kind === 'absent' && entries.length > 0)
    after.at = { kind: 'directory', ...freshAttributes('directory', folderWish, basics, observed.parent) };
  for (const [key, entry] of entries) {
    const state = observed[key] ?? { kind: 'absent' };
    const above =
      after[parentOf(key) as `/${string}`] ?? observed[parentOf(key) as `/${string}`] ?? after.at ?? observed.at;
    const refused = deniedPlan(`${tree.dest}${key}`, state);
    if (refused !== undefined) return refused;
    if (entry.kind === 'directory') {
      const target = targetOf(`${tree.dest}${key}`, state, true);
      if (target.state.kind === 'directory')
        after[key] =
          state.kind === 'link'
            ? { ...state, real: withAttributes(target.state, folderWish, basics) }
            : withAttributes(target.state, folderWish, basics);
      else if (state.kind === 'absent')
        after[key] = { kind: 'directory', ...freshAttributes('directory', folderWish, basics, above) };
      else return { failed: `${target.path} already exists as a ${state.kind}`, fields: { path: target.path } };
    } else if (entry.kind === 'link') {
      if (state.kind === 'directory')
        return { failed: `refusing to convert from directory to symlink for ${tree.dest}${key}` };
      after[key] =
        state.kind === 'link' && state.target === entry.target
          ? state
          : {
              kind: 'link',
              target: entry.target,
              realPath: afterApply<string>('where the link leads'),
              real: afterApply<PathState>('what the link leads to'),
              ...freshAttributes('file', {}, basics, above, entry.target.length),
              mode: '0777',
            };
    } else {
      if (isFolder(state))
        return { failed: `${tree.dest}${key} is a directory`, fields: { dest: `${tree.dest}${key}` } };
      if (!tree.force && state.kind !== 'absent') continue;
      after[key] = fileAfter(
        state.kind === 'link' ? { kind: 'absent' } : state,
        entry.content,
        { ...tree, mode: tree.mode === 'preserve' ? entry.mode : tree.mode },
        basics,
        above,
      );
    }
  }
  return { after };
}

export function applyTree(tree: TreeCopy, { before, after }: Change<CopyObserved>, basics: Basics): Step[] {
  const root = absolutePath(tree.dest, before.at);
  const steps: Step[] = [];
  if (before.at.kind === 'absent' && after.at.kind === 'directory')
    steps.push(...folderSteps(root, after.at.mode, tree));
  for (const [key, entry] of entriesOf(tree)) {
    const was = before[key] ?? { kind: 'absent' };
    const will = after[key];
    const path = `${root === '/' ? '' : root}${key}`;
    if (will === undefined || same(was, will)) continue;
    if (entry.kind === 'directory') {
      const from = targetOf(path, was, true);
      if (will.kind === 'directory' && was.kind === 'absent') steps.push(...folderSteps(path, will.mode, tree));
      else steps.push(...attributeSteps(from.path, from.state, targetOf(path, will, true).state));
    } else if (entry.kind === 'link') steps.push(...linkSteps(path, entry.target, was));
    else
      steps.push(
        ...fileSteps(path, was, will, { ...tree, mode: tree.mode === 'preserve' ? entry.mode : tree.mode }, basics),
      );
  }
  return steps;
}

/** A single file's own fields where the tree holds just one, else the destination as a whole. */
export function resultTree(
  tree: TreeCopy,
  { before, after }: Change<CopyObserved>,
  done: readonly StepResult[],
): Record<string, unknown> {
  const root = absolutePath(tree.dest, before.at);
  const files = entriesOf(tree).flatMap(([key, entry]) => (entry.kind === 'file' ? [[key, entry] as const] : []));
  const [only] = files;
  if (only === undefined || files.length > 1)
    return { dest: `${root}/`, src: `${tree.source.path.replace(/[/]+$/, '')}${tree.source.contentOnly ? '/' : ''}` };
  const [key, entry] = only;
  const backup = done.find((step) => step.backupFile !== undefined)?.backupFile;
  return {
    dest: `${root}${key}`,
    checksum: digestOf('sha1', entry.content),
    ...pathFields(after[key] ?? before[key] ?? { kind: 'absent' }, done.length > 0),
    ...(backup === undefined ? {} : { backup_file: backup }),
  };
}
