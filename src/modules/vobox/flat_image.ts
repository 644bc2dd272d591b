// vbx.vobox.flat_image: an image built from a folder of the controller and flattened to one layer with its configuration kept; made anew only when what it is made of changes.
import { z } from 'zod';
import { bool, dict, int, source, str } from '../../core/args.ts';
import { defineModule, type Plan } from '../../core/module.ts';
import type { Probe } from '../../core/probe.ts';
import { quote, quoteAll } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';
import { Unknown } from '../../core/value.ts';
import {
  dockerImageProbe,
  fullImageName,
  imagePath,
  splitImageName,
  type DockerImage,
} from '../../probes/docker-image.ts';
import { objectAt, textAt, type Json } from '../../probes/json.ts';
import { dockerArgs, dockerStep, noDocker, queryOf } from '../docker/docker-args.ts';
import { dockerCommand } from '../docker/docker-command.ts';
import { inspectedImage, inspectImage } from '../docker/image-result.ts';
import { contextDigest, contextTar } from './build-context.ts';
import { BASE_LABEL, CONFIG_LABEL, configDigest, CONTEXT_LABEL, importChanges, lineBreak } from './image-config.ts';

const shape = {
  ...dockerArgs,
  name: str().describe('Name of the image, with tag'),
  context: source({ folder: 'files', tree: true }).describe('Folder of the controller with the Dockerfile'),
  dockerfile: str().default('Dockerfile').describe('Dockerfile, relative to the folder'),
  base: str()
    .optional()
    .describe(
      'Image that the Dockerfile starts from; given to it as the build argument BASE, and a new one is a reason to build',
    ),
  args: dict(str()).default({}).describe('Further build arguments'),
  target: str().optional(),
  network: str().optional(),
  labels: dict(str()).default({}),
  force: bool().default(false).describe('Build even if nothing changed'),
  build_timeout: int().default(3600).describe('Seconds that the build may take'),
};
type Args = z.output<z.ZodObject<typeof shape>>;

/** `staged`: what was built and is not flattened yet, under a name of its own. */
interface State {
  readonly image: DockerImage;
  readonly staged: DockerImage;
  readonly base?: DockerImage;
}

