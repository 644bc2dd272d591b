// docker_container: a container as declared; made anew only for reasons that are named, and only once its successor has been created.
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step, StepResult } from '../core/step.ts';
import { KNOWN_AFTER_APPLY, Unknown } from '../core/value.ts';
import {
  dockerContainerProbe,
  type DockerContainer,
  type NetworkAttachment,
  type Settings,
} from '../probes/docker-container.ts';
import { dockerImageProbe, fullImageName, isImageId, unknownImage, type DockerImage } from '../probes/docker-image.ts';
import { objectAt, parseJson, textAt, type Json } from '../probes/json.ts';
import { pathProbe } from '../probes/path.ts';
import { containerArgs, type ContainerArgs } from './docker/container-args.ts';
import { comparisonOf, describeDifference, settingDifferences } from './docker/container-difference.ts';
import {
  completeArgs,
  createBody,
  createdNetworks,
  endpointOf,
  restartPolicyOf,
  UPDATABLE,
  wantedAttachment,
  wantedSettings,
  WishError,
  type WishContext,
} from './docker/container-wish.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { dockerStep, noDocker, queryOf, socketOf } from './docker/docker-args.ts';
import { demultiplex } from './docker/stream.ts';

interface State {
  readonly container: DockerContainer;
  readonly image?: DockerImage;
  readonly envFile?: PathState;
  /** Containers whose namespaces are shared, by name. */
  readonly [peer: `peer ${string}`]: DockerContainer;
}
type Existing = Extract<DockerContainer, { kind: 'container' }>;

