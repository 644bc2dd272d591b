// A host's own child interface beside its containers' (macvlan or ipvlan), with the addresses and routes it has now, and which addresses answer.
import { quote } from '../core/quote.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { canonicalAddress, canonicalSubnet } from './ip.ts';

/** Addresses and routes with prefix, canonical, sorted; link-local ones and those the kernel adds are left out. */
export type Shim =
  | { readonly kind: 'absent'; readonly info: { readonly parent: boolean } }
  | {
      readonly kind: 'shim';
      readonly driver: string;
      readonly parent: string;
      readonly up: boolean;
      readonly addresses: readonly string[];
      readonly routes: readonly string[];
      readonly info: { readonly parent: boolean };
    };

/** Resource `link:NAME`. `parent` is the interface it should hang on, whose presence is told too. */
export function shimProbe(name: string, parent: string): Probe<Shim> {
  const link = quote(name);
  const script = `
[ -d /sys/class/net/${quote(parent)} ] && echo 'parent here'
[ -d /sys/class/net/${link} ] || exit 0
echo @@link; ip -d addr show dev ${link} 2>/dev/null
echo @@routes; ip -4 route show dev ${link} 2>/dev/null; ip -6 route show dev ${link} 2>/dev/null
:`;
  return scriptProbe(`link:${name}`, script, (answer) => {
    const [before = '', found = ''] = answer.stdout.toString('utf8').split('@@link\n');
    const [link = '', table = ''] = found.split('@@routes\n');
    const info = { parent: before.includes('parent here') };
    const head = /^\d+: \S+?@([^\s:]+): <([^>]*)>/m.exec(link);
    if (head === null) return { kind: 'absent', info };
    const addresses = [...link.matchAll(/^ +inet6? (\S+) .*\bscope global\b/gm)].map(([, address = '']) =>
      canonicalAddress(address),
    );
    const targets = table
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.includes('proto kernel'))
      .map((line) => line.trim().split(' ')[0] ?? '');
    return {
      kind: 'shim',
      driver: /^ +(macvlan|ipvlan)\b/m.exec(link)?.[1] ?? '',
      parent: head[1] ?? '',
      up: (head[2] ?? '').split(',').includes('UP'),
      addresses: addresses.sort(),
      routes: targets
        .filter((route) => !route.startsWith('fe80:') && !route.startsWith('ff00:') && route !== 'multicast')
        .map(canonicalRoute)
        .sort(),
      info,
    };
  });
}

/** A route's target with its prefix written out. */
export function canonicalRoute(target: string): string {
  return canonicalSubnet(target.includes('/') ? target : `${target}/${target.includes(':') ? 128 : 32}`);
}

/** Which of the addresses answer a ping from the host; asked all at once, each three times at most. */
export interface Reachable {
  readonly kind: 'reachable';
  readonly answers: Readonly<Record<string, boolean>>;
}
export function pingScript(addresses: readonly string[], tries = 2): string {
  const one = (address: string): string =>
    `( n=0; while [ $n -lt ${tries} ]; do ping -c 1 -W 2 ${address.includes(':') ? '-6 ' : ''}${quote(address)} >/dev/null 2>&1 && { echo "answers ${address}"; exit; }; n=$((n + 1)); done; echo "silent ${address}" ) &`;
  return `${addresses.map(one).join('\n')}\nwait`;
}
export function reachableProbe(addresses: readonly string[]): Probe<Reachable> {
  return scriptProbe(
    `reachable:${addresses.join(',')}`,
    pingScript(addresses),
    (answer) => ({ kind: 'reachable', answers: parsePings(answer.stdout.toString('utf8'), addresses) }),
    { costly: true },
  );
}
export function parsePings(text: string, addresses: readonly string[]): Record<string, boolean> {
  const lines = new Set(text.split('\n'));
  return Object.fromEntries(addresses.map((address) => [address, lines.has(`answers ${address}`)]));
}
