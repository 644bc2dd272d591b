// Networks of two drivers against wishes for either.
import fc from 'fast-check';
import { docker_network } from '../../../src/modules/docker_network.ts';
import { networks } from '../docker/worlds.ts';
import { given, maybe, type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_network,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'present', 'absent'),
      driver: maybe(fc.constantFrom('bridge', 'macvlan')),
      driver_options: maybe(fc.constantFrom({ parent: 'eth0' }, {})),
      enable_ipv6: maybe(fc.boolean()),
      internal: maybe(fc.boolean()),
      appends: fc.boolean(),
      connected: maybe(fc.subarray(['a', 'b'])),
      ipam_config: maybe(
        fc.constantFrom(
          [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
          [{ subnet: '10.0.0.7/24' }],
          [{ subnet: '10.0.0.0/24', aux_addresses: { shim: '10.0.0.9' } }],
        ),
      ),
      labels: maybe(fc.constantFrom({}, { a: '1' })),
      network: networks,
    })
    .map(({ network, ...args }) => ({ args: given({ name: 'net', ...args }), observed: { network } })),
};
export default generator;
