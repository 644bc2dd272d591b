// Which packages are installed: one process of the package database for all names of an exchange.
import { quoteAll } from '../core/quote.ts';
import { probeOf, scriptProbe, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';

export type Database = 'dpkg' | 'rpm' | 'apk' | 'pacman';

export type PackageState =
  | {
      readonly kind: 'installed';
      readonly version: string | Unknown;
      readonly info: { readonly architecture?: string; readonly held?: boolean; readonly provider?: string };
    }
  /** `residual`: removed, but its configuration files are there still (dpkg). */
  | { readonly kind: 'absent'; readonly residual?: boolean | Unknown }
  | { readonly kind: 'unavailable'; readonly message: string };

interface PackageQuery {
  readonly name: string;
}

/** `name`: a package (dpkg: `name:arch` too), a virtual package, for rpm also name-version or a capability. */
export function packageProbe(name: string, database: Database): Probe<PackageState> {
  return probeOf(FAMILIES[database], `package:${name}`, { name });
}

const FAMILIES: Readonly<Record<Database, ProbeFamily<PackageQuery, PackageState>>> = {
  dpkg: { name: 'package-dpkg', script: (queries) => dpkgScript(queries.map(({ name }) => name)), parse: parseDpkg },
  rpm: { name: 'package-rpm', script: (queries) => rpmScript(queries.map(({ name }) => name)), parse: parseRpm },
  apk: {
    name: 'package-apk',
    script: () =>
      'for f in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -r "$f" ] && { echo @@apk; grep \'^[PVp]:\' "$f"; exit 0; }; done; echo \'@@none apk has no database on this host\'',
    parse: parseApk,
  },
  pacman: {
    name: 'package-pacman',
    script: (queries) =>
      `command -v pacman >/dev/null || { echo '@@none pacman is not installed'; exit 0; }\npacman -Q -- ${quoteAll(queries.map(({ name }) => name))} 2>/dev/null; :`,
    parse: parsePacman,
  },
};

function unavailable(answer: Answer): string | undefined {
  return /^@@none (.*)$/m.exec(answer.stdout.toString('utf8'))?.[1];
}

/** Names that no package has may be provided by others: then, and only then, what all installed packages provide is searched. */
function dpkgScript(names: readonly string[]): string {
  return `
command -v dpkg-query >/dev/null || { echo '@@none dpkg-query is not installed'; exit 0; }
o=$(dpkg-query -W -f '\${Package}\\t\${Architecture}\\t\${db:Status-Status}\\t\${db:Status-Want}\\t\${Version}\\n' -- ${quoteAll(names)} 2>/dev/null)
r=$?
printf '%s\\n' "$o"
case $r$o in
  0*not-installed*|[1-9]*)
    echo @@provides
    dpkg-query -W -f '\${db:Status-Status}\\t\${Package}\\t\${Version}\\t\${Provides}\\n' 2>/dev/null | grep '^installed.*	[^	]' | grep -F ${names.map((name) => `-e ${quoteAll([name.replace(/:.*$/, '')])}`).join(' ')} ;;
esac
:
`;
}

export function parseDpkg(answer: Answer, queries: readonly PackageQuery[]): PackageState[] {
  const none = unavailable(answer);
  if (none !== undefined) return queries.map(() => ({ kind: 'unavailable', message: none }));
  const [direct = '', provides = ''] = answer.stdout.toString('utf8').split('@@provides');
  const found = direct
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length >= 5);
  const providers = provides
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length >= 4);
  return queries.map(({ name }) => {
    const [wanted = name, architecture] = name.split(':');
    const pattern = /[*?[]/.test(wanted)
      ? new RegExp(`^${wanted.replace(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
      : undefined;
    const same = found.filter(
      ([own = '', arch]) =>
        (pattern === undefined ? own === wanted : pattern.test(own)) &&
        (architecture === undefined || architecture === 'any' || arch === architecture),
    );
    const installed = same.find(
      ([, , status]) => status === 'installed' || status === 'triggers-pending' || status === 'triggers-awaited',
    );
    if (installed !== undefined) {
      const [, arch = '', , want, version = ''] = installed;
      return { kind: 'installed', version, info: { architecture: arch, ...(want === 'hold' ? { held: true } : {}) } };
    }
    const provider = same.some(([, , status]) => status !== 'not-installed')
      ? undefined
      : providers.find(([, , , list = '']) =>
          list.split(',').some((entry) => entry.trim().split(/[ (]/)[0] === wanted),
        );
    if (provider !== undefined)
      return { kind: 'installed', version: provider[2] ?? '', info: { provider: provider[1] ?? '' } };
    return { kind: 'absent', residual: same.some(([, , status]) => status !== 'not-installed') };
  });
}

function rpmScript(names: readonly string[]): string {
  const globs = names.filter((name) => /[*?[]/.test(name));
  const plain = names.filter((name) => !globs.includes(name));
  const format = "'%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n'";
  return `
command -v rpm >/dev/null || { echo '@@none rpm is not installed'; exit 0; }
${plain.length === 0 ? '' : `rpm -q --qf ${format} -- ${quoteAll(plain)} 2>&1 || { echo @@provides; rpm -q --whatprovides --qf ${format} -- ${quoteAll(plain)} 2>&1; }`}
echo @@globs
${globs.length === 0 ? '' : `rpm -qa --qf ${format} -- ${quoteAll(globs)} 2>/dev/null`}
:
`;
}

export function parseRpm(answer: Answer, queries: readonly PackageQuery[]): PackageState[] {
  const none = unavailable(answer);
  if (none !== undefined) return queries.map(() => ({ kind: 'unavailable', message: none }));
  const [plain = '', globs = ''] = answer.stdout.toString('utf8').split('@@globs');
  const [direct = '', provides = ''] = plain.split('@@provides');
  const rows = (text: string) =>
    text
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((fields) => fields.length >= 5);
  const found = rows(direct);
  const isMissing = (text: string, name: string) =>
    text
      .split('\n')
      .some(
        (line) =>
          line === `package ${name} is not installed` ||
          line === `no package provides ${name}` ||
          (line.startsWith('error:') && line.includes(name)),
      );
  return queries.map(({ name }) => {
    const pattern = /[*?[]/.test(name)
      ? new RegExp(`^${name.replace(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
      : undefined;
    // Several versions of one package (kernel) can be installed: the last is the newest in rpm's order of installation.
    const row = (pattern === undefined ? found : rows(globs)).findLast((fields) =>
      namesOf(fields).some((own) => (pattern === undefined ? own === name : pattern.test(own))),
    );
    if (row !== undefined) return installedRow(row);
    if (pattern !== undefined) return { kind: 'absent' };
    // Neither found under its name nor reported missing: a path or a capability that something provides.
    if (!isMissing(direct, name)) return { kind: 'installed', version: '', info: {} };
    return provides === '' || isMissing(provides, name)
      ? { kind: 'absent' }
      : {
          kind: 'installed',
          version:
            rows(provides)
              .map((fields) => versionOf(fields))
              .find((version) => version !== '') ?? '',
          info: { provider: rows(provides)[0]?.[0] ?? '' },
        };
  });
}

function versionOf([, epoch = '0', version = '', release = '']: readonly string[]): string {
  return `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`;
}
function installedRow(fields: readonly string[]): PackageState {
  return { kind: 'installed', version: versionOf(fields), info: { architecture: fields[4] ?? '' } };
}
/** All ways to name an installed rpm. */
function namesOf([name = '', epoch = '0', version = '', release = '', arch = '']: readonly string[]): string[] {
  return [
    name,
    `${name}.${arch}`,
    `${name}-${version}`,
    `${name}-${version}-${release}`,
    `${name}-${version}-${release}.${arch}`,
    `${name}-${epoch}:${version}-${release}`,
    `${name}-${epoch}:${version}-${release}.${arch}`,
  ];
}

export function parseApk(answer: Answer, queries: readonly PackageQuery[]): PackageState[] {
  const none = unavailable(answer);
  if (none !== undefined) return queries.map(() => ({ kind: 'unavailable', message: none }));
  const installed = new Map<string, { version: string; provider?: string }>();
  let name = '';
  let version = '';
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    if (line.startsWith('P:')) name = line.slice(2);
    if (line.startsWith('V:')) {
      version = line.slice(2);
      installed.set(name, { version });
    }
    if (line.startsWith('p:'))
      for (const provided of line.slice(2).split(' '))
        if (!installed.has(provided.split('=')[0] ?? ''))
          installed.set(provided.split('=')[0] ?? '', { version, provider: name });
  }
  return queries.map((query) => {
    const known = installed.get(query.name);
    return known === undefined
      ? { kind: 'absent' }
      : {
          kind: 'installed',
          version: known.version,
          info: known.provider === undefined ? {} : { provider: known.provider },
        };
  });
}

export function parsePacman(answer: Answer, queries: readonly PackageQuery[]): PackageState[] {
  const none = unavailable(answer);
  if (none !== undefined) return queries.map(() => ({ kind: 'unavailable', message: none }));
  const installed = new Map(
    answer.stdout
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter((fields) => fields.length === 2)
      .map(([name = '', version = '']) => [name, version]),
  );
  return queries.map(({ name }) =>
    installed.has(name) ? { kind: 'installed', version: installed.get(name) ?? '', info: {} } : { kind: 'absent' },
  );
}

/** The version that an install would give now, by the lists that the host has; undefined where there is none. */
export interface CandidateState {
  readonly kind: 'candidate';
  readonly info: { readonly version: string | undefined };
}

export function candidateProbe(name: string, database: Database, release?: string): Probe<CandidateState> {
  const family = {
    ...CANDIDATES[database],
    name: `candidate-${database}-${release ?? ''}`,
    script: (queries: readonly PackageQuery[]) =>
      candidateScript(
        queries.map((query) => query.name),
        database,
        release,
      ),
  };
  return probeOf(family, `candidate:${name}`, { name }, { costly: true });
}

const CANDIDATES: Readonly<Record<Database, ProbeFamily<PackageQuery, CandidateState>>> = {
  dpkg: { name: '', parse: (answer, queries) => byName(queries, aptCandidates(answer.stdout.toString('utf8'))) },
  rpm: { name: '', parse: (answer, queries) => byName(queries, lastFields(answer.stdout.toString('utf8'))) },
  apk: { name: '', parse: (answer, queries) => byName(queries, apkCandidates(answer.stdout.toString('utf8'))) },
  pacman: { name: '', parse: (answer, queries) => byName(queries, lastFields(answer.stdout.toString('utf8'))) },
};

function candidateScript(names: readonly string[], database: Database, release: string | undefined): string {
  switch (database) {
    case 'dpkg':
      return `apt-cache ${release === undefined ? '' : `-o APT::Default-Release=${quoteAll([release])} `}policy -- ${quoteAll(names)} 2>/dev/null; :`;
    case 'rpm':
      return `if command -v dnf >/dev/null; then dnf -q -C repoquery --latest-limit=1 --qf '%{name}	%{evr}\\n' -- ${quoteAll(names)} 2>/dev/null; elif command -v zypper >/dev/null; then zypper -q -n --no-refresh info -- ${quoteAll(names)} 2>/dev/null | while IFS=: read -r k v; do case $k in Name*) n=\${v# } ;; Version*) echo "$n	\${v# }" ;; esac; done; fi; :`;
    case 'apk':
      return `apk policy ${quoteAll(names)} 2>/dev/null; :`;
    case 'pacman':
      return `for n in ${quoteAll(names)}; do v=$(pacman -Sp --print-format '%v' -- "$n" 2>/dev/null | tail -n 1); echo "$n	$v"; done; :`;
  }
}

function byName(queries: readonly PackageQuery[], versions: ReadonlyMap<string, string>): CandidateState[] {
  return queries.map(({ name }) => ({
    kind: 'candidate',
    info: { version: versions.get(name) ?? versions.get(name.replace(/:.*$/, '')) },
  }));
}

export function aptCandidates(text: string): Map<string, string> {
  const versions = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (/^\S.*:$/.test(line)) name = line.slice(0, -1);
    const candidate = /^ {2}Candidate: (\S+)/.exec(line)?.[1];
    if (candidate !== undefined && candidate !== '(none)') versions.set(name, candidate);
  }
  return versions;
}

/** `apk policy` lists versions oldest first below the name. */
function apkCandidates(text: string): Map<string, string> {
  const versions = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const header = /^(\S+) policy:/.exec(line)?.[1];
    if (header !== undefined) name = header;
    const version = /^ {2}(\S+):$/.exec(line)?.[1];
    if (version !== undefined) versions.set(name, version);
  }
  return versions;
}

