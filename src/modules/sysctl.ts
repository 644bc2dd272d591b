// sysctl: a kernel parameter has a value, in its file and (where asked) in the running kernel.
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { Step } from '../core/step.ts';
import { sysctlProbe, type SysctlState } from '../probes/sysctl.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

interface Observed extends Editable {
  readonly live?: SysctlState;
}

export const sysctl = defineModule<SysctlShape, Observed>({
  name: 'ansible.posix.sysctl',
  summary: 'Set kernel parameters',
  args: sysctlArgs(),
  check: (args) => {
    if (args.state === 'present' && (args.value === undefined || args.value === ''))
      return 'state is present but all of the following are missing: value';
    return /[\s=]/.test(args.name) || args.name === '' ? 'name cannot be empty or hold blanks or =' : undefined;
  },
  example: `
- ansible.posix.sysctl:
    name: vm.swappiness
    value: "10"
    sysctl_file: /etc/sysctl.d/90-vbx.conf
    reload: false
`,
  probe: (args) => ({
    ...textProbes(args.sysctl_file),
    ...(args.sysctl_set && args.state === 'present' ? { live: sysctlProbe(args.name) } : {}),
  }),
})({
  plan: (args, observed, basics) => {
    const file = planText({ path: args.sysctl_file, mayMiss: args.state === 'absent' }, observed, basics, edit(args));
    if (!('after' in file) || observed.live === undefined) return file;
    const value = valueOf(args.value);
    if (observed.live.kind === 'absent' && !args.ignoreerrors)
      return {
        failed: `${args.name} is no parameter of the host's kernel`,
        hint: 'Is the module that brings it loaded? ignoreerrors: true passes over it.',
      };
    if (observed.live.kind === 'absent' || observed.live.value === value) return file;
    return { ...file, after: { ...file.after, live: { kind: 'value', value } } };
  },
  apply: (args, change, basics) => {
    const file = applyText({ path: args.sysctl_file, mayMiss: args.state === 'absent' }, change, basics);
    const ignore = args.ignoreerrors ? ['-e'] : [];
    const live: Step[] =
      change.before.live !== change.after.live && change.after.live?.kind === 'value'
        ? [{ kind: 'run', argv: ['sysctl', ...ignore, '-w', `${args.name}=${change.after.live.value}`] }]
        : [];
    const reload: Step[] =
      file.length > 0 && args.reload ? [{ kind: 'run', argv: ['sysctl', ...ignore, '-p', args.sysctl_file] }] : [];
    return [...live, ...file, ...reload];
  },
});

function sysctlArgs() {
  return {
    name: field(str(), { aliases: ['key'] }).describe('The parameter: `net.ipv4.ip_forward`.'),
    value: field(str(), { aliases: ['val'] })
      .optional()
      .describe('Its value.'),
    state: choice('present', 'absent').default('present').describe('Whether the file sets it.'),
    ignoreerrors: bool().default(false).describe('Pass over parameters that the kernel does not know.'),
    reload: bool().default(true).describe('Have the kernel read the file where it changed.'),
    sysctl_file: path().default('/etc/sysctl.conf').describe('The file.'),
    sysctl_set: bool().default(false).describe('Compare with the running kernel too, and set it there.'),
  };
}
type SysctlShape = ReturnType<typeof sysctlArgs>;

/** Words for yes and no become 1 and 0; blanks are one blank, as the kernel's own tabs are. */
function valueOf(value: string | undefined): string {
  const text = (value ?? '').trim().replace(/[ \t]+/g, ' ');
  if (/^(true|yes|on|y|t)$/i.test(text)) return '1';
  return /^(false|no|off|n|f)$/i.test(text) ? '0' : text;
}

/** The first line of the parameter is replaced, further ones go; a line of equal meaning stays as it is. */
function edit(args: {
  readonly name: string;
  readonly value?: string | undefined;
  readonly state: 'present' | 'absent';
}): LinesEdit {
  const key = line(args.name);
  const value = line(valueOf(args.value));
  return (lines) => {
    let found = false;
    const kept = lines.flatMap((text) => {
      const match = /^\s*-?\s*([^#;\s=][^=]*?)\s*=\s*(.*?)\s*$/.exec(text);
      if (match?.[1] === undefined || normal(match[1]) !== normal(key)) return [text];
      if (args.state === 'absent' || found) return [];
      found = true;
      return [valueOf(match[2]) === value ? text : `${key}=${value}`];
    });
    return args.state === 'present' && !found ? [...kept, `${key}=${value}`] : kept;
  };
}

function normal(name: string): string {
  return /[./]/.exec(name)?.[0] === '/' ? name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/')) : name;
}
