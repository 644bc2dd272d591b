// The arguments that all modules of community.docker share, and the http steps that they lead to.
import { bool, field, int, str } from '../../core/args.ts';
import type { HttpRequest } from '../../core/connection.ts';
import type { Step } from '../../core/step.ts';
import { DOCKER_SOCKET, type NoDocker } from '../../probes/docker.ts';

/** `docker_host` may only be a unix socket of the host: vbx speaks to it through its own connection, so there is no TLS to set up. */
export const dockerArgs = {
  docker_host: field(
    str()
      .refine((value) => value.startsWith('unix://'), {
        error: 'must be unix:///path/of/a/socket (vbx reaches Docker through its SSH connection)',
      })
      .default(`unix://${DOCKER_SOCKET}`),
    { aliases: ['docker_url'] },
  ).describe('The socket that Docker listens on, on the host'),
  api_version: field(str().default('auto'), { aliases: ['docker_api_version'] }).describe(
    'Ignored: the newest version of the daemon is used',
  ),
  timeout: int()
    .default(300)
    .describe(
      'Seconds that one request may take (community.docker: 60, which a busy host exceeds when it starts a container)',
    ),
  debug: bool().default(false).describe('Ignored'),
};

export interface DockerArgs {
  readonly docker_host: string;
  readonly timeout: number;
}

export function socketOf(args: DockerArgs): string {
  return args.docker_host.replace(/^unix:\/\//, '');
}

export interface RequestOptions {
  readonly body?: unknown;
  /** A body that is no JSON. */
  readonly raw?: HttpRequest['body'];
  readonly contentType?: string;
  readonly accept?: readonly number[];
  /** Seconds, beyond the task's own for requests that wait for something. */
  readonly timeout?: number;
  readonly jsonStream?: boolean;
  readonly fill?: { readonly step: number; readonly field: string };
}

/** A request to Docker as a step; `display` says what it does, for people. */
export function dockerStep(
  args: DockerArgs,
  method: HttpRequest['method'],
  path: string,
  display: string,
  options: RequestOptions = {},
): Step {
  const { body, raw, contentType, accept, timeout, jsonStream, fill } = options;
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    kind: 'http',
    socket: socketOf(args),
    display,
    request: {
      method,
      path,
      timeout: timeout ?? args.timeout,
      ...(content === undefined
        ? {}
        : { body: content, headers: { 'content-type': contentType ?? 'application/json' } }),
    },
    ...(accept === undefined ? {} : { accept }),
    ...(jsonStream === undefined ? {} : { jsonStream }),
    ...(fill === undefined ? {} : { fill }),
  };
}

/** A query string of the members that are given; booleans as `true`/`false`, others as JSON where they are structures. */
export function queryOf(members: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  const text = pairs
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    )
    .join('&');
  return text === '' ? '' : `?${text}`;
}

export function noDocker(state: NoDocker): { readonly failed: string; readonly hint: string } {
  return {
    failed: state.message,
    hint: 'is Docker installed and running there, and may this user talk to it (become: true)?',
  };
}
