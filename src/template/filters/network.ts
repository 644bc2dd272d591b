// Filters of ansible.utils on addresses: ipaddr and its kin, arithmetic, subnets, hardware addresses.
import { Dict, int, Tuple, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { checked } from './argument-spec.ts';
import {
  bits,
  cidr,
  contains,
  firstAddress,
  formatAddress,
  hostMask,
  isOf,
  lastAddress,
  mergeNetworks,
  netMask,
  parseAddress,
  parseNetwork,
  size,
  type Address,
  type Network,
} from '../../core/ip.ts';
import { strictNetwork } from '../python/ipaddress.ts';
import { pythonStr } from '../python/text.ts';
import { isFloat, isInt, items, toNumber, truthy, typeName } from '../python/types.ts';

type Answer = Value | undefined;
type Query = (network: Network, given: Value) => Answer;

const show = (address: Address): string => formatAddress(address);
const withPrefix = (network: Network): string => `${show(network)}/${network.prefix}`;
const isNetwork = (network: Network): boolean => network.value === firstAddress(network).value;
const at = (network: Network, value: bigint): Address => ({ version: network.version, value });
const when = (holds: boolean, value: Value): Answer => (holds ? value : undefined);

/** The first and last address that hosts may have. */
function usable(network: Network): [bigint, bigint] | undefined {
  const count = size(network);
  const [first, last] = [firstAddress(network).value, lastAddress(network).value];
  if (count === 1n) return undefined;
  return count === 2n ? [first, last] : [first + 1n, last - 1n];
}
function neighbour(network: Network, by: bigint): Answer {
  const range = usable(network);
  const next = network.value + by;
  return range !== undefined && next >= range[0] && next <= range[1] ? show(at(network, next)) : undefined;
}
const notAddress = (network: Network): Network => {
  if (!network.written) throw new PythonError('Error', 'Not a network address');
  return network;
};
function reverseName(network: Network): string {
  if (network.version === 4) return `${show(network).split('.').reverse().join('.')}.in-addr.arpa.`;
  return `${Array.from(network.value.toString(16).padStart(32, '0')).reverse().join('.')}.ip6.arpa.`;
}
/** An address that may be a host's: not the address of an IPv4 network as a whole. */
function host(network: Network): Answer {
  const isWhole = size(network) > 2n && network.version === 4 && isNetwork(network);
  return when(!isWhole, show(network));
}
function hostPrefix(network: Network): Answer {
  return when(size(network) <= 2n || !isNetwork(network), withPrefix(network));
}
/** As hostPrefix, but the last address is none either. */
function inside(network: Network): Answer {
  return size(network) > 2n && (isNetwork(network) || network.value === lastAddress(network).value)
    ? false
    : withPrefix(network);
}

const QUERIES: Record<string, Query> = {
  '': (network) => withoutFullPrefix(network),
  '6to4': (network) => {
    const isPublicKind =
      network.version === 4 && host(network) !== undefined && size(network) !== 2n && !isOf('multicast', network);
    return isPublicKind
      ? `2002:${(network.value >> 16n).toString(16).padStart(4, '0')}:${(network.value & 0xffffn).toString(16).padStart(4, '0')}::1/48`
      : false;
  },
  address: host,
  'address/prefix': inside,
  bool: () => true,
  broadcast: (network) => when(size(network) > 2n, show(lastAddress(network))),
  cidr: (network) => withPrefix(network),
  cidr_lookup: (_, given) => given,
  first_usable: (network) => {
    const range = usable(notAddress(network));
    return range && show(at(network, range[0]));
  },
  gateway: inside,
  gw: inside,
  host: hostPrefix,
  'host/prefix': inside,
  hostmask: (network) => show(at(network, hostMask(network))),
  hostnet: inside,
  int: (network) => (network.written ? `${network.value}/${network.prefix}` : int(network.value)),
  ip: host,
  'ip/prefix': (network) =>
    when(size(network) === 2n || network.value !== firstAddress(network).value, withPrefix(network)),
  ip_netmask: (network) =>
    when(size(network) === 2n || !isNetwork(network), `${show(network)} ${show(netMask(network))}`),
  ipv4: (network, given) =>
    network.version === 4
      ? given
      : network.value >> 32n === 0xffffn
        ? `${show({ version: 4, value: network.value & 0xffffffffn })}/${Math.max(0, network.prefix - 96)}`
        : false,
  ipv6: (network, given) => (network.version === 6 ? given : `::ffff:${show(network)}/${network.prefix + 96}`),
  last_usable: (network) => {
    const range = usable(notAddress(network));
    return range && show(at(network, range[1]));
  },
  'link-local': (network, given) => when(isOf('linkLocal', network), given),
  lo: (network, given) => when(isOf('loopback', network), given),
  loopback: (network, given) => when(isOf('loopback', network), given),
  multicast: (network, given) => when(isOf('multicast', network), given),
  net: (network) => when(size(network) > 1n && isNetwork(network), cidr(network)),
  netmask: (network) => show(netMask(network)),
  network: (network) => show(firstAddress(network)),
  network_id: (network) => show(firstAddress(network)),
  'network/prefix': (network) => cidr(network),
  network_netmask: (network) => `${show(firstAddress(network))} ${show(netMask(network))}`,
  network_wildcard: (network) => `${show(firstAddress(network))} ${show(at(network, hostMask(network)))}`,
  next_usable: (network) => neighbour(notAddress(network), 1n),
  peer: (network) => {
    const first = firstAddress(network).value;
    if (size(network) === 2n) return show(at(network, network.value ^ 1n));
    if (size(network) === 4n) {
      const offset = network.value - first;
      if (offset === 1n || offset === 2n) return show(at(network, first + (3n - offset)));
      throw new PythonError('Error', 'Network address of /30 has no peer');
    }
    throw new PythonError('Error', 'Not a point-to-point network');
  },
  prefix: (network) => network.prefix,
  previous_usable: (network) => neighbour(notAddress(network), -1n),
  private: (network, given) => when(isOf('private', network), given),
  public: (network, given) =>
    when(
      !isOf('private', network) &&
        !isOf('loopback', network) &&
        !isOf('linkLocal', network) &&
        !isOf('multicast', network) &&
        !isOf('reserved', network),
      given,
    ),
  range_usable: (network) => {
    const range = usable(notAddress(network));
    return range && `${show(at(network, range[0]))}-${show(at(network, range[1]))}`;
  },
  revdns: reverseName,
  router: inside,
  size: (network) => int(size(network)),
  size_usable: (network) => (size(network) === 1n ? 0 : size(network) === 2n ? 2 : int(size(network) - 2n)),
  subnet: (network) => cidr(network),
  type: (network) => (size(network) === 1n || !isNetwork(network) ? 'address' : 'network'),
  unicast: (network, given) => when(!isOf('multicast', network), given),
  version: (network) => network.version,
  wildcard: (network) => show(at(network, hostMask(network))),
  wrap: (network, given) => wrap(network, given),
};

function withoutFullPrefix(network: Network): string {
  return network.written ? withPrefix(network) : show(network);
}
function wrap(network: Network, given: Value): Answer {
  if (network.version !== 6) return given;
  return network.written ? `[${show(network)}]/${network.prefix}` : `[${show(network)}]`;
}

/** A value as an address or network; undefined when it is none. */
function parse(value: Value, version: number | undefined): Network | undefined {
  if (typeof value === 'boolean' || value === null) return undefined;
  if (isInt(value) || /^\d+$/.test(pythonStr(value))) {
    const number = BigInt(pythonStr(value));
    if (number < 0n) return undefined;
    const v = version === 6 || number > 0xffffffffn ? 6 : 4;
    return number < 1n << 128n ? { version: v, value: number, prefix: bits(v), written: false } : undefined;
  }
  const text = pythonStr(value).trim();
  return parseNetwork(/^\[.*\]/.test(text) ? text.replace(/^\[(.*)\]/, '$1') : text);
}

/** A value that the filters themselves take: what is inside of a list may be anything. */
function addressed(value: Value, alias: string): Value {
  if (isInt(value) || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value) && !(value instanceof Tuple)) return value;
  throw new PythonError('Error', `Unrecognized type <${typeName(value)}> for ${alias} filter <value>`);
}

