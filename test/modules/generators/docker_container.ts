// Containers as they are against containers as they should be, each setting alike or not.
import fc from 'fast-check';
import { docker_container } from '../../../src/modules/docker_container.ts';
import { containers, images, satisfied } from '../docker/worlds.ts';
import { given, maybe, type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_container,
  cases: fc
    .record({
      state: fc.constantFrom('started', 'started', 'stopped', 'absent', 'present', 'healthy'),
      pull: fc.constantFrom('missing', 'missing', 'never', 'always'),
      command: maybe(fc.constantFrom('run', ['other'], [])),
      memory: maybe(fc.constantFrom('1M', '0')),
      privileged: maybe(fc.boolean()),
      env: maybe(fc.constantFrom({ A: '1' }, {})),
      restart_policy: maybe(fc.constantFrom('no', 'always')),
      paused: maybe(fc.boolean()),
      labels: maybe(fc.constantFrom({}, { a: '1' })),
      healthcheck: maybe(fc.constantFrom({ test: 'true' }, { test: ['NONE'] })),
      networks: maybe(
        fc.constantFrom(
          [{ name: 'net', ipv4_address: '10.0.0.2' }],
          [{ name: 'net', mac_address: '02-00-00-00-00-01' }, { name: 'more' }],
          [],
        ),
      ),
      comparisons: maybe(
        fc.constantFrom({ networks: 'strict' }, { '*': 'ignore' }, { env: 'strict', labels: 'strict' }),
      ),
      named: fc.boolean(),
      container: containers,
      image: images,
    })
    .map(({ named, container, image, ...args }) => {
      const withImage = named || args.state === 'present';
      return {
        args: given({ name: 'box', ...(withImage ? { image: 'img:1' } : {}), ...args }),
        observed: { container, ...(withImage && args.state !== 'absent' ? { image } : {}) },
      };
    }),
};
/** Half of the hosts are as an earlier run left them: what satisfies the wish is not met by chance often enough. */
const cases = fc
  .tuple(generator.cases, fc.boolean())
  .map(([one, settled]) => ({ ...one, observed: settled ? satisfied(generator.module, one) : one.observed }));
export default { ...generator, cases } satisfies Generator;