export const flat_image = defineModule<typeof shape, State>({
  name: 'vbx.vobox.flat_image',
  summary: 'Build an image from a folder and flatten it to one layer',
  args: shape,
  rounds: true,
  check: (args) => (splitImageName(args.name).separator === '@' ? 'name cannot be a digest' : undefined),
  example: `
- vbx.vobox.flat_image:
    name: vbx-example:flat
    context: vbx-image
    base: vobox-base:lab
`,
  probe: (args) => {
    const probes: Record<string, Probe> = {
      image: dockerImageProbe(args.name),
      staged: dockerImageProbe(stageOf(args)),
    };
    if (args.base !== undefined) probes['base'] = dockerImageProbe(args.base);
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (args, state) => planFlat(args, state),
  apply: (args, { before, effects }) =>
    effects.some((effect) => effect.kind === 'build') ? buildSteps(args, before) : flattenSteps(args, before),
  result: (args, { before }, done) => {
    const image = inspectedImage(before.image, done);
    return { image, layers: layersOf(image), context_sha256: args.context.kind === 'tree' ? digestOf(args) : '' };
  },
});

/** The name of the built image before it is flattened. */
function stageOf(args: Args): string {
  const { repository, tag } = splitImageName(fullImageName(args.name));
  return `${repository}:${tag}.vbx-stage`;
}

function digestOf(args: Args): string {
  if (args.context.kind !== 'tree') return '';
  return contextDigest(args.context, [
    args.dockerfile,
    args.base ?? '',
    args.target ?? '',
    ...Object.entries(args.args)
      .map(([name, value]) => `arg ${name}=${value}`)
      .sort(),
    ...Object.entries(args.labels)
      .map(([name, value]) => `label ${name}=${value}`)
      .sort(),
  ]);
}

function layersOf(image: Json): number {
  const layers = objectAt(image, 'RootFS')['Layers'];
  return Array.isArray(layers) ? layers.length : 0;
}

/** Why an image is not what it should be made of; undefined where it is. */
function outdated(args: Args, image: DockerImage, base: DockerImage | undefined): string | undefined {
  if (image.kind !== 'image') return 'it is not there';
  const labels = objectAt(image.info.config, 'Labels');
  if (image.id instanceof Unknown) return undefined;
  if (textAt(labels, CONTEXT_LABEL) !== digestOf(args)) return 'its context, Dockerfile or arguments changed';
  if (base?.kind === 'image' && !(base.id instanceof Unknown) && textAt(labels, BASE_LABEL) !== base.id)
    return `its base ${args.base ?? ''} changed`;
  return undefined;
}

function planFlat(args: Args, { image, staged, base }: State): Plan<State> {
  if (args.context.kind !== 'tree') return { failed: 'context must be a folder' };
  if (!args.context.entries.some((entry) => entry.path === args.dockerfile && entry.kind === 'file'))
    return { failed: `there is no ${args.dockerfile} in ${args.context.path}` };
  for (const state of [image, staged, base]) if (state?.kind === 'no-docker') return noDocker(state);
  if (base?.kind === 'absent')
    return {
      failed: `the base image ${args.base ?? ''} is not on the host`,
      hint: 'pull or import it before (community.docker.docker_image_pull)',
    };
  const reason = outdated(args, image, base);
  const layers = image.kind === 'image' ? image.layers : 0;
  if (reason === undefined && image.kind === 'image') {
    if (typeof image.id === 'string' && layers !== 1)
      return { failed: `${args.name} has ${String(layers)} layers after flattening` };
    const wanted = textAt(image.info.config, 'Labels', CONFIG_LABEL);
    if (typeof image.id === 'string' && wanted !== configDigest(image.info.config))
      return {
        failed: `flattening has lost a part of the configuration of ${args.name}`,
        hint: 'docker import cannot give back what the Dockerfile sets',
      };
    if (!args.force) return { after: staged.kind === 'absent' ? {} : { staged: { kind: 'absent' } } };
  }
  const because = reason ?? 'force: true';
  const id = new Unknown(`build of ${args.name}`);
  const wish = { image: { kind: 'image' as const, id, layers: 1, info: { inspect: {}, config: {}, digests: [] } } };
  // Built by the round before, or by a run that was interrupted there.
  const ready = staged.kind === 'image' && outdated(args, staged, base) === undefined;
  if (ready) {
    const lost = lineBreak(staged.info.config);
    if (lost !== undefined)
      return { failed: `the image's configuration has a line break in "${lost}", which docker import cannot take` };
    return {
      after: { ...wish, staged: { kind: 'absent' } },
      effects: [{ kind: 'flatten', text: `flatten ${stageOf(args)} to one layer as ${args.name}` }],
    };
  }
  // At the end of its rounds nothing staged is left.
  return {
    after: { ...wish, staged: { kind: 'absent' } },
    effects: [{ kind: 'build', text: `build ${args.name} and flatten it to one layer: ${because}` }],
  };
}

function buildSteps(args: Args, before: State): Step[] {
  const { context } = args;
  if (context.kind !== 'tree') return [];
  const base = before.base?.kind === 'image' && typeof before.base.id === 'string' ? before.base.id : '';
  const query = queryOf({
    t: stageOf(args),
    dockerfile: args.dockerfile,
    rm: true,
    forcerm: true,
    target: args.target,
    networkmode: args.network,
    buildargs: { ...(args.base === undefined ? {} : { BASE: args.base }), ...args.args },
    labels: { ...args.labels, [CONTEXT_LABEL]: digestOf(args), ...(base === '' ? {} : { [BASE_LABEL]: base }) },
  });
  return [
    dockerStep(args, 'POST', `/build${query}`, `build ${stageOf(args)} from ${context.path}`, {
      raw: () => contextTar(context),
      contentType: 'application/x-tar',
      jsonStream: true,
      timeout: args.build_timeout,
    }),
  ];
}

function flattenSteps(args: Args, before: State): Step[] {
  const remove = dockerStep(args, 'DELETE', `/images/${imagePath(stageOf(args))}`, `remove image ${stageOf(args)}`, {
    accept: [200, 404],
  });
  const staged = before.staged;
  if (staged.kind !== 'image') return [];
  if (outdated(args, before.image, before.base) === undefined && !args.force) return [remove];
  const name = `vbx-flatten-${textAt(staged.info.inspect, 'Id').slice(7, 19)}`;
  const path = `/containers/${name}`;
  const changes = importChanges(staged.info.config, { [CONFIG_LABEL]: configDigest(staged.info.config) }).flatMap(
    (change) => ['--change', change],
  );
  const drop = dockerStep(args, 'DELETE', `${path}?force=true&v=true`, `remove container ${name}`, {
    accept: [204, 404],
  });
  return [
    drop,
    // Never started: only its file system is wanted. An image without a command needs one to be a container.
    dockerStep(args, 'POST', `/containers/create${queryOf({ name })}`, `create container ${name} of ${stageOf(args)}`, {
      body: { Image: stageOf(args), Cmd: ['true'] },
    }),
    {
      kind: 'script',
      script: pipe(
        quoteAll(dockerCommand(args, 'export', name)),
        quoteAll(dockerCommand(args, 'import', ...changes, '-', fullImageName(args.name))),
      ),
      long: true,
    },
    drop,
    remove,
    dockerStep(args, 'GET', `/images/${imagePath(fullImageName(args.name))}/json`, inspectImage(args.name)),
  ];
}

/** A pipe that fails when its left side fails, which a POSIX shell does not tell by itself. */
function pipe(left: string, right: string): string {
  return `rc=$( { { ${left}; echo $? >&4; } | ${right} >&3; } 3>&2 4>&1 ) || exit\n[ "$rc" = 0 ] || { echo ${quote('the export ended early')} >&2; exit "\${rc:-1}"; }`;
}
