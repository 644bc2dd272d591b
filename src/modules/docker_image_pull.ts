// docker_image_pull: an image as its registry has it now; changed only if another image came.
import { choice, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import {
  dockerImageProbe,
  fullImageName,
  imagePath,
  isImageId,
  unknownImage,
  type DockerImage,
} from '../probes/docker-image.ts';
import { dockerArgs, dockerStep, noDocker, socketOf } from './docker/docker-args.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { inspectedImage, inspectImage } from './docker/image-result.ts';

const shape = {
  ...dockerArgs,
  name: str().describe('Name of the image, with or without tag'),
  tag: str().default('latest').describe('Tag or digest where the name has none'),
  platform: str().optional(),
  pull: choice('always', 'not_present')
    .default('always')
    .describe('always: ask the registry; not_present: only when the image is not there'),
};

export const docker_image_pull = defineModule<typeof shape, { image: DockerImage }>({
  name: 'community.docker.docker_image_pull',
  summary: 'Pull an image from its registry',
  args: shape,
  check: (args) => (isImageId(args.name) ? 'an image id cannot be pulled' : undefined),
  example: `
- community.docker.docker_image_pull:
    name: vobox-base:lab
    pull: not_present
`,
  probe: (args) => ({
    image: dockerImageProbe(fullImageName(args.name, args.tag), socketOf(args), args.pull === 'always'),
  }),
})({
  plan: (args, { image }) => {
    if (image.kind === 'no-docker') return noDocker(image);
    const name = fullImageName(args.name, args.tag);
    if (
      image.kind === 'image' &&
      (args.pull === 'not_present' ||
        (image.info.remote !== undefined && image.info.digests.includes(image.info.remote)))
    )
      return { after: {} };
    // A private registry tells nothing without the login that only the client has: then the pull itself finds out.
    const because =
      image.kind === 'absent'
        ? 'it is not on the host'
        : image.info.remote === undefined
          ? 'the registry tells no digest without a login'
          : `the registry has ${image.info.remote.slice(0, 19)}`;
    return {
      after: { image: unknownImage(`pull of ${name}`) },
      effects: [{ kind: 'pull', text: `pull ${name} (${because})` }],
    };
  },
  apply: (args) => {
    const name = fullImageName(args.name, args.tag);
    return [
      {
        kind: 'run',
        argv: dockerCommand(args, 'pull', ...(args.platform === undefined ? [] : ['--platform', args.platform]), name),
        long: true,
      },
      dockerStep(args, 'GET', `/images/${imagePath(name)}/json`, inspectImage(name)),
    ];
  },
  result: (_args, change, done) => {
    const image = inspectedImage(change.before.image, done);
    const was = change.before.image.kind === 'image' ? change.before.image.id : '';
    return { image, ...(done.length > 0 ? { changed: image['Id'] !== was } : {}) };
  },
});