function lastFields(text: string): Map<string, string> {
  return new Map(
    text
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((fields) => fields.length === 2 && fields[1] !== '')
      .map(([name = '', version = '']) => [name, version]),
  );
}

/** When the lists of apt were last refreshed. Never compared. */
export interface AptListsState {
  readonly kind: 'apt-lists';
  readonly info: {
    /** Seconds since the epoch; 0: never. */ readonly refreshed: number;
    /** Seconds ago. */ readonly age: number;
    /** A source was changed after that. */ readonly outdated: boolean;
  };
}

/** The stamp that apt's periodic jobs (and vbx) set, else the time of the lists, as Ansible reads them. */
export const aptListsProbe: Probe<AptListsState> = scriptProbe(
  'apt-lists',
  `date +%s
stat -c 'stamp %Y' /var/lib/apt/periodic/update-success-stamp 2>/dev/null
stat -c 'lists %Y' /var/lib/apt/lists 2>/dev/null
stat -c 'source %Y' /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/sources.list.d/* 2>/dev/null
:`,
  parseAptLists,
);

export function parseAptLists(answer: Answer): AptListsState {
  const [first = '0', ...rest] = answer.stdout.toString('latin1').trim().split('\n');
  const times = (word: string) =>
    rest.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1)));
  const refreshed = times('stamp')[0] ?? times('lists')[0] ?? 0;
  return {
    kind: 'apt-lists',
    info: {
      refreshed,
      age: Math.max(0, Number(first) - refreshed),
      outdated: Math.max(0, ...times('source')) > refreshed,
    },
  };
}

