// Which distribution a host runs, in Ansible's words, from the text of /etc/os-release and the older release files: pure, never guesses a version.

export interface Distribution {
  /** `Debian`, `RedHat`, `Rocky`, `openSUSE Leap`, ... as ansible_distribution has it. */
  readonly name: string;
  readonly version: string;
  readonly majorVersion: string;
  readonly minorVersion: string | undefined;
  /** The code name (`bookworm`, `Ootpa`); `NA` where there is none, as under Ansible. */
  readonly release: string;
  readonly family: string;
  readonly filePath: string;
  readonly fileVariety: string;
}

/** ID of os-release -> Ansible's name of the distribution. */
const NAMES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  raspbian: 'Debian',
  ubuntu: 'Ubuntu',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  devuan: 'Devuan',
  pop: 'Pop!_OS',
  parrot: 'Parrot',
  deepin: 'Deepin',
  neon: 'KDE neon',
  steamos: 'SteamOS',
  uos: 'Uos',
  'cumulus-linux': 'Cumulus Linux',
  osmc: 'OSMC',
  pardus: 'Pardus GNU/Linux',
  rhel: 'RedHat',
  centos: 'CentOS',
  fedora: 'Fedora',
  almalinux: 'AlmaLinux',
  rocky: 'Rocky',
  ol: 'OracleLinux',
  scientific: 'Scientific',
  amzn: 'Amazon',
  cloudlinux: 'CloudLinux',
  virtuozzo: 'Virtuozzo',
  eurolinux: 'EuroLinux',
  openeuler: 'openEuler',
  euleros: 'EulerOS',
  tencentos: 'TencentOS',
  xenenterprise: 'XenServer',
  'opensuse-leap': 'openSUSE Leap',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  opensuse: 'openSUSE',
  sles: 'SLES',
  sled: 'SLED',
  sles_sap: 'SLES_SAP',
  'sl-micro': 'SL-Micro',
  arch: 'Archlinux',
  archarm: 'Archlinux',
  manjaro: 'Manjaro',
  alpine: 'Alpine',
  gentoo: 'Gentoo',
  slackware: 'Slackware',
  altlinux: 'Altlinux',
  openwrt: 'OpenWrt',
  flatcar: 'Flatcar',
  coreos: 'Coreos',
  'clear-linux-os': 'Clear Linux OS',
  mandriva: 'Mandriva',
};

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  RedHat: [
    'RedHat',
    'Fedora',
    'CentOS',
    'AlmaLinux',
    'Rocky',
    'OracleLinux',
    'Scientific',
    'Amazon',
    'CloudLinux',
    'Virtuozzo',
    'EuroLinux',
    'openEuler',
    'EulerOS',
    'TencentOS',
    'XenServer',
  ],
  Debian: [
    'Debian',
    'Ubuntu',
    'Linux Mint',
    'Kali',
    'Devuan',
    'Pop!_OS',
    'Parrot',
    'Deepin',
    'KDE neon',
    'SteamOS',
    'Uos',
    'Cumulus Linux',
    'OSMC',
    'Pardus GNU/Linux',
  ],
  Suse: ['openSUSE Leap', 'openSUSE Tumbleweed', 'openSUSE', 'SLES', 'SLED', 'SLES_SAP', 'SL-Micro'],
  Archlinux: ['Archlinux', 'Manjaro'],
  Mandrake: ['Mandriva'],
  ClearLinux: ['Clear Linux OS'],
};
const FAMILY_OF = new Map(
  Object.entries(FAMILIES).flatMap(([family, names]) => names.map((name) => [name, family] as const)),
);
/** ID_LIKE -> family, for derivatives that have no name of their own here. */
const LIKE: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Debian',
  rhel: 'RedHat',
  fedora: 'RedHat',
  centos: 'RedHat',
  suse: 'Suse',
  opensuse: 'Suse',
  arch: 'Archlinux',
  alpine: 'Alpine',
};

/** The variables of an os-release file (os-release(5)): quotes and backslashes undone. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const raw = match[2];
    const quoted = /^"(.*)"$/.exec(raw) ?? /^'(.*)'$/.exec(raw);
    values[match[1]] = (quoted?.[1] ?? raw).replace(/\\(["'$`\\])/g, '$1');
  }
  return values;
}

/**
 * The distribution of a host. `osRelease` is what `parseOsRelease` gave; `files` the text of further release files by path
 * (`/etc/debian_version`, `/etc/centos-release`, `/etc/redhat-release`, `/etc/alpine-release`, ...), those that are there.
 */