/** ipaddr: what a query answers for a value, or for each of a list; false where it is no answer. */
export function ipaddr(value: Value, query: Value, version: Value, alias: string): Value {
  if (Array.isArray(value))
    return items(value)
      .map((element) => ipaddr(element, query, version, alias))
      .filter((answer) => answer !== false && answer !== null && answer !== '');
  if (value === null || value instanceof Dict || value === '' || typeof value === 'boolean' || value === 0)
    return false;
  const wanted = typeof version === 'number' && version !== 0 ? version : undefined;
  const network = parse(value, wanted);
  if (network === undefined || (wanted !== undefined && network.version !== wanted)) {
    return false;
  }
  const given = isInt(value) || /^\d+$/.test(pythonStr(value)) ? withPrefix(network) : value;
  const name = pythonStr(query);
  if (Object.hasOwn(QUERIES, name)) return QUERIES[name]?.(network, given) ?? null;
  if (isInt(query) || /^-?\d+$/.test(name)) {
    if (size(network) === 1n) return withoutFullPrefix(network);
    const index = BigInt(name);
    const number = index < 0n ? lastAddress(network).value + 1n + index : firstAddress(network).value + index;
    if (number < firstAddress(network).value || number > lastAddress(network).value) return false;
    return network.written ? `${show(at(network, number))}/${network.prefix}` : show(at(network, number));
  }
  const outer = parseNetwork(name);
  if (outer === undefined) throw new PythonError('Error', `${alias}: unknown filter type: ${name}`);
  return contains(outer, {
    ...network,
    prefix: Math.max(network.prefix, network.written && isNetwork(network) ? network.prefix : bits(network.version)),
  })
    ? given
    : null;
}

