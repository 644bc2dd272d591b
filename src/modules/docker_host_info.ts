// docker_host_info: what the daemon says of itself, and lists of what it holds.
import { bool, dict, raw } from '../core/args.ts';
import { z } from 'zod';
import { defineModule } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import {
  dockerHostProbe,
  dockerObject,
  dockerProbe,
  get,
  type DockerHost,
  type DockerObject,
} from '../probes/docker.ts';
import { isObject, listAt, numberAt, valueAt, type Json } from '../probes/json.ts';
import { dockerArgs, queryOf, socketOf } from './docker/docker-args.ts';

const shape = {
  ...dockerArgs,
  containers: bool().default(false),
  containers_all: bool().default(false).describe('Stopped ones too'),
  containers_filters: dict(raw()).optional(),
  images: bool().default(false),
  images_filters: dict(raw()).optional(),
  networks: bool().default(false),
  networks_filters: dict(raw()).optional(),
  volumes: bool().default(false),
  volumes_filters: dict(raw()).optional(),
  disk_usage: bool().default(false).describe('Space in use; slow on hosts with many images'),
  verbose_output: bool().default(false).describe('All that Docker tells, instead of the columns of its list commands'),
};
type Args = z.output<z.ZodObject<typeof shape>>;
const LISTS = ['containers', 'images', 'networks', 'volumes'] as const;
type List = (typeof LISTS)[number];

/** The columns that stay without `verbose_output`, as community.docker has them. */
const COLUMNS: Readonly<Record<List, readonly string[]>> = {
  containers: ['Id', 'Image', 'Command', 'Created', 'Status', 'Ports', 'Names'],
  images: ['Id', 'RepoTags', 'Created', 'Size'],
  networks: ['Id', 'Driver', 'Name', 'Scope'],
  volumes: ['Driver', 'Name'],
};

interface State {
  readonly host: DockerHost;
  readonly usage?: DockerObject;
  readonly containers?: DockerObject;
  readonly images?: DockerObject;
  readonly networks?: DockerObject;
  readonly volumes?: DockerObject;
}

export const docker_host_info = defineModule<typeof shape, State>({
  name: 'community.docker.docker_host_info',
  summary: 'Tell what the Docker daemon is and holds',
  args: shape,
  reports: true,
  example: `
- community.docker.docker_host_info:
    containers: true
    images: true
`,
  probe: (args) => {
    const socket = socketOf(args);
    const probes: Record<string, Probe> = { host: dockerHostProbe(socket) };
    for (const list of LISTS) {
      if (!args[list]) continue;
      const path = `/${list === 'containers' || list === 'images' ? `${list}/json` : list}${queryOf({ ...(list === 'containers' && args.containers_all ? { all: true } : {}), filters: filtersOf(args[`${list}_filters`]) })}`;
      probes[list] = dockerProbe(
        'docker.list',
        socket,
        `docker.${list}:${path}`,
        path,
        (query: string) => [get(query)],
        ([response]) => dockerObject(response),
      );
    }
    if (args.disk_usage)
      probes['usage'] = dockerProbe(
        'docker.df',
        socket,
        'docker.usage:',
        null,
        () => [get('/system/df', args.timeout)],
        ([response]) => dockerObject(response),
        { costly: true },
      );
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (_args, observed) => {
    const missing = Object.values(observed).find((state: State[keyof State]) => state?.kind === 'no-docker');
    return missing?.kind === 'no-docker'
      ? { failed: missing.message, fields: { can_talk_to_docker: false } }
      : { after: {} };
  },
  apply: () => [],
  result: (args, { before }) => {
    const lists = Object.fromEntries(
      LISTS.filter((list) => args[list]).map((list) => [list, listed(args, list, before[list])]),
    );
    return {
      can_talk_to_docker: true,
      host_info: before.host.kind === 'docker' ? before.host.info.info : {},
      ...lists,
      ...(args.disk_usage ? { disk_usage: usage(args, before.usage) } : {}),
    };
  },
});

/** Filters as the API takes them: a list of texts for each key. */
function filtersOf(filters: Json | undefined): Json | undefined {
  if (filters === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)]),
  );
}

function listed(args: Args, list: List, state: DockerObject | undefined): readonly unknown[] {
  const json = state?.kind === 'found' ? state.info.json : [];
  const items = list === 'volumes' ? listAt(json, 'Volumes') : listAt({ json }, 'json');
  if (args.verbose_output) return items;
  return items.map((item) =>
    Object.fromEntries(
      COLUMNS[list]
        .filter((column) => valueAt(item, column) !== undefined)
        .map((column) => [column, valueAt(item, column)]),
    ),
  );
}

function usage(args: Args, state: DockerObject | undefined): unknown {
  const json = state?.kind === 'found' && isObject(state.info.json) ? state.info.json : {};
  return args.verbose_output ? json : { LayersSize: numberAt(json, 'LayersSize') };
}
