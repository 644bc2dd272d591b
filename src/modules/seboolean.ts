// seboolean: a switch of the SELinux policy is on or off.
import { bool, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

interface BooleanState {
  readonly kind: 'seboolean' | 'absent' | 'disabled';
  readonly value: boolean;
  /** What the policy on disk says; that of the kernel where it is not asked for. */
  readonly permanent: boolean;
}

export const seboolean = defineModule<BooleanShape, { readonly boolean: BooleanState }>({
  name: 'ansible.posix.seboolean',
  summary: 'Set switches of the SELinux policy',
  args: booleanArgs(),
  example: `
- ansible.posix.seboolean:
    name: httpd_can_network_connect
    state: true
    persistent: true
  when: ansible_facts.selinux.status | default('disabled') == 'enabled'
`,
  probe: (args): { boolean: Probe<BooleanState> } => ({
    boolean: scriptProbe(
      `seboolean:${args.name}`,
      booleanScript(args.name, args.persistent),
      parseBoolean,
      args.persistent ? { costly: true } : {},
    ),
  }),
})({
  plan: (args, { boolean: now }) => {
    if (now.kind === 'disabled')
      return args.ignore_selinux_state ? { after: {} } : { failed: 'SELinux is disabled on this host.' };
    if (now.kind === 'absent') return { failed: `SELinux boolean ${args.name} does not exist.` };
    return {
      after:
        now.value === args.state && (!args.persistent || now.permanent === args.state)
          ? {}
          : {
              boolean: {
                kind: 'seboolean',
                value: args.state,
                permanent: args.persistent ? args.state : now.permanent,
              },
            },
    };
  },
  apply: (args, { before, after }) =>
    before.boolean === after.boolean
      ? []
      : [
          {
            kind: 'run',
            argv: ['setsebool', ...(args.persistent ? ['-P'] : []), args.name, args.state ? 'on' : 'off'],
            long: true,
          },
        ],
  result: (args) => ({ name: args.name, persistent: args.persistent, state: args.state }),
});

function booleanArgs() {
  return {
    name: str().describe('The switch.'),
    state: bool().describe('On or off.'),
    persistent: bool().default(false).describe('Keep it over a boot.'),
    ignore_selinux_state: bool().default(false).describe('Do nothing, rather than fail, where SELinux is off.'),
  };
}
type BooleanShape = ReturnType<typeof booleanArgs>;

function booleanScript(name: string, permanent: boolean): string {
  const word = quote(name);
  return `[ -e /sys/fs/selinux/enforce ] || { echo disabled; exit 0; }
[ -r /sys/fs/selinux/booleans/${word} ] || { echo absent; exit 0; }
read -r a b </sys/fs/selinux/booleans/${word}; echo "now $a"
${permanent ? `PATH=$PATH:/usr/sbin:/sbin; command -v semanage >/dev/null && semanage boolean -l -n 2>/dev/null | grep ${quote(`^${name} `)}` : ''}
:`;
}

export function parseBoolean(answer: Answer): BooleanState {
  const text = answer.stdout.toString('utf8');
  if (text.startsWith('disabled')) return { kind: 'disabled', value: false, permanent: false };
  if (text.startsWith('absent')) return { kind: 'absent', value: false, permanent: false };
  const value = /^now 1/m.test(text);
  const listed = /\((\w+)\s*,\s*(\w+)\)/.exec(text)?.[2];
  return { kind: 'seboolean', value, permanent: listed === undefined ? value : listed === 'on' };
}