function needNetwork(value: Value): Network {
  const network = parse(value, undefined);
  if (network === undefined) throw new PythonError('Error', `Invalid IP address or network: ${pythonStr(value)}`);
  return network;
}

function needAddress(value: Value): Address {
  const address = parseAddress(pythonStr(value));
  if (address === undefined)
    throw new PythonError('Error', `You must pass a valid IP address; ${pythonStr(value)} is invalid`);
  return address;
}
function address4(value: Value): string {
  const address = needAddress(value);
  if (address.version === 6)
    throw new PythonError('ValueError', `invalid literal for int() with base 10: '${pythonStr(value)}'`);
  return show(address);
}

/** ipsubnet: how many subnets of a size, the nth of them, or the subnet around an address. */
function ipsubnet(value: Value, query: Value, index: Value): Value {
  const network = parse(value, undefined);
  if (network === undefined) return false;
  const name = pythonStr(query);
  const place =
    index === null || index === undefined || pythonStr(index) === 'x' ? undefined : BigInt(pythonStr(index));
  if (name === '') return cidr(network);
  if (!/^\d+$/.test(name)) {
    const outer = parseNetwork(name);
    if (outer === undefined)
      throw new PythonError('Error', `You must pass a valid subnet or IP address; ${name} is invalid`);
    if (!contains(outer, network)) throw new PythonError('Error', `${pythonStr(value)} is not in the subnet ${name}`);
    return String(
      ((firstAddress(network).value - firstAddress(outer).value) >> BigInt(bits(network.version) - network.prefix)) +
        1n,
    );
  }
  const prefix = Number(name);
  if (size(network) > 1n) {
    // A network: its subnets.
    if (prefix > bits(network.version)) return false;
    // The first network of a larger size is there, under the address that it was asked for.
    if (place !== undefined && prefix < network.prefix)
      return place === 0n ? `${show(firstAddress(network))}/${prefix}` : false;
    if (prefix < network.prefix) throw new PythonError('Error', `Requested subnet size of ${prefix} is invalid`);
    const count = 1n << BigInt(prefix - network.prefix);
    if (place === undefined) return String(count);
    const which = place < 0n ? count + place : place;
    if (which < 0n || which >= count) return false;
    return cidr({
      ...network,
      prefix,
      value: firstAddress(network).value + (which << BigInt(bits(network.version) - prefix)),
    });
  }
  // An address: the networks around it, from that size on down to itself.
  if (place === undefined) return cidr({ ...network, prefix });
  const steps = BigInt(bits(network.version) - prefix);
  const which = place < 0n ? steps + place : place;
  return which < 0n || which >= steps ? false : cidr({ ...network, prefix: prefix + Number(which) });
}

const FORMATS: Record<string, (digits: string) => string> = {
  '': (digits) => pairs(digits).join(':'),
  bare: (digits) => digits.toUpperCase(),
  bool: () => 'True',
  cisco: (digits) => (digits.match(/.{4}/g) ?? []).join('.'),
  linux: (digits) => pairs(digits).join(':'),
  unix: (digits) =>
    pairs(digits)
      .map((pair) => pair.replace(/^0/, ''))
      .join(':'),
  eui48: (digits) => pairs(digits).join('-').toUpperCase(),
  win: (digits) => pairs(digits).join('-').toUpperCase(),
  pgsql: (digits) => (digits.match(/.{6}/g) ?? []).join(':'),
  postgresql: (digits) => (digits.match(/.{6}/g) ?? []).join(':'),
  psql: (digits) => (digits.match(/.{6}/g) ?? []).join(':'),
};
const pairs = (digits: string): string[] => digits.match(/.{2}/g) ?? [];

