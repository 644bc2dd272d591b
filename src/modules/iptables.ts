// iptables: a rule is in a chain of the running firewall, or is not; chains and their policies.
import { bool, choice, dict, list, raw, str } from '../core/args.ts';
import { defineModule, type Effect } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { ruleWords, type RuleValues } from './iptables-rule.ts';

interface RuleState {
  readonly kind: 'rule';
  readonly present: boolean;
}
interface ChainState {
  readonly kind: 'chain';
  readonly present: boolean;
  /** ACCEPT, DROP; empty for chains of the user's. */
  readonly policy: string;
}
interface Observed {
  readonly rule?: RuleState;
  readonly chain?: ChainState;
}

export const iptables = defineModule<IptablesShape, Observed>({
  name: 'ansible.builtin.iptables',
  summary: 'Set rules of the running firewall (they are gone after a boot)',
  args: iptablesArgs(),
  check: (args) => {
    if (args.flush) return args.policy !== undefined ? 'parameters are mutually exclusive: flush|policy' : undefined;
    if (args.chain === undefined) return 'flush is False but all of the following are missing: chain';
    if (args.rule_num !== undefined && args.action !== 'insert') return 'rule_num goes only with action: insert';
    return args.jump !== undefined && args.goto !== undefined
      ? 'parameters are mutually exclusive: goto|jump'
      : undefined;
  },
  example: `
- ansible.builtin.iptables:
    chain: INPUT
    protocol: tcp
    destination_port: "9999"
    jump: ACCEPT
    comment: vbx example
  when: false
`,
  probe: (args): { rule?: Probe<RuleState>; chain?: Probe<ChainState> } => ({
    ...(args.flush || isChainOnly(args) ? {} : { rule: ruleProbe(args) }),
    ...(args.chain !== undefined && (args.policy !== undefined || isChainOnly(args))
      ? { chain: chainProbe(args) }
      : {}),
  }),
})({
  plan: (args, observed) => {
    const effects: Effect[] = args.flush
      ? [{ kind: 'flush', text: `remove all rules of ${args.chain ?? 'all chains'} in table ${args.table}` }]
      : [];
    const { rule, chain } = observed;
    if (args.flush) return { after: {}, effects };
    if (args.policy !== undefined) {
      if (chain === undefined || !chain.present) return { failed: `there is no chain ${args.chain ?? ''}` };
      return { after: chain.policy === args.policy ? {} : { chain: { ...chain, policy: args.policy } } };
    }
    const present = args.state === 'present';
    if (chain !== undefined) return { after: chain.present === present ? {} : { chain: { ...chain, present } } };
    return { after: rule === undefined || rule.present === present ? {} : { rule: { kind: 'rule', present } } };
  },
  apply: (args, { before, after, effects }) => {
    const base = baseWords(args);
    const steps: Step[] = [];
    const chain = args.chain ?? '';
    if (effects.some(({ kind }) => kind === 'flush'))
      steps.push({ kind: 'run', argv: [...base, '--flush', ...(args.chain === undefined ? [] : [chain])] });
    if (before.chain !== undefined && after.chain !== undefined && before.chain.policy !== after.chain.policy)
      steps.push({ kind: 'run', argv: [...base, '-P', chain, after.chain.policy] });
    if (before.chain !== undefined && after.chain !== undefined && before.chain.present !== after.chain.present)
      steps.push({ kind: 'run', argv: [...base, after.chain.present ? '-N' : '-X', chain] });
    if (before.rule !== undefined && after.rule !== undefined && before.rule.present !== after.rule.present) {
      const action = !after.rule.present
        ? ['-D', chain]
        : args.action === 'insert'
          ? ['-I', chain, ...(args.rule_num === undefined ? [] : [args.rule_num])]
          : ['-A', chain];
      steps.push({ kind: 'run', argv: [...base, ...action, ...ruleWords(args)] });
    }
    return steps;
  },
  result: (args) => ({
    chain: args.chain ?? null,
    chain_management: args.chain_management,
    wait: args.wait ?? null,
    table: args.table,
    ip_version: args.ip_version,
    state: args.state,
    flush: args.flush,
    rule: ruleWords(args).join(' '),
  }),
});

