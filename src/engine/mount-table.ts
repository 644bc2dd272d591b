// Which paths of a host could hang whoever looks at them: those on or below autofs, FUSE and network mounts.
import type { Answer } from '../core/probe.ts';

/** Prints the mounts that could hang, without looking at any. The shell itself would read the table byte by byte. */
export const MOUNT_TABLE_SCRIPT = `exec grep -E ' - (autofs|fuse[^ ]*|nfs[^ ]*|cifs|ceph|9p|afs|smb[^ ]*|lustre|cvmfs) ' /proc/self/mountinfo`;

/** The table of an answer to MOUNT_TABLE_SCRIPT, or undefined where the host has none: grep's status is 1 without a line, and more without a file. */
export function mountTableOf(answer: Answer | undefined): MountTable | undefined {
  return answer !== undefined && answer.rc < 2 ? new MountTable(answer.stdout.toString()) : undefined;
}

/** The dangerous mounts of a host, from the lines that MOUNT_TABLE_SCRIPT prints. */
export class MountTable {
  readonly #points: readonly string[];
  constructor(text: string) {
    this.#points = text
      .split('\n')
      .map((line) => line.split(' ')[4])
      .filter((point): point is string => point !== undefined)
      .map((point) =>
        point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      );
  }
  /** Whether looking at `path` touches one of them. */
  holds(path: string): boolean {
    return this.#points.some((point) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`));
  }
}

const NETWORK_BY_CUSTOM = /^\/(cvmfs|net|misc|afs|eos)(\/|$)/;

/** Whether a question about `path` must wait for its task's turn. Without a table the customary network folders are held back. */
export function isHeldBack(path: string, table: MountTable | undefined): boolean {
  return NETWORK_BY_CUSTOM.test(path) || table?.holds(path) === true;
}
