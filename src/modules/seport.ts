// seport: which ports the policy of SELinux gives to a type.
import { bool, choice, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import type { Step } from '../core/step.ts';

interface PortsState {
  readonly kind: 'seport' | 'disabled' | 'missing';
  /** Port or range to its types, of the protocol that is asked about. */
  readonly types: Readonly<Record<string, readonly string[]>>;
}

export const seport = defineModule<PortsShape, { readonly ports: PortsState }>({
  name: 'community.general.seport',
  summary: 'Give ports to types of the SELinux policy',
  args: portsArgs(),
  example: `
- community.general.seport:
    ports: '8888'
    proto: tcp
    setype: http_port_t
    state: present
  when: ansible_facts.selinux.status | default('disabled') == 'enabled'
`,
  probe: (args): { ports: Probe<PortsState> } => ({
    ports: scriptProbe(
      `seport:${args.proto}:${args.local ? 'local' : 'all'}`,
      portsScript(args.local),
      (answer) => parsePorts(answer, args.proto),
      { costly: true },
    ),
  }),
})({
  plan: (args, { ports: now }) => {
    if (now.kind === 'disabled' && !args.ignore_selinux_state) return { failed: 'SELinux is disabled on this host.' };
    if (now.kind === 'missing')
      return { failed: 'semanage is not on this host', hint: 'Install policycoreutils-python-utils.' };
    const wrong = args.ports.filter((port) => has(now, port, args.setype) !== (args.state === 'present'));
    if (wrong.length === 0 || now.kind === 'disabled') return { after: {} };
    const types = { ...now.types };
    for (const port of wrong) {
      if (args.state === 'present') types[port] = [args.setype];
      else delete types[port];
    }
    return { after: { ports: { ...now, types } } };
  },
  apply: (args, { before, after }) => {
    if (before.ports === after.ports) return [];
    const reload = args.reload ? [] : ['-N'];
    return args.ports
      .filter((port) => has(before.ports, port, args.setype) !== (args.state === 'present'))
      .map((port): Step => {
        // A port that a type has already is given to another, not added once more.
        const words =
          args.state === 'absent' ? ['-d'] : [before.ports.types[port] === undefined ? '-a' : '-m', '-t', args.setype];
        return {
          kind: 'run',
          argv: [
            'env',
            'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            'semanage',
            'port',
            ...reload,
            ...words,
            '-p',
            args.proto,
            port,
          ],
          long: true,
        };
      });
  },
  result: (args) => ({ ports: args.ports, proto: args.proto, setype: args.setype, state: args.state }),
});

function portsArgs() {
  return {
    ports: list(str()).describe('Ports, or ranges such as 10000-10100.'),
    proto: choice('tcp', 'udp').describe('The protocol.'),
    setype: str().describe('The type: http_port_t.'),
    state: choice('absent', 'present').default('present').describe('Whether the type has them.'),
    reload: bool().default(true).describe('Let the kernel read the policy anew.'),
    local: bool().default(false).describe('Look only at what was changed on this host.'),
    ignore_selinux_state: bool().default(false).describe('Do nothing, rather than fail, where SELinux is off.'),
  };
}
type PortsShape = ReturnType<typeof portsArgs>;

const has = (state: PortsState, port: string, type: string): boolean => state.types[port]?.includes(type) === true;

function portsScript(local: boolean): string {
  return `[ -e /sys/fs/selinux/enforce ] || { echo disabled; exit 0; }
PATH=$PATH:/usr/sbin:/sbin; command -v semanage >/dev/null || { echo missing; exit 0; }
semanage port -l -n${local ? ' -C' : ''} 2>/dev/null
:`;
}

/** `ssh_port_t   tcp   22, 2222`: one line for a type and protocol. */
export function parsePorts(answer: Answer, proto: string): PortsState {
  const text = answer.stdout.toString('utf8');
  if (text.startsWith('disabled') || text.startsWith('missing'))
    return { kind: text.startsWith('disabled') ? 'disabled' : 'missing', types: {} };
  const types: Record<string, string[]> = {};
  for (const [, type = '', protocol, ports = ''] of text.matchAll(/^(\S+)\s+(tcp|udp)\s+(\S.*)$/gm)) {
    if (protocol === proto)
      for (const port of ports.split(',').map((each) => each.trim())) types[port] = [...(types[port] ?? []), type];
  }
  return { kind: 'seport', types };
}
