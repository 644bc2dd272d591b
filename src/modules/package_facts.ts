// package_facts: all installed packages as the fact `packages`.
import { choice, list } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer } from '../core/probe.ts';

interface Packages {
  readonly kind: 'packages' | 'cut short';
  /** Name -> Ansible's records of it, one an installed version. */
  readonly info: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

export const package_facts = defineModule<FactsShape, { readonly packages: Packages }>({
  name: 'ansible.builtin.package_facts',
  summary: 'Tell all installed packages as facts',
  args: factsArgs(),
  example: `
- ansible.builtin.package_facts:
`,
  reports: true,
  probe: () => ({ packages: scriptProbe('packages', SCRIPT, parsePackages, { costly: true }) }),
})({
  plan: (_args, { packages }) => (packages.kind === 'cut short' ? { failed: 'the host was cut short while it listed its packages' } : packages.info['@none'] === undefined ? { after: {} } : { failed: 'Could not detect a supported package manager from the following list: apt, rpm, apk, pacman' }),
  apply: () => [],
  result: (_args, { after }) => ({ ansible_facts: { packages: after.packages.info } }),
  facts: (_args, { packages }) => ({ packages: packages.info }),
});

function factsArgs() {
  return {
    manager: list(choice('auto', 'rpm', 'yum', 'dnf', 'dnf5', 'zypper', 'apt', 'portage', 'pkg', 'pkg5', 'pkgng', 'pacman', 'apk', 'pkg_info', 'openbsd_pkg')).default(['auto']).describe('Taken for compatibility: the database that the host has is read.'),
    strategy: choice('first', 'all').default('first').describe('Taken for compatibility: a host has one database.'),
  };
}
type FactsShape = ReturnType<typeof factsArgs>;

const SCRIPT = `
if [ -r /var/lib/dpkg/status ] && command -v dpkg-query >/dev/null; then echo @@apt; dpkg-query -W -f '\${db:Status-Status}\\t\${Package}\\t\${Version}\\t\${Architecture}\\t\${Section}\\t\${Origin}\\n' 2>/dev/null
elif command -v rpm >/dev/null; then echo @@rpm; rpm -qa --qf '%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCHNUM}\\t%{ARCH}\\n' 2>/dev/null
elif command -v apk >/dev/null; then echo @@apk; for f in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -r "$f" ] && { grep '^[PVA]:' "$f"; break; }; done
elif command -v pacman >/dev/null; then echo @@pacman; pacman -Q 2>/dev/null
else echo @@none; fi
echo @@end
:
`;

export function parsePackages(answer: Answer): Packages {
  const [first = '', ...all] = answer.stdout.toString('utf8').split('\n').filter((text) => text !== '');
  const lines = all.slice(0, -1);
  if (all.at(-1) !== '@@end') return { kind: 'cut short', info: {} };
  const info: Record<string, Record<string, unknown>[]> = {};
  const add = (record: Record<string, unknown> & { name: string }) => {
    const known = Object.hasOwn(info, record.name) ? info[record.name] : undefined;
    Object.defineProperty(info, record.name, { value: [...(known ?? []), record], enumerable: true, writable: true, configurable: true });
  };
  switch (first) {
    case '@@apt':
      for (const [status, name, version, arch, category, origin] of lines.map((text) => text.split('\t'))) if (status === 'installed' && name !== undefined) add({ name, version, arch, category: category ?? '', origin: origin ?? '', source: 'apt' });
      break;
    case '@@rpm':
      for (const [name, version, release, epoch, arch] of lines.map((text) => text.split('\t'))) if (name !== undefined) add({ name, version, release, epoch: epoch === '0' ? null : Number(epoch), arch: arch === '(none)' ? null : arch, source: 'rpm' });
      break;
    case '@@apk': {
      // One block of lines a package, begun by its name in some versions of apk, by a checksum (not asked for) in others.
      let record: Record<string, string> = {};
      const flush = () => {
        const version = record['V'] ?? '';
        if (record['P'] !== undefined) add({ name: record['P'], version: version.replace(/-r\d+$/, ''), release: /-(r\d+)$/.exec(version)?.[1] ?? '', arch: record['A'] ?? '', source: 'apk' });
        record = {};
      };
      for (const text of lines) {
        if (record[text.charAt(0)] !== undefined) flush();
        record[text.charAt(0)] = text.slice(2);
      }
      flush();
      break;
    }
    case '@@pacman':
      for (const [name, version] of lines.map((text) => text.split(' '))) if (name !== undefined && version !== undefined) add({ name, version: version.replace(/-[^-]*$/, ''), release: /-([^-]*)$/.exec(version)?.[1] ?? '', source: 'pacman' });
      break;
    default:
      return { kind: 'packages', info: { '@none': [] } };
  }
  return { kind: 'packages', info };
}
