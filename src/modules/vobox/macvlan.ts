// vbx.vobox.macvlan: a macvlan (or ipvlan) network for containers with addresses of the site, the host's own interface beside it, and the proof that they talk.
import { z } from 'zod';
import { bool, choice, dict, field, list, str } from '../../core/args.ts';
import { defineModule, type Effect } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import type { Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import { same } from '../../core/same.ts';
import type { Step } from '../../core/step.ts';
import { dockerNetworkProbe, type DockerNetwork } from '../../probes/docker-network.ts';
import { scriptProbe } from '../../core/probe.ts';
import { canonicalAddress, isAddress, isInSubnet, isV6 } from '../../probes/ip.ts';
import { pathProbe } from '../../probes/path.ts';
import {
  canonicalRoute,
  parsePings,
  pingScript,
  reachableProbe,
  shimProbe,
  type Reachable,
  type Shim,
} from '../../probes/shim.ts';
import { docker_network, type NetworkArgs } from '../docker_network.ts';
import { ownedFile, ownedFileSteps } from './managed-file.ts';

const pool = z.strictObject({
  subnet: str(),
  gateway: str().optional(),
  iprange: str().optional(),
  aux_addresses: dict(str()).optional(),
});
const shim = z.strictObject({
  name: str().default('vbx-shim').describe('Name of the interface'),
  addresses: list(str()).describe('One address of each family, reserved in the network'),
  routes: list(str()).default([]).describe('Addresses or ranges of the containers on this host'),
});
const shape = {
  name: str().default('docknet').describe('Name of the Docker network'),
  state: choice('present', 'absent').default('present'),
  driver: choice('macvlan', 'ipvlan')
    .default('macvlan')
    .describe('ipvlan where the switch accepts one MAC address a port'),
  parent: str().optional().describe('Interface of the host, eth0 or eth0.50; needed for present'),
  mode: str().optional().describe('bridge (macvlan), l2 (ipvlan) where not given'),
  ipam_config: field(z.array(pool), { aliases: ['subnets'] })
    .default([])
    .describe('Subnets with gateway, iprange, aux_addresses'),
  reserved: dict(str()).default({}).describe('Addresses that Docker must not give away, by name; the shim’s are added'),
  options: dict(str()).default({}).describe('Further options of the driver'),
  shim: shim.optional().describe('The host’s own interface; without it the host cannot reach its containers'),
  prove: list(str()).default([]).describe('Addresses that must answer a ping from the host at the end'),
  persistent: bool().default(true).describe('Bring the interface back at boot, before Docker'),
};
type Args = z.output<z.ZodObject<typeof shape>>;

interface UnitEnabled {
  readonly kind: 'enabled';
  readonly enabled: boolean;
}
interface State {
  readonly network: DockerNetwork;
  readonly shim?: Shim;
  readonly script?: PathState;
  readonly unit?: PathState;
  readonly enabled?: UnitEnabled;
  readonly proof?: Reachable;
}

export const macvlan = defineModule<typeof shape, State>({
  name: 'vbx.vobox.macvlan',
  summary: 'Give containers addresses of the site, with an interface through which their own host reaches them',
  args: shape,
  check: (args) => wrongArguments(args),
  example: `
- vbx.vobox.macvlan:
    name: vbx-example-net
    parent: eth0
    ipam_config:
      - subnet: 10.99.0.0/24
        gateway: 10.99.0.1
    shim:
      name: vbx-example
      addresses: 10.99.0.250
      routes: 10.99.0.10
    persistent: false
`,
  probe: (args) => {
    const probes: Record<string, Probe> = { network: dockerNetworkProbe(args.name) };
    if (args.shim !== undefined) {
      const names = namesOf(args.shim.name);
      Object.assign(probes, {
        shim: shimProbe(args.shim.name, parentOf(args)),
        script: pathProbe(names.script, { content: 'bytes' }),
        unit: pathProbe(names.unit, { content: 'bytes' }),
        enabled: enabledProbe(names.service),
      });
    }
    if (args.prove.length > 0 && args.state === 'present') probes['proof'] = reachableProbe(args.prove);
    return probes as { [K in keyof State]: Probe<State[K]> };
  },
})({
  plan: (args, state, basics) => {
    const network = docker_network.plan(networkArgs(args), { network: state.network }, basics);
    if (!('after' in network) || network.after === undefined) return network;
    const after: Record<string, unknown> = { ...network.after };
    const effects: Effect[] = [...(network.effects ?? [])];
    if (args.shim !== undefined && state.shim !== undefined) {
      if (args.state === 'present' && !state.shim.info.parent && !isVlan(parentOf(args)))
        return {
          failed: `there is no interface ${parentOf(args)} on this host`,
          hint: 'parent must be the interface that has the site’s addresses',
        };
      const present = args.state === 'present';
      after['shim'] = present ? wantedShim(args, state.shim) : { kind: 'absent', info: state.shim.info };
      after['script'] = present
        ? ownedFile(state.script ?? { kind: 'absent' }, scriptText(args), '0755')
        : { kind: 'absent' };
      after['unit'] =
        present && args.persistent ? ownedFile(state.unit ?? { kind: 'absent' }, unitText(args)) : { kind: 'absent' };
      after['enabled'] = { kind: 'enabled', enabled: present && args.persistent };
    }
    const silent = args.prove.filter((address) => state.proof?.answers[address] !== true);
    const changes =
      effects.length > 0 || Object.entries(after).some(([key, wanted]) => !same(state[key as keyof State], wanted));
    if (state.proof !== undefined && silent.length > 0) {
      // What is about to change may be the cause, so that the proof is then taken by the last step.
      if (!changes)
        return {
          failed: `no answer from ${silent.join(', ')}`,
          hint:
            args.shim === undefined
              ? 'a host reaches its own macvlan containers only through a shim'
              : 'do the containers run, and are their addresses in shim.routes?',
          fields: { proof: state.proof.answers },
        };
      after['proof'] = {
        kind: 'reachable',
        answers: Object.fromEntries(args.prove.map((address) => [address, true])),
      } satisfies Reachable;
    }
    return {
      after: after as Partial<State>,
      effects,
      ...(network.warnings === undefined ? {} : { warnings: network.warnings }),
    };
  },
  apply: (args, { before, after, effects }, basics) => {
    const steps: Step[] = [];
    if (!same(before.network, after.network) || effects.length > 0)
      steps.push(
        ...docker_network.apply(
          networkArgs(args),
          { before: { network: before.network }, after: { network: after.network }, effects },
          basics,
        ),
      );
    const wasShim = steps.length;
    if (args.shim !== undefined) steps.push(...shimSteps(args, args.shim.name, before, after));
    const touched = steps.length > wasShim || wasShim > 0;
    if (touched && args.state === 'present' && args.prove.length > 0 && before.proof !== undefined) {
      steps.push({
        kind: 'script',
        script: `out=$(${pingScript(args.prove, 5)})\nprintf '%s\\n' "$out"\ncase $out in *silent*) echo 'these do not answer:' $(printf '%s\\n' "$out" | sed -n 's/^silent //p') >&2; exit 1;; esac`,
        long: true,
      });
    }
    return steps;
  },
  result: (args, { before, after }, done) => {
    const pings = [...done].reverse().find(({ step }) => step.kind === 'script' && step.script.startsWith('out='));
    return {
      network: after.network.kind === 'network' ? after.network.info.inspect : {},
      ...(after.shim?.kind === 'shim'
        ? {
            shim: {
              name: args.shim?.name,
              parent: after.shim.parent,
              addresses: after.shim.addresses,
              routes: after.shim.routes,
            },
          }
        : {}),
      ...(args.prove.length === 0
        ? {}
        : { proof: pings === undefined ? (before.proof?.answers ?? {}) : parsePings(pings.stdout, args.prove) }),
    };
  },
});

function wrongArguments(args: Args): string | undefined {
  if (args.state === 'absent') return undefined;
  if (args.parent === undefined) return 'state is present but parent is missing';
  if (args.ipam_config.length === 0)
    return 'state is present but ipam_config is missing: the network needs the site’s subnets';
  for (const { subnet } of args.ipam_config)
    if (!/^[0-9a-fA-F.:]+\/\d+$/.test(subnet)) return `ipam_config: "${subnet}" is not a valid CIDR`;
  for (const address of args.shim?.addresses ?? []) {
    if (!isAddress(address)) return `shim.addresses: "${address}" is no address`;
    if (!args.ipam_config.some(({ subnet }) => isInSubnet(address, subnet)))
      return `shim.addresses: ${address} is in none of the subnets`;
  }
  for (const address of args.prove) if (!isAddress(address)) return `prove: "${address}" is no address`;
  return undefined;
}

function parentOf(args: Args): string {
  return args.parent ?? '';
}
function isVlan(parent: string): boolean {
  return /^[^.]+\.\d+$/.test(parent);
}
function modeOf(args: Args): string {
  return args.mode ?? (args.driver === 'ipvlan' ? 'l2' : 'bridge');
}
function namesOf(name: string): { readonly script: string; readonly unit: string; readonly service: string } {
  return {
    script: `/usr/local/sbin/vbx-shim-${name}`,
    unit: `/etc/systemd/system/vbx-shim-${name}.service`,
    service: `vbx-shim-${name}.service`,
  };
}

/** The network as docker_network's arguments; the shim's and the reserved addresses become auxiliary ones of the subnet that holds them. */
export function networkArgs(args: Args): NetworkArgs {
  const reserved: Record<string, string> = { ...args.reserved };
  (args.shim?.addresses ?? []).forEach(
    (address, index) => (reserved[`${args.shim?.name ?? 'shim'}${index === 0 ? '' : `-${index}`}`] = address),
  );
  const ipam = args.ipam_config.map((config) => {
    const own = Object.fromEntries(
      Object.entries(reserved).filter(([, address]) => isInSubnet(address, config.subnet)),
    );
    const aux = { ...own, ...config.aux_addresses };
    return { ...config, ...(Object.keys(aux).length === 0 ? {} : { aux_addresses: aux }) };
  });
  return z.object(docker_network.args).parse({
    name: args.name,
    state: args.state,
    driver: args.driver,
    driver_options: {
      parent: parentOf(args),
      ...(args.mode === undefined ? {} : { [`${args.driver}_mode`]: args.mode }),
      ...args.options,
    },
    ipam_config: ipam,
    ...(ipam.some(({ subnet }) => isV6(subnet)) ? { enable_ipv6: true } : {}),
  });
}

function wantedShim(args: Args, has: Shim): Shim {
  const wanted = args.shim;
  return {
    kind: 'shim',
    driver: args.driver,
    parent: parentOf(args),
    up: true,
    info: has.info,
    addresses: (wanted?.addresses ?? [])
      .map((address) => `${canonicalAddress(address)}/${isV6(address) ? 128 : 32}`)
      .sort(),
    routes: (wanted?.routes ?? []).map(canonicalRoute).sort(),
  };
}

/** The interface, made afresh each time by the same text at boot and now: what works now works after the next boot. */
export function scriptText(args: Args): string {
  const link = quote(args.shim?.name ?? '');
  const parent = quote(parentOf(args));
  const [device = '', vlan] = parentOf(args).split('.');
  const addresses = (args.shim?.addresses ?? []).map(
    (address) =>
      `  ip ${isV6(address) ? '-6 ' : ''}addr add ${canonicalAddress(address)}/${isV6(address) ? '128' : '32'} dev ${link}${isV6(address) ? ' nodad' : ''}`,
  );
  const routes = (args.shim?.routes ?? [])
    .map(canonicalRoute)
    .map((route) => `  ip ${isV6(route) ? '-6 ' : ''}route replace ${route} dev ${link}`);
  const vlanLine = isVlan(parentOf(args))
    ? `  [ -d /sys/class/net/${parent} ] || { ip link add link ${quote(device)} name ${parent} type vlan id ${vlan ?? ''}; ip link set ${parent} up; }\n`
    : '';
  return `#!/bin/sh
# Made by vbx (vbx.vobox.macvlan): changes here are undone.
# The host's own interface on ${parentOf(args)}, by which it reaches the containers of the Docker network ${args.name}.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
set -eu
down() { [ ! -d /sys/class/net/${link} ] || ip link del ${link}; }
up() {
  down
${vlanLine}  ip link add ${link} link ${parent} type ${args.driver} mode ${modeOf(args)}
${addresses.join('\n')}
  ip link set ${link} up
${routes.join('\n')}
}
case \${1:-} in
  up) up ;;
  down) down ;;
  *) echo "usage: $0 up|down" >&2; exit 2 ;;
esac
`.replace(/\n\n}/, '\n}');
}

