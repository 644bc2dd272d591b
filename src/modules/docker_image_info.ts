// docker_image_info: inspect data of images, or of all images of the host.
import { list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { dockerObject, dockerProbe, get, type DockerObject } from '../probes/docker.ts';
import { dockerImageProbe, fullImageName, type DockerImage } from '../probes/docker-image.ts';
import { listAt } from '../probes/json.ts';
import { dockerArgs, noDocker, socketOf } from './docker/docker-args.ts';

const shape = {
  ...dockerArgs,
  name: list(str()).optional().describe('Names or ids; all images where it is not given'),
};
interface State {
  readonly all?: DockerObject;
  readonly [image: `image ${string}`]: DockerImage;
}

export const docker_image_info = defineModule<typeof shape, State>({
  name: 'community.docker.docker_image_info',
  summary: 'Tell what images there are',
  args: shape,
  reports: true,
  example: `
- community.docker.docker_image_info:
    name: vobox-base:lab
`,
  probe: (args) => {
    const probes: Record<string, Probe> = {};
    if (args.name === undefined)
      probes['all'] = dockerProbe(
        'docker.images',
        socketOf(args),
        'docker.images:',
        null,
        () => [get('/images/json')],
        ([response]) => dockerObject(response),
      );
    for (const name of args.name ?? []) probes[`image ${fullImageName(name)}`] = dockerImageProbe(name, socketOf(args));
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (_args, observed) => {
    const missing = Object.values(observed).find((state: DockerObject | DockerImage) => state.kind === 'no-docker');
    return missing?.kind === 'no-docker' ? noDocker(missing) : { after: {} };
  },
  apply: () => [],
  result: (args, { before }) => {
    if (before.all?.kind === 'found') return { images: listAt({ all: before.all.info.json }, 'all') };
    return {
      images: (args.name ?? []).flatMap((name) => {
        const image = before[`image ${fullImageName(name)}`];
        return image?.kind === 'image' ? [image.info.inspect] : [];
      }),
    };
  },
});