/** Notations by how many digits a part stands for; a part may leave zeros in front away. */
const NOTATIONS: readonly (readonly [RegExp, number])[] = [
  [/^[\da-f]{1,2}(?::[\da-f]{1,2}){5}$|^[\da-f]{1,2}(?:-[\da-f]{1,2}){5}$/i, 2],
  [/^[\da-f]{1,4}(?:(?::[\da-f]{1,4}){2}|(?:-[\da-f]{1,4}){2}|(?:\.[\da-f]{1,4}){2})$/i, 4],
  [/^[\da-f]{5,6}[:-][\da-f]{5,6}$/i, 6],
  [/^[\da-f]{11,12}$/i, 12],
];
/** The twelve digits of a hardware address in any notation, or of a plain number. */
function hardwareDigits(text: string): string | undefined {
  const width = NOTATIONS.find(([pattern]) => pattern.test(text))?.[1];
  if (width !== undefined)
    return text
      .split(/[.:-]/)
      .map((part) => part.padStart(width, '0'))
      .join('');
  const digits = /^\d+$/.test(text) ? BigInt(text).toString(16).padStart(12, '0') : undefined;
  return digits?.length === 12 ? digits : undefined;
}

function hardware(value: Value, query: Value, alias: string): Value {
  const text = pythonStr(value);
  const digits = hardwareDigits(text);
  const name = pythonStr(query);
  if (digits === undefined) {
    if (name === 'bool' || name === '') return null;
    throw new PythonError('Error', `${alias}: not a hardware address: ${text}`);
  }
  if (name === 'bool') return true;
  if (name === 'int') return int(BigInt(`0x${digits}`));
  const format = FORMATS[name];
  if (format === undefined) throw new PythonError('Error', `${alias}: unknown filter type: ${name}`);
  return name === '' ? value : format(digits.toLowerCase());
}

/** Python's int() of a query; undefined where that is no number. */
function integer(value: Value): bigint | undefined {
  if (typeof value === 'boolean' || isInt(value)) return BigInt(value);
  if (isFloat(value)) return BigInt(Math.trunc(toNumber(value) ?? 0));
  const text = typeof value === 'string' ? value.trim() : undefined;
  return text !== undefined && /^[-+]?\d+(?:_\d+)*$/.test(text) ? BigInt(text.replace(/^\+|_/g, '')) : undefined;
}

/** The first and last address of a value's network, or of what hosts may have of it; what is no address counts as false, which is 0. */
function reach(value: Value, hosts: boolean): [bigint, bigint] {
  const network = parse(value, undefined);
  if (network === undefined) return [0n, 0n];
  const own = hosts ? usable(network) : undefined;
  return own ?? [firstAddress(network).value, lastAddress(network).value];
}
const covers = ([first, last]: [bigint, bigint], [from, to]: [bigint, bigint]): boolean =>
  first <= from && from <= last && first <= to && to <= last;

const TEXT = { kind: 'str', required: true } as const;
const ANYTHING = { kind: 'raw', required: true } as const;
const TEXTS = { kind: 'list', elements: 'str', required: true } as const;
const QUERY = { kind: 'str', standard: '' } as const;

const family = (version: number, alias: string): Filters[string] =>
  checked({ value: ANYTHING, query: QUERY }, (_, { value, query }) =>
    ipaddr(addressed(value as Value, alias), query as Value, version, alias),
  );
const shiftIn = (sign: 1n | -1n): Filters[string] =>
  checked({ value: TEXT, offset: { kind: 'int' } }, (_, { value, offset }) => {
    const network = parse(value as Value, undefined);
    if (network === undefined) return false;
    if (offset === null) throw new PythonError('Error', 'Must pass in an integer');
    const next = network.value + sign * BigInt(offset as number | bigint);
    const range = usable(network);
    return range !== undefined && next >= range[0] && next <= range[1] ? show(at(network, next)) : null;
  });
