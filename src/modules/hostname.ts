// hostname: what the host calls itself, now and after a boot.
import { choice, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

interface HostnameState {
  readonly kind: 'hostname';
  readonly current: string;
  readonly permanent: string;
}

export const hostname = defineModule<HostnameShape, { readonly hostname: HostnameState }>({
  name: 'ansible.builtin.hostname',
  summary: 'Set the name of a host',
  args: hostnameArgs(),
  check: ({ name }) =>
    /^[A-Za-z0-9._-]{1,64}$/.test(name) ? undefined : 'name must be 1 to 64 letters, digits, dots and dashes',
  example: `
- ansible.builtin.hostname:
    name: node1.example.org
`,
  dropsShells: true,
  probe: () => ({
    hostname: scriptProbe(
      'hostname',
      'uname -n; if [ -r /etc/hostname ]; then while IFS= read -r l || [ -n "$l" ]; do case $l in "#"*|"") ;; *) printf "%s\\n" "$l"; break ;; esac; done </etc/hostname; elif [ -r /etc/conf.d/hostname ]; then . /etc/conf.d/hostname && printf "%s\\n" "$hostname"; fi; :',
      parseHostname,
    ),
  }),
})({
  plan: ({ name }, { hostname: now }) => ({
    after:
      now.current === name && now.permanent === name
        ? {}
        : { hostname: { kind: 'hostname', current: name, permanent: name } },
  }),
  apply: ({ name, use }, { before, after }) => {
    const word = quote(name);
    // hostnamectl needs a running systemd with its bus; the files and the kernel's own name are what it would set.
    const files = `printf '%s\\n' ${word} >/etc/hostname${use === 'openrc' || use === 'alpine' || use === undefined ? ` && if [ -f /etc/conf.d/hostname ]; then printf 'hostname=%s\\n' ${word} >/etc/conf.d/hostname; fi` : ''} && if command -v hostname >/dev/null; then hostname ${word}; else printf '%s\\n' ${word} >/proc/sys/kernel/hostname; fi`;
    if (before.hostname === after.hostname) return [];
    const plain = use !== undefined && use !== 'systemd';
    return [
      {
        kind: 'script',
        script: plain
          ? files
          : `if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null && hostnamectl set-hostname ${word}; then :; else ${files}; fi`,
      },
    ];
  },
  result: ({ name }) => ({ name }),
  facts: (_args, { hostname: { current } }) => ({
    ansible_hostname: current.split('.')[0] ?? current,
    ansible_nodename: current,
    ansible_fqdn: current,
    ansible_domain: current.split('.').slice(1).join('.'),
  }),
});

function hostnameArgs() {
  return {
    name: str().describe('The name.'),
    use: choice('alpine', 'debian', 'generic', 'openrc', 'redhat', 'sles', 'systemd')
      .optional()
      .describe('How to set it; otherwise by what the host has.'),
  };
}
type HostnameShape = ReturnType<typeof hostnameArgs>;

export function parseHostname(answer: Answer): HostnameState {
  const [current = '', permanent = ''] = answer.stdout
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim());
  return { kind: 'hostname', current, permanent };
}