/** Packages that an upgrade would change now. */
export interface UpgradesState {
  readonly kind: 'upgrades';
  readonly pending: readonly string[] | Unknown;
  /** What the rehearsal printed. */
  readonly info?: { readonly said: string };
}

/** `mode`: `dist-upgrade`, or `upgrade` (which removes nothing). Simulated with the lists that the host has. */
export function aptUpgradesProbe(mode: 'upgrade' | 'dist-upgrade', release?: string): Probe<UpgradesState> {
  const target = release === undefined ? '' : ` -t ${quoteAll([release])}`;
  return scriptProbe(
    `upgrades:${mode}`,
    `apt-get -s -q -o Debug::NoLocking=1${target} ${mode === 'upgrade' ? 'upgrade --with-new-pkgs' : mode} 2>/dev/null; :`,
    (answer) => rehearsed(answer, /^(Inst|Remv) /, 'Inst '),
    { costly: true },
  );
}

/** `planned`: begins lines of what would be done; `plain`: what of these is left out of a name. */
function rehearsed(answer: Answer, planned: RegExp, plain: RegExp | string): UpgradesState {
  const said = answer.stdout.toString('utf8');
  return {
    kind: 'upgrades',
    pending: said
      .split('\n')
      .filter((line) => planned.test(line))
      .map((line) => line.split(' ').slice(0, 2).join(' ').replace(plain, '')),
    info: { said },
  };
}