const needAmount = (amount: Value): bigint => {
  if (amount === null)
    throw new PythonError('Error', 'You must pass an integer for arithmetic; None is not a valid integer');
  return BigInt(amount as number | bigint);
};

/** Networks that touch one another as one; who touches none stays as it was written. */
function mergeWritten(networks: readonly Network[]): Value {
  const touches = (a: Network, b: Network): boolean =>
    a.version === b.version &&
    firstAddress(a).value <= lastAddress(b).value + 1n &&
    firstAddress(b).value <= lastAddress(a).value + 1n;
  const alone = new Map(
    networks
      .filter((network, index) => !networks.some((other, place) => place !== index && touches(network, other)))
      .map((network) => [cidr(network), withPrefix(network)]),
  );
  return mergeNetworks(networks).map((network) => alone.get(cidr(network)) ?? cidr(network));
}
/** An address in brackets where it is one of IPv6 and the query keeps it; anything else as it is. */
function wrapped(element: Value, query: Value): Value {
  const found = ipaddr(element, query, false, 'ipwrap');
  return truthy(found) ? ipaddr(found, 'wrap', false, 'ipaddr') : element;
}
function wrappedEach(value: Value, query: Value): Value {
  if (!Array.isArray(value)) return wrapped(value, query);
  return items(value).map((element) =>
    truthy(ipaddr(element, query, false, 'ipwrap')) ? ipaddr(element, 'wrap', false, 'ipaddr') : element,
  );
}

