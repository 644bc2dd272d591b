// docker_container: a container as declared; made anew only for reasons that are named, and only once its successor has been created.
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { KNOWN_AFTER_APPLY, Unknown } from '../core/value.ts';
import {
  dockerContainerProbe,
  type DockerContainer,
  type NetworkAttachment,
  type Settings,
} from '../probes/docker-container.ts';
import { dockerImageProbe, fullImageName, isImageId, unknownImage, type DockerImage } from '../probes/docker-image.ts';
import { objectAt, parseJson, textAt } from '../probes/json.ts';
import { pathProbe } from '../probes/path.ts';
import { attachedResult } from './docker/attached-result.ts';
import { containerArgs, type ContainerArgs } from './docker/container-args.ts';
import { comparisonOf, describeDifference, settingDifferences } from './docker/container-difference.ts';
import { completeAttachment, nextNetworks, sortByName, wantedAttachment } from './docker/container-networks.ts';
import { contextOf, peersOf, type ContainerState, type Existing } from './docker/container-state.ts';
import { applySteps } from './docker/container-steps.ts';
import { completeArgs, wantedSettings } from './docker/container-wish.ts';
import { noDocker, socketOf } from './docker/docker-args.ts';
import { WishError } from './docker/wish-error.ts';

export const docker_container = defineModule<typeof containerArgs, ContainerState>({
  name: 'community.docker.docker_container',
  summary: 'Make, change, start, stop and remove containers',
  args: containerArgs,
  check: (args) => wrongArguments(args),
  example: `
- community.docker.docker_container:
    name: vbx-example
    image: vobox-base:lab
    command: sleep 1000
    stop_timeout: 1
    env:
      GREETING: hello
    log_driver: local
    log_options:
      max-file: 2
`,
  probe: (args) => {
    const probes: Record<string, Probe> = { container: dockerContainerProbe(args.name, socketOf(args)) };
    if (args.state !== 'absent') {
      if (args.image !== undefined)
        probes['image'] = dockerImageProbe(
          args.image,
          socketOf(args),
          args.pull === 'always' && !isImageId(args.image),
        );
      if (args.env_file !== undefined) probes['envFile'] = pathProbe(args.env_file, { content: 'bytes' });
      for (const peer of peersOf(args)) probes[`peer ${peer}`] = dockerContainerProbe(peer, socketOf(args));
    }
    return probes as { [K in keyof ContainerState]: Probe<ContainerState[K]> };
  },
})({
  plan: (args, observed) => {
    try {
      return planContainer(completeArgs(args), observed);
    } catch (error) {
      if (error instanceof WishError) return { failed: error.message };
      throw error;
    }
  },
  apply: (args, change) => applySteps(completeArgs(args), change.before, change.after, change.effects),
  result: (args, change, done) => {
    const last = [...done]
      .reverse()
      .find(
        (result) =>
          result.step.kind === 'http' &&
          result.step.request.method === 'GET' &&
          result.step.display.startsWith('inspect'),
      );
    const before = change.before.container;
    const container: Record<string, unknown> =
      args.state === 'absent'
        ? {}
        : {
            ...(last?.response === undefined
              ? before.kind === 'container'
                ? before.info.inspect
                : {}
              : objectAt(parseJson(last.response.body))),
          };
    if (args.detach !== false || done.length === 0) return { container };
    return attachedResult(args, container, done);
  },
});

function wrongArguments(args: ContainerArgs): string | undefined {
  for (const [name, mode] of Object.entries(args.comparisons ?? {})) {
    if (name === '*' && mode === 'allow_more_present') return 'comparisons: the wildcard can only be strict or ignore';
    if (
      name !== '*' &&
      name !== 'ports' &&
      name !== 'expose' &&
      name !== 'exposed' &&
      name !== 'log_opt' &&
      !Object.hasOwn(containerArgs, name)
    )
      return `comparisons: there is no argument "${name}"`;
  }
  if (args.state === 'present' && args.image === undefined) return 'state is present but image is missing';
  if (args.log_options !== undefined && args.log_driver === undefined) return 'log_options needs log_driver';
  if (args.restart_retries !== undefined && args.restart_policy === undefined)
    return 'restart_retries needs restart_policy';
  return undefined;
}

/** Settings that an image adds to: what they will be is not known before the image is. */
const MERGED = ['env', 'labels', 'volumes', 'exposed_ports'] as const;

