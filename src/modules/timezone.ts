// timezone: the time zone of a host, and whether its hardware clock runs in UTC.
import { choice, field, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';

interface ZoneState {
  readonly kind: 'timezone';
  readonly name: string;
  readonly hwclock: 'UTC' | 'local';
  /** The wanted zone is known to the host. */
  readonly info: { readonly known: boolean };
}

export const timezone = defineModule<ZoneShape, { readonly zone: ZoneState }>({
  name: 'community.general.timezone',
  summary: 'Set the time zone',
  args: zoneArgs(),
  check: ({ name, hwclock }) =>
    name === undefined && hwclock === undefined
      ? 'one of the following is required: hwclock, name'
      : name !== undefined && !/^[A-Za-z0-9+_-]+(\/[A-Za-z0-9+_-]+)*$/.test(name)
        ? `${name} cannot be the name of a time zone`
        : undefined,
  example: `
- community.general.timezone:
    name: Etc/UTC
`,
  probe: ({ name }): { zone: Probe<ZoneState> } => ({ zone: scriptProbe('timezone', zoneScript(name), parseZone) }),
})({
  plan: (args, { zone: now }) => {
    if (args.name !== undefined && args.name !== now.name && !now.info.known)
      return { failed: `given timezone "${args.name}" is not available`, hint: 'Is the package tzdata installed?' };
    const after = { ...now, name: args.name ?? now.name, hwclock: args.hwclock ?? now.hwclock };
    return { after: after.name === now.name && after.hwclock === now.hwclock ? {} : { zone: after } };
  },
  apply: (_args, { before: { zone: was }, after: { zone: wanted } }) => {
    const steps: Step[] = [];
    if (wanted.name !== was.name) {
      const zone = quote(wanted.name);
      steps.push({
        kind: 'script',
        script: `if [ -d /run/systemd/system ] && command -v timedatectl >/dev/null && timedatectl set-timezone ${zone}; then :; else ln -sfn /usr/share/zoneinfo/${zone} /etc/localtime || exit; fi\nif [ -e /etc/timezone ]; then printf '%s\\n' ${zone} >/etc/timezone; fi`,
      });
    }
    if (wanted.hwclock !== was.hwclock)
      steps.push({
        kind: 'script',
        script: `if [ -d /run/systemd/system ] && command -v timedatectl >/dev/null; then timedatectl set-local-rtc ${wanted.hwclock === 'local' ? '1' : '0'}; else hwclock --systohc ${wanted.hwclock === 'local' ? '--localtime' : '--utc'}; fi`,
      });
    return steps;
  },
  diff: (args, { before: { zone: was }, after: { zone: is } }) => {
    const told = (zone: ZoneState) => ({
      ...(args.name === undefined ? {} : { name: zone.name }),
      ...(args.hwclock === undefined ? {} : { hwclock: zone.hwclock }),
    });
    return { before: told(was), after: told(is) };
  },
  result: (_args, { before: { zone: was }, after: { zone: is } }, done) =>
    done.length === 0
      ? {}
      : {
          msg: `executed ${[...(was.name === is.name ? [] : [`\`timedatectl set-timezone ${is.name}\``]), ...(was.hwclock === is.hwclock ? [] : [`\`timedatectl set-local-rtc ${is.hwclock === 'local' ? 'yes' : 'no'}\``])].join(', ')}`,
        },
});

function zoneArgs() {
  return {
    name: str().optional().describe('The zone: Europe/Zurich.'),
    hwclock: field(choice('local', 'UTC'), { aliases: ['rtc'] })
      .optional()
      .describe('What the hardware clock tells.'),
  };
}
type ZoneShape = ReturnType<typeof zoneArgs>;

function zoneScript(name: string | undefined): string {
  return `if [ -h /etc/localtime ]; then echo "link=$(readlink /etc/localtime)"; fi
if [ -r /etc/timezone ]; then read -r z </etc/timezone; echo "file=$z"; fi
if [ -r /etc/adjtime ]; then while read -r l; do case $l in LOCAL|UTC) echo "clock=$l" ;; esac; done </etc/adjtime; fi
${name === undefined ? '' : `[ -e /usr/share/zoneinfo/${quote(name)} ] && echo known`}
:`;
}

export function parseZone(answer: Answer): ZoneState {
  const text = answer.stdout.toString('utf8');
  const link = /^link=.*zoneinfo\/(.*)$/m.exec(text)?.[1];
  const file = /^file=(.*)$/m.exec(text)?.[1];
  return {
    kind: 'timezone',
    name: link ?? file ?? '',
    hwclock: /^clock=LOCAL$/m.test(text) ? 'local' : 'UTC',
    info: { known: /^known$/m.test(text) },
  };
}
