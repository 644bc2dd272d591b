// Tests of ansible.utils on addresses.
import { quote } from '../../core/quote.ts';
import type { Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { test, type Tests } from '../plugin.ts';
import { contains, parseAddress, type Network } from '../../core/ip.ts';
import { isOfKind, strictNetwork, type AddressKind } from '../python/ipaddress.ts';
import { pythonStr } from '../python/text.ts';
import { items } from '../python/types.ts';

const parse = (value: Value | undefined): Network | undefined => strictNetwork(pythonStr(value as Value));
const within = (outer: Value | undefined, inner: Value | undefined): boolean => {
  const [a, b] = [parse(outer), parse(inner)];
  return a !== undefined && b !== undefined && contains(a, b);
};
const kind = (name: AddressKind): Tests[string] =>
  test('ip', (_, value) => {
    const address = parseAddress(pythonStr(value as Value));
    return address !== undefined && isOfKind(address, name);
  });
const ofVersion = (version: 4 | 6, what: 'any' | 'address'): Tests[string] =>
  test('ip', (_, value) =>
    (what === 'address' ? parseAddress(pythonStr(value as Value)) : parse(value))?.version === version);
/** The bits of an IPv4 address. */
const mask = (value: Value | undefined): string => {
  const address = parseAddress(pythonStr(value as Value));
  return address?.version === 4 ? address.value.toString(2).padStart(32, '0') : '';
};
const hardware = test('mac', (_, value) =>
  /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$|^(?:[\da-f]{4}\.){2}[\da-f]{4}$|^[\da-f]{12}$/i.test(pythonStr(value as Value)));

export const NETWORK_TESTS: Tests = {
  in_any_network: test('ip, networks', (_, value, networks) =>
    items(networks as Value).some((network) => within(network, value))),
  in_network: test('ip, network', (_, value, network) => within(network, value)),
  in_one_network: test('ip, networks', (_, value, networks) =>
    items(networks as Value).filter((network) => within(network, value)).length === 1),
  ip: test('ip', (_, value) => parse(value) !== undefined),
  ip_address: test('ip', (_, value) => parseAddress(pythonStr(value as Value)) !== undefined),
  ipv4: ofVersion(4, 'any'),
  ipv4_address: ofVersion(4, 'address'),
  // What begins with ones is read as a netmask first.
  ipv4_hostmask: test('ip', (_, value) => /^0+1+$/.test(mask(value))),
  ipv4_netmask: test('ip', (_, value) => /^1*0*$/.test(mask(value)) && mask(value) !== ''),
  ipv6: ofVersion(6, 'any'),
  ipv6_address: ofVersion(6, 'address'),
  ipv6_ipv4_mapped: kind('mapped'),
  ipv6_sixtofour: kind('sixToFour'),
  ipv6_teredo: kind('teredo'),
  loopback: kind('loopback'),
  mac: hardware,
  multicast: kind('multicast'),
  private: kind('private'),
  public: kind('global'),
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
  unspecified: kind('unspecified'),
};