function planContainer(given: ContainerArgs, observed: ContainerState): Plan<ContainerState> {
  const { container, image } = observed;
  let args = given;
  if (container.kind === 'no-docker') return noDocker(container);
  if (args.state === 'absent') return { after: container.kind === 'absent' ? {} : { container: { kind: 'absent' } } };
  if (image?.kind === 'no-docker') return noDocker(image);
  const effects: Effect[] = [];
  const after: { container?: DockerContainer; image?: DockerImage } = {};
  const pull = pullReason(args, image);
  if (pull !== undefined && 'failed' in pull) return pull;
  let wantedImage = image;
  if (pull !== undefined) {
    effects.push({ kind: 'pull', text: `pull ${fullImageName(args.image ?? '')} (${pull.because})` });
    wantedImage = unknownImage(`pull of ${args.image ?? ''}`);
    const contained = MERGED.filter(
      (name) => comparisonOf(name, args.comparisons, 'allow_more_present') === 'strict',
    ).map((name) => [name, 'allow_more_present'] as const);
    args = { ...args, comparisons: { ...args.comparisons, ...Object.fromEntries(contained) } };
    after.image = wantedImage;
  }
  const wanted = wantedSettings(args, {
    ...contextOf(args, observed),
    ...(pull === undefined ? {} : { imageConfig: undefined }),
  });
  const wantedNetworks = (args.networks ?? []).map(wantedAttachment);
  if (container.kind === 'absent') {
    if (args.image === undefined)
      return { failed: `there is no container ${args.name}, and without an image none can be made` };
    return {
      after: { ...after, container: fresh(args, wantedImage, wanted, wantedNetworks) },
      effects: [...effects, ...runEffect(args, false)],
    };
  }
  const reasons = recreateReasons(args, container, wantedImage, wanted);
  if (reasons.length > 0 || args.recreate) {
    if (reasons.length === 0) reasons.push('recreate: true');
    effects.push({
      kind: 'recreate',
      text: `re-create container ${args.name}${container.running ? ' (it is running and will be stopped)' : ''}: ${reasons.join('; ')}`,
    });
    return {
      after: {
        ...after,
        container: fresh({ ...args, image: args.image ?? container.image.name }, wantedImage, wanted, wantedNetworks),
      },
      effects: [...effects, ...runEffect(args, container.running)],
    };
  }
  const updates = settingDifferences(container.settings, wanted, args.comparisons);
  const running = args.state === 'present' || args.detach === false ? container.running : args.state !== 'stopped';
  const next: Existing = {
    ...container,
    running,
    paused:
      running && (args.state === 'started' || args.state === 'healthy')
        ? (args.paused ?? container.paused)
        : container.paused && running,
    settings: {
      ...container.settings,
      ...Object.fromEntries(updates.map((update) => [update.setting, update.wanted])),
    },
    // A predicted container may leave its networks open.
    ...(Array.isArray(container.networks) ? { networks: nextNetworks(args, container.networks, wantedNetworks) } : {}),
  };
  const healthy =
    args.state === 'healthy'
      ? {
          info: {
            ...container.info,
            inspect: {
              ...container.info.inspect,
              State: { ...objectAt(container.info.inspect, 'State'), Health: { Status: 'healthy' } },
            },
          },
        }
      : {};
  if (args.restart && container.running && (args.state === 'started' || args.state === 'healthy'))
    effects.push({ kind: 'restart', text: `restart container ${args.name}` });
  if (args.state === 'healthy' && container.running && running && !isHealthy(container))
    effects.push({ kind: 'wait', text: `wait until container ${args.name} is healthy`, quiet: true });
  return {
    after: { ...after, container: { ...next, ...healthy } },
    effects: [...effects, ...runEffect(args, container.running)],
  };
}

/** With `detach: false` a container that does not run is run to its end each time. */
function runEffect(args: ContainerArgs, running: boolean): Effect[] {
  return args.detach === false && (args.state === 'started' || args.state === 'healthy') && !running
    ? [{ kind: 'run', text: `run container ${args.name} to its end` }]
    : [];
}

function isHealthy(container: Existing): boolean {
  const status = textAt(container.info.inspect, 'State', 'Health', 'Status');
  return status === '' || status === 'healthy' || status === 'none';
}