function iptablesArgs() {
  return {
    table: choice('filter', 'nat', 'mangle', 'raw', 'security').default('filter').describe('The table.'),
    state: choice('absent', 'present').default('present').describe('Whether the rule is there.'),
    action: choice('append', 'insert')
      .default('append')
      .describe('Where a new rule goes: to the end or to the top (or rule_num).'),
    rule_num: str().optional().describe('Place of a new rule.'),
    ip_version: choice('ipv4', 'ipv6').default('ipv4').describe('Which firewall.'),
    chain: str().optional().describe('The chain: INPUT, FORWARD, OUTPUT, ...'),
    protocol: str().optional().describe('tcp, udp, icmp, ...; `!` in front means not.'),
    source: str().optional().describe('Source address.'),
    destination: str().optional().describe('Destination address.'),
    tcp_flags: dict(raw()).optional().describe('flags: which to look at; flags_set: which of them must be set.'),
    match: list(str()).default([]).describe('Further matches to load.'),
    jump: str().optional().describe('What becomes of the packet: ACCEPT, DROP, another chain.'),
    gateway: str().optional().describe('With jump TEE: where copies go.'),
    log_prefix: str().optional().describe('Text in front of log lines.'),
    log_level: choice(
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      'emerg',
      'alert',
      'crit',
      'error',
      'warning',
      'notice',
      'info',
      'debug',
    )
      .optional()
      .describe('Level of log lines.'),
    goto: str().optional().describe('Chain to go on in.'),
    in_interface: str().optional().describe('Interface that it came in by.'),
    out_interface: str().optional().describe('Interface that it leaves by.'),
    fragment: str().optional().describe('Second and further fragments only.'),
    set_counters: str().optional().describe('Counters to begin with.'),
    source_port: str().optional().describe('Source port or range.'),
    destination_port: str().optional().describe('Destination port or range.'),
    destination_ports: list(str()).default([]).describe('Several destination ports.'),
    to_ports: str().optional().describe('Ports to redirect to.'),
    to_destination: str().optional().describe('Address of destination NAT.'),
    to_source: str().optional().describe('Address of source NAT.'),
    syn: choice('ignore', 'match', 'negate').default('ignore').describe('First packets of connections.'),
    set_dscp_mark: str().optional().describe('DSCP value to set.'),
    set_dscp_mark_class: str().optional().describe('DSCP class to set.'),
    comment: str().optional().describe('Comment of the rule.'),
    ctstate: list(str()).default([]).describe('Connection states.'),
    src_range: str().optional().describe('Range of source addresses.'),
    dst_range: str().optional().describe('Range of destination addresses.'),
    match_set: str().optional().describe('An ipset.'),
    match_set_flags: choice('src', 'dst', 'src,dst', 'dst,src', 'dst,dst', 'src,src')
      .optional()
      .describe('What is looked up in the ipset.'),
    limit: str().optional().describe('Most matches in a time: `5/min`.'),
    limit_burst: str().optional().describe('Most matches before the limit counts.'),
    uid_owner: str().optional().describe('Account that sent it.'),
    gid_owner: str().optional().describe('Group that sent it.'),
    reject_with: str().optional().describe('Answer of REJECT.'),
    icmp_type: str().optional().describe('Type of ICMP.'),
    flush: bool().default(false).describe('Remove all rules.'),
    policy: choice('ACCEPT', 'DROP', 'QUEUE', 'RETURN')
      .optional()
      .describe('What becomes of packets that no rule took.'),
    wait: str().optional().describe('Seconds to wait for the lock of the firewall.'),
    chain_management: bool().default(false).describe('With nothing but chain: make or remove the chain.'),
    numeric: bool().default(false).describe('Taken for compatibility: names are never looked up.'),
  };
}
type IptablesShape = ReturnType<typeof iptablesArgs>;

interface Where extends RuleValues {
  readonly table: string;
  readonly ip_version: 'ipv4' | 'ipv6';
  readonly chain?: string | undefined;
  readonly wait?: string | undefined;
  readonly chain_management: boolean;
}

function baseWords(args: Where): string[] {
  return [
    args.ip_version === 'ipv6' ? 'ip6tables' : 'iptables',
    ...(args.wait === undefined ? ['-w'] : ['-w', args.wait]),
    '-t',
    args.table,
  ];
}
function isChainOnly(args: Where): boolean {
  return args.chain_management && ruleWords(args).length === 0;
}

function ruleProbe(args: Where): Probe<RuleState> {
  const words = [...baseWords(args), '-C', args.chain ?? '', ...ruleWords(args)];
  return scriptProbe(
    `iptables:${args.ip_version}:${args.table}:${args.chain ?? ''}:${ruleWords(args).join(' ')}`,
    `PATH=$PATH:/usr/sbin:/sbin\nif ${quoteAll(words)} >/dev/null 2>&1; then echo present; fi; :`,
    (answer) => ({ kind: 'rule', present: answer.stdout.toString('latin1').trim() === 'present' }),
  );
}

function chainProbe(args: Where): Probe<ChainState> {
  return scriptProbe(
    `iptables:${args.ip_version}:${args.table}:${args.chain ?? ''}`,
    `PATH=$PATH:/usr/sbin:/sbin\n${quoteAll([...baseWords(args), '-n', '-L', args.chain ?? ''])} 2>/dev/null | head -n 1; :`,
    (answer) => {
      const text = answer.stdout.toString('latin1');
      return { kind: 'chain', present: text.startsWith('Chain '), policy: /\(policy (\w+)/.exec(text)?.[1] ?? '' };
    },
  );
}
