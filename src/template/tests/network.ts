// Tests of ansible.utils on addresses.
import { quote } from '../../core/quote.ts';
import type { Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { test, type Tests } from '../plugin.ts';
import { contains, firstAddress, isOf, parseAddress, parseNetwork, type Network } from '../../core/ip.ts';
import { pythonStr } from '../python/text.ts';
import { items } from '../python/types.ts';

const parse = (value: Value | undefined): Network | undefined => parseNetwork(pythonStr(value as Value));
const within = (outer: Value | undefined, inner: Value | undefined): boolean => {
  const [a, b] = [parse(outer), parse(inner)];
  return a !== undefined && b !== undefined && contains(a, b);
};
const kind = (name: 'loopback' | 'multicast' | 'private' | 'reserved' | 'linkLocal'): Tests[string] => test('ip', (_, value) => {
  const address = parse(value);
  return address !== undefined && isOf(name, address);
});
const ofVersion = (version: 4 | 6, what: 'any' | 'address' | 'network'): Tests[string] => test('ip', (_, value) => {
  const text = pythonStr(value as Value);
  const network = what === 'address' ? parseAddress(text) : parse(value);
  return network?.version === version;
});
const hardware = test('mac', (_, value) => /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$|^(?:[\da-f]{4}\.){2}[\da-f]{4}$|^[\da-f]{12}$/i.test(pythonStr(value as Value)));

export const NETWORK_TESTS: Tests = {
  in_any_network: test('ip, networks', (_, value, networks) => items(networks as Value).some((network) => within(network, value))),
  in_network: test('ip, network', (_, value, network) => within(network, value)),
  in_one_network: test('ip, networks', (_, value, networks) => items(networks as Value).filter((network) => within(network, value)).length === 1),
  ip: test('ip', (_, value) => parse(value) !== undefined),
  ip_address: test('ip', (_, value) => parseAddress(pythonStr(value as Value)) !== undefined),
  ipv4: ofVersion(4, 'any'),
  ipv4_address: ofVersion(4, 'address'),
  ipv4_hostmask: test('ip', (_, value) => /^0*1*$/.test((parseAddress(pythonStr(value as Value))?.value ?? 2n).toString(2))),
  ipv4_netmask: test('ip', (_, value) => {
    const mask = parseAddress(pythonStr(value as Value));
    return mask?.version === 4 && /^1*0*$/.test(mask.value.toString(2).padStart(32, '0'));
  }),
  ipv6: ofVersion(6, 'any'),
  ipv6_address: ofVersion(6, 'address'),
  ipv6_ipv4_mapped: test('ip', (_, value) => {
    const address = parse(value);
    return address?.version === 6 && address.value >> 32n === 0xffffn;
  }),
  loopback: kind('loopback'),
  mac: hardware,
  multicast: kind('multicast'),
  private: kind('private'),
  public: test('ip', (_, value) => {
    const address = parse(value);
    return address !== undefined && !isOf('private', address) && !isOf('loopback', address) && !isOf('linkLocal', address) && !isOf('reserved', address) && !isOf('multicast', address);
  }),
  reserved: kind('reserved'),
  resolvable: test('host', (engine, value) => {
    if (parse(value) !== undefined) return true;
    const { host } = engine.context;
    const { rc } = host.run(`getent ahosts -- ${quote(pythonStr(value as Value))}`, '/');
    if (rc === 127) throw new PythonError('Error', 'resolvable needs the program getent on the controller');
    return rc === 0;
  }),
  subnet_of: test('network_a, network_b', (_, inner, outer) => within(outer, inner)),
  supernet_of: test('network_a, network_b', (_, outer, inner) => within(outer, inner)),
  unspecified: test('ip', (_, value) => {
    const address = parse(value);
    return address !== undefined && firstAddress(address).value === 0n && address.value === 0n;
  }),
};
