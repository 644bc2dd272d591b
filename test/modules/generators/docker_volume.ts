// Volumes that differ from the wish in driver, options or labels.
import fc from 'fast-check';
import { docker_volume } from '../../../src/modules/docker_volume.ts';
import { volumes } from '../docker/worlds.ts';
import { given, maybe, type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_volume,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'absent'),
      driver: maybe(fc.constant('nfs')),
      driver_options: maybe(fc.constantFrom({}, { type: 'tmpfs' })),
      labels: maybe(fc.constantFrom({}, { a: '1' })),
      recreate: fc.constantFrom('never', 'always', 'options-changed'),
      volume: volumes,
    })
    .map(({ volume, ...args }) => ({ args: given({ volume_name: 'v', ...args }), observed: { volume } })),
  diverges: (args) => args['recreate'] === 'always',
};
export default generator;