/** Why the image must be pulled, if it must, or that it cannot be. */
function pullReason(
  args: ContainerArgs,
  image: DockerImage | undefined,
): { readonly because: string } | { readonly failed: string; readonly hint?: string } | undefined {
  if (args.image === undefined || image === undefined || image.kind === 'no-docker') return undefined;
  if (image.kind === 'absent') {
    if (isImageId(args.image)) return { failed: `there is no image with id ${args.image}` };
    if (args.pull === 'never') return { failed: `there is no image ${fullImageName(args.image)}, and pull is never` };
    return { because: 'it is not on the host' };
  }
  if (args.pull !== 'always' || isImageId(args.image)) return undefined;
  if (image.info.remote === undefined) {
    // A predicted image is what was pulled just before.
    if (image.info.remoteError === undefined) return undefined;
    return {
      failed: `the registry cannot be asked about ${fullImageName(args.image)}: ${image.info.remoteError}`,
      hint: 'for registries that need a login use community.docker.docker_image_pull before',
    };
  }
  return image.info.digests.includes(image.info.remote)
    ? undefined
    : { because: `the registry has ${image.info.remote.slice(0, 19)}` };
}

/** Every reason to make an existing container anew, for people. */
function recreateReasons(
  args: ContainerArgs,
  container: Existing,
  image: DockerImage | undefined,
  wanted: Settings,
): string[] {
  const reasons: string[] = [];
  const compareImage = args.ignore_image ? 'ignore' : comparisonOf('image', args.comparisons, 'strict');
  if (args.image !== undefined && compareImage === 'strict') {
    // Unknown: pulled just now or predicted; it can only be another one.
    const id = image?.kind === 'image' ? image.id : undefined;
    const has = container.image.id;
    if (id instanceof Unknown ? !(has instanceof Unknown) : id !== undefined && !(has instanceof Unknown) && id !== has)
      reasons.push(`image: ${shortId(has)} -> ${shortId(id)}`);
    else if (
      args.image_name_mismatch === 'recreate' &&
      !isImageId(args.image) &&
      fullImageName(container.image.name) !== fullImageName(args.image)
    )
      reasons.push(`image: ${container.image.name} -> ${args.image}`);
  }
  const differences = settingDifferences(platformSettings(container, image), wanted, args.comparisons);
  const { image_label_mismatch: mismatch } = args;
  if (
    mismatch === 'fail' &&
    comparisonOf('labels', args.comparisons, 'allow_more_present') === 'strict' &&
    image?.kind === 'image'
  ) {
    const inherited = Object.keys(objectAt(image.info.config, 'Labels')).filter(
      (label) => !Object.hasOwn(args.labels ?? {}, label),
    );
    if (inherited.length > 0)
      throw new WishError(
        `labels that should not be there come from the image: ${inherited.join(', ')} (image_label_mismatch: ignore leaves them)`,
      );
  }
  if (differences.some((difference) => !difference.updatable)) reasons.push(...differences.map(describeDifference));
  return reasons;
}

function shortId(id: string | Unknown | undefined): string {
  return typeof id === 'string' ? id.slice(0, 19) : KNOWN_AFTER_APPLY;
}

/** The platform of a container is that of its image, of which the container itself only tells the system. */
function platformSettings(container: Existing, image: DockerImage | undefined): Settings {
  if (image?.kind !== 'image' || image.id !== container.image.id) return { ...container.settings, platform: undefined };
  const parts = [
    textAt(image.info.inspect, 'Os'),
    textAt(image.info.inspect, 'Architecture'),
    textAt(image.info.inspect, 'Variant'),
  ].filter((part) => part !== '');
  return { ...container.settings, platform: parts.join('/') };
}

/** The state of a container newly made: what was asked for; the rest is left open. */
function fresh(
  args: ContainerArgs,
  image: DockerImage | undefined,
  wanted: Settings,
  networks: readonly (Partial<NetworkAttachment> & { name: string })[],
): DockerContainer {
  const starts = (args.state === 'started' || args.state === 'healthy') && args.detach !== false;
  // A network mode of its own brings a network that is not in the list.
  const open =
    args.networks === undefined ||
    !args.networks_cli_compatible ||
    (args.network_mode !== undefined && !networks.some((network) => network.name === args.network_mode));
  // Docker adds to these what the daemon has as defaults, so their final value is not known.
  const { security_opts: _opts, log_options: _logs, ...rest } = wanted;
  const isUnknown = image?.kind !== 'image' || image.id instanceof Unknown;
  const settings = isUnknown
    ? Object.fromEntries(Object.entries(rest).filter(([name]) => !MERGED.some((merged) => merged === name)))
    : rest;
  const state = {
    kind: 'container' as const,
    running: starts,
    paused: starts && args.paused === true,
    image: { id: image?.kind === 'image' ? image.id : new Unknown(`image of ${args.name}`), name: args.image ?? '' },
    settings: settings as Settings,
    info: { inspect: {} },
    ...(open ? {} : { networks: sortByName(networks.map(completeAttachment)) }),
  };
  // What is left open is not compared, as with any state that is told in part.
  return state as DockerContainer;
}