export function distributionOf(
  osRelease: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Distribution {
  const id = (osRelease['ID'] ?? '').toLowerCase();
  const name = NAMES[id] ?? nameWithoutId(osRelease, files);
  const family =
    FAMILY_OF.get(name) ??
    (osRelease['ID_LIKE'] ?? '')
      .toLowerCase()
      .split(/\s+/)
      .map((like) => LIKE[like])
      .find((found) => found !== undefined) ??
    name;
  const version = versionOf(name, osRelease, files);
  const [major = 'NA', minor] = version.split('.');
  const [filePath, fileVariety] = fileOf(name, family, files);
  return {
    name,
    version,
    majorVersion: major === '' ? 'NA' : major,
    minorVersion: MINOR.has(name) ? minor : undefined,
    release: releaseOf(name, osRelease, files),
    family,
    filePath,
    fileVariety,
  };
}

/** Those of which Ansible tells a minor version. */
const MINOR: ReadonlySet<string> = new Set(['Amazon', 'Debian']);

function nameWithoutId(osRelease: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): string {
  const redhat = files['/etc/centos-release'] ?? files['/etc/redhat-release'];
  if (osRelease['ID'] === undefined && redhat !== undefined)
    return redhat.startsWith('Red Hat') ? 'RedHat' : (redhat.split(/\s+/)[0] ?? 'NA');
  if (files['/etc/alpine-release'] !== undefined) return 'Alpine';
  return osRelease['NAME'] ?? 'NA';
}

function versionOf(
  name: string,
  osRelease: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): string {
  const fallback = osRelease['VERSION_ID'] ?? numbersOf(files['/etc/redhat-release']) ?? 'NA';
  // Ansible takes the point release where the vendor keeps it in a file of its own.
  if (name === 'Debian') return /^\d+(\.\d+)?/.exec(files['/etc/debian_version'] ?? '')?.[0] ?? fallback;
  if (name === 'Alpine') return (files['/etc/alpine-release'] ?? fallback).trim();
  if (name === 'CentOS') return numbersOf(files['/etc/centos-release'])?.split('.').slice(0, 2).join('.') ?? fallback;
  if (name === 'Archlinux' || name === 'Gentoo') return osRelease['VERSION_ID'] ?? osRelease['BUILD_ID'] ?? 'NA';
  return fallback;
}

function numbersOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /\d+(\.\d+)*/.exec(text)?.[0];
}

function releaseOf(
  name: string,
  osRelease: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): string {
  if (name === 'CentOS' && /Stream/.test(`${files['/etc/centos-release'] ?? ''}${osRelease['NAME'] ?? ''}`))
    return 'Stream';
  if (name.startsWith('openSUSE') || name.startsWith('SLE'))
    return (osRelease['VERSION_ID'] ?? '').split('.')[1] ?? (name.startsWith('SLE') ? '0' : '');
  const coded = osRelease['VERSION_CODENAME'] ?? osRelease['UBUNTU_CODENAME'];
  if (coded !== undefined && coded !== '') return coded;
  const bracketed = /\(([^)\d]+)\)|,\s*(\D+)$/.exec(osRelease['VERSION'] ?? files['/etc/redhat-release'] ?? '');
  if (name === 'Fedora') return '';
  return (
    (bracketed?.[1] ?? bracketed?.[2])?.trim() ??
    (name === 'Debian' ? (/^[a-z]+/.exec(files['/etc/debian_version'] ?? '')?.[0] ?? 'NA') : 'NA')
  );
}

function fileOf(
  name: string,
  family: string,
  files: Readonly<Record<string, string>>,
): readonly [path: string, variety: string] {
  if (name === 'OracleLinux' && files['/etc/oracle-release'] !== undefined)
    return ['/etc/oracle-release', 'OracleLinux'];
  if (files['/etc/centos-release'] !== undefined) return ['/etc/centos-release', 'CentOS'];
  if (family === 'RedHat' && files['/etc/redhat-release'] !== undefined) return ['/etc/redhat-release', 'RedHat'];
  if (name === 'Alpine') return ['/etc/alpine-release', 'Alpine'];
  if (family === 'Suse') return ['/etc/os-release', 'SUSE'];
  if (family === 'Debian' || family === 'Archlinux') return ['/etc/os-release', family];
  return ['/etc/os-release', name === 'Amazon' || name === 'Flatcar' ? name : 'NA'];
}
