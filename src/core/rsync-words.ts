// The command line of a step of rsync.
import type { Step } from './step.ts';

/** `rsh` is what starts the other end; without it the words are those that users are told. */
export function rsyncWords(step: Step & { kind: 'rsync' }, rsh?: string): readonly string[] {
  const there = `host:${step.there}`;
  return [
    step.program,
    ...step.options,
    ...(rsh === undefined ? [] : [`--rsh=${rsh}`]),
    ...(step.rsyncPath === undefined ? [] : [`--rsync-path=${step.rsyncPath}`]),
    ...(step.pull ? [there, step.here] : [step.here, there]),
  ];
}