/** Packages that nothing needs any more, as apt or dnf would remove them. */
export function autoremovableProbe(database: 'dpkg' | 'rpm', purge: boolean): Probe<UpgradesState> {
  if (database === 'dpkg')
    return scriptProbe(
      'autoremovable',
      `apt-get -s -q -o Debug::NoLocking=1 ${purge ? '--purge ' : ''}autoremove 2>/dev/null; :`,
      (answer) => rehearsed(answer, /^(Remv|Purg) /, /^(Remv|Purg) /),
      { costly: true },
    );
  return scriptProbe(
    'autoremovable',
    'dnf -q -C repoquery --unneeded 2>/dev/null; :',
    (answer) => ({
      kind: 'upgrades',
      pending: answer.stdout
        .toString('utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    }),
    { costly: true },
  );
}

/** An rpm file or URL: installed if the very package that it holds is. A URL is read by rpm itself. */
export function rpmFileProbe(location: string): Probe<PackageState> {
  const script = `command -v rpm >/dev/null || { echo '@@none rpm is not installed'; exit 0; }
n=$(rpm -qp --nosignature --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}' ${quoteAll([location])} 2>/dev/null) || { echo missing; exit 0; }
rpm -q --qf '%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n' -- "$n" 2>/dev/null; :`;
  return scriptProbe(
    `package:${location}`,
    script,
    (answer): PackageState => {
      const text = answer.stdout.toString('utf8').trim();
      if (text === 'missing') return { kind: 'unavailable', message: `${location} cannot be read as a package` };
      const [row] = parseRpm({ ...answer, stdout: Buffer.from(`${text}\n@@globs\n`) }, [
        { name: text.split('\t')[0] ?? '' },
      ]);
      return text === '' || row === undefined ? { kind: 'absent' } : row;
    },
    location.includes('://') ? { costly: true } : { touches: [location] },
  );
}

/** A group of packages (`@development`), by the metadata that the host has. */
export function rpmGroupProbe(name: string): Probe<PackageState> {
  return scriptProbe(
    `package:${name}`,
    'dnf -C -q group list --installed --ids 2>/dev/null || dnf -C -q group list --installed 2>/dev/null || yum -q grouplist installed ids 2>/dev/null; :',
    (answer): PackageState => {
      const wanted = name.replace(/^@\^?/, '');
      const there = answer.stdout
        .toString('utf8')
        .split('\n')
        .some(
          (line) =>
            line.trim().replace(/\s+\(.*\)$/, '') === wanted ||
            line.includes(`(${wanted})`) ||
            line.trim().split(/\s+/)[0] === wanted,
        );
      return there ? { kind: 'installed', version: '', info: {} } : { kind: 'absent' };
    },
    { costly: true },
  );
}

/** All that `dnf upgrade` would change. */
export function dnfUpgradesProbe(flags: readonly string[]): Probe<UpgradesState> {
  return scriptProbe(
    'upgrades:dnf',
    `d=dnf; command -v dnf >/dev/null || d=yum; $d -q ${quoteAll([...flags, 'check-update'])} 2>/dev/null; :`,
    (answer) => ({
      kind: 'upgrades',
      pending: answer.stdout
        .toString('utf8')
        .split('\n')
        .map((line) => /^(\S+\.\S+)\s+(\S+)\s+\S+$/.exec(line)?.[1])
        .filter((name) => name !== undefined),
    }),
    { costly: true },
  );
}
