// Modules whose wish is some lines of a configuration file: a pure function from its old text to its new one. Bytes that it does not touch stay as they are.
import type { Basics } from '../../core/basics.ts';
import type { Change, Plan } from '../../core/module.ts';
import { byteText, toBytes, userBytes } from '../../core/python-regex.ts';
import type { Step } from '../../core/step.ts';
import {
  applyEdit,
  editProbes,
  linesOf,
  planEdit,
  type Editable,
  type EditFunction,
  type Editing,
} from './edit-file.ts';

/** The file to edit; it is made where it is missing (unless the edit leaves nothing), links are followed. */
export interface TextFile {
  readonly path: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly backup?: boolean;
  readonly validate?: string;
  /** A missing file is right as it is: there is nothing to remove from it. */
  readonly mayMiss?: boolean;
}

/** Old lines without their ends -> new lines. Text of the user's goes in through `line()`. */
export type LinesEdit = (lines: readonly string[]) => readonly string[];

/** The user's text as it stands in the lines of an edit (bytes as characters). */
export function line(text: string): string {
  return userBytes(text);
}

export function textProbes(path: string): ReturnType<typeof editProbes> {
  return editProbes(path, undefined);
}

export function planText(file: TextFile, observed: Editable, basics: Basics, edit: LinesEdit): Plan<Editable> {
  return planEdit(editing(file), observed, basics, byLines(edit));
}

export function applyText(file: TextFile, change: Change<Editable>, basics: Basics): Step[] {
  return applyEdit(editing(file), change, basics);
}

function editing({ mayMiss, ...file }: TextFile): Editing {
  return {
    ...file,
    create: mayMiss !== true,
    mayMiss: mayMiss === true,
    missing: (path) => `${path} does not exist`,
    follow: true,
  };
}

/** A file that had no end at its last line keeps that unless the lines differ. */
function byLines(edit: LinesEdit): EditFunction {
  return (bytes) => {
    const before = linesOf(byteText(bytes ?? Buffer.alloc(0))).map((text) => text.replace(/\n$/, ''));
    const after = edit(before);
    const same =
      bytes !== undefined && after.length === before.length && after.every((text, at) => text === before[at]);
    return { bytes: same ? bytes : toBytes(after.map((text) => `${text}\n`).join('')), msg: '' };
  };
}
