// community.general.ufw: the firewall of Ubuntu and Debian, by its own program; what it did shows in its state and its rules before and after.
import { z } from 'zod';
import { bool, choice, field, int, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { scriptProbe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step, StepResult } from '../core/step.ts';

const args = {
  state: choice('disabled', 'enabled', 'reloaded', 'reset')
    .optional()
    .describe('enabled and disabled hold at boot too; reloaded and reset act each time'),
  default: field(choice('allow', 'deny', 'reject').optional(), { aliases: ['policy'] }).describe(
    'What becomes of what no rule matches, in the given direction',
  ),
  rule: choice('allow', 'deny', 'limit', 'reject').optional().describe('The rule to add, or with delete to remove'),
  logging: choice('on', 'off', 'low', 'medium', 'high', 'full').optional().describe('Whether and how much is logged'),
  direction: choice('in', 'incoming', 'out', 'outgoing', 'routed')
    .optional()
    .describe('in and out of a rule; incoming, outgoing and routed of a default'),
  delete: bool().default(false).describe('Remove the rule'),
  insert: int().optional().describe('The number that the rule gets'),
  insert_relative_to: choice('first-ipv4', 'first-ipv6', 'last-ipv4', 'last-ipv6', 'zero')
    .default('zero')
    .describe('The rule that insert counts from'),
  route: bool().default(false).describe('A rule for what is forwarded'),
  log: bool().default(false).describe('Log new connections that the rule matches'),
  from_ip: field(str(), { aliases: ['from', 'src'] })
    .default('any')
    .describe('Address or network that it comes from'),
  from_port: str().optional().describe('Port that it comes from'),
  to_ip: field(str(), { aliases: ['dest', 'to'] })
    .default('any')
    .describe('Address or network that it goes to'),
  to_port: field(str().optional(), { aliases: ['port'] }).describe('Port that it goes to'),
  proto: field(choice('any', 'tcp', 'udp', 'ipv6', 'esp', 'ah', 'gre', 'igmp', 'vrrp').optional(), {
    aliases: ['protocol'],
  }).describe('The protocol'),
  name: field(str().optional(), { aliases: ['app'] }).describe('A profile of /etc/ufw/applications.d'),
  interface: field(str().optional(), { aliases: ['if'] }).describe('The interface, in the given direction'),
  interface_in: field(str().optional(), { aliases: ['if_in'] }).describe('The interface that it comes in by'),
  interface_out: field(str().optional(), { aliases: ['if_out'] }).describe('The interface that it goes out by'),
  comment: str().optional().describe('A comment of the rule'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Ufw {
  readonly missing: boolean;
  /** The numbers of the rules, where they are asked for. */
  readonly rules: readonly { readonly number: number; readonly ipv6: boolean }[];
}

/** ufw is in a folder that not every user has in the search path. */
const SEARCH = 'PATH=$PATH:/usr/sbin:/sbin; export PATH LANGUAGE=C LC_ALL=C';
const FILES = ['/lib/ufw', '/etc/ufw', '/var/lib/ufw'].flatMap((folder) => [
  `${folder}/user.rules`,
  `${folder}/user6.rules`,
]);
const TUPLES: Step = { kind: 'script', script: `grep -h '^### tuple' ${FILES.join(' ')} 2>/dev/null; :` };

export const ufw = defineAction<typeof args, { readonly ufw: Ufw }>({
  name: 'community.general.ufw',
  summary: 'Switches ufw and changes its rules',
  args,
  dryRun: 'run',
  check: (given) => {
    if (
      given.state === undefined &&
      given.default === undefined &&
      given.rule === undefined &&
      given.logging === undefined
    )
      return 'one of the following is required: state, default, rule, logging';
    if ([given.name, given.proto, given.logging].filter((value) => value !== undefined).length > 1)
      return 'parameters are mutually exclusive: name|proto|logging';
    for (const name of ['interface_in', 'interface_out'] as const)
      if (given.direction !== undefined && given[name] !== undefined)
        return `parameters are mutually exclusive: direction|${name}`;
    if (given.interface !== undefined && given.direction === undefined)
      return "missing parameter(s) required by 'interface': direction";
    if (given.default !== undefined && (given.direction === 'in' || given.direction === 'out'))
      return 'For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be specified.';
    if (
      given.rule !== undefined &&
      given.direction !== undefined &&
      given.direction !== 'in' &&
      given.direction !== 'out'
    )
      return 'For rules, direction must be one of "in" and "out", or direction must not be specified.';
    return given.rule !== undefined &&
      !given.route &&
      given.interface_in !== undefined &&
      given.interface_out !== undefined
      ? 'Only route rules can combine interface_in and interface_out'
      : undefined;
  },
  exampleSetup: `
- name: Have ufw
  ansible.builtin.package:
    name: ufw
`,
  example: `
- name: Let ssh in
  community.general.ufw:
    rule: allow
    port: '22'
    proto: tcp
`,
  probe: (given) => {
    const numbered = given.insert !== undefined && given.insert_relative_to !== 'zero' && !given.delete;
    return {
      ufw: scriptProbe(
        `ufw:${numbered ? 'numbered' : 'present'}`,
        `${SEARCH}; command -v ufw >/dev/null || { echo missing; exit 0; }\n${numbered ? 'ufw status numbered' : ':'}`,
        (answer) => parseUfw(answer.stdout.toString()),
        { costly: numbered },
      ),
    };
  },
})({
  satisfied: (_given, observed) =>
    observed.ufw.missing ? { failed: true, msg: 'Failed to find required executable "ufw" on the host' } : undefined,
  steps: (given, { ufw: now }, _basics, { checkMode }) => {
    const status = run(['status', 'verbose']);
    const commands = [
      ...(given.state === undefined || checkMode
        ? []
        : [run(['-f', { enabled: 'enable', disabled: 'disable', reloaded: 'reload', reset: 'reset' }[given.state]])]),
      ...(given.default === undefined || checkMode
        ? []
        : [run(['default', given.default, ...(given.direction === undefined ? [] : [given.direction])])]),
      ...(given.rule === undefined
        ? []
        : [run([...(checkMode ? ['--dry-run'] : []), ...ruleWords(given, given.rule, now)])]),
      ...(given.logging === undefined || checkMode ? [] : [run(['logging', given.logging])]),
    ];
    return checkMode ? [TUPLES, status, ...commands] : [status, TUPLES, ...commands, status, TUPLES];
  },
  parse: (given, done) => {
    const commands = done.flatMap(({ step }) =>
      step.kind === 'script' && step !== TUPLES ? [step.script.slice(step.script.lastIndexOf('\n') + 1)] : [],
    );
    const failed = done.find(({ rc }) => rc !== 0);
    if (failed !== undefined)
      return { failed: true, changed: false, msg: failed.stderr === '' ? failed.stdout : failed.stderr, commands };
    if (done[0]?.step === TUPLES) return { changed: foretold(given, done), commands };
    const [state, rules] = done;
    const [newState, newRules] = done.slice(-2);
    return {
      changed:
        given.state === 'reloaded' ||
        given.state === 'reset' ||
        state?.stdout !== newState?.stdout ||
        rules?.stdout !== newRules?.stdout,
      commands,
      msg: newState?.stdout.trimEnd() ?? '',
    };
  },
});

function run(words: readonly string[]): Step {
  return { kind: 'script', script: `${SEARCH}\n${quoteAll(['ufw', ...words])}` };
}

/** In the order of ufw's long form. */
function ruleWords(given: Args, rule: string, now: Ufw): string[] {
  const number =
    given.insert === undefined || given.delete
      ? undefined
      : insertNumber(given.insert, given.insert_relative_to, now.rules);
  const pair = (word: string, value: string | undefined): string[] =>
    value === undefined || value === '' ? [] : [word, value];
  return [
    ...(given.route ? ['route'] : []),
    ...(given.delete ? ['delete'] : []),
    ...(number === undefined ? [] : ['insert', String(number)]),
    rule,
    ...(given.direction === undefined ? [] : [given.direction]),
    ...pair('on', given.interface),
    ...(given.interface_in === undefined ? [] : ['in', 'on', given.interface_in]),
    ...(given.interface_out === undefined ? [] : ['out', 'on', given.interface_out]),
    ...(given.log ? ['log'] : []),
    ...pair('from', given.from_ip),
    ...pair('port', given.from_port),
    ...pair('to', given.to_ip),
    ...pair('port', given.to_port),
    ...pair('proto', given.proto),
    ...pair('app', given.name),
    ...pair('comment', given.comment),
  ];
}

/** The number to insert at; undefined, at the end, where it is greater than any that there is, which ufw does not take. */
function insertNumber(wanted: number, relativeTo: string, rules: Ufw['rules']): number | undefined {
  if (relativeTo === 'zero') return wanted;
  const last = (list: Ufw['rules']): number | undefined => list.at(-1)?.number;
  const ipv4 = rules.filter(({ ipv6 }) => !ipv6);
  const ipv6 = rules.filter((rule) => rule.ipv6);
  const all = last(rules) ?? 0;
  const base =
    {
      'first-ipv4': 1,
      'last-ipv4': last(ipv4) ?? 1,
      'first-ipv6': ipv6[0]?.number ?? (last(ipv4) ?? 0) + 1,
      'last-ipv6': last(ipv6) ?? all + 1,
    }[relativeTo] ?? 0;
  return wanted + base > all ? undefined : wanted + base;
}

function parseUfw(text: string): Ufw {
  const rules = text.split('\n').flatMap((line) => {
    const number = /^\[ *(\d+)\] /.exec(line)?.[1];
    return number === undefined
      ? []
      : [{ number: Number(number), ipv6: line.includes('(v6)') || IPV6.test(line.slice(line.indexOf(']'))) }];
  });
  return { missing: text.startsWith('missing'), rules };
}

const IPV4 = /\d{1,3}(\.\d{1,3}){3}/;
const IPV6 = /(^|\s)[0-9a-f]*:[0-9a-f:.]*/i;

/** What a dry run of ufw, and its state, say of a change. `done`: rules, state, and the rules as they would be. */
function foretold(given: Args, done: readonly StepResult[]): boolean {
  const [rules = '', state = '', dry] = done.map(({ stdout }) => stdout);
  const active = state.includes(' active');
  if (
    given.state === 'reloaded' ||
    given.state === 'reset' ||
    (given.state === 'enabled' && !active) ||
    (given.state === 'disabled' && active)
  )
    return true;
  const [, on, level] = /Logging: (on|off)(?: \(([a-z]+)\))?/.exec(state) ?? [];
  if (
    given.logging !== undefined &&
    (on === undefined ||
      (given.logging === 'off' ? on !== 'off' : on === 'off' || (given.logging !== 'on' && given.logging !== level)))
  )
    return true;
  const [, incoming, outgoing, routed] =
    /Default: (\w+) \(incoming\), (\w+) \(outgoing\), (\w+) \(routed\)/.exec(state) ?? [];
  const policy = given.direction === 'outgoing' ? outgoing : given.direction === 'routed' ? routed : incoming;
  if (given.default !== undefined && policy !== given.default && policy !== 'disabled') return true;
  if (given.rule === undefined || dry === undefined) return false;
  const lines = dry.split('\n').filter((line) => line !== '');
  if (lines.length > 0 && lines.every((line) => line.includes('Skipping'))) return false;
  // A dry run shows the rules of one family alone where an address says which.
  const addresses = [given.from_ip, given.to_ip];
  const family = addresses.some((address) => IPV4.test(address))
    ? IPV4
    : addresses.some((address) => address.includes(':'))
      ? IPV6
      : /^/;
  const of = (text: string): string =>
    text
      .split('\n')
      .filter((line) => line.startsWith('### tuple') && family.test(line))
      .join('\n');
  return of(rules) !== of(dry);
}
