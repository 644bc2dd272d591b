// selinux: the mode and policy of SELinux, now and after a boot.
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import type { Step } from '../core/step.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, planText, textProbes } from './parts/text-edit.ts';

interface ModeState {
  readonly kind: 'selinux';
  readonly mode: 'enforcing' | 'permissive' | 'disabled';
}
interface Observed extends Editable {
  readonly selinux: ModeState;
}

export const selinux = defineModule<SelinuxShape, Observed>({
  name: 'ansible.posix.selinux',
  summary: 'Set the mode of SELinux',
  args: selinuxArgs(),
  check: (args) =>
    args.state !== 'disabled' && args.policy === undefined ? `policy is required with state: ${args.state}` : undefined,
  example: `
- ansible.posix.selinux:
    state: permissive
    policy: targeted
  when: ansible_facts.os_family | default('') == 'RedHat'
`,
  probe: (args): { selinux: Probe<ModeState> } & ReturnType<typeof textProbes> => ({
    ...textProbes(args.configfile),
    selinux: selinuxProbe(),
  }),
})({
  plan: (args, observed, basics): Plan<Observed> => {
    const set = (key: string, value: string) => (lines: readonly string[]) => {
      const found = lines.some((text) => new RegExp(`^${key}=`).test(text));
      return found
        ? lines.map((text) =>
            new RegExp(`^${key}=`).test(text) && text !== `${key}=${value}` ? `${key}=${value}` : text,
          )
        : [...lines, `${key}=${value}`];
    };
    if (observed.at.kind === 'absent')
      return { failed: `Unable to find file ${args.configfile}`, hint: 'Is SELinux installed on the host?' };
    const plan = planText({ path: args.configfile }, observed, basics, (lines) =>
      args.policy === undefined
        ? set('SELINUX', args.state)(lines)
        : set('SELINUXTYPE', args.policy)(set('SELINUX', args.state)(lines)),
    );
    if (!('after' in plan)) return plan;
    const now = observed.selinux.mode;
    // The kernel can go between enforcing and permissive; on and off only a boot can.
    const live = now === 'disabled' ? 'disabled' : args.state === 'disabled' ? 'permissive' : args.state;
    return live === now ? plan : { ...plan, after: { ...plan.after, selinux: { kind: 'selinux', mode: live } } };
  },
  apply: (args, change, basics) => {
    const steps: Step[] = applyText({ path: args.configfile }, change, basics);
    const { selinux: wanted } = change.after;
    if (wanted.mode !== change.before.selinux.mode)
      steps.push({ kind: 'run', argv: ['setenforce', wanted.mode === 'enforcing' ? '1' : '0'] });
    if (args.update_kernel_param)
      steps.push({
        kind: 'run',
        argv: [
          'grubby',
          '--update-kernel=ALL',
          args.state === 'disabled' ? '--args=selinux=0' : '--remove-args=selinux',
        ],
      });
    return steps;
  },
  result: (args, { after }) => {
    const needsBoot = (args.state === 'disabled') !== (after.selinux.mode === 'disabled');
    return {
      configfile: args.configfile,
      policy: args.policy ?? null,
      state: args.state,
      reboot_required: needsBoot,
      msg: needsBoot ? 'Running SELinux state differs until the host is rebooted' : '',
    };
  },
});

function selinuxArgs() {
  return {
    state: choice('disabled', 'enforcing', 'permissive').describe('The mode.'),
    policy: str().optional().describe('The policy: targeted.'),
    configfile: field(path(), { aliases: ['conf', 'file'] })
      .default('/etc/selinux/config')
      .describe('The file that counts at boot.'),
    update_kernel_param: bool().default(false).describe('Set the boot parameter too (grubby).'),
  };
}
type SelinuxShape = ReturnType<typeof selinuxArgs>;

export function selinuxProbe(): Probe<ModeState> {
  return scriptProbe('selinux', 'x=; read -r x 2>/dev/null </sys/fs/selinux/enforce; echo "$x"; :', (answer) => {
    const text = answer.stdout.toString('latin1').trim();
    return { kind: 'selinux', mode: text === '1' ? 'enforcing' : text === '0' ? 'permissive' : 'disabled' };
  });
}
