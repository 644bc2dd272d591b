// A rule of iptables as words, in the order in which Ansible writes them (iptables compares matches in order).

export interface RuleValues {
  readonly protocol?: string | undefined;
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly tcp_flags?: Readonly<Record<string, unknown>> | undefined;
  readonly match: readonly string[];
  readonly jump?: string | undefined;
  readonly gateway?: string | undefined;
  readonly log_prefix?: string | undefined;
  readonly log_level?: string | undefined;
  readonly goto?: string | undefined;
  readonly in_interface?: string | undefined;
  readonly out_interface?: string | undefined;
  readonly fragment?: string | undefined;
  readonly set_counters?: string | undefined;
  readonly source_port?: string | undefined;
  readonly destination_port?: string | undefined;
  readonly destination_ports: readonly string[];
  readonly to_ports?: string | undefined;
  readonly to_destination?: string | undefined;
  readonly to_source?: string | undefined;
  readonly syn: 'ignore' | 'match' | 'negate';
  readonly set_dscp_mark?: string | undefined;
  readonly set_dscp_mark_class?: string | undefined;
  readonly comment?: string | undefined;
  readonly ctstate: readonly string[];
  readonly src_range?: string | undefined;
  readonly dst_range?: string | undefined;
  readonly match_set?: string | undefined;
  readonly match_set_flags?: string | undefined;
  readonly limit?: string | undefined;
  readonly limit_burst?: string | undefined;
  readonly uid_owner?: string | undefined;
  readonly gid_owner?: string | undefined;
  readonly reject_with?: string | undefined;
  readonly icmp_type?: string | undefined;
  readonly ip_version: 'ipv4' | 'ipv6';
}

/** An option with a value; `!` in front of the value goes before the option. */
function option(name: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  return value.startsWith('!') ? ['!', name, value.slice(1).trim()] : [name, value];
}

export function ruleWords(rule: RuleValues): string[] {
  const loaded = new Set(rule.match);
  const match = (name: string, needed: boolean) => (needed && !loaded.has(name) ? ['-m', name] : []);
  const logged =
    rule.jump === undefined
      ? rule.log_prefix !== undefined || rule.log_level !== undefined
        ? 'LOG'
        : undefined
      : rule.jump;
  const state = loaded.has('state') && !loaded.has('conntrack') ? '--state' : '--ctstate';
  const flags = (key: string) => {
    const value = rule.tcp_flags?.[key];
    return Array.isArray(value) ? value.map(String).join(',') : undefined;
  };
  return [
    ...option('-p', rule.protocol),
    ...option('-s', rule.source),
    ...option('-d', rule.destination),
    ...rule.match.flatMap((name) => ['-m', name]),
    ...(flags('flags') === undefined || flags('flags_set') === undefined
      ? []
      : ['--tcp-flags', flags('flags') ?? '', flags('flags_set') ?? '']),
    ...option('-j', logged),
    ...(rule.gateway === undefined ? [] : ['--gateway', rule.gateway]),
    ...(rule.log_prefix === undefined ? [] : ['--log-prefix', rule.log_prefix]),
    ...(rule.log_level === undefined ? [] : ['--log-level', rule.log_level]),
    ...option('--to-destination', rule.to_destination),
    ...match('multiport', rule.destination_ports.length > 0),
    ...(rule.destination_ports.length === 0 ? [] : ['--dports', rule.destination_ports.join(',')]),
    ...option('--to-source', rule.to_source),
    ...option('-g', rule.goto),
    ...option('-i', rule.in_interface),
    ...option('-o', rule.out_interface),
    ...option('-f', rule.fragment),
    ...option('-c', rule.set_counters),
    ...option('--source-port', rule.source_port),
    ...option('--destination-port', rule.destination_port),
    ...option('--to-ports', rule.to_ports),
    ...option('--set-dscp', rule.set_dscp_mark),
    ...option('--set-dscp-class', rule.set_dscp_mark_class),
    ...(rule.syn === 'match' ? ['--syn'] : rule.syn === 'negate' ? ['!', '--syn'] : []),
    ...(rule.ctstate.length === 0
      ? []
      : [...(loaded.has('state') ? [] : match('conntrack', true)), state, rule.ctstate.join(',')]),
    ...match('iprange', rule.src_range !== undefined || rule.dst_range !== undefined),
    ...option('--src-range', rule.src_range),
    ...option('--dst-range', rule.dst_range),
    ...match('set', rule.match_set !== undefined),
    ...(rule.match_set === undefined ? [] : [...option('--match-set', rule.match_set), rule.match_set_flags ?? 'src']),
    ...match('limit', rule.limit !== undefined || rule.limit_burst !== undefined),
    ...option('--limit', rule.limit),
    ...option('--limit-burst', rule.limit_burst),
    ...match('owner', rule.uid_owner !== undefined || rule.gid_owner !== undefined),
    ...option('--uid-owner', rule.uid_owner),
    ...option('--gid-owner', rule.gid_owner),
    ...(rule.jump === undefined && rule.reject_with !== undefined ? ['-j', 'REJECT'] : []),
    ...option('--reject-with', rule.reject_with),
    ...option(rule.ip_version === 'ipv6' ? '--icmpv6-type' : '--icmp-type', rule.icmp_type),
    ...match('comment', rule.comment !== undefined),
    ...(rule.comment === undefined ? [] : ['--comment', rule.comment]),
  ];
}
