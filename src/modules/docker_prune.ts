// docker_prune: removes what Docker does not use; changed only if something was removed.
import { z } from 'zod';
import { bool, dict, raw, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import type { Step } from '../core/step.ts';
import { listAt, numberAt, parseJson, textAt, textsAt, type Json } from '../probes/json.ts';
import { dockerArgs, dockerStep, queryOf } from './docker/docker-args.ts';
import { bytesOf } from './docker/size.ts';

const shape = {
  ...dockerArgs,
  containers: bool().default(false),
  containers_filters: dict(raw()).optional(),
  images: bool().default(false),
  images_filters: dict(raw()).optional(),
  networks: bool().default(false),
  networks_filters: dict(raw()).optional(),
  volumes: bool().default(false),
  volumes_filters: dict(raw()).optional(),
  builder_cache: bool().default(false),
  builder_cache_all: bool().default(false),
  builder_cache_filters: dict(raw()).optional(),
  builder_cache_keep_storage: str().optional(),
};
type Args = z.output<z.ZodObject<typeof shape>>;
const KINDS = ['containers', 'images', 'networks', 'volumes', 'builder_cache'] as const;

export const docker_prune = defineAction<typeof shape>({
  name: 'community.docker.docker_prune',
  summary: 'Remove containers, images, networks, volumes and build cache that are not used',
  args: shape,
  check: (args) =>
    args.builder_cache_keep_storage !== undefined && bytesOf(args.builder_cache_keep_storage) === undefined
      ? 'builder_cache_keep_storage is no size'
      : undefined,
  example: `
- community.docker.docker_prune:
    images: true
    images_filters:
      label: vbx-nothing-has-this
`,
})({
  satisfied: (args) => (KINDS.some((kind) => args[kind]) ? undefined : { changed: false }),
  steps: (args) => KINDS.filter((kind) => args[kind]).map((kind) => pruneStep(args, kind)),
  parse: (args, done) => {
    const failed = done.find((result) => result.rc !== 0);
    if (failed !== undefined) return { failed: true, msg: failed.stderr };
    const result: Record<string, unknown> = {};
    let changed = false;
    KINDS.filter((kind) => args[kind]).forEach((kind, index) => {
      const body = parseJson(done[index]?.response?.body ?? '');
      const gone =
        kind === 'containers'
          ? textsAt(body, 'ContainersDeleted')
          : kind === 'networks'
            ? textsAt(body, 'NetworksDeleted')
            : kind === 'volumes'
              ? textsAt(body, 'VolumesDeleted')
              : kind === 'builder_cache'
                ? textsAt(body, 'CachesDeleted')
                : listAt(body, 'ImagesDeleted').map((image) => textAt(image, 'Deleted') || textAt(image, 'Untagged'));
      const reclaimed = numberAt(body, 'SpaceReclaimed');
      changed ||= gone.length > 0 || reclaimed > 0;
      result[kind === 'builder_cache' ? 'builder_cache_caches_deleted' : kind] = gone;
      if (kind !== 'networks') result[`${kind}_space_reclaimed`] = reclaimed;
    });
    return { changed, ...result };
  },
});

function pruneStep(args: Args, kind: (typeof KINDS)[number]): Step {
  const filters = filtersOf(args[`${kind}_filters`]);
  const path =
    kind === 'builder_cache'
      ? `/build/prune${queryOf({ all: args.builder_cache_all, 'keep-storage': args.builder_cache_keep_storage === undefined ? undefined : bytesOf(args.builder_cache_keep_storage), filters })}`
      : `/${kind}/prune${queryOf({ filters })}`;
  return dockerStep(args, 'POST', path, `prune ${kind.replace('_', ' ')}`, { timeout: 3600 });
}

function filtersOf(filters: Json | undefined): Json | undefined {
  return filters === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(filters).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)]),
      );
}
