// Files whose bytes a program of the host makes (keys, parameters): the bytes stay on the host, and a probe of the module tells what they are.
import { afterApply } from '../../core/after-apply.ts';
import type { Basics } from '../../core/basics.ts';
import { applyMode, chmodArgument } from '../../core/path-mode.ts';
import type { PathState } from '../../core/path-state.ts';
import type { Answer } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { putInPlace } from '../../core/put-in-place.ts';
import { absolutePath, parentOf } from '../../probes/path.ts';
import { pathWord } from '../../probes/path-script.ts';
import {
  attributeSteps,
  deniedPlan,
  flagsDiffer,
  flagSteps,
  freshAttributes,
  withAttributes,
  type AttributeWish,
  type FailedPlan,
} from './file-attributes.ts';
import { putBack, targetOf } from './file-steps.ts';

/** A file that is made. `mode`: what it gets where it is new and no other is wished. */
export interface Generated {
  readonly path: string;
  readonly wish: AttributeWish;
  readonly mode: string;
}

/** Why no file can be made at the path, if that is so: its folder is missing, or it is no file. Failures have Ansible's words. */
export function refusedPlace(path: string, at: PathState, parent: PathState): FailedPlan | undefined {
  const target = targetOf(path, at, true);
  const folder = parent.kind === 'link' ? parent.real : parent;
  if (folder.kind !== 'directory')
    return {
      failed: `The directory ${parentOf(path)} does not exist or the file is not a directory`,
      fields: { name: parentOf(path) },
    };
  if (target.state.kind === 'directory') return { failed: `${path} is a directory. Please specify a path to a file.` };
  return deniedPlan(target.path, target.state);
}

/** Whether there is something at the path, or behind the link that is there. */
export function isThere(at: PathState): boolean {
  return at.kind === 'link' ? at.real.kind !== 'absent' : at.kind !== 'absent';
}

/** The path as it will be; `renewed`: with new bytes, which are not known. */
export function generatedAfter(
  { path, wish, mode }: Generated,
  at: PathState,
  parent: PathState,
  basics: Basics,
  renewed: boolean,
): PathState {
  const { state } = targetOf(path, at, true);
  if (state.kind === 'file') {
    const { content, ...rest } = state;
    return putBack(at, true, withAttributes(renewed || content === undefined ? rest : state, wish, basics));
  }
  if (state.kind !== 'absent') return at;
  return putBack(at, true, {
    kind: 'file',
    ...freshAttributes(
      'file',
      { ...wish, mode: wish.mode === undefined ? mode : applyMode(wish.mode, mode, 'file', basics.umask) },
      basics,
      parent,
    ),
  });
}

/** Sets the attributes that differ, after the bytes are there. */
export function generatedAttributes(
  { path, wish, mode }: Generated,
  before: PathState,
  after: PathState,
  parent: PathState,
  basics: Basics,
): Step[] {
  const was = targetOf(path, before, true);
  const will = targetOf(path, after, true);
  const fresh = was.state.kind === 'absent';
  const present: PathState = fresh ? { kind: 'file', ...freshAttributes('file', { mode }, basics, parent) } : was.state;
  return [
    ...attributeSteps(was.path, present, will.state),
    ...(flagsDiffer(was.state, wish) || (fresh && wish.attributes !== undefined) ? flagSteps(was.path, wish) : []),
  ];
}

/** Effects of flags that are not as wished, as plans tell them. */
export function flagEffects(path: string, at: PathState, wish: AttributeWish): { kind: string; text: string }[] {
  return flagsDiffer(targetOf(path, at, true).state, wish)
    ? [{ kind: 'flags', text: `set the flags of ${path} to ${wish.attributes ?? ''}` }]
    : [];
}

export interface Install {
  /** Absolute. */
  readonly path: string;
  /** The name that the command gives it in its folder `$t`. */
  readonly name: string;
  /** Its mode where it is new. */
  readonly mode: string;
}

/**
 * Runs `command` (shell text) with `$t`, a new folder of its own beside the first file, and puts what it made there in place, each by one rename. A file
 * that is there hands down its owner, mode and context. Prints `backup PATH` where one of the first file is kept.
 */
