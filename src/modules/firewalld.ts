// firewalld: one thing (a service, a port, a source, a rule, ...) is allowed in a zone, now, at boot, or both.
import { bool, choice, int, list, raw, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';

interface FirewallState {
  readonly kind: 'firewalld' | 'stopped' | 'missing';
  /** What holds now and after a reload; null where it is not asked for. */
  readonly runtime: boolean | null;
  readonly permanent: boolean | null;
  readonly info: { readonly zone: string };
}

export const firewalld = defineModule<FirewallShape, { readonly firewall: FirewallState }>({
  name: 'ansible.posix.firewalld',
  summary: 'Open and close services and ports of firewalld',
  args: firewallArgs(),
  check: (args) => {
    const given = subjects(args).length;
    if (given > 1)
      return 'only one of service, port, port_forward, protocol, rich_rule, source, interface, icmp_block, masquerade, ... can be given';
    if (given === 0 && (args.zone === undefined || !['present', 'absent'].includes(args.state)))
      return 'one of service, port, source, interface, rich_rule, masquerade, ... is required';
    if (['present', 'absent'].includes(args.state) && given > 0)
      return `state ${args.state} goes only with a zone; use enabled or disabled`;
    if (args.timeout > 0 && args.permanent) return 'timeout goes only without permanent';
    return undefined;
  },
  example: `
- ansible.posix.firewalld:
    service: https
    permanent: true
    immediate: true
    state: enabled
  when: ansible_facts.os_family | default('') == 'RedHat'
`,
  probe: (args): { firewall: Probe<FirewallState> } => ({ firewall: firewallProbe(args) }),
})({
  plan: (args, { firewall: now }) => {
    if (now.kind === 'missing') return { failed: 'firewall-cmd is not on this host' };
    if (now.kind === 'stopped' && !args.offline)
      return { failed: 'firewalld is not running', hint: 'offline: true changes what holds at its next start.' };
    const wanted = args.state === 'enabled' || args.state === 'present';
    const runtime = now.runtime === null ? null : wanted;
    const permanent = now.permanent === null ? null : wanted;
    return {
      after: runtime === now.runtime && permanent === now.permanent ? {} : { firewall: { ...now, runtime, permanent } },
    };
  },
  apply: (args, { before: { firewall: was }, after: { firewall: wanted } }) => {
    const steps: Step[] = [];
    const add = args.state === 'enabled' || args.state === 'present';
    const zone = args.zone === undefined ? [] : [`--zone=${args.zone}`];
    if (wanted.permanent !== was.permanent) {
      if (subjects(args).length === 0) {
        const name = args.zone ?? '';
        return [
          { kind: 'run', argv: ['firewall-cmd', '--permanent', add ? `--new-zone=${name}` : `--delete-zone=${name}`] },
        ];
      }
      steps.push({
        kind: 'run',
        argv: [
          was.kind === 'stopped' ? 'firewall-offline-cmd' : 'firewall-cmd',
          ...(was.kind === 'stopped' ? [] : ['--permanent']),
          ...zone,
          ...words(args, add),
        ],
      });
    }
    if (wanted.runtime !== was.runtime)
      steps.push({
        kind: 'run',
        argv: [
          'firewall-cmd',
          ...zone,
          ...words(args, add),
          ...(args.timeout > 0 ? [`--timeout=${args.timeout}`] : []),
        ],
      });
    return steps;
  },
});

function firewallArgs() {
  return {
    service: str().optional().describe('A service by name: ssh, https.'),
    port: str().optional().describe('A port with its protocol: `8081/tcp`, `161-162/udp`.'),
    port_forward: list(raw()).optional().describe('A forwarded port: port, proto, toport, toaddr.'),
    protocol: str().optional().describe('A protocol: ospf.'),
    rich_rule: str().optional().describe('A rule in the language of firewalld.'),
    source: str().optional().describe('A network that belongs to the zone.'),
    interface: str().optional().describe('An interface that belongs to the zone.'),
    icmp_block: str().optional().describe('A type of ICMP to block.'),
    icmp_block_inversion: bool().optional().describe('Let only the listed types of ICMP through.'),
    masquerade: bool().optional().describe('Masquerade what leaves.'),
    forward: bool().optional().describe('Forward inside of the zone.'),
    target: choice('default', 'ACCEPT', 'DROP', '%%REJECT%%')
      .optional()
      .describe('What becomes of packets that nothing matches.'),
    zone: str().optional().describe('The zone; otherwise the default one.'),
    permanent: bool().default(false).describe('Keep it over reloads and boots.'),
    immediate: bool().default(false).describe('With permanent: let it hold now too.'),
    state: choice('absent', 'disabled', 'enabled', 'present').describe(
      'enabled or disabled; present and absent for zones and targets.',
    ),
    timeout: int().default(0).describe('Seconds after which it ends by itself.'),
    offline: bool().default(false).describe('Change the files where firewalld does not run.'),
  };
}
type FirewallShape = ReturnType<typeof firewallArgs>;

interface FirewallValues {
  readonly service?: string | undefined;
  readonly port?: string | undefined;
  readonly port_forward?: readonly unknown[] | undefined;
  readonly protocol?: string | undefined;
  readonly rich_rule?: string | undefined;
  readonly source?: string | undefined;
  readonly interface?: string | undefined;
  readonly icmp_block?: string | undefined;
  readonly icmp_block_inversion?: boolean | undefined;
  readonly masquerade?: boolean | undefined;
  readonly forward?: boolean | undefined;
  readonly target?: string | undefined;
  readonly zone?: string | undefined;
  readonly permanent: boolean;
  readonly immediate: boolean;
  readonly state: string;
  readonly timeout: number;
  readonly offline: boolean;
}

/** What is asked about, as firewall-cmd names it, with its value. */
function subjects(args: FirewallValues): readonly (readonly [name: string, value: string | undefined])[] {
  const forward = args.port_forward?.[0] as
    | { port?: unknown; proto?: unknown; toport?: unknown; toaddr?: unknown }
    | undefined;
  const flag = (name: string, value: boolean | undefined): [string, undefined][] =>
    value === undefined ? [] : [[name, undefined]];
  return [
    ...(args.service === undefined ? [] : [['service', args.service] as const]),
    ...(args.port === undefined ? [] : [['port', args.port] as const]),
    ...(args.protocol === undefined ? [] : [['protocol', args.protocol] as const]),
    ...(forward === undefined
      ? []
      : [
          [
            'forward-port',
            `port=${String(forward.port)}:proto=${String(forward.proto)}${forward.toport === undefined ? '' : `:toport=${String(forward.toport)}`}${forward.toaddr === undefined ? '' : `:toaddr=${String(forward.toaddr)}`}`,
          ] as const,
        ]),
    ...(args.rich_rule === undefined ? [] : [['rich-rule', args.rich_rule] as const]),
    ...(args.source === undefined ? [] : [['source', args.source] as const]),
    ...(args.interface === undefined ? [] : [['interface', args.interface] as const]),
    ...(args.icmp_block === undefined ? [] : [['icmp-block', args.icmp_block] as const]),
    ...flag('icmp-block-inversion', args.icmp_block_inversion),
    ...flag('masquerade', args.masquerade),
    ...flag('forward', args.forward),
    ...(args.target === undefined ? [] : [['target', args.target] as const]),
  ];
}

function words(args: FirewallValues, add: boolean): string[] {
  const [name = '', value] = subjects(args)[0] ?? [];
  if (name === 'target') return [`--set-target=${add ? (value ?? 'default') : 'default'}`];
  // `masquerade: false` with `enabled` means that it is off, as with Ansible.
  const on =
    args[name === 'masquerade' ? 'masquerade' : name === 'forward' ? 'forward' : 'icmp_block_inversion'] === false &&
    value === undefined
      ? !add
      : add;
  return [`--${on ? 'add' : 'remove'}-${name}${value === undefined ? '' : `=${value}`}`];
}

function firewallProbe(args: FirewallValues): Probe<FirewallState> {
  const [name, value] = subjects(args)[0] ?? [];
  const zone = args.zone === undefined ? [] : [`--zone=${args.zone}`];
  const query =
    name === undefined
      ? ''
      : name === 'target'
        ? '--get-target'
        : `--query-${name}${value === undefined ? '' : `=${value}`}`;
  const ask = (permanent: boolean) =>
    name === undefined
      ? `firewall-cmd --permanent --get-zones | tr ' ' '\\n' | grep -qx ${quote(args.zone ?? '')} && echo yes || echo no`
      : `${quoteAll(['firewall-cmd', ...(permanent ? ['--permanent'] : []), ...zone, query])} 2>/dev/null`;
  const wantsRuntime = name !== undefined && name !== 'target' && (!args.permanent || args.immediate);
  const wantsPermanent = args.permanent || name === undefined || name === 'target' || args.offline;
  const offline = name === undefined ? 'echo no' : `${quoteAll(['firewall-offline-cmd', ...zone, query])} 2>/dev/null`;
  const script = `command -v firewall-cmd >/dev/null || { echo missing; exit 0; }
if firewall-cmd --state >/dev/null 2>&1; then
  ${wantsRuntime ? `echo "runtime=$(${ask(false)})"` : ':'}
  ${wantsPermanent ? `echo "permanent=$(${ask(true)})"` : ':'}
else echo stopped; ${args.offline ? `echo "permanent=$(${offline})"` : ':'}; fi
:`;
  const inverted =
    name !== undefined &&
    value === undefined &&
    args[name === 'masquerade' ? 'masquerade' : name === 'forward' ? 'forward' : 'icmp_block_inversion'] === false;
  return scriptProbe(
    `firewalld:${args.zone ?? ''}:${name ?? 'zone'}:${value ?? ''}`,
    script,
    (answer) => parseFirewall(answer, name === 'target' ? value : undefined, inverted),
    { costly: true },
  );
}

export function parseFirewall(answer: Answer, target: string | undefined, inverted: boolean): FirewallState {
  const text = answer.stdout.toString('utf8');
  const of = (key: string) => {
    const value = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];
    return value === undefined ? null : (target === undefined ? value === 'yes' : value === target) !== inverted;
  };
  return {
    kind: text.startsWith('missing') ? 'missing' : /^stopped$/m.test(text) ? 'stopped' : 'firewalld',
    runtime: of('runtime'),
    permanent: of('permanent'),
    info: { zone: '' },
  };
}