export const NETWORK_FILTERS: Filters = {
  cidr_merge: checked({ value: TEXTS, action: { kind: 'str', standard: 'merge' } }, (_, { value, action }) => {
    const networks = items(value as Value).map(needNetwork);
    if (action === 'merge') return mergeWritten(networks);
    if (action !== 'span') throw new PythonError('Error', `cidr_merge: invalid action '${pythonStr(action as Value)}'`);
    if (networks.length === 0) return null;
    let [outer, ...rest] = networks as [Network, ...Network[]];
    if (rest.length === 0) return withPrefix(outer);
    if (rest.some(({ version }) => version !== outer.version))
      throw new PythonError('Error', 'cidr_merge: error in netaddr: IP sequence cannot contain both IPv4 and IPv6!');
    for (const network of rest) while (!contains(outer, network)) outer = { ...outer, prefix: outer.prefix - 1 };
    return cidr(outer);
  }),
  hwaddr: checked({ value: TEXT, query: QUERY, alias: { kind: 'str', standard: 'hwaddr' } }, (_, args) =>
    hardware(args['value'] as Value, args['query'] as Value, pythonStr(args['alias'] as Value)),
  ),
  ip4_hex: checked({ arg: TEXT, delimiter: QUERY }, (_, { arg, delimiter }) =>
    address4(arg as Value)
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join(pythonStr(delimiter as Value)),
  ),
  ipaddr: checked(
    { value: ANYTHING, query: QUERY, version: { kind: 'int' }, alias: { kind: 'str' } },
    (_, { value, query, version }) =>
      ipaddr(addressed(value as Value, 'ipaddr'), query as Value, version as Value, 'ipaddr'),
  ),
  ipcut: checked({ value: TEXT, amount: { kind: 'int' } }, (_, { value, amount: given }) => {
    const address = needAddress(value as Value);
    const amount = needAmount(given as Value);
    const all = address.value.toString(2).padStart(bits(address.version), '0');
    const part = Number(amount) < 0 ? all.slice(Number(amount)) : all.slice(0, Number(amount));
    const [width, radix, separator] = address.version === 4 ? ([8, 10, '.'] as const) : ([16, 16, ':'] as const);
    return (part.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
      .map((group) => Number.parseInt(group, 2).toString(radix))
      .join(separator);
  }),
  ipmath: checked({ value: TEXT, amount: { kind: 'int' } }, (_, { value, amount }) => {
    const text = pythonStr(value as Value);
    const network = parseNetwork(text);
    if (network === undefined) throw new PythonError('Error', `You must pass a valid IP address; ${text} is invalid`);
    const moved = network.value + needAmount(amount as Value);
    if (moved < 0n || moved >= 1n << BigInt(bits(network.version)))
      throw new PythonError('IndexError', 'result outside valid IP address boundary!');
    return show(at(network, moved));
  }),
  ipsubnet: checked({ value: TEXT, query: QUERY, index: { kind: 'int' } }, (_, { value, query, index }) =>
    ipsubnet(value as Value, query as Value, index as Value),
  ),
  ipv4: family(4, 'ipv4'),
  ipv6: family(6, 'ipv6'),
  ipv6form: checked(
    { value: TEXT, format: { kind: 'str', choices: ['compress', 'expand', 'x509'] } },
    (_, { value, format }) => {
      const address = needAddress(value as Value);
      const groups = address.value.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
      if (format === 'compress') return show(address);
      if (format === 'expand') {
        if (address.version === 4) return show(address);
        // What stands for an IPv4 address ends in one.
        return address.value >> 32n === 0xffffn
          ? `${groups.slice(0, 6).join(':')}:${show({ version: 4, value: address.value & 0xffffffffn })}`
          : groups.join(':');
      }
      if (format !== 'x509' || address.version === 4)
        throw new PythonError(
          'Error',
          `You must pass valid format; ${pythonStr(format as Value)} is not a valid format`,
        );
      return groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
    },
  ),
  ipwrap: checked({ value: ANYTHING, query: { ...QUERY, named: true } }, (_, args) => {
    const value = args['value'] as Value;
    if (typeof value !== 'string' && typeof value !== 'boolean' && (!Array.isArray(value) || value instanceof Tuple))
      throw new PythonError('Error', `Unrecognized type <${typeName(value)}> for ipwrap filter <value>`);
    try {
      return wrappedEach(value, args['query'] as Value);
    } catch (error) {
      // What a query refuses stays as it is.
      if (error instanceof PythonError) return value;
      throw error;
    }
  }),
  macaddr: checked({ value: TEXT, query: QUERY }, (_, { value, query }) =>
    hardware(value as Value, query as Value, 'macaddr'),
  ),
  network_in_network: checked({ value: TEXT, test: { kind: 'str' } }, (_, { value, test: inner }) =>
    covers(reach(value as Value, false), reach(inner as Value, false)),
  ),
  network_in_usable: checked({ value: TEXT, test: { kind: 'str' } }, (_, { value, test: inner }) =>
    covers(reach(value as Value, true), reach(inner as Value, false)),
  ),
  next_nth_usable: shiftIn(1n),
  nthhost: checked({ value: TEXT, query: { kind: 'str' } }, (_, { value, query }) => {
    const network = parse(value as Value, undefined);
    if (network === undefined || !truthy(query as Value)) return false;
    const index = integer(query as Value);
    if (index === undefined) return false;
    const number = index < 0n ? lastAddress(network).value + 1n + index : firstAddress(network).value + index;
    if (number < firstAddress(network).value)
      throw new PythonError('IndexError', 'index out range for address range size!');
    return number >= firstAddress(network).value && number <= lastAddress(network).value
      ? show(at(network, number))
      : false;
  }),
  previous_nth_usable: shiftIn(-1n),
  reduce_on_network: checked({ value: TEXTS, network: { kind: 'str' } }, (_, { value, network }) => {
    const outer = reach(network as Value, false);
    return items(value as Value).filter((element) => covers(outer, reach(element, false)));
  }),
  slaac: checked({ value: TEXT, query: { kind: 'str' } }, (_, { value, query }) => {
    const network = parse(value as Value, undefined);
    if (network === undefined || network.version !== 6 || !truthy(query as Value)) return false;
    if (hardware(query as Value, 'bool', 'slaac') !== true) return false;
    const digits = pythonStr(hardware(query as Value, 'bare', 'slaac'));
    const mac = BigInt(`0x${digits}`);
    const id = (((mac >> 24n) << 40n) | (0xfffen << 24n) | (mac & 0xffffffn)) ^ (2n << 56n);
    const whole = firstAddress(network).value + id;
    if (whole >> 128n > 0n) throw new PythonError('Error', 'the address is beyond the last one of IPv6');
    return show(at(network, whole));
  }),
  usable_range: filter('ip', (_, value) => {
    const network = strictNetwork(pythonStr(value as Value));
    if (network === undefined)
      throw new PythonError(
        'Error',
        `'${pythonStr(value as Value)}' does not appear to be an IPv4 or IPv6 network, or has host bits set`,
      );
    if (size(network) > 65_536n) throw new PythonError('Error', 'the network is too large to list');
    const first = firstAddress(network).value;
    const all = Array.from({ length: Number(size(network)) }, (_unused, index) =>
      show(at(network, first + BigInt(index))),
    );
    return new Dict([
      ['usable_ips', all],
      ['number_of_ips', all.length],
    ]);
  }),
};
