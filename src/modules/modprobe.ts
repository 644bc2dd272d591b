// modprobe: a kernel module is loaded or not, now and at boot.
import { choice, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';

export interface KernelModuleState {
  readonly kind: 'kernel-module';
  readonly loaded: boolean;
  /** Named by a file below /etc/modules-load.d. */
  readonly atBoot: boolean;
  /** Its options below /etc/modprobe.d; empty: none. */
  readonly options: string;
  readonly info: { readonly builtin: boolean };
}

export const modprobe = defineModule<ModprobeShape, { readonly module: KernelModuleState }>({
  name: 'community.general.modprobe',
  summary: 'Load and unload kernel modules',
  args: modprobeArgs(),
  check: ({ name }) => (/^[A-Za-z0-9_-]+$/.test(name) ? undefined : `${name} cannot be the name of a kernel module`),
  example: `
- community.general.modprobe:
    name: dummy
    state: present
    persistent: present
`,
  probe: ({ name }) => ({ module: kernelModuleProbe(name) }),
})({
  plan: (args, { module: now }) => {
    if (args.state === 'absent' && now.info.builtin)
      return { failed: `${args.name} is built into the kernel and cannot be unloaded` };
    const wantsOptions = args.persistent === 'present' && args.params !== '';
    const options = args.persistent === 'absent' ? '' : wantsOptions ? args.params : now.options;
    const after: KernelModuleState = {
      ...now,
      options,
      loaded: args.state === 'present',
      atBoot: args.persistent === 'disabled' ? now.atBoot : args.persistent === 'present',
    };
    return {
      after:
        after.loaded === now.loaded && after.atBoot === now.atBoot && after.options === now.options
          ? {}
          : { module: after },
    };
  },
  apply: (args, { before: { module: was }, after: { module: wanted } }) => {
    const steps: Step[] = [];
    if (wanted.loaded !== was.loaded)
      steps.push({
        kind: 'run',
        argv: wanted.loaded
          ? ['modprobe', args.name, ...args.params.split(/\s+/).filter((word) => word !== '')]
          : ['modprobe', '-r', args.name],
      });
    const [load, options] = [`/etc/modules-load.d/${args.name}.conf`, `/etc/modprobe.d/${args.name}.conf`];
    if (wanted.atBoot && !was.atBoot)
      steps.push({
        kind: 'script',
        script: `mkdir -p /etc/modules-load.d && printf '%s\\n' ${quote(args.name)} >${quote(load)}`,
      });
    if (!wanted.atBoot && was.atBoot)
      steps.push({
        kind: 'script',
        script: commentOut(`^[[:space:]]*${pattern(args.name)}[[:space:]]*$`, '/etc/modules-load.d/*.conf'),
      });
    if (wanted.options !== '' && wanted.options !== was.options)
      steps.push({
        kind: 'script',
        script: `mkdir -p /etc/modprobe.d\n${was.options === '' ? '' : `${commentOut(`^[[:space:]]*options[[:space:]]+${pattern(args.name)}[[:space:]]`, '/etc/modprobe.d/*.conf')}\n`}printf '%s\\n' ${quote(`options ${args.name} ${wanted.options}`)} >>${quote(options)}`,
      });
    if (wanted.options === '' && was.options !== '')
      steps.push({
        kind: 'script',
        script: commentOut(
          `^[[:space:]]*options[[:space:]]+${pattern(args.name)}[[:space:]]`,
          '/etc/modprobe.d/*.conf',
        ),
      });
    return steps;
  },
  result: (args) => ({ name: args.name, params: args.params, state: args.state }),
});

function modprobeArgs() {
  return {
    name: str().describe('The module.'),
    state: choice('absent', 'present').default('present').describe('Whether it is loaded.'),
    params: str().default('').describe('Its parameters.'),
    persistent: choice('disabled', 'absent', 'present')
      .default('disabled')
      .describe('Whether it is loaded at boot; disabled leaves that as it is.'),
  };
}
type ModprobeShape = ReturnType<typeof modprobeArgs>;

/** Names may have dashes and underscores for one another. */
function pattern(name: string): string {
  return name.replace(/[_-]/g, '[_-]');
}

/** Lines are turned into comments rather than removed, as Ansible does it. */
function commentOut(expression: string, files: string): string {
  return `for f in ${files}; do [ -f "$f" ] && grep -qE ${quote(expression)} "$f" && { sed -i -E ${quote(`s/${expression.replaceAll('/', '\\/')}/#&/`)} "$f" || exit; }; done; :`;
}

export function kernelModuleProbe(name: string): Probe<KernelModuleState> {
  const plain = name.replaceAll('-', '_');
  const script = `
while read -r m x; do [ "$m" = ${quote(plain)} ] && { echo loaded; break; }; done 2>/dev/null </proc/modules
b=/lib/modules/$(uname -r)/modules.builtin
[ -r "$b" ] && grep -qE ${quoteAll([`/${pattern(name)}\\.ko`])} "$b" && echo builtin
for f in /etc/modules-load.d/*.conf; do [ -r "$f" ] && while read -r m x; do case $m in ${quote(name)}|${quote(plain)}) echo boot; break ;; esac; done <"$f"; done
for f in /etc/modprobe.d/*.conf; do [ -r "$f" ] && while read -r k m o; do [ "$k" = options ] && case $m in ${quote(name)}|${quote(plain)}) echo "options=$o" ;; esac; done <"$f"; done
:
`;
  return scriptProbe(`kernel-module:${name}`, script, parseKernelModule);
}

export function parseKernelModule(answer: Answer): KernelModuleState {
  const lines = answer.stdout.toString('utf8').split('\n');
  const options = lines.findLast((text) => text.startsWith('options='))?.slice(8) ?? '';
  return {
    kind: 'kernel-module',
    loaded: lines.includes('loaded') || lines.includes('builtin'),
    atBoot: lines.includes('boot'),
    options,
    info: { builtin: lines.includes('builtin') },
  };
}
