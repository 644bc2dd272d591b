// Everything that a run tells, as one union of JSON-serialisable events: the only output of the engine. Secrets are redacted before an event leaves it.
import type { Diff } from './diff.ts';
import type { Origin } from './origin.ts';
import type { Outcome, Tally } from './outcome.ts';

/** Grows when a reader of old events could misread new ones. */
export const EVENT_VERSION = 1;

interface Stamp {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Counts events of the run from 1. */
  readonly seq: number;
}

export interface TaskRef {
  /** Unique in the run: the task's id with the run of it (a task in a loop of includes runs several times). */
  readonly id: string;
  readonly name: string;
  /** The name with what is wrong with it in place of what cannot be rendered, as Ansible tells it; absent where all of it can. */
  readonly flawedName?: string;
  readonly action: string;
  readonly origin?: Origin;
  readonly role?: string;
  readonly handler?: boolean;
  readonly tags?: readonly string[];
  /** Its results are not to be told where they went well (a quiet assertion). */
  readonly quiet?: boolean;
}

export type EventBody =
  | {
      readonly kind: 'run-start';
      readonly version: number;
      readonly vbx: string;
      readonly run: string;
      readonly playbooks: readonly string[];
      /** Number of plays of each playbook. */ readonly plays?: readonly number[];
      readonly check: boolean;
      readonly diff: boolean;
      readonly argv: readonly string[];
      /** Where vbx was started. */ readonly folder?: string;
      readonly forks: number;
      readonly hosts: number;
    }
  /** `hosts` are those of the play; `groups` are for display. `batch`/`batches` with serial. `tasks`: number known before start (includes add to it). */
  | {
      readonly kind: 'play-start';
      readonly play: string;
      readonly name: string;
      readonly hosts: readonly string[];
      readonly batch: number;
      readonly batches: number;
      readonly tasks: number;
      readonly strategy: string;
      readonly origin?: Origin;
      readonly groups?: Readonly<Record<string, readonly string[]>>;
    }
  | {
      readonly kind: 'no-hosts';
      readonly play: string;
      readonly name: string;
      readonly pattern: string;
      /** How many there would be, had they not failed before. */ readonly failed?: number;
    }
  /** A task begins (linear: once for all hosts; free: with the first host). */
  | {
      readonly kind: 'task-start';
      readonly task: TaskRef;
      readonly hosts: number;
      readonly index: number;
      readonly total: number;
      readonly section: 'facts' | 'tasks' | 'handlers' | 'rescue' | 'always';
    }
  | { readonly kind: 'host-start'; readonly host: string; readonly task: string; readonly delegate?: string }
  /** What a host does or waits for, in words: `running`, `waits for a free fork`, `retry 2/5`, `held`. */
  | { readonly kind: 'host-status'; readonly host: string; readonly task?: string; readonly status: string }
  /** Live output of a running command, whole lines as far as possible. */
  | {
      readonly kind: 'output';
      readonly host: string;
      readonly task: string;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  /** One item of a loop ended. */
  | {
      readonly kind: 'item-end';
      readonly host: string;
      readonly task: string;
      readonly item: unknown;
      readonly label: string;
      readonly index: number;
      /** What the loop calls the item (default `item`) and its index. */ readonly loopVar?: string;
      readonly indexVar?: string;
      readonly outcome: Outcome;
      readonly diffs: readonly Diff[];
      readonly seconds: number;
      readonly delegate?: string;
    }
  /** A retry of `until` is due. */
  | {
      readonly kind: 'retry';
      readonly host: string;
      readonly task: string;
      readonly attempt: number;
      readonly retries: number;
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'host-end';
      readonly host: string;
      readonly task: string;
      readonly outcome: Outcome;
      readonly diffs: readonly Diff[];
      readonly seconds: number;
      readonly delegate?: string;
      readonly noLog?: boolean;
      /** Done by the earlier run that this one takes up: told for the record only. */ readonly restored?: boolean;
      readonly loop?: boolean;
      readonly verbosity?: number;
    }
  /** Files, roles that were included for hosts (Ansible's `included: FILE for HOST`). */
  | {
      readonly kind: 'included';
      readonly task: string;
      readonly file: string;
      readonly hosts: readonly string[];
      /** In a loop: the label of the item. */ readonly item?: string;
      readonly args?: unknown;
    }
  /** A meta task was carried out for a host, or left out for its condition; `text` says so. */
  | {
      readonly kind: 'meta';
      readonly task: TaskRef;
      readonly host: string;
      readonly word: string;
      readonly text: string;
      readonly skipped: boolean;
    }
  | { readonly kind: 'task-end'; readonly task: string }
  | {
      readonly kind: 'handler-notified';
      readonly host: string;
      readonly handler: string;
      readonly task: string;
      readonly unknown?: boolean;
    }
  | { readonly kind: 'play-end'; readonly play: string }
  /** Behind each of several playbooks but the last: what is counted so far. */
  | { readonly kind: 'playbook-end'; readonly recap: Readonly<Record<string, Tally>> }
  | {
      readonly kind: 'connection';
      readonly host: string;
      readonly state: 'connecting' | 'ready' | 'lost' | 'closed';
      readonly transport: string;
      readonly address: string;
      readonly seconds?: number;
      readonly message?: string;
    }
  | {
      readonly kind: 'exchange';
      readonly host: string;
      readonly task?: string;
      readonly milliseconds: number;
      readonly probes: number;
      readonly steps: number;
      readonly bytesIn: number;
      readonly bytesOut: number;
    }
  | {
      readonly kind: 'warning';
      readonly message: string;
      readonly origin?: Origin;
      readonly host?: string;
      readonly deprecated?: boolean;
    }
  /** Text that the play prints for people (pause prompt, vars_prompt, meta). */
  | { readonly kind: 'message'; readonly text: string; readonly host?: string; readonly verbosity?: number }
  | { readonly kind: 'error'; readonly message: string; readonly origin?: Origin; readonly hint?: string }
  /** `held`: everybody else is done, and hosts that failed wait for a retry; `proceeding`: they are given up. */
  | {
      readonly kind: 'control';
      readonly state: 'paused' | 'resumed' | 'draining' | 'aborting' | 'forks' | 'held' | 'proceeding';
      readonly forks?: number;
    }
  /** `pending`: handlers notified and not run; `stopped`: why a host did not reach the end. */
  | {
      readonly kind: 'run-end';
      readonly recap: Readonly<Record<string, Tally>>;
      readonly stats?: Readonly<Record<string, unknown>>;
      readonly exit: number;
      readonly seconds: number;
      readonly stopped: Readonly<
        Record<string, { readonly task: string; readonly name: string; readonly reason: string }>
      >;
      readonly pendingHandlers: Readonly<Record<string, readonly string[]>>;
      readonly exchanges: number;
      readonly interrupted: boolean;
    };

export type Event = EventBody & Stamp;
export type EventKind = EventBody['kind'];

/** Consumer of events. A reporter never throws into the engine and never calls back. */
export interface Reporter {
  event(event: Event): void;
  /** Flushes what is written; called once after run-end. */
  close?(): Promise<void> | void;
}

/** The one way in for whoever watches (TUI, signals): all of it takes effect at the next safe point. */
export interface Control {
  pause(): void;
  resume(): void;
  /** First Ctrl-C: running tasks end, no new one starts. */
  drain(): void;
  /** Second Ctrl-C: remote process groups are killed. */
  abort(): void;
  setForks(forks: number): void;
  retryHost(host: string): void;
  skipHost(host: string): void;
  /** Hosts that failed and are held for a retry are given up; `forGood`: nobody watches any more, none is held from now on. */
  proceed(forGood?: boolean): void;
}
