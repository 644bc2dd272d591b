// docker_image_tag: further names of an image.
import { choice, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import {
  dockerImageProbe,
  fullImageName,
  imagePath,
  splitImageName,
  type DockerImage,
} from '../probes/docker-image.ts';
import { dockerArgs, dockerStep, noDocker, queryOf, socketOf } from './docker/docker-args.ts';

const shape = {
  ...dockerArgs,
  name: str().describe('The image, by name or id'),
  tag: str().default('latest'),
  repository: list(str()).describe('Names that it gets, with or without tag'),
  existing_images: choice('keep', 'overwrite')
    .default('overwrite')
    .describe('What happens to another image that has the name'),
};
interface State {
  readonly image: DockerImage;
  readonly [target: `target ${string}`]: DockerImage;
}

export const docker_image_tag = defineModule<typeof shape, State>({
  name: 'community.docker.docker_image_tag',
  summary: 'Give an image further names',
  args: shape,
  example: `
- community.docker.docker_image_tag:
    name: vobox-base:lab
    repository: vbx-example:tagged
`,
  probe: (args) => {
    const probes: Record<string, Probe> = {
      image: dockerImageProbe(fullImageName(args.name, args.tag), socketOf(args)),
    };
    for (const target of args.repository)
      probes[`target ${fullImageName(target)}`] = dockerImageProbe(target, socketOf(args));
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (args, observed) => {
    const { image } = observed;
    if (image.kind === 'no-docker') return noDocker(image);
    if (image.kind === 'absent') return { failed: `there is no image ${fullImageName(args.name, args.tag)} to tag` };
    const after: Record<string, DockerImage> = {};
    for (const target of args.repository.map((name) => fullImageName(name))) {
      const has = observed[`target ${target}`];
      if (has?.kind === 'no-docker') return noDocker(has);
      if (has?.kind === 'image' && has.id !== image.id && args.existing_images === 'keep')
        return { failed: `${target} is another image already, and existing_images is keep` };
      if (has?.kind !== 'image' || has.id !== image.id) after[`target ${target}`] = image;
    }
    return { after };
  },
  apply: (args, { before }) => {
    const image = before.image;
    return args.repository
      .map((name) => fullImageName(name))
      .flatMap((target) => {
        const has = before[`target ${target}`];
        if (has?.kind === 'image' && image.kind === 'image' && has.id === image.id) return [];
        const { repository, tag } = splitImageName(target);
        return [
          dockerStep(
            args,
            'POST',
            `/images/${imagePath(fullImageName(args.name, args.tag))}/tag${queryOf({ repo: repository, tag })}`,
            `tag ${args.name} as ${target}`,
          ),
        ];
      });
  },
  result: (args, { before }) => ({
    image: before.image.kind === 'image' ? before.image.info.inspect : {},
    tagged_images: args.repository
      .map((name) => fullImageName(name))
      .filter((target) => {
        const has = before[`target ${target}`];
        return !(has?.kind === 'image' && before.image.kind === 'image' && has.id === before.image.id);
      }),
  }),
});
