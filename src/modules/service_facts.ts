// service_facts: all services as the fact `services`, of systemd, OpenRC and init scripts.
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer } from '../core/probe.ts';

interface Services {
  readonly kind: 'services' | 'cut short';
  /** Name -> name, state (running, stopped, ...), status (enabled, disabled, ...), source. */
  readonly info: Readonly<
    Record<string, { readonly name: string; readonly state: string; readonly status: string; readonly source: string }>
  >;
}

export const service_facts = defineModule<Record<never, never>, { readonly services: Services }>({
  name: 'ansible.builtin.service_facts',
  summary: 'Tell all services as facts',
  args: {},
  example: `
- ansible.builtin.service_facts:
`,
  reports: true,
  probe: () => ({ services: scriptProbe('services', SCRIPT, parseServices, { costly: true }) }),
})({
  plan: (_args, { services }) =>
    services.kind === 'services' ? { after: {} } : { failed: 'the host was cut short while it listed its services' },
  apply: () => [],
  result: (_args, { after }) => ({ ansible_facts: { services: after.services.info } }),
  facts: (_args, { services }) => ({ services: services.info }),
});

const SCRIPT = `
PATH=$PATH:/usr/sbin:/sbin
if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
  echo @@units; systemctl list-units --no-pager --no-legend --plain --type=service --all 2>/dev/null
  echo @@files; systemctl list-unit-files --no-pager --no-legend --type=service 2>/dev/null
elif command -v rc-status >/dev/null; then
  echo @@openrc; rc-status -a -s 2>/dev/null; rc-update -v show 2>/dev/null | while IFS= read -r l; do echo "update:$l"; done
elif [ -d /etc/init.d ]; then
  echo @@sysv
  for f in /etc/init.d/*; do [ -x "$f" ] || continue; n=\${f##*/}; e=disabled; for l in /etc/rc[2345].d/S[0-9][0-9]"$n"; do [ -e "$l" ] && e=enabled; done; echo "$n $e"; done
fi
echo @@end
:
`;

export function parseServices(answer: Answer): Services {
  const info: Record<string, { name: string; state: string; status: string; source: string }> = {};
  const sections = new Map(
    `\n${answer.stdout.toString('utf8')}`
      .split('\n@@')
      .slice(1)
      .map((part) => [
        part.split('\n', 1)[0] ?? '',
        part
          .split('\n')
          .slice(1)
          .filter((text) => text.trim() !== ''),
      ]),
  );
  for (const text of sections.get('files') ?? []) {
    const [name = '', status = ''] = text.trim().split(/\s+/);
    info[name] = { name, state: 'unknown', status, source: 'systemd' };
  }
  for (const text of sections.get('units') ?? []) {
    const [name = '', load = '', active = '', sub = ''] = text.replace(/^[\s●*]+/, '').split(/\s+/);
    const known = info[name];
    // As under Ansible: what is running, what failed, what has stopped; a unit that only others name is not-found.
    info[name] = {
      name,
      state:
        load === 'not-found'
          ? 'stopped'
          : sub === 'running'
            ? 'running'
            : active === 'failed'
              ? 'failed'
              : sub === 'exited' || active === 'inactive' || active === 'active'
                ? 'stopped'
                : active,
      status: load === 'not-found' ? 'not-found' : (known?.status ?? 'unknown'),
      source: 'systemd',
    };
  }
  for (const entry of Object.values(info)) if (entry.state === 'unknown') entry.state = 'inactive';
  for (const text of sections.get('openrc') ?? []) {
    const state = /^\s*(\S+)\s+\[\s*(\w+)/.exec(text);
    const update = /^update:\s*(\S+)\s*\|(.*)$/.exec(text);
    if (update?.[1] !== undefined)
      info[update[1]] = {
        ...(info[update[1]] ?? { name: update[1], state: 'stopped', source: 'openrc' }),
        status: (update[2] ?? '').trim() === '' ? 'disabled' : 'enabled',
      };
    else if (state?.[1] !== undefined)
      info[state[1]] = {
        name: state[1],
        state: state[2] === 'started' ? 'running' : (state[2] ?? ''),
        status: 'disabled',
        source: 'openrc',
      };
  }
  for (const text of sections.get('sysv') ?? []) {
    const [name = '', status = ''] = text.split(' ');
    info[name] = { name, state: 'unknown', status, source: 'sysv' };
  }
  return { kind: sections.has('end') ? 'services' : 'cut short', info };
}
