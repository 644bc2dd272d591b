// An image of Docker's, by name or id, as the host has it and (where asked) as its registry has it.
import type { HttpResponse } from '../core/connection.ts';
import type { Probe } from '../core/probe.ts';
import { Unknown } from '../core/value.ts';
import { DOCKER_SOCKET, dockerObject, dockerProbe, get, type NoDocker } from './docker.ts';
import { objectAt, textAt, textsAt, type Json } from './json.ts';

/** `id` is `sha256:...`. `remote`: digest that the registry has under this name now, where that was asked; '' with `remoteError` in `info` if it did not tell. */
export type DockerImage =
  | NoDocker
  | { readonly kind: 'absent'; readonly info?: { readonly api?: string; readonly remoteError?: string } }
  | {
      readonly kind: 'image';
      readonly id: string | Unknown;
      readonly layers: number | Unknown;
      readonly info: {
        readonly inspect: Json;
        readonly config: Json;
        readonly digests: readonly string[];
        readonly remote?: string;
        readonly remoteError?: string;
      };
    };

interface ImageQuery {
  readonly name: string;
  readonly remote: boolean;
}

/** The image NAME (`repo:tag` or an id), resource `docker.image:NAME`. `remote` asks the registry too, which is slow. */
export function dockerImageProbe(name: string, socket: string = DOCKER_SOCKET, remote = false): Probe<DockerImage> {
  const full = fullImageName(name);
  return dockerProbe(
    'docker.image',
    socket,
    `docker.image:${full}`,
    { name: full, remote },
    imageRequests,
    parseImage,
    remote ? { costly: true } : {},
  );
}

const imageRequests = ({ name, remote }: ImageQuery) => [
  get(`/images/${imagePath(name)}/json`),
  ...(remote ? [get(`/distribution/${imagePath(name)}/json`, 120)] : []),
];

function parseImage(responses: readonly HttpResponse[], query: ImageQuery): DockerImage {
  const state = dockerObject(responses[0]);
  if (state.kind === 'no-docker') return state;
  const registry = query.remote ? dockerObject(responses[1]) : undefined;
  const remote = registry?.kind === 'found' ? textAt(registry.info.json, 'Descriptor', 'digest') : undefined;
  const remoteError =
    registry === undefined || registry.kind === 'found'
      ? undefined
      : registry.kind === 'absent'
        ? 'the registry does not know it'
        : registry.message;
  const more = { ...(remote === undefined ? {} : { remote }), ...(remoteError === undefined ? {} : { remoteError }) };
  if (state.kind === 'absent') return { kind: 'absent', info: { api: state.info.api, ...more } };
  return imageState(objectAt(state.info, 'json'), more);
}

/** The state of an image from Docker's inspect data. */
export function imageState(inspect: Json, more: { remote?: string; remoteError?: string } = {}): DockerImage {
  return {
    kind: 'image',
    id: textAt(inspect, 'Id'),
    layers: textsAt(inspect, 'RootFS', 'Layers').length,
    info: {
      inspect,
      config: objectAt(inspect, 'Config'),
      digests: textsAt(inspect, 'RepoDigests').map((digest) => digest.slice(digest.lastIndexOf('@') + 1)),
      ...more,
    },
  };
}

/** The state of an image that a predicted pull, build or load brings. */
export function unknownImage(because: string): Extract<DockerImage, { kind: 'image' }> {
  return {
    kind: 'image',
    id: new Unknown(because),
    layers: new Unknown(because),
    info: { inspect: {}, config: {}, digests: [] },
  };
}

/** Whether a name is an image's id rather than a name in a repository. */
export function isImageId(name: string): boolean {
  return /^sha256:[0-9a-fA-F]{64}$/.test(name);
}

/** `repo`, `tag` of a name; the tag may be a digest (`sha256:...`), and is '' where there is none. */
export function splitImageName(name: string): {
  readonly repository: string;
  readonly tag: string;
  readonly separator: ':' | '@';
} {
  const at = name.indexOf('@');
  if (at >= 0) return { repository: name.slice(0, at), tag: name.slice(at + 1), separator: '@' };
  const colon = name.lastIndexOf(':');
  if (colon > name.lastIndexOf('/'))
    return { repository: name.slice(0, colon), tag: name.slice(colon + 1), separator: ':' };
  return { repository: name, tag: '', separator: ':' };
}

/** The name with its tag written out (`busybox` is `busybox:latest`); an id as it is. `tag` is used where the name has none. */
export function fullImageName(name: string, tag = 'latest'): string {
  if (isImageId(name)) return name;
  const parts = splitImageName(name);
  if (parts.tag !== '') return name;
  return `${name}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
}

/** A name inside an API path: slashes stay, everything else is escaped. */
export function imagePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
