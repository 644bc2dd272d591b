// The guards `creates` and `removes` of actions: run only if a path is not there, or only if it is there. Wildcards are allowed.
import { path } from '../core/args.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { globProbe, isGlob, type GlobState } from '../probes/glob.ts';
import { pathProbe } from '../probes/path.ts';

export const guardArgs = {
  creates: path().optional().describe('A path or pattern: if it is there, nothing runs.'),
  removes: path().optional().describe('A path or pattern: if it is not there, nothing runs.'),
};

export interface Guards {
  readonly creates?: PathState | GlobState;
  readonly removes?: PathState | GlobState;
}
interface GuardValues {
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
  readonly chdir?: string | undefined;
}

/** Relative guards are meant from `chdir`. */
export function guardProbes(args: GuardValues): {
  creates?: Probe<PathState | GlobState>;
  removes?: Probe<PathState | GlobState>;
} {
  return {
    ...(args.creates === undefined ? {} : { creates: guardProbe(args.creates, args.chdir) }),
    ...(args.removes === undefined ? {} : { removes: guardProbe(args.removes, args.chdir) }),
  };
}

function guardProbe(guard: string, chdir: string | undefined): Probe<PathState | GlobState> {
  const path = chdir === undefined || /^[/~$]/.test(guard) ? guard : `${chdir.replace(/\/+$/, '')}/${guard}`;
  return isGlob(path) ? globProbe(path) : pathProbe(path);
}

/** Why nothing needs to run: the path and whether it `exists` or `does not exist`; undefined if it must run. */
export function guardSays(
  args: GuardValues,
  observed: Guards,
): { readonly path: string; readonly why: 'exists' | 'does not exist' } | undefined {
  if (args.creates !== undefined && observed.creates !== undefined && isThere(observed.creates))
    return { path: args.creates, why: 'exists' };
  if (args.removes !== undefined && observed.removes !== undefined && !isThere(observed.removes))
    return { path: args.removes, why: 'does not exist' };
  return undefined;
}

function isThere(state: PathState | GlobState): boolean {
  switch (state.kind) {
    case 'glob':
      return state.matched;
    case 'absent':
    case 'denied':
      return false;
    case 'link':
      // Python's glob.glob() counts a dangling link as there.
      return true;
    case 'file':
    case 'directory':
    case 'other':
      return true;
  }
}
