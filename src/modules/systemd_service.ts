// systemd_service: whether a unit runs, is enabled, is masked; restarts and reloads it.
import { bool, choice, field, str } from '../core/args.ts';
import { defineModule, type Change } from '../core/module.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step, StepResult } from '../core/step.ts';
import { unitProbe } from '../probes/unit.ts';
import { planUnit, unitResult, type UnitObserved, type UnitWish } from './unit-plan.ts';

export const systemd_service = defineModule<SystemdShape, UnitObserved>({
  name: 'ansible.builtin.systemd_service',
  aliases: ['ansible.builtin.systemd'],
  summary: 'Run, stop, enable, mask, restart units of systemd',
  args: systemdArgs(),
  check: systemdWish,
  example: `
- ansible.builtin.systemd_service:
    name: cron
    state: started
    enabled: true
`,
  probe: (args) => (args.name === undefined ? {} : { unit: unitProbe(args.name, args.scope) }),
})({
  plan: planUnit,
  apply: systemdSteps,
  failure: unitFailure,
  result: (args, { before, after }) => unitResult(args, before.unit, after.unit),
});

function systemdArgs() {
  return {
    name: field(str(), { aliases: ['service', 'unit'] })
      .optional()
      .describe('The unit; `.service` is implied.'),
    state: choice('reloaded', 'restarted', 'started', 'stopped')
      .optional()
      .describe('started and stopped are states; restarted and reloaded act each time.'),
    enabled: bool().optional().describe('Whether it starts at boot.'),
    masked: bool().optional().describe('Whether it is made impossible to start.'),
    force: bool().optional().describe('Overwrite links that are in the way when enabling.'),
    daemon_reload: field(bool(), { aliases: ['daemon-reload'] })
      .default(false)
      .describe('Let systemd read its files anew before anything else, where that can matter.'),
    daemon_reexec: field(bool(), { aliases: ['daemon-reexec'] })
      .default(false)
      .describe('Start systemd itself anew before anything else.'),
    scope: choice('system', 'user', 'global')
      .default('system')
      .describe('Units of the system, of the user that vbx is on the host, or of all users.'),
    no_block: bool().default(false).describe('Do not wait until a start or stop is done.'),
  };
}
type SystemdShape = ReturnType<typeof systemdArgs>;

/** What is wrong with a wish, before any host is asked. */
export function systemdWish(args: UnitWish & { readonly scope: string }): string | undefined {
  if (args.name === undefined && (args.state !== undefined || args.enabled !== undefined || args.masked !== undefined))
    return `missing parameter(s) required by '${args.state !== undefined ? 'state' : args.enabled !== undefined ? 'enabled' : 'masked'}': name`;
  return args.scope === 'global' && args.state !== undefined ? 'state does not go with scope: global' : undefined;
}

/** What systemctl refused, in Ansible's words. */
export function unitFailure(
  { step, stderr }: StepResult,
  args: { readonly name?: string | undefined },
): Record<string, unknown> | undefined {
  const words =
    step.kind === 'run' ? step.argv : step.kind === 'script' ? step.script.split('\n').at(-1)?.split(' ') : undefined;
  const verb = words?.find((word) => /^(start|stop|restart|reload|enable|disable|mask|unmask)$/.test(word));
  return verb === undefined || words?.includes('systemctl') !== true
    ? undefined
    : { msg: `Unable to ${verb} service ${args.name ?? ''}: ${stderr}` };
}

/** Order as under Ansible: reload, mask, enable, then start or stop. */
export function systemdSteps(
  args: UnitWish & { scope?: 'system' | 'user' | 'global'; no_block?: boolean; force?: boolean | undefined },
  { before, after, effects }: Change<UnitObserved>,
): Step[] {
  const scope = args.scope === undefined || args.scope === 'system' ? [] : [`--${args.scope}`];
  const steps: Step[] = [];
  const run = (words: readonly string[], long = false) => {
    const argv = ['systemctl', ...scope, ...words];
    // The bus of a user is found by this variable, which a shell of sudo or su does not have.
    steps.push(
      args.scope === 'user'
        ? {
            kind: 'script',
            script: `[ -n "$XDG_RUNTIME_DIR" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)"\nexec ${quoteAll(argv)}`,
            ...(long ? { long } : {}),
          }
        : { kind: 'run', argv, ...(long ? { long } : {}) },
    );
  };
  for (const effect of effects)
    if (effect.kind === 'daemon-reexec' || effect.kind === 'daemon-reload') run([effect.kind]);
  const { unit: was } = before;
  const { unit: wanted } = after;
  if (
    args.name === undefined ||
    was === undefined ||
    wanted === undefined ||
    wanted.kind !== 'unit' ||
    was.kind === 'unavailable'
  )
    return steps;
  const id = was.info.id;
  const now = was.kind === 'unit' ? was : { running: false, enabled: 'disabled', masked: false };
  if (wanted.masked !== now.masked) run([wanted.masked ? 'mask' : 'unmask', '--', id]);
  if (args.enabled !== undefined && wanted.enabled !== now.enabled && wanted.enabled !== 'static')
    run([args.enabled ? 'enable' : 'disable', ...(args.force === true ? ['--force'] : []), '--', id]);
  const block = args.no_block === true ? ['--no-block'] : [];
  if (wanted.running !== now.running) run([...block, wanted.running ? 'start' : 'stop', '--', args.name], true);
  for (const effect of effects)
    if (effect.kind === 'restart' || effect.kind === 'reload') run([...block, effect.kind, '--', args.name], true);
  return steps;
}