export function unitText(args: Args): string {
  const { script } = namesOf(args.shim?.name ?? '');
  return `# Made by vbx (vbx.vobox.macvlan): changes here are undone.
[Unit]
Description=The host's own interface beside the containers of ${args.name}
Wants=network-online.target
After=network-online.target
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${script} up
ExecStop=${script} down

[Install]
WantedBy=multi-user.target
`;
}

function enabledProbe(service: string): Probe<UnitEnabled> {
  return scriptProbe(
    `unit-enabled:${service}`,
    `[ -e ${quote(`/etc/systemd/system/multi-user.target.wants/${service}`)} ] && echo yes`,
    (answer) => ({ kind: 'enabled', enabled: answer.stdout.toString('utf8').trim() === 'yes' }),
  );
}

function shimSteps(args: Args, name: string, before: State, after: State): Step[] {
  const names = namesOf(name);
  const none: PathState = { kind: 'absent' };
  const systemd = (text: string): Step => ({
    kind: 'script',
    script: `if [ -d /run/systemd/system ]; then ${text}; fi`,
  });
  const steps: Step[] = [];
  const script = ownedFileSteps(names.script, before.script ?? none, after.script ?? none);
  const unit = ownedFileSteps(names.unit, before.unit ?? none, after.unit ?? none);
  const wanted = after.enabled?.enabled === true;
  if (!wanted && before.enabled?.enabled === true) steps.push(systemd(`systemctl disable ${names.service}`));
  if (args.state === 'absent') {
    if (before.shim?.kind === 'shim') steps.push({ kind: 'run', argv: ['ip', 'link', 'del', name] });
    return [...steps, ...unit, ...script, ...(unit.length > 0 ? [systemd('systemctl daemon-reload')] : [])];
  }
  steps.push(...script, ...unit);
  if (unit.length > 0) steps.push(systemd('systemctl daemon-reload'));
  if (wanted && before.enabled?.enabled !== true) steps.push(systemd(`systemctl enable ${names.service}`));
  if (script.length > 0 || !same(before.shim, after.shim))
    steps.push(
      wanted
        ? {
            kind: 'script',
            script: `if [ -d /run/systemd/system ]; then systemctl restart ${names.service}; else ${names.script} up; fi`,
          }
        : { kind: 'run', argv: [names.script, 'up'] },
    );
  return steps;
}
