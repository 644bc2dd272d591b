// Modules that only tell whether a thing of Docker's exists and what Docker says of it: docker_container_info, docker_network_info, docker_volume_info.
import { str } from '../../core/args.ts';
import { defineModule, type StateModule } from '../../core/module.ts';
import { dockerObject, dockerProbe, get, type DockerObject } from '../../probes/docker.ts';
import { objectAt } from '../../probes/json.ts';
import { dockerArgs, noDocker, socketOf } from './docker-args.ts';

const shape = { ...dockerArgs, name: str().describe('Name or id') };

/** `thing`: the member of the result and the word of the module's name; `path`: where the API has it, before the name; `suffix` behind it. */
export function infoModule(
  thing: 'container' | 'network' | 'volume',
  path: string,
  suffix: string,
  example: { setup?: string; task: string },
): StateModule<typeof shape, { thing: DockerObject }> {
  return defineModule<typeof shape, { thing: DockerObject }>({
    name: `community.docker.docker_${thing}_info`,
    summary: `Tell whether a ${thing} exists and what it is`,
    args: shape,
    reports: true,
    example: example.task,
    ...(example.setup === undefined ? {} : { exampleSetup: example.setup }),
    probe: (args) => ({
      thing: dockerProbe(
        `docker.${thing}.info`,
        socketOf(args),
        `docker.${thing}.info:${args.name}`,
        args.name,
        (name: string) => [get(`${path}${encodeURIComponent(name)}${suffix}`)],
        ([response]) => dockerObject(response),
      ),
    }),
  })({
    plan: (_args, { thing: state }) => (state.kind === 'no-docker' ? noDocker(state) : { after: {} }),
    apply: () => [],
    result: (_args, { before }) =>
      before.thing.kind === 'found'
        ? { exists: true, [thing]: objectAt(before.thing.info, 'json') }
        : { exists: false, [thing]: null },
  });
}
