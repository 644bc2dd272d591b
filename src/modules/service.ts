// service: whether a service runs and starts at boot, by systemd, OpenRC or init scripts: whichever runs the host.
import { bool, choice, field, int, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { defineModule, type Change } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { initScriptProbe, type InitSystem } from '../probes/init-script.ts';
import { unitProbe } from '../probes/unit.ts';
import { systemdSteps, systemdWish, unitFailure } from './systemd_service.ts';
import { planUnit, unitResult, type UnitObserved, type UnitWish } from './unit-plan.ts';

export const service = defineModule<ServiceShape, UnitObserved>({
  name: 'ansible.builtin.service',
  summary: 'Run, stop, enable, restart services, whichever init system the host has',
  args: serviceArgs(),
  backendFact: 'service_mgr',
  check: systemdWish,
  example: `
- ansible.builtin.service:
    name: cron
    state: started
    enabled: true
`,
  probe: (args, basics) => {
    const system = managerOf(args.use, basics);
    if (args.name === undefined) return {};
    return {
      unit:
        system === 'systemd'
          ? unitProbe(args.name, args.scope)
          : initScriptProbe(args.name, system, args.runlevel, args.pattern),
    };
  },
})({
  // Ansible hands the arguments to the module of the init system; only that of systemd does without a name.
  plan: (args, observed, basics) =>
    args.name === undefined && managerOf(args.use, basics) !== 'systemd'
      ? { failed: 'missing required arguments: name' }
      : planUnit(args, observed),
  apply: (args, change, basics) => {
    const system = managerOf(args.use, basics);
    return system === 'systemd'
      ? systemdSteps(args, change)
      : initScriptSteps({ ...args, arguments: args.arguments }, change, system);
  },
  failure: unitFailure,
  result: (args, { before, after }) => unitResult(args, before.unit, after.unit),
});

function serviceArgs() {
  return {
    name: str().optional().describe('The service; systemd does without one for daemon_reload and daemon_reexec.'),
    state: choice('reloaded', 'restarted', 'started', 'stopped')
      .optional()
      .describe('started and stopped are states; restarted and reloaded act each time.'),
    enabled: bool().optional().describe('Whether it starts at boot.'),
    sleep: int().optional().describe('Seconds between stop and start of a restart, for init scripts that do not wait.'),
    pattern: str()
      .optional()
      .describe('Text in the process list that means it runs, for init scripts without a status command.'),
    runlevel: str().default('default').describe('OpenRC: the runlevel that it belongs to.'),
    arguments: field(str(), { aliases: ['args'] })
      .default('')
      .describe('Further words for an init script.'),
    use: str().default('auto').describe('The init system: auto, systemd, openrc, sysvinit.'),
    masked: bool().optional().describe('systemd: whether it is made impossible to start.'),
    force: bool().optional().describe('systemd: overwrite links that are in the way when enabling.'),
    daemon_reload: field(bool(), { aliases: ['daemon-reload'] })
      .default(false)
      .describe('systemd: read its files anew first.'),
    daemon_reexec: field(bool(), { aliases: ['daemon-reexec'] })
      .default(false)
      .describe('systemd: start itself anew first.'),
    scope: choice('system', 'user', 'global')
      .default('system')
      .describe('systemd: units of the system, the user, or all users.'),
    no_block: bool().default(false).describe('systemd: do not wait until it is done.'),
  };
}
type ServiceShape = ReturnType<typeof serviceArgs>;

function managerOf(use: string, basics: Basics): 'systemd' | InitSystem {
  const manager = use === 'auto' ? basics.serviceManager : use.replace(/^.*\./, '');
  return manager === 'systemd' || manager === 'openrc' ? manager : 'sysvinit';
}

/** Steps for OpenRC (rc-service, rc-update) and init scripts (service, update-rc.d, chkconfig). */
export function initScriptSteps(
  args: UnitWish & { sleep?: number | undefined; runlevel: string; arguments: string },
  { before, after, effects }: Change<UnitObserved>,
  system: InitSystem,
): Step[] {
  const { unit: was } = before;
  const { unit: wanted } = after;
  const { name } = args;
  if (name === undefined || was?.kind !== 'unit' || wanted?.kind !== 'unit') return [];
  const words = args.arguments === '' ? '' : ` ${args.arguments.split(/\s+/).map(quote).join(' ')}`;
  const act = (action: string) =>
    system === 'openrc'
      ? `rc-service ${quote(name)} ${action}${words}`
      : `if command -v service >/dev/null; then service ${quote(name)} ${action}${words}; else /etc/init.d/${quote(name)} ${action}${words}; fi`;
  const steps: Step[] = [];
  if (wanted.enabled !== was.enabled) {
    const on = wanted.enabled === 'enabled';
    steps.push(
      system === 'openrc'
        ? { kind: 'run', argv: ['rc-update', on ? 'add' : 'del', name, args.runlevel] }
        : {
            kind: 'script',
            script: `if command -v update-rc.d >/dev/null; then ${on ? `update-rc.d ${quote(name)} defaults && update-rc.d ${quote(name)} enable` : `update-rc.d ${quote(name)} disable`}; elif command -v chkconfig >/dev/null; then chkconfig ${quote(name)} ${on ? 'on' : 'off'}; else echo 'neither update-rc.d nor chkconfig is on this host' >&2; exit 1; fi`,
          },
    );
  }
  if (wanted.running !== was.running)
    steps.push({ kind: 'script', script: act(wanted.running ? 'start' : 'stop'), long: true });
  for (const effect of effects) {
    if (effect.kind === 'reload') steps.push({ kind: 'script', script: act('reload'), long: true });
    if (effect.kind === 'restart')
      steps.push({
        kind: 'script',
        script: args.sleep === undefined ? act('restart') : `${act('stop')}\nsleep ${args.sleep}\n${act('start')}`,
        long: true,
      });
  }
  return steps;
}
