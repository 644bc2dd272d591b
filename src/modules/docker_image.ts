// docker_image: an image present by build, pull, load or as it is, or absent; also tagged, pushed and archived.
import { z } from 'zod';
import { bool, choice, dict, int, list, path, raw, str } from '../core/args.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import {
  dockerImageProbe,
  fullImageName,
  imagePath,
  isImageId,
  splitImageName,
  unknownImage,
  type DockerImage,
} from '../probes/docker-image.ts';
import { parseJson, textAt } from '../probes/json.ts';
import { buildWords } from './docker/build-options.ts';
import { dockerArgs, dockerStep, noDocker, queryOf, socketOf } from './docker/docker-args.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { inspectedImage, inspectImage } from './docker/image-result.ts';

const limits = z.strictObject({
  memory: str().optional(),
  memswap: str().optional(),
  cpushares: int().optional(),
  cpusetcpus: str().optional(),
});
const build = z.strictObject({
  path: path(),
  dockerfile: str().optional(),
  cache_from: list(str()).optional(),
  container_limits: limits.optional(),
  http_timeout: int().optional(),
  network: str().optional(),
  nocache: bool().default(false),
  pull: bool().default(false),
  rm: bool().default(true),
  args: dict(raw()).optional(),
  use_config_proxy: bool().optional(),
  target: str().optional(),
  etc_hosts: dict(str()).optional(),
  platform: str().optional(),
  shm_size: str().optional(),
  labels: dict(str()).optional(),
});
const shape = {
  ...dockerArgs,
  name: str().describe('Name of the image, or its id'),
  tag: str().default('latest'),
  state: choice('present', 'absent').default('present'),
  source: choice('build', 'load', 'pull', 'local')
    .optional()
    .describe('Where it comes from when it is not there; needed for present'),
  build: build.optional(),
  load_path: path().optional().describe('Archive on the host'),
  archive_path: path().optional().describe('File on the host that the image is saved to'),
  pull: z.strictObject({ platform: str().optional() }).optional(),
  push: bool().default(false),
  repository: str().optional().describe('A further name'),
  force_source: bool().default(false),
  force_absent: bool().default(false),
  force_tag: bool().default(false),
};
type Args = z.output<z.ZodObject<typeof shape>>;

/** The image inside an archive, by its configuration's digest; '' where the file is not there or no archive of one image. */
interface Archive {
  readonly kind: 'archive';
  readonly id: string | Unknown;
}
interface State {
  readonly image: DockerImage;
  readonly tagged?: DockerImage;
  readonly archive?: Archive;
}

