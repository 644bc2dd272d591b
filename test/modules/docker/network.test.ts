// docker_network on a recorded network: what is left alone, and what replaces it at whose cost.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differing } from '../../../src/core/same.ts';
import { docker_network } from '../../../src/modules/docker_network.ts';
import { networkState, type DockerNetwork } from '../../../src/probes/docker-network.ts';
import type { Json } from '../../../src/probes/json.ts';
import { argumentsOf, basics } from './arguments.ts';

const inspect = JSON.parse(readFileSync(new URL('../../probes/docker/network.json', import.meta.url), 'utf8')) as Json;
const network = networkState(inspect);
const same = {
  name: 'tn',
  driver: 'macvlan',
  driver_options: { parent: 'eth0' },
  enable_ipv6: true,
  ipam_config: [
    { subnet: '10.77.0.0/24', gateway: '10.77.0.1', aux_addresses: { shim: '10.77.0.201' } },
    { subnet: 'fd00:0077::/64', gateway: 'fd00:77:0::1' },
  ],
};

function planned(
  given: Record<string, unknown>,
  state: DockerNetwork = network,
): { keys: string[]; effects: string[]; steps: string[]; warnings: readonly string[]; after: DockerNetwork } {
  const args = argumentsOf(docker_network, given);
  const plan = docker_network.plan(args, { network: state }, basics);
  if (!('after' in plan) || plan.after === undefined) throw new Error(JSON.stringify(plan));
  const effects = plan.effects ?? [];
  const keys = differing({ network: state }, { ...plan.after });
  const after = plan.after.network ?? state;
  const steps =
    keys.length + effects.length === 0
      ? []
      : docker_network
          .apply(args, { before: { network: state }, after: { network: after }, effects }, basics)
          .map((step) => (step.kind === 'http' ? `${step.request.method} ${step.request.path}` : step.kind));
  return { keys, effects: effects.map((effect) => effect.text), steps, warnings: plan.warnings ?? [], after };
}

describe('docker_network', () => {
  it('leaves a network alone that is as declared, whatever the spelling of addresses', () =>
    expect(planned(same)).toMatchObject({ keys: [], effects: [], steps: [] }));
  it('does not mind pools and options that are not mentioned', () =>
    expect(planned({ name: 'tn', driver: 'macvlan' })).toMatchObject({ keys: [], effects: [] }));
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['driver', { driver: 'bridge' }, /driver: macvlan -> bridge/],
    ['parent', { driver_options: { parent: 'eth1' } }, /options: parent=eth1 is missing/],
    [
      'gateway',
      { ipam_config: [{ subnet: '10.77.0.0/24', gateway: '10.77.0.2' }] },
      /gateway of 10\.77\.0\.0\/24: 10\.77\.0\.1 -> 10\.77\.0\.2/,
    ],
    ['subnet', { ipam_config: [{ subnet: '10.78.0.0/24' }] }, /subnet 10\.78\.0\.0\/24 is missing/],
    [
      'reserved address',
      { ipam_config: [{ subnet: '10.77.0.0/24', aux_addresses: { shim: '10.77.0.202' } }] },
      /aux_addresses of 10\.77\.0\.0\/24/,
    ],
    ['label', { labels: { a: '1' } }, /labels: a=1 is missing/],
    ['reach', { internal: true }, /internal: false -> true/],
  ])('is replaced for another %s, and says what that cuts off', (_name, change, reason) => {
    const { effects, steps, warnings } = planned({ ...same, ...change });
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatch(reason);
    expect(effects[0]).toContain('(disconnects 1 container: t1)');
    expect(warnings).toEqual(['network tn is replaced; not connected again: t1']);
    expect(steps).toEqual([
      'POST /networks/tn/disconnect',
      'DELETE /networks/tn',
      'POST /networks/create',
      'GET /networks/tn',
    ]);
  });
  it('is made where it is not there, with the containers that belong to it', () => {
    expect(planned({ ...same, connected: ['a'] }, { kind: 'absent' }).steps).toEqual([
      'POST /networks/create',
      'POST /networks/tn/connect',
      'GET /networks/tn',
    ]);
  });
  it('connects what is missing and cuts off what is not listed', () => {
    expect(planned({ ...same, connected: ['a'] }).steps).toEqual([
      'POST /networks/tn/disconnect',
      'POST /networks/tn/connect',
      'GET /networks/tn',
    ]);
    expect(planned({ ...same, connected: ['a'], appends: true }).steps).toEqual([
      'POST /networks/tn/connect',
      'GET /networks/tn',
    ]);
  });
  it('is removed, its containers cut off before', () => {
    expect(planned({ name: 'tn', state: 'absent' })).toMatchObject({
      effects: ['disconnect 1 container: t1'],
      steps: ['POST /networks/tn/disconnect', 'DELETE /networks/tn'],
    });
    expect(planned({ name: 'tn', state: 'absent' }, { kind: 'absent' })).toMatchObject({ keys: [], steps: [] });
  });
  it('plans nothing more on what it planned', () => {
    for (const change of [{}, { internal: true }, { connected: ['a'] }, { state: 'absent' }])
      for (const state of [network, { kind: 'absent' } as const])
        expect(planned({ ...same, ...change }, planned({ ...same, ...change }, state).after)).toMatchObject({
          keys: [],
          effects: [],
        });
  });
  it('refuses a subnet that is none', () =>
    expect(() => planned({ ...same, ipam_config: [{ subnet: '10.77.0.0' }] })).toThrow(/not a valid CIDR/));
});
