// sysvinit: a service of init scripts runs and starts at boot, whatever else runs the host.
import { bool, choice, field, int, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { initScriptProbe } from '../probes/init-script.ts';
import { initScriptSteps } from './service.ts';
import { planUnit, unitResult, type UnitObserved } from './unit-plan.ts';

export const sysvinit = defineModule<SysvShape, UnitObserved>({
  name: 'ansible.builtin.sysvinit',
  summary: 'Run, stop, enable services of init scripts',
  args: sysvArgs(),
  check: (args) =>
    args.state === undefined && args.enabled === undefined ? 'state or enabled is required' : undefined,
  example: `
- ansible.builtin.sysvinit:
    name: cron
    enabled: true
  when: false
`,
  probe: (args) => ({ unit: initScriptProbe(args.name, 'sysvinit', 'default', args.pattern) }),
})({
  plan: planUnit,
  apply: (args, change) => initScriptSteps({ ...args, runlevel: 'default' }, change, 'sysvinit'),
  result: (args, { before, after }) => unitResult(args, before.unit, after.unit),
});

function sysvArgs() {
  return {
    name: field(str(), { aliases: ['service'] }).describe('The service.'),
    state: choice('started', 'stopped', 'restarted', 'reloaded')
      .optional()
      .describe('started and stopped are states; restarted and reloaded act each time.'),
    enabled: bool().optional().describe('Whether it starts at boot.'),
    sleep: int().default(1).describe('Seconds between stop and start of a restart.'),
    pattern: str().optional().describe('Text in the process list that means it runs.'),
    runlevels: list(str()).optional().describe('Taken for compatibility: the usual runlevels are used.'),
    arguments: field(str(), { aliases: ['args'] })
      .default('')
      .describe('Further words for the script.'),
    daemonize: bool().default(false).describe('Taken for compatibility: a service left behind never holds vbx.'),
  };
}
type SysvShape = ReturnType<typeof sysvArgs>;
