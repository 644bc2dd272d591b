// Questions to a host, as data: what resource is read, by which shell text or HTTP request, and how the answer is understood.
import type { HttpRequest, HttpResponse } from './connection.ts';

/** What a shell snippet gave: raw bytes, the exit status (128+n for a signal), and whether it was cut short. */
export interface Answer {
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly timedOut?: boolean;
  /** Output beyond the cap was dropped. */
  readonly truncated?: boolean;
}

/**
 * How one kind of question is asked. Queries of one family that travel in one exchange are asked together: one `stat` for 40 paths,
 * one `systemctl show` for all units. Scripts use only a POSIX shell and the tools that they test for; they read and do nothing else;
 * they never fail (a missing tool or a permission is an observation of its own) and never wait.
 */
export interface ProbeFamily<Q = any, S = any> {
  readonly name: string;
  /** Shell text that answers all queries (those of one exchange), for `parse`. */
  readonly script?: (queries: readonly Q[]) => string;
  readonly parse?: (answer: Answer, queries: readonly Q[]) => readonly S[];
  /** `parse` reads stderr too, which goes nowhere otherwise. */
  readonly stderr?: true;
  /** Instead of a script: requests to a unix socket on the host (Docker's API), one or more a query in order of the queries. */
  readonly http?: {
    readonly socket: string;
    readonly requests: (query: Q) => readonly HttpRequest[];
    readonly parse: (responses: readonly HttpResponse[], query: Q) => S;
  };
}

export interface Probe<S = unknown> {
  /** The resource it reads: `path:/etc/hosts`, `unit:docker.service`, `package:nginx`, `user:ops`, `docker.network:docknet`. */
  readonly resource: string;
  readonly family: ProbeFamily<any, S>;
  readonly query: unknown;
  /** Equal keys are asked once in an exchange; by default `resource` and the query as JSON. */
  readonly key: string;
  /** Slow to answer (package candidates, digests of large files, network): never asked ahead of its task's turn. */
  readonly costly?: boolean;
  /** Paths that asking touches: not asked ahead where they lie on autofs, FUSE or a network mount. */
  readonly touches?: readonly string[];
}

/** A probe of a family. */
export function probeOf<Q, S>(
  family: ProbeFamily<Q, S>,
  resource: string,
  query: Q,
  more: { costly?: boolean; touches?: readonly string[] } = {},
): Probe<S> {
  return { resource, family, query, key: `${family.name}|${resource}|${JSON.stringify(query)}`, ...more };
}

/** A probe with a script of its own; `stderr`: as in ProbeFamily. */
export function scriptProbe<S>(
  resource: string,
  script: string,
  parse: (answer: Answer) => S,
  more: { costly?: boolean; touches?: readonly string[]; stderr?: true } = {},
): Probe<S> {
  const { stderr, ...rest } = more;
  const family: ProbeFamily<string, S> = {
    name: 'script',
    script: ([only]) => only ?? '',
    parse: (answer) => [parse(answer)],
    ...(stderr === true ? { stderr } : {}),
  };
  return { resource, family, query: script, key: `script|${resource}|${script}`, ...rest };
}