export const docker_image = defineModule<typeof shape, State>({
  name: 'community.docker.docker_image',
  summary: 'Build, load, pull, tag, push, archive or remove an image',
  args: shape,
  check: (args) => {
    if (args.state === 'present' && args.source === undefined) return 'state is present but source is missing';
    if (args.source === 'build' && args.build === undefined) return 'source is build but build is missing';
    if (args.source === 'load' && args.load_path === undefined) return 'source is load but load_path is missing';
    return isImageId(args.name) && args.source !== 'local' && args.state === 'present'
      ? 'an image named by its id can only have source: local'
      : undefined;
  },
  example: `
- community.docker.docker_image:
    name: vobox-base:lab
    source: local
    repository: vbx-example:copy
`,
  probe: (args) => {
    const probes: Record<string, Probe> = { image: dockerImageProbe(nameOf(args), socketOf(args)) };
    if (args.repository !== undefined && args.state === 'present')
      probes['tagged'] = dockerImageProbe(
        fullImageName(args.repository, splitImageName(nameOf(args)).tag || 'latest'),
        socketOf(args),
      );
    if (args.archive_path !== undefined && args.state === 'present')
      probes['archive'] = archiveProbe(args.archive_path);
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (args, observed) => planImage(args, observed),
  apply: (args, { before, after, effects }) => imageSteps(args, before, after, effects),
  result: (args, { before }, done) => {
    const output = done.find((result) => result.step.kind === 'run');
    return {
      image: args.state === 'absent' ? {} : inspectedImage(before.image, done),
      ...(output === undefined || args.source !== 'build' ? {} : { stdout: output.stdout }),
    };
  },
});

function nameOf(args: Args): string {
  return fullImageName(args.name, args.tag);
}

function archiveProbe(file: string): Probe<Archive> {
  return scriptProbe(
    `docker.archive:${file}`,
    `[ -f ${quote(file)} ] && tar -xOf ${quote(file)} manifest.json 2>/dev/null`,
    (answer) => {
      const manifest = parseJson(answer.stdout);
      const config = Array.isArray(manifest) && manifest.length === 1 ? textAt(manifest[0], 'Config') : '';
      const digest = /([0-9a-f]{64})(\.json)?$/.exec(config)?.[1];
      return { kind: 'archive', id: digest === undefined ? '' : `sha256:${digest}` };
    },
    { costly: true },
  );
}

function planImage(args: Args, observed: State): Plan<State> {
  const { image, tagged, archive } = observed;
  if (image.kind === 'no-docker') return noDocker(image);
  if (tagged?.kind === 'no-docker') return noDocker(tagged);
  const name = nameOf(args);
  if (args.state === 'absent') return { after: image.kind === 'absent' ? {} : { image: { kind: 'absent' } } };
  const effects: Effect[] = [];
  let wanted = image;
  if (args.source !== 'local' && (image.kind === 'absent' || args.force_source)) {
    const text =
      args.source === 'build'
        ? `build ${name} from ${args.build?.path ?? ''}`
        : args.source === 'load'
          ? `load ${name} from ${args.load_path ?? ''}`
          : `pull ${name}`;
    effects.push({ kind: args.source ?? 'pull', text });
    wanted = unknownImage(text);
  }
  if (wanted.kind !== 'image') return { failed: `there is no image ${name} on the host, and source is local` };
  const after: { image?: DockerImage; tagged?: DockerImage; archive?: Archive } =
    effects.length === 0 ? {} : { image: wanted };
  if (tagged !== undefined && (tagged.kind === 'absent' || args.force_tag || tagged.id === wanted.id))
    after.tagged = wanted;
  if (archive !== undefined) after.archive = { kind: 'archive', id: wanted.id };
  // The id of an image still to come agrees with anything, so that saving it must be said.
  if (archive !== undefined && after.image !== undefined)
    effects.push({ kind: 'archive', text: `save ${name} to ${args.archive_path ?? ''}` });
  if (args.push) effects.push({ kind: 'push', text: `push ${args.repository ?? name}` });
  return { after, effects };
}

function imageSteps(args: Args, before: State, after: State, effects: readonly Effect[]): Step[] {
  const name = nameOf(args);
  const steps: Step[] = [];
  const done = (kind: string): boolean => effects.some((effect) => effect.kind === kind);
  if (args.state === 'absent')
    return [
      dockerStep(
        args,
        'DELETE',
        `/images/${imagePath(name)}${queryOf({ force: args.force_absent })}`,
        `remove image ${name}`,
        { accept: [200, 404] },
      ),
    ];
  if (done('build') && args.build !== undefined) {
    const { path: folder, ...rest } = args.build;
    const options = buildWords(
      {
        dockerfile: rest.dockerfile,
        cacheFrom: rest.cache_from,
        pull: rest.pull,
        network: rest.network,
        nocache: rest.nocache,
        rm: rest.rm,
        etcHosts: rest.etc_hosts,
        args: rest.args,
        target: rest.target,
        ...(rest.platform === undefined ? {} : { platforms: [rest.platform] }),
        shmSize: rest.shm_size,
        labels: rest.labels,
        memory: rest.container_limits?.memory,
        memorySwap: rest.container_limits?.memswap,
        cpuShares: rest.container_limits?.cpushares,
        cpusetCpus: rest.container_limits?.cpusetcpus,
      },
      folder,
    );
    steps.push({
      kind: 'run',
      argv: dockerCommand(args, 'build', '--tag', name, ...options, '--', folder),
      long: true,
    });
  }
  if (done('pull'))
    steps.push({
      kind: 'run',
      argv: dockerCommand(
        args,
        'pull',
        ...(args.pull?.platform === undefined ? [] : ['--platform', args.pull.platform]),
        name,
      ),
      long: true,
    });
  if (done('load'))
    steps.push({ kind: 'run', argv: dockerCommand(args, 'load', '--input', args.load_path ?? ''), long: true });
  const further =
    args.repository === undefined ? undefined : fullImageName(args.repository, splitImageName(name).tag || 'latest');
  if (
    further !== undefined &&
    after.tagged?.kind === 'image' &&
    (before.tagged?.kind !== 'image' || before.tagged.id !== after.tagged.id)
  ) {
    const { repository, tag } = splitImageName(further);
    steps.push(
      dockerStep(
        args,
        'POST',
        `/images/${imagePath(name)}/tag${queryOf({ repo: repository, tag })}`,
        `tag ${name} as ${further}`,
      ),
    );
  }
  if (args.archive_path !== undefined && before.archive !== undefined && before.archive.id !== after.archive?.id)
    steps.push({ kind: 'run', argv: dockerCommand(args, 'save', '--output', args.archive_path, name), long: true });
  if (done('push')) steps.push({ kind: 'run', argv: dockerCommand(args, 'push', further ?? name), long: true });
  return [...steps, dockerStep(args, 'GET', `/images/${imagePath(name)}/json`, inspectImage(name))];
}
