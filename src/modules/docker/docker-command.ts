// Docker's own client as words of a command: only for what the API cannot do without it (registry logins, builds of the host's folders).
import { DOCKER_SOCKET } from '../../probes/docker.ts';
import { socketOf, type DockerArgs } from './docker-args.ts';

export function dockerCommand(args: DockerArgs, ...words: readonly string[]): string[] {
  return ['docker', ...(socketOf(args) === DOCKER_SOCKET ? [] : ['-H', args.docker_host]), ...words];
}
