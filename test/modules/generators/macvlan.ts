// Networks and interfaces in every state of repair.
import fc from 'fast-check';
import { macvlan } from '../../../src/modules/vobox/macvlan.ts';
import type { Shim } from '../../../src/probes/shim.ts';
import { networks, satisfied } from '../docker/worlds.ts';
import { absent, fileState } from '../states.ts';
import { given, maybe, type Generator } from './paths.ts';

const file = fc.constantFrom(absent, fileState('old\n'), fileState('old\n', { mode: '0755' }));
const shims: fc.Arbitrary<Shim> = fc.oneof(
  fc
    .record({
      driver: fc.constantFrom('macvlan', 'ipvlan'),
      parent: fc.constantFrom('eth0', 'eth1'),
      up: fc.boolean(),
      addresses: fc.constantFrom<readonly string[]>([], ['10.0.0.9/32']),
      routes: fc.constantFrom<readonly string[]>([], ['10.0.0.2/32']),
    })
    .map((state): Shim => ({ kind: 'shim', ...state, info: { parent: true } })),
  fc.boolean().map((parent): Shim => ({ kind: 'absent', info: { parent } })),
);
const generator: Generator = {
  module: macvlan,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'present', 'absent'),
      driver: maybe(fc.constantFrom('macvlan', 'ipvlan')),
      persistent: fc.boolean(),
      shimmed: fc.boolean(),
      prove: maybe(fc.constant(['10.0.0.2'])),
      network: networks,
      shim: shims,
      script: file,
      unit: file,
      enabled: fc.boolean(),
      answers: fc.boolean(),
    })
    .map(({ network, shim, script, unit, enabled, answers, shimmed, ...args }) => ({
      args: given({
        name: 'net',
        parent: 'eth0',
        ipam_config: [{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }],
        ...(shimmed ? { shim: { addresses: ['10.0.0.9'], routes: ['10.0.0.2'] } } : {}),
        ...args,
      }),
      observed: {
        network,
        ...(shimmed ? { shim, script, unit, enabled: { kind: 'enabled', enabled } } : {}),
        ...(args.prove !== undefined && args.state === 'present'
          ? { proof: { kind: 'reachable', answers: { '10.0.0.2': answers } } }
          : {}),
      },
    })),
};
/** Half of the hosts are as an earlier run left them: what satisfies the wish is not met by chance often enough. */
const cases = fc
  .tuple(generator.cases, fc.boolean())
  .map(([one, settled]) => ({ ...one, observed: settled ? satisfied(generator.module, one) : one.observed }));
export default { ...generator, cases } satisfies Generator;
