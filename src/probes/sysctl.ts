// Values of kernel parameters, all of an exchange by one process.
import { quote } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';

export type SysctlState =
  | { readonly kind: 'value'; /** Runs of blanks are one blank. */ readonly value: string }
  | { readonly kind: 'absent' };

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
  script: (names) => `grep -sH '' ${names.map((name) => quote(sysctlPath(name))).join(' ')}; :`,
  parse: parseSysctls,
};

export function parseSysctls(answer: Answer, names: readonly string[]): SysctlState[] {
  const values = new Map<string, string[]>();
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) values.set(line.slice(0, at), [...(values.get(line.slice(0, at)) ?? []), line.slice(at + 1)]);
  }
  return names.map((name) => {
    const lines = values.get(sysctlPath(name));
    return lines === undefined
      ? { kind: 'absent' }
      : {
          kind: 'value',
          value: lines
            .join('\n')
            .trim()
            .replace(/[ \t]+/g, ' '),
        };
  });
}
