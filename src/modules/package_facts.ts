// package_facts: all installed packages as the fact `packages`.
import { choice, list } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer } from '../core/probe.ts';

interface Packages {
  readonly kind: 'packages' | 'cut short';
  /** The database that was read. */
  readonly source?: string;
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
  probe: (args) => ({ packages: scriptProbe('packages', scriptOf(args.manager), parsePackages, { costly: true }) }),
})({
  plan: (args, { packages }) => {
    if (packages.kind === 'cut short') return { failed: 'the host was cut short while it listed its packages' };
    if (packages.source === 'failed')
      return {
        failed: `Could not detect a supported package manager from the following list: ${supported(args.manager).join(', ')}`,
        warnings: [`Failed to retrieve packages with ${named(args.manager)[0] ?? 'apk'}: Unable to list packages`],
      };
    if (packages.info['@none'] !== undefined)
      return {
        failed: `Could not detect a supported package manager from the following list: ${supported(args.manager).join(', ')}`,
        warnings: named(args.manager).map(unusable),
      };
    return {
      after: {},
      warnings: (args.strategy === 'first' ? [] : named(args.manager))
        .filter((name) => DATABASES[name] !== undefined && DATABASES[name] !== packages.source)
        .map(unusable),
    };
  },
  apply: () => [],
  result: (_args, { after }) => ({ ansible_facts: { packages: after.packages.info } }),
  facts: (_args, { packages }) => ({ packages: packages.info }),
});

function factsArgs() {
  return {
    manager: list(
      choice(
        'auto',
        'rpm',
        'yum',
        'dnf',
        'dnf5',
        'zypper',
        'apt',
        'portage',
        'pkg',
        'pkg5',
        'pkgng',
        'pacman',
        'apk',
        'pkg_info',
        'openbsd_pkg',
      ),
    )
      .default(['auto'])
      .describe('Whose database is read: that which the host has, or that of a manager'),
    strategy: choice('first', 'all').default('first').describe('Taken for compatibility: a host has one database.'),
  };
}
type FactsShape = ReturnType<typeof factsArgs>;

/** The database that each manager reads; those that vbx does not know have none. */
const DATABASES: Readonly<Record<string, string>> = {
  apt: 'apt',
  rpm: 'rpm',
  yum: 'rpm',
  dnf: 'rpm',
  dnf5: 'rpm',
  zypper: 'rpm',
  apk: 'apk',
  pacman: 'pacman',
};

/** The managers that are asked for by name. */
const named = (managers: readonly string[]): string[] => managers.filter((name) => name !== 'auto');
const supported = (managers: readonly string[]): readonly string[] =>
  managers.includes('auto') ? ['apt', 'rpm', 'apk', 'pacman'] : managers;
const unusable = (name: string): string =>
  `Requested package manager ${name} was not usable by this module: ${DATABASES[name] === undefined ? 'vbx does not know its database' : `Unable to find "${name}" on the host`}`;

const SCRIPTS: Readonly<Record<string, string>> = {
  apt: `if [ -r /var/lib/dpkg/status ] && command -v dpkg-query >/dev/null; then echo @@apt; dpkg-query -W -f '\${db:Status-Status}\\t\${Package}\\t\${Version}\\t\${Architecture}\\t\${Section}\\t\${Origin}\\n' 2>/dev/null`,
  rpm: `if command -v rpm >/dev/null; then echo @@rpm; rpm -qa --qf '%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCHNUM}\\t%{ARCH}\\n' 2>/dev/null`,
  apk: `if command -v apk >/dev/null; then f=; for x in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ ! -r "$x" ] || f=$x; done; if [ -n "$f" ]; then echo @@apk; grep '^[PVA]:' "$f"; else echo @@failed; fi`,
  pacman: `if command -v pacman >/dev/null; then echo @@pacman; pacman -Q 2>/dev/null`,
};

/** Asks the first database that is there, of those that are asked for. */
function scriptOf(managers: readonly string[]): string {
  const databases = new Set(
    managers.includes('auto') ? Object.keys(SCRIPTS) : managers.flatMap((name) => DATABASES[name] ?? []),
  );
  const parts = [...databases].map((name, index) => `${index === 0 ? '' : 'el'}${SCRIPTS[name] ?? ''}\n`);
  return `${parts.join('')}${parts.length === 0 ? 'echo @@none\n' : 'else echo @@none; fi\n'}echo @@end\n:\n`;
}

export function parsePackages(answer: Answer): Packages {
  const [first = '', ...all] = answer.stdout
    .toString('utf8')
    .split('\n')
    .filter((text) => text !== '');
  const lines = all.slice(0, -1);
  if (all.at(-1) !== '@@end') return { kind: 'cut short', info: {} };
  const info: Record<string, Record<string, unknown>[]> = {};
  const add = (record: Record<string, unknown> & { name: string }) => {
    const known = Object.hasOwn(info, record.name) ? info[record.name] : undefined;
    Object.defineProperty(info, record.name, {
      value: [...(known ?? []), record],
      enumerable: true,
      writable: true,
      configurable: true,
    });
  };
  switch (first) {
    case '@@apt':
      for (const [status, name, version, arch, category, origin] of lines.map((text) => text.split('\t')))
        if (status === 'installed' && name !== undefined)
          add({ name, version, arch, category: category ?? '', origin: origin ?? '', source: 'apt' });
      break;
    case '@@rpm':
      for (const [name, version, release, epoch, arch] of lines.map((text) => text.split('\t')))
        if (name !== undefined)
          add({
            name,
            version,
            release,
            epoch: epoch === '0' ? null : Number(epoch),
            arch: arch === '(none)' ? null : arch,
            source: 'rpm',
          });
      break;
    case '@@apk': {
      // One block of lines a package, begun by its name in some versions of apk, by a checksum (not asked for) in others.
      let record: Record<string, string> = {};
      const flush = () => {
        const version = record['V'] ?? '';
        if (record['P'] !== undefined)
          add({
            name: record['P'],
            version: version.replace(/-r\d+$/, ''),
            release: /-(r\d+)$/.exec(version)?.[1] ?? '',
            arch: record['A'] ?? '',
            source: 'apk',
          });
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
      for (const [name, version] of lines.map((text) => text.split(' ')))
        if (name !== undefined && version !== undefined)
          add({
            name,
            version: version.replace(/-[^-]*$/, ''),
            release: /-([^-]*)$/.exec(version)?.[1] ?? '',
            source: 'pacman',
          });
      break;
    case '@@failed':
      break;
    default:
      return { kind: 'packages', info: { '@none': [] } };
  }
  return { kind: 'packages', source: first.slice(2), info };
}