export function installStep(
  command: string,
  files: readonly [Install, ...Install[]],
  options: {
    readonly backup?: boolean;
    readonly unsafe?: boolean;
    readonly stdin?: string;
    readonly secret?: boolean;
  } = {},
): Step {
  const folder = parentOf(files[0].path);
  const install = ({ path, name, mode }: Install, first: boolean): string => {
    const [to, from] = [quote(path), `"$t"/${quote(name)}`];
    return [
      `if [ -e ${to} ]; then`,
      ...(options.backup === true && first
        ? [`  b=${to}.$$.$(date +%Y-%m-%d@%H:%M:%S~); cp -a -- ${to} "$b" || exit; printf 'backup %s\\n' "$b"`]
        : []),
      `  cp -a --attributes-only --no-preserve=timestamps -- ${to} ${from} 2>/dev/null || { chown "$(stat -c %u:%g -- ${to})" ${from} && chmod "$(stat -c %a -- ${to})" ${from}; } || exit`,
      `else chmod ${chmodArgument(mode)} ${from} || exit; fi`,
      `${putInPlace(from, to, options.unsafe === true)} || exit`,
    ].join('\n');
  };
  const script = [
    `umask 077; t=$(mktemp -d ${quote(folder === '/' ? '' : folder)}/.vbx-XXXXXXXX) || exit`,
    `trap 'rm -rf -- "$t"' EXIT; trap 'exit 143' TERM INT HUP`,
    `{ ${command}\n} || exit`,
    ...files.map((file, index) => install(file, index === 0)),
  ].join('\n');
  return {
    kind: 'script',
    script,
    long: true,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    ...(options.secret === true ? { secret: true } : {}),
  };
}

/** Removes what is at the path; `backup` keeps a copy of a file beside it. */
export function removeSteps(path: string, at: PathState, backup = false): Step[] {
  if (!isThere(at)) return [];
  const target = targetOf(path, at, false).path;
  const copy: Step = {
    kind: 'script',
    script: `b=${quote(target)}.$$.$(date +%Y-%m-%d@%H:%M:%S~); cp -a -- ${quote(target)} "$b" || exit; printf 'backup %s\\n' "$b"`,
  };
  return [...(backup ? [copy] : []), { kind: 'remove', path: target, guard: at }];
}

/** `backup_file` of a result, where a step kept one. */
export function backupField(done: readonly StepResult[]): { backup_file?: string } {
  const file = done.find((step) => step.backupFile !== undefined)?.backupFile;
  return file === undefined ? {} : { backup_file: file };
}

/** The path as results tell it: as it was written, but for what the host expands. */
export function fileName(path: string, at: PathState): string {
  return /^[~$]/.test(path) ? absolutePath(path, at) : path;
}

/** The content as results tell it: what a step read, or what is there; null where nothing is, unknown where it is yet to be made. */
export function contentField(path: string, after: PathState, done: readonly StepResult[]): string | null {
  if (!isThere(after)) return null;
  return (
    toldBy(done, contentScript(path))?.stdout.toString() ??
    observedText(after) ??
    afterApply<string>(`the content of ${path}`)
  );
}

/** Text of the observed bytes of a path; undefined where there are none. */
export function observedText(at: PathState): string | undefined {
  const state = at.kind === 'link' ? at.real : at;
  return state.kind === 'file' ? state.content?.bytes?.toString('utf8') : undefined;
}

/** A step that asks again what a probe asked, since results tell what only the host knows once it is made. */
export function tellStep(script: string): Step {
  return { kind: 'script', script };
}

/** What `tellStep` of the same script was told; undefined where it did not run. */
export function toldBy(done: readonly StepResult[], script: string): Answer | undefined {
  const found = done.find(({ step }) => step.kind === 'script' && step.script === script);
  return found === undefined
    ? undefined
    : { rc: found.rc, stdout: Buffer.from(found.stdout), stderr: Buffer.from(found.stderr) };
}

/** A script that gives the bytes of a file, for `tellStep`. */
export function contentScript(path: string): string {
  return `cat -- ${pathWord(path)}`;
}
