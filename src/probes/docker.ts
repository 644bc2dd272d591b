// Docker as a host's engine: questions over its HTTP API, and the answer "there is no Docker here" as an observation like any other.
import type { HttpRequest, HttpResponse } from '../core/connection.ts';
import { serverMessage } from '../core/http-step.ts';
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';
import { objectAt, parseJson, textAt, type Json } from './json.ts';

export const DOCKER_SOCKET = '/var/run/docker.sock';

/** The daemon does not answer, or answers with an error. */
export interface NoDocker {
  readonly kind: 'no-docker';
  readonly message: string;
}

/** GET /info and GET /version as Docker gives them. */
export type DockerHost =
  | NoDocker
  | { readonly kind: 'docker'; readonly info: { readonly info: Json; readonly version: Json } };

/** What an API path gave: parsed JSON, or that there is no such thing. `api` is the daemon's newest API version (`1.45`). */
export type DockerObject =
  | NoDocker
  | { readonly kind: 'absent'; readonly info: { readonly api: string } }
  | { readonly kind: 'found'; readonly info: { readonly api: string; readonly json: unknown } };

/** Families by socket, so that equal questions of one exchange are asked over one connection. */
const families = new Map<string, unknown>();

/**
 * A question over the API: unversioned paths mean the daemon's newest version, which both old engines and those that dropped old versions accept
 * (https://docs.docker.com/reference/api/engine/#versioned-api-and-sdk).
 */
export function dockerProbe<Q, S>(
  name: string,
  socket: string,
  resource: string,
  query: Q,
  requests: (query: Q) => readonly HttpRequest[],
  parse: (responses: readonly HttpResponse[], query: Q) => S,
  more: { costly?: boolean } = {},
): Probe<S> {
  const key = `${name}|${socket}`;
  const known = families.get(key) as ProbeFamily<Q, S> | undefined;
  const family = known ?? { name: key, http: { socket, requests, parse } };
  if (known === undefined) families.set(key, family);
  return probeOf(family, resource, query, more);
}

export function get(path: string, timeout?: number): HttpRequest {
  return { method: 'GET', path, ...(timeout === undefined ? {} : { timeout }) };
}

/** One answer as a thing of Docker's: 404 is absence, no connection and any other refusal is `no-docker`. */
export function dockerObject(response: HttpResponse | undefined): DockerObject {
  if (response === undefined) return { kind: 'no-docker', message: 'Docker gave no answer' };
  if (response.status === 0)
    return { kind: 'no-docker', message: `cannot talk to the Docker daemon: ${response.body.toString('utf8').trim()}` };
  const api = apiVersion(response);
  if (response.status === 404) return { kind: 'absent', info: { api } };
  if (response.status !== 200)
    return { kind: 'no-docker', message: `Docker answered with HTTP ${response.status}: ${serverMessage(response)}` };
  const json = parseJson(response.body);
  return json === undefined
    ? { kind: 'no-docker', message: 'Docker answered with something that is not JSON' }
    : { kind: 'found', info: { api, json } };
}

function apiVersion(response: HttpResponse): string {
  const header = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'api-version');
  return header?.[1] ?? '';
}

/** Whether an API version (`1.45`) is at least `wanted`; an unknown one counts as current. */
export function apiAtLeast(api: string, wanted: string): boolean {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [major = 1, minor = Number.MAX_SAFE_INTEGER] = api === '' ? [] : parts(api);
  const [wantedMajor = 1, wantedMinor = 0] = parts(wanted);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** The daemon itself, resource `docker:`. */
export function dockerHostProbe(socket: string = DOCKER_SOCKET): Probe<DockerHost> {
  return dockerProbe(
    'docker.host',
    socket,
    'docker:',
    null,
    () => [get('/info'), get('/version')],
    ([info, version]): DockerHost => {
      const state = dockerObject(info);
      if (state.kind !== 'found')
        return state.kind === 'absent'
          ? { kind: 'no-docker', message: 'the socket does not speak Docker’s API' }
          : state;
      return {
        kind: 'docker',
        info: { info: objectAt(state.info, 'json'), version: objectAt(parseJson(version?.body ?? '')) },
      };
    },
  );
}

export type DockerVolume =
  | NoDocker
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'volume';
      readonly driver: string;
      readonly options: Json;
      readonly labels: Json;
      readonly info: { readonly inspect: Json };
    };

/** A volume, resource `docker.volume:NAME`. */
export function dockerVolumeProbe(name: string, socket: string = DOCKER_SOCKET): Probe<DockerVolume> {
  return dockerProbe(
    'docker.volume',
    socket,
    `docker.volume:${name}`,
    name,
    (query: string) => [get(`/volumes/${encodeURIComponent(query)}`)],
    ([response]): DockerVolume => {
      const state = dockerObject(response);
      if (state.kind !== 'found') return state.kind === 'absent' ? { kind: 'absent' } : state;
      const inspect = objectAt(state.info, 'json');
      return {
        kind: 'volume',
        driver: textAt(inspect, 'Driver'),
        options: objectAt(inspect, 'Options'),
        labels: objectAt(inspect, 'Labels'),
        info: { inspect },
      };
    },
  );
}
