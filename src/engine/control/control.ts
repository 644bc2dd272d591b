// What a control module is to the engine: a function of the prepared task that asks no host.
import type { Result } from '../../core/outcome.ts';
import type { Flow } from '../item-result.ts';
import type { Performed } from '../perform-item.ts';
import type { Ready } from '../prepare.ts';
import type { TaskRequest } from '../task-request.ts';

export interface ControlInput {
  readonly request: TaskRequest;
  readonly prepared: Ready;
}
export type ControlDone = Performed & { readonly flow?: Flow };
export type Control = (input: ControlInput) => Promise<ControlDone> | ControlDone;

export const ok = (result: Result): ControlDone => ({
  outcome: { kind: 'ok', result: { changed: false, ...result } },
  diffs: [],
});
export const changed = (result: Result): ControlDone => ({
  outcome: { kind: 'changed', result: { changed: true, ...result } },
  diffs: [],
});
export const skipped = (result: Result): ControlDone => ({
  outcome: { kind: 'skipped', result: { changed: false, skipped: true, ...result } },
  diffs: [],
});
export const failed = (msg: unknown, result: Result = {}): ControlDone => ({
  outcome: { kind: 'failed', result: { changed: false, failed: true, msg, ...result } },
  diffs: [],
});
export const unknown = (because: string): ControlDone => ({
  outcome: { kind: 'unknown', because, result: { changed: false, msg: `unknown: depends on "${because}"` } },
  diffs: [],
});
