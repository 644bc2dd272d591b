// The steps that bring a container from its state to the planned one.
import type { Effect } from '../../core/module.ts';
import { quoteAll } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';
import type { Settings } from '../../probes/docker-container.ts';
import { fullImageName } from '../../probes/docker-image.ts';
import type { Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { createdNetworks, endpointOf, isAsWanted, wantedAttachment } from './container-networks.ts';
import { contextOf, type ContainerState, type Existing } from './container-state.ts';
import { UPDATABLE, wantedSettings } from './container-wish.ts';
import { createBody, restartPolicyOf } from './create-body.ts';
import { dockerStep, queryOf } from './docker-args.ts';
import { dockerCommand } from './docker-command.ts';

/** Steps from `before` to `after`; effects are what is done without a lasting difference (pull, restart, run). */
export function applySteps(
  args: ContainerArgs,
  before: ContainerState,
  after: ContainerState,
  effects: readonly Effect[],
): Step[] {
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
function creation(args: ContainerArgs, before: ContainerState, old: Existing | undefined): Step[] {
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

function apiOf(before: ContainerState): string {
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
