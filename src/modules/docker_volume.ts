// docker_volume: a volume as declared; made anew with other options only where `recreate` allows it, since its content is lost.
import { choice, dict, field, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { dockerVolumeProbe, type DockerVolume } from '../probes/docker.ts';
import { objectAt, parseJson } from '../probes/json.ts';
import { dockerArgs, dockerStep, noDocker, socketOf } from './docker/docker-args.ts';

const shape = {
  ...dockerArgs,
  volume_name: field(str(), { aliases: ['name'] }).describe('Name of the volume'),
  state: choice('present', 'absent').default('present'),
  driver: str().default('local'),
  driver_options: dict(str()).default({}),
  labels: dict(str()).optional(),
  recreate: choice('always', 'never', 'options-changed')
    .default('never')
    .describe('When the volume (and its content) is replaced'),
};

export const docker_volume = defineModule<typeof shape, { volume: DockerVolume }>({
  name: 'community.docker.docker_volume',
  summary: 'Make and remove volumes',
  args: shape,
  example: `
- community.docker.docker_volume:
    name: vbx-example
    labels:
      purpose: example
`,
  probe: (args) => ({ volume: dockerVolumeProbe(args.volume_name, socketOf(args)) }),
})({
  plan: (args, { volume }) => {
    if (volume.kind === 'no-docker') return noDocker(volume);
    if (args.state === 'absent') return { after: volume.kind === 'absent' ? {} : { volume: { kind: 'absent' } } };
    const wanted: DockerVolume = {
      kind: 'volume',
      driver: args.driver,
      options: args.driver_options,
      labels: args.labels ?? {},
      info: { inspect: {} },
    };
    if (volume.kind === 'absent') return { after: { volume: wanted } };
    const options = Object.entries(args.driver_options)
      .filter(([name, value]) => volume.options[name] !== value)
      .map(([name]) => `driver_options: ${name}`);
    const labels = Object.entries(args.labels ?? {})
      .filter(([name, value]) => volume.labels[name] !== value)
      .map(([name]) => `labels: ${name}`);
    const reasons = [
      ...(volume.driver === args.driver ? [] : [`driver: ${volume.driver} -> ${args.driver}`]),
      ...options,
      ...labels,
    ];
    if (args.recreate === 'always' || (args.recreate === 'options-changed' && reasons.length > 0)) {
      return {
        after: { volume: wanted },
        effects: [
          {
            kind: 'replace',
            text: `replace volume ${args.volume_name} and lose its content: ${reasons.join('; ') || 'recreate: always'}`,
          },
        ],
      };
    }
    return {
      after: {},
      ...(reasons.length === 0
        ? {}
        : {
            warnings: [
              `volume ${args.volume_name} differs (${reasons.join('; ')}) and is left as it is, because recreate is never`,
            ],
          }),
    };
  },
  apply: (args, { before, after, effects }) => {
    const path = `/volumes/${encodeURIComponent(args.volume_name)}`;
    const remove =
      before.volume.kind === 'volume' && (after.volume.kind === 'absent' || effects.length > 0)
        ? [dockerStep(args, 'DELETE', path, `remove volume ${args.volume_name}`)]
        : [];
    if (after.volume.kind !== 'volume') return remove;
    return [
      ...remove,
      dockerStep(args, 'POST', '/volumes/create', `create volume ${args.volume_name}`, {
        body: {
          Name: args.volume_name,
          Driver: args.driver,
          DriverOpts: args.driver_options,
          ...(args.labels === undefined ? {} : { Labels: args.labels }),
        },
      }),
    ];
  },
  result: (args, { before }, done) => {
    if (args.state === 'absent') return {};
    const created = done.at(-1)?.response;
    return {
      volume:
        created === undefined
          ? before.volume.kind === 'volume'
            ? before.volume.info.inspect
            : {}
          : objectAt(parseJson(created.body)),
    };
  },
});
