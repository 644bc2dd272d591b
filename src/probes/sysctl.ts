// Values of kernel parameters, read from /proc/sys by the shell itself.
import { quote } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';

export type SysctlState = { readonly kind: 'value'; /** Runs of blanks are one blank. */ readonly value: string } | { readonly kind: 'absent' };

/** `net.ipv4.ip_forward` -> `/proc/sys/net/ipv4/ip_forward`. Where the first separator is a slash, dots are part of names (sysctl(8)). */
export function sysctlPath(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return `/proc/sys/${first === '/' ? name : name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'))}`;
}

export function sysctlProbe(name: string): Probe<SysctlState> {
  return probeOf(family, `sysctl:${name}`, name);
}

const family: ProbeFamily<string, SysctlState> = {
  name: 'sysctl',
  script: (names) => `${names.map((name, at) => `if [ -r ${quote(sysctlPath(name))} ]; then echo "@@${at}"; while IFS= read -r l || [ -n "$l" ]; do printf '%s\\n' "$l"; done 2>/dev/null <${quote(sysctlPath(name))}; fi`).join('\n')}\n:`,
  parse: parseSysctls,
};

export function parseSysctls(answer: Answer, names: readonly string[]): SysctlState[] {
  const parts = new Map(`\n${answer.stdout.toString('utf8')}`.split('\n@@').slice(1).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]));
  return names.map((_, at) => (parts.has(String(at)) ? { kind: 'value', value: (parts.get(String(at)) ?? '').trim().replace(/[ \t]+/g, ' ') } : { kind: 'absent' }));
}
