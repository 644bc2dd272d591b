// docker_image_build: an image built from a folder on the host, when it is not there or when a rebuild is asked for.
import { z } from 'zod';
import { bool, choice, dict, list, path, raw, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { dockerImageProbe, fullImageName, imagePath, unknownImage, type DockerImage } from '../probes/docker-image.ts';
import { buildWords } from './docker/build-options.ts';
import { dockerArgs, dockerStep, noDocker, socketOf } from './docker/docker-args.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { inspectedImage, inspectImage } from './docker/image-result.ts';

const secret = z.strictObject({
  id: str(),
  type: choice('file', 'env', 'value'),
  src: str().optional(),
  env: str().optional(),
  value: str().optional(),
});
const output = z.strictObject({
  type: choice('local', 'tar', 'oci', 'docker', 'image'),
  dest: str().optional(),
  context: str().optional(),
  name: list(str()).optional(),
  push: bool().default(false),
});
const shape = {
  ...dockerArgs,
  name: str().describe('Name of the image'),
  tag: str().default('latest'),
  path: path().describe('Folder of the build, on the host'),
  dockerfile: str().optional().describe('Dockerfile, relative to the folder'),
  cache_from: list(str()).optional(),
  pull: bool().default(false),
  network: str().optional(),
  nocache: bool().default(false),
  etc_hosts: dict(str()).optional(),
  args: dict(raw()).optional().describe('Build arguments'),
  target: str().optional(),
  platform: list(str()).optional(),
  shm_size: str().optional(),
  labels: dict(str()).optional(),
  rebuild: choice('never', 'always').default('never').describe('always: build even if the image is there'),
  secrets: z.array(secret).optional().describe('Secrets of the build; needs BuildKit'),
  outputs: z.array(output).optional().describe('Where the result goes; needs BuildKit'),
};

export const docker_image_build = defineModule<typeof shape, { image: DockerImage }>({
  name: 'community.docker.docker_image_build',
  summary: 'Build an image from a folder on the host',
  args: shape,
  check: (args) =>
    (args.secrets ?? [])
      .map((one) => ({ one, needed: ({ file: 'src', env: 'env', value: 'value' } as const)[one.type] }))
      .find(({ one, needed }) => one[needed] === undefined)
      ?.needed.replace(/.*/, (name) => `a secret needs "${name}"`),
  exampleSetup: `
- ansible.builtin.file: {path: /tmp/vbx-build, state: directory}
- ansible.builtin.copy: {dest: /tmp/vbx-build/Dockerfile, content: "FROM vobox-base:lab\\nENV BUILT=1\\n"}
`,
  example: `
- community.docker.docker_image_build:
    name: vbx-built
    path: /tmp/vbx-build
`,
  probe: (args) => ({ image: dockerImageProbe(fullImageName(args.name, args.tag), socketOf(args)) }),
})({
  plan: (args, { image }) => {
    if (image.kind === 'no-docker') return noDocker(image);
    if (image.kind === 'image' && args.rebuild === 'never') return { after: {} };
    const name = fullImageName(args.name, args.tag);
    return {
      after: { image: unknownImage(`build of ${name}`) },
      effects: [{ kind: 'build', text: `build ${name} from ${args.path}` }],
    };
  },
  apply: (args) => {
    const name = fullImageName(args.name, args.tag);
    const secrets = args.secrets ?? [];
    // Values go through the environment: an argument could be read by any user of the host.
    const environment = Object.fromEntries(
      secrets.flatMap((one, index) => (one.type === 'value' ? [[`VBX_SECRET_${index}`, one.value ?? '']] : [])),
    );
    const words = secrets.flatMap((one, index) => [
      '--secret',
      one.type === 'file'
        ? `id=${one.id},type=file,src=${one.src ?? ''}`
        : `id=${one.id},type=env,env=${one.type === 'env' ? (one.env ?? '') : `VBX_SECRET_${index}`}`,
    ]);
    const outputs = (args.outputs ?? []).flatMap((one) => [
      '--output',
      [
        `type=${one.type}`,
        ...(one.dest === undefined ? [] : [`dest=${one.dest}`]),
        ...(one.context === undefined ? [] : [`context=${one.context}`]),
        ...(one.name === undefined ? [] : [`"name=${one.name.join(',')}"`]),
        ...(one.push ? ['push=true'] : []),
      ].join(','),
    ]);
    const options = buildWords(
      {
        dockerfile: args.dockerfile,
        cacheFrom: args.cache_from,
        pull: args.pull,
        network: args.network,
        nocache: args.nocache,
        etcHosts: args.etc_hosts,
        args: args.args,
        target: args.target,
        platforms: args.platform,
        shmSize: args.shm_size,
        labels: args.labels,
      },
      args.path,
    );
    const argv = dockerCommand(args, 'build', '--tag', name, ...options, ...words, ...outputs, '--', args.path);
    return [
      {
        kind: 'run',
        argv,
        long: true,
        ...(secrets.length === 0 ? {} : { environment: { ...environment, DOCKER_BUILDKIT: '1' }, secret: true }),
      },
      dockerStep(args, 'GET', `/images/${imagePath(name)}/json`, inspectImage(name)),
    ];
  },
  result: (args, change, done) => ({
    image: inspectedImage(change.before.image, done),
    ...(done[0] === undefined ? {} : { stdout: done[0].stdout, stderr: done[0].stderr }),
    ...(done[0]?.step.kind === 'run' && args.secrets === undefined ? { command: done[0].step.argv } : {}),
  }),
});
