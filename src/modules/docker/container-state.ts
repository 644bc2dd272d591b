// What is observed for a docker_container task, and what of it decides the wish beside the arguments.
import type { PathState } from '../../core/path-state.ts';
import type { DockerContainer } from '../../probes/docker-container.ts';
import type { DockerImage } from '../../probes/docker-image.ts';
import { textAt } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import type { WishContext } from './container-wish.ts';
import { WishError } from './wish-error.ts';

export interface ContainerState {
  readonly container: DockerContainer;
  readonly image?: DockerImage;
  readonly envFile?: PathState;
  /** Containers whose namespaces are shared, by name. */
  readonly [peer: `peer ${string}`]: DockerContainer;
}
export type Existing = Extract<DockerContainer, { kind: 'container' }>;

/** Names of the containers whose namespaces the container shares. */
export function peersOf(args: ContainerArgs): string[] {
  return [args.network_mode, args.pid_mode, args.ipc_mode].flatMap((mode) =>
    mode?.startsWith('container:') === true ? [mode.slice('container:'.length)] : [],
  );
}

/** What the wish depends on beside the arguments. Errors: WishError for an env_file that cannot be read. */
export function contextOf(args: ContainerArgs, observed: ContainerState): WishContext {
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
