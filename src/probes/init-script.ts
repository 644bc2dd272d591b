// What OpenRC, SysV init scripts and other service commands say about services, in the same shape as a systemd unit.
import { quote } from '../core/quote.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import type { UnitState } from './unit.ts';

export type InitSystem = 'openrc' | 'sysvinit';

/** `pattern`: text in the process list that means it runs, for scripts without a status command. */
export function initScriptProbe(
  name: string,
  system: InitSystem,
  runlevel: string,
  pattern: string | undefined,
): Probe<UnitState> {
  const word = quote(name);
  const running =
    pattern !== undefined
      ? `r=3; { ps ax -o args 2>/dev/null || ps -o args; } | { while IFS= read -r l; do case $l in *${quote(pattern)}*) exit 0 ;; esac; done; exit 3; } && r=0`
      : system === 'openrc'
        ? `rc-service --ifexists ${word} status >/dev/null 2>&1; r=$?`
        : `if command -v service >/dev/null; then service ${word} status >/dev/null 2>&1; r=$?; else /etc/init.d/${word} status >/dev/null 2>&1; r=$?; fi`;
  const enabled =
    system === 'openrc'
      ? `[ -e /etc/runlevels/${quote(runlevel)}/${word} ] && echo enabled`
      : `for f in /etc/rc[S2345].d/S[0-9][0-9]${word} /etc/rc.d/rc[2345].d/S[0-9][0-9]${word}; do [ -e "$f" ] && { echo enabled; break; }; done`;
  const script = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
[ -e /etc/init.d/${word} ] || [ -e /etc/rc.d/init.d/${word} ] || exit 0
echo there
${running}
echo "status=$r"
${enabled}
:
`;
  return scriptProbe(`unit:${name}`, script, (answer) => parseInitScript(answer, name));
}

/** LSB: status 0 runs, 1-3 does not, 4 is not known; OpenRC uses 3 for stopped and 32 for crashed. */
export function parseInitScript(answer: Answer, name: string): UnitState {
  const lines = answer.stdout.toString('utf8').split('\n');
  const info = { id: name, needsReload: false, status: {} };
  if (!lines.includes('there')) return { kind: 'absent', info };
  const status = lines.find((line) => line.startsWith('status='))?.slice(7) ?? '4';
  return {
    kind: 'unit',
    running: status === '0',
    enabled: lines.includes('enabled') ? 'enabled' : 'disabled',
    masked: false,
    info: { ...info, status: { rc: status } },
  };
}