export const docker_container = defineModule<typeof containerArgs, State>({
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
    return probes as { [K in keyof State]: Probe<State[K]> };
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

function peersOf(args: ContainerArgs): string[] {
  return [args.network_mode, args.pid_mode, args.ipc_mode].flatMap((mode) =>
    mode?.startsWith('container:') === true ? [mode.slice('container:'.length)] : [],
  );
}

function contextOf(args: ContainerArgs, observed: State): WishContext {
  const ids = Object.fromEntries(
    peersOf(args).flatMap((peer) => {
      const state = observed[`peer ${peer}`];
      return state?.kind === 'container' ? [[peer, textAt(state.info.inspect, 'Id')]] : [];
    }),
  );
  const { image, container } = observed;
  const same = image?.kind === 'image' && container.kind === 'container' && image.id === container.image.id;
  const imageConfig =
    image?.kind === 'image' && (args.image_comparison === 'desired-image' || same) ? image.info.config : undefined;
  return { imageConfig, envFile: readEnvFile(args, observed.envFile), containerIds: ids };
}

/** Lines NAME=value; comments and empty lines are skipped. */
function readEnvFile(args: ContainerArgs, state: PathState | undefined): Readonly<Record<string, string>> {
  if (args.env_file === undefined || state === undefined) return {};
  const file = state.kind === 'link' ? state.real : state;
  if (file.kind !== 'file' || file.content?.bytes === undefined)
    throw new WishError(`env_file: ${args.env_file} is not a readable file on the host`);
  const lines = file.content.bytes
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw new WishError(`env_file: ${args.env_file} has a line that is not NAME=value: "${line}"`);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** Settings that an image adds to: what they will be is not known before the image is. */
const MERGED = ['env', 'labels', 'volumes', 'exposed_ports'] as const;

function planContainer(given: ContainerArgs, observed: State): Plan<State> {
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

function sortByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** An endpoint newly made: what was not asked for is not there, but for the MAC address, which Docker chooses. */
function completeAttachment(wanted: Partial<NetworkAttachment> & { name: string }): NetworkAttachment {
  return { ipv4: '', ipv6: '', mac: new Unknown(`connection to ${wanted.name}`), aliases: [], links: [], ...wanted };
}

function isAsWanted(has: NetworkAttachment, wants: Partial<NetworkAttachment>): boolean {
  const address = (name: 'ipv4' | 'ipv6'): boolean => wants[name] === undefined || wants[name] === has[name];
  const contains = (name: 'aliases' | 'links'): boolean =>
    (wants[name] ?? []).every((item) => (has[name] ?? []).includes(item));
  // An endpoint of a stopped container may have no MAC address yet.
  return (
    address('ipv4') &&
    address('ipv6') &&
    (wants.mac === undefined || has.mac === '' || has.mac instanceof Unknown || wants.mac === has.mac) &&
    contains('aliases') &&
    contains('links')
  );
}

function nextNetworks(
  args: ContainerArgs,
  has: readonly NetworkAttachment[],
  wants: readonly (Partial<NetworkAttachment> & { name: string })[],
): readonly NetworkAttachment[] {
  if (comparisonOf('networks', args.comparisons, 'allow_more_present') === 'ignore') return has;
  const purge =
    args.networks !== undefined &&
    (args.purge_networks || comparisonOf('networks', args.comparisons, 'allow_more_present') === 'strict');
  const kept = has.filter((network) => !purge || wants.some((wanted) => wanted.name === network.name));
  const next = kept.map((network) => {
    const wanted = wants.find((one) => one.name === network.name);
    return wanted === undefined || isAsWanted(network, wanted) ? network : { ...network, ...wanted };
  });
  const added = wants.filter((wanted) => !has.some((network) => network.name === wanted.name)).map(completeAttachment);
  return sortByName([...next, ...added]);
}

function applySteps(args: ContainerArgs, before: State, after: State, effects: readonly Effect[]): Step[] {
  const old = before.container;
  const wanted = after.container;
  const steps: Step[] = [];
  const named = `/containers/${encodeURIComponent(args.name)}`;
  if (wanted.kind !== 'container') {
    if (old.kind === 'container') steps.push(...removal(args, old, named));
    return steps;
  }
  if (effects.some((effect) => effect.kind === 'pull'))
    steps.push({ kind: 'run', argv: dockerCommand(args, 'pull', fullImageName(args.image ?? '')), long: true });
  const recreated = effects.some((effect) => effect.kind === 'recreate');
  if (old.kind === 'absent' || recreated)
    steps.push(...creation(args, before, old.kind === 'container' ? old : undefined));
  else if (old.kind === 'container') steps.push(...updates(args, old, wanted, effects));
  const starts = args.state === 'started' || args.state === 'healthy';
  const created = old.kind === 'absent' || recreated;
  if (starts && (created || (old.kind === 'container' && !old.running)))
    steps.push(dockerStep(args, 'POST', `${named}/start`, `start container ${args.name}`));
  if (effects.some((effect) => effect.kind === 'restart'))
    steps.push(
      dockerStep(
        args,
        'POST',
        `${named}/restart${queryOf({ t: args.stop_timeout ?? 10 })}`,
        `restart container ${args.name}`,
        { timeout: args.timeout + (args.stop_timeout ?? 10) },
      ),
    );
  if (effects.some((effect) => effect.kind === 'run')) {
    steps.push(
      dockerStep(args, 'POST', `${named}/wait`, `wait for the end of container ${args.name}`, { timeout: 86_400 }),
    );
    if (args.auto_remove !== true)
      steps.push(
        dockerStep(
          args,
          'GET',
          `${named}/logs?stdout=true&stderr=true&follow=false&timestamps=false`,
          `logs of container ${args.name}`,
        ),
      );
  }
  const wasPaused = !created && old.kind === 'container' && old.paused;
  if (starts && args.paused !== undefined && args.paused !== wasPaused)
    steps.push(
      dockerStep(
        args,
        'POST',
        `${named}/${args.paused ? 'pause' : 'unpause'}`,
        `${args.paused ? 'pause' : 'unpause'} container ${args.name}`,
      ),
    );
  if (args.state === 'healthy') steps.push(healthWait(args));
  const gone = effects.some((effect) => effect.kind === 'run') && (args.cleanup || args.auto_remove === true);
  steps.push(
    dockerStep(args, 'GET', `${named}/json`, `inspect container ${args.name}`, gone ? { accept: [200, 404] } : {}),
  );
  if (gone)
    steps.push(
      dockerStep(
        args,
        'DELETE',
        `${named}${queryOf({ force: true, v: !args.keep_volumes })}`,
        `remove container ${args.name}`,
        { accept: [204, 404, 409] },
      ),
    );
  return steps;
}

/** A container that can be asked only by the client's formatted output while it is waited for. */
function healthWait(args: ContainerArgs): Step {
  const inspect = quoteAll(
    dockerCommand(
      args,
      'container',
      'inspect',
      '--format',
      '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}',
      args.name,
    ),
  );
  const atMost = args.healthy_wait_timeout > 0 ? args.healthy_wait_timeout : 86_400;
  return {
    kind: 'wait',
    script: `h=$(${inspect}) && { [ "$h" = healthy ] || [ "$h" = none ]; }`,
    every: 1,
    atMost,
    display: `wait until container ${args.name} is healthy`,
  };
}

function stop(args: ContainerArgs, named: string, name = args.name): Step {
  if (args.force_kill)
    return dockerStep(args, 'POST', `${named}/kill${queryOf({ signal: args.kill_signal })}`, `kill container ${name}`);
  return dockerStep(args, 'POST', `${named}/stop${queryOf({ t: args.stop_timeout })}`, `stop container ${name}`, {
    timeout: args.timeout + (args.stop_timeout ?? 10),
    accept: [204, 304],
  });
}

function removal(args: ContainerArgs, old: Existing, named: string): Step[] {
  const remove = dockerStep(
    args,
    'DELETE',
    `${named}${queryOf({ v: !args.keep_volumes })}`,
    `remove container ${args.name}`,
    { accept: [204, 404, 409], timeout: args.removal_wait_timeout ?? args.timeout },
  );
  // 409: it removes itself (auto_remove) or was being removed already.
  return [
    ...(old.paused ? [dockerStep(args, 'POST', `${named}/unpause`, `unpause container ${args.name}`)] : []),
    ...(old.running ? [stop(args, named)] : []),
    remove,
  ];
}

/**
 * The new container is created under another name while the old one still runs: a wish that Docker refuses costs nothing, and the old one's addresses are free
 * by the time the new one starts, which is when Docker takes them.
 */
function creation(args: ContainerArgs, before: State, old: Existing | undefined): Step[] {
  const api = apiOf(before);
  const name = old === undefined ? args.name : `${args.name}.vbx-new`;
  const named = `/containers/${encodeURIComponent(name)}`;
  const image = args.image ?? (typeof old?.image.id === 'string' ? old.image.id : '');
  const steps: Step[] = [];
  if (old !== undefined)
    steps.push(
      dockerStep(args, 'DELETE', `${named}?force=true&v=true`, `remove what an interrupted run left of ${name}`, {
        accept: [204, 404],
      }),
    );
  steps.push(
    dockerStep(
      args,
      'POST',
      `/containers/create${queryOf({ name, platform: args.platform })}`,
      `create container ${name} from ${image}`,
      { body: createBody(args, image, contextOf(args, before), api) },
    ),
  );
  const carried = new Set(createdNetworks(args, api).map((network) => network.name));
  for (const network of args.networks ?? []) if (!carried.has(network.name)) steps.push(connect(args, name, network));
  if (old !== undefined) {
    steps.push(...removal(args, old, `/containers/${encodeURIComponent(args.name)}`));
    steps.push(
      dockerStep(
        args,
        'POST',
        `${named}/rename${queryOf({ name: args.name })}`,
        `rename container ${name} to ${args.name}`,
      ),
    );
  }
  return steps;
}

function apiOf(before: State): string {
  return before.container.kind === 'no-docker' ? '' : (before.container.info?.api ?? '');
}

function connect(
  args: ContainerArgs,
  container: string,
  network: NonNullable<ContainerArgs['networks']>[number],
): Step {
  return dockerStep(
    args,
    'POST',
    `/networks/${encodeURIComponent(network.name)}/connect`,
    `connect container ${container} to network ${network.name}`,
    { body: { Container: container, EndpointConfig: endpointOf(network) } },
  );
}

function updates(args: ContainerArgs, old: Existing, wanted: Existing, effects: readonly Effect[]): Step[] {
  const steps: Step[] = [];
  const named = `/containers/${encodeURIComponent(args.name)}`;
  const changed = Object.keys(UPDATABLE).some((setting) => wanted.settings[setting] !== old.settings[setting]);
  if (changed)
    steps.push(
      dockerStep(args, 'POST', `${named}/update`, `update container ${args.name}`, {
        body: updateBody(args, wanted.settings),
      }),
    );
  const networks = new Map(old.networks.map((network) => [network.name, network]));
  for (const network of args.networks ?? []) {
    const has = networks.get(network.name);
    if (has !== undefined && isAsWanted(has, wantedAttachment(network))) continue;
    if (has !== undefined) steps.push(disconnect(args, network.name));
    steps.push(connect(args, args.name, network));
  }
  for (const network of old.networks)
    if (!wanted.networks.some((kept) => kept.name === network.name)) steps.push(disconnect(args, network.name));
  if (args.state === 'stopped' && old.running) {
    if (old.paused) steps.push(dockerStep(args, 'POST', `${named}/unpause`, `unpause container ${args.name}`));
    steps.push(stop(args, named));
  }
  return effects.length === 0 && steps.length === 0 && old.running === wanted.running && old.paused === wanted.paused
    ? []
    : steps;
}

/** All limits that the task names, those that are right too: Docker judges them together. */
function updateBody(args: ContainerArgs, settings: Settings): Json {
  const named = wantedSettings(args, {});
  const body: Record<string, unknown> = {};
  for (const [setting, member] of Object.entries(UPDATABLE))
    if (named[setting] !== undefined && member !== 'RestartPolicy') body[member] = settings[setting];
  const policy = restartPolicyOf(args);
  return policy === undefined ? body : { ...body, RestartPolicy: policy };
}

function disconnect(args: ContainerArgs, network: string): Step {
  return dockerStep(
    args,
    'POST',
    `/networks/${encodeURIComponent(network)}/disconnect`,
    `disconnect container ${args.name} from network ${network}`,
    { body: { Container: args.name, Force: true } },
  );
}

/** What a container that ran to its end left: status, output, failure by its exit status. */
function attachedResult(args: ContainerArgs, container: Json, done: readonly StepResult[]): Record<string, unknown> {
  const find = (display: string): Buffer | undefined =>
    done.find((result) => result.step.kind === 'http' && result.step.display.startsWith(display))?.response?.body;
  const waited = parseJson(find('wait for the end') ?? '');
  const logs = find('logs of container');
  const tty = args.tty === true;
  const parts = logs === undefined ? undefined : tty ? { stdout: logs, stderr: Buffer.alloc(0) } : demultiplex(logs);
  const output =
    args.auto_remove === true
      ? 'Cannot retrieve result as auto_remove is enabled'
      : `${parts?.stdout.toString('utf8') ?? ''}${parts?.stderr.toString('utf8') ?? ''}`;
  const status =
    typeof waited === 'object' && waited !== null && 'StatusCode' in waited ? Number(waited.StatusCode) : undefined;
  return {
    container: { ...container, Output: output },
    ...(status === undefined ? {} : { status, ...(status === 0 ? {} : { failed: true, msg: output }) }),
  };
}
