// Facts of the running system: names, distribution, user, security modules, time, environment. Pure: sections in, Ansible's facts out (without `ansible_`).
import { distributionOf, parseOsRelease } from '../distribution.ts';
import { firstLine, fromHex, linesOf, type Sections } from './sections.ts';

type Facts = Record<string, unknown>;

export function platformFacts(sections: Sections): Facts {
  const of = (name: string) => firstLine(sections, name) ?? '';
  const [system, nodename, kernel, version, machine] = [
    of('ostype'),
    of('nodename'),
    of('osrelease'),
    of('version'),
    of('machine'),
  ];
  const fqdn = fqdnOf(sections, nodename);
  const bits = /64|s390x/.test(machine) ? '64' : '32';
  const architecture = /^i[3456]86|^i86pc$/.test(machine) ? 'i386' : machine;
  const id = firstLine(sections, 'machine_id');
  return {
    system,
    kernel,
    kernel_version: version,
    machine,
    nodename,
    hostname: nodename.split('.')[0] ?? '',
    fqdn,
    domain: fqdn.split('.').slice(1).join('.'),
    architecture,
    userspace_bits: bits,
    ...(architecture === 'x86_64' || architecture === 'i386'
      ? { userspace_architecture: bits === '64' ? 'x86_64' : 'i386' }
      : {}),
    ...(id === undefined || id === '' ? {} : { machine_id: id }),
  };
}

/** As Python's socket.getfqdn(): the canonical name of the node, else its first alias with a dot. /etc/hosts wins over the resolver. */
function fqdnOf(sections: Sections, nodename: string): string {
  const entries = linesOf(sections, 'hosts').map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1));
  const names = entries.find((words) => words.includes(nodename)) ?? [];
  const dotted = names.find((name) => name.includes('.'));
  if (dotted !== undefined) return dotted;
  const resolved = firstLine(sections, 'hostname_f');
  if (resolved !== undefined && resolved.includes('.') && !/\s/.test(resolved)) return resolved;
  return names[0] ?? (resolved === undefined || resolved === '' ? nodename : resolved);
}

export function distributionFacts(sections: Sections): Facts {
  const files: Record<string, string> = {};
  for (const [name, text] of sections) if (name.startsWith('release:')) files[name.slice(8)] = text.trim();
  const found = distributionOf(parseOsRelease(sections.get('os-release') ?? ''), files);
  return {
    distribution: found.name,
    distribution_version: found.version,
    distribution_major_version: found.majorVersion,
    distribution_release: found.release,
    ...(found.minorVersion === undefined ? {} : { distribution_minor_version: found.minorVersion }),
    distribution_file_path: found.filePath,
    distribution_file_variety: found.fileVariety,
    distribution_file_parsed: true,
    os_family: found.family,
  };
}

export function lsbFacts(sections: Sections): Facts {
  const lsb: Record<string, string> = {};
  const strip = (text: string) => text.trim().replace(/^['"\\]+|['"\\]+$/g, '');
  const keys: readonly (readonly [RegExp, string])[] = [
    [/^(Distributor ID|DISTRIB_ID)\s*[:=]\s*(.*)/, 'id'],
    [/^(Description|DISTRIB_DESCRIPTION)\s*[:=]\s*(.*)/, 'description'],
    [/^(Release|DISTRIB_RELEASE)\s*[:=]\s*(.*)/, 'release'],
    [/^(Codename|DISTRIB_CODENAME)\s*[:=]\s*(.*)/, 'codename'],
  ];
  for (const line of [...linesOf(sections, 'lsb-file'), ...linesOf(sections, 'lsb')]) {
    for (const [pattern, key] of keys) {
      const value = pattern.exec(line)?.[2];
      if (value !== undefined) lsb[key] = strip(value);
    }
  }
  if (lsb['release'] !== undefined) lsb['major_release'] = lsb['release'].split('.')[0] ?? '';
  return { lsb };
}

export function securityFacts(sections: Sections): {
  readonly selinux: Facts;
  readonly apparmor: Facts;
  readonly fips: boolean;
  readonly is_chroot: boolean;
} {
  const config = keyValues(linesOf(sections, 'selinux-config').filter((line) => !line.trimStart().startsWith('#')));
  const enforce = firstLine(sections, 'enforce');
  const selinux =
    enforce === undefined
      ? { status: 'disabled' }
      : {
          status: 'enabled',
          mode: enforce === '1' ? 'enforcing' : 'permissive',
          policyvers: Number(firstLine(sections, 'policyvers') ?? 0),
          config_mode: config['SELINUX'] ?? 'unknown',
          type: config['SELINUXTYPE'] ?? 'unknown',
        };
  return {
    selinux,
    apparmor: { status: linesOf(sections, 'apparmor').includes('enabled') ? 'enabled' : 'disabled' },
    fips: firstLine(sections, 'fips') === '1',
    is_chroot: firstLine(sections, 'chroot') === 'yes',
  };
}

export function cmdlineFacts(sections: Sections): Facts {
  const words = (sections.get('cmdline') ?? '').trim().match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const cmdline: Facts = {};
  const all: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const [key, value] = at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1).replaceAll('"', '')];
    cmdline[key] = value;
    const known = all[key];
    all[key] =
      known === undefined || value === true ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  return { cmdline, proc_cmdline: all };
}

export function dateFacts(sections: Sections): Facts {
  const [line = '', winter = '', summer = ''] = (sections.get('date') ?? '').split('\n');
  const [
    year = '',
    month = '',
    weekday = '',
    number = '',
    week = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    epoch = '',
    nanos = '',
    tz = '',
    offset = '',
  ] = line.split('|');
  if (epoch === '') return { date_time: {} };
  const micro = /^\d{9}$/.test(nanos) ? nanos.slice(0, 6) : '000000';
  const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19);
  // The name of the time zone's other half of the year, as Python's time.tzname[1]; the same where there is none.
  const other =
    winter !== '' && summer !== '' && winter !== summer ? (tz === winter ? summer : tz === summer ? summer : tz) : tz;
  return {
    date_time: {
      year,
      month,
      weekday,
      weekday_number: number,
      weeknumber: week,
      day,
      hour,
      minute,
      second,
      epoch,
      epoch_int: epoch,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601_micro: `${utc}.${micro}Z`,
      iso8601: `${utc}Z`,
      iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}${micro}`,
      iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
      tz,
      tz_dst: other,
      tz_offset: offset,
    },
  };
}

export function envFacts(sections: Sections): Facts {
  const env: Record<string, string> = {};
  for (const pair of fromHex(sections.get('env') ?? '').split('\0')) {
    const at = pair.indexOf('=');
    if (at > 0)
      Object.defineProperty(env, pair.slice(0, at), {
        value: pair.slice(at + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return { env };
}

export function userFacts(sections: Sections): Facts {
  const ids = new Map(
    linesOf(sections, 'status').map((line) => {
      const [key = '', real, effective] = line.split(/\s+/);
      return [key, [Number(real), Number(effective)]] as const;
    }),
  );
  const [uid = 0, euid = 0] = ids.get('Uid:') ?? [];
  const [gid = 0, egid = 0] = ids.get('Gid:') ?? [];
  const fields = (firstLine(sections, 'passwd') ?? '').split(':');
  return {
    user_id: fields[0] ?? '',
    user_uid: fields[2] === undefined ? euid : Number(fields[2]),
    user_gid: fields[3] === undefined ? egid : Number(fields[3]),
    user_gecos: fields[4] ?? '',
    user_dir: fields[5] ?? '',
    user_shell: fields[6] ?? '',
    real_user_id: uid,
    effective_user_id: euid,
    real_group_id: gid,
    effective_group_id: egid,
  };
}

export function keyFacts(sections: Sections): Facts {
  const facts: Facts = {};
  for (const [name, text] of sections) {
    if (!name.startsWith('sshkey:')) continue;
    const [type, key] = text.trim().split(/\s+/);
    if (key === undefined) continue;
    facts[`ssh_host_key_${name.slice(7)}_public`] = key;
    facts[`ssh_host_key_${name.slice(7)}_public_keytype`] = type;
  }
  return facts;
}

/** The name under which the host asks for storage by iSCSI. */
export function iscsiFacts(sections: Sections): Facts {
  return {
    iscsi_iqn:
      linesOf(sections, 'iscsi')
        .find((line) => line.startsWith('InitiatorName='))
        ?.slice('InitiatorName='.length)
        .trim() ?? '',
  };
}

/** The same by NVMe. */
export function nvmeFacts(sections: Sections): Facts {
  return {
    hostnqn:
      linesOf(sections, 'hostnqn')
        .find((line) => line.startsWith('nqn.'))
        ?.trim() ?? '',
  };
}

/** Its ports on Fibre Channel, without `0x`. */
export function fibreFacts(sections: Sections): Facts {
  return {
    fibre_channel_wwn: [...sections]
      .filter(([name]) => name.startsWith('port:'))
      .map(([, text]) => text.trim().slice(2)),
  };
}

export function dnsFacts(sections: Sections): Facts {
  const dns: Record<string, unknown> = {};
  const servers: string[] = [];
  for (const line of linesOf(sections, 'resolv')) {
    const [key, ...words] = line.trim().split(/\s+/);
    if (key === undefined || /^[#;]/.test(key)) continue;
    if (key === 'nameserver') servers.push(...words);
    else if (key === 'domain' && words[0] !== undefined) dns['domain'] = words[0];
    else if (key === 'search' || key === 'sortlist') dns[key] = words;
    else if (key === 'options')
      dns['options'] = Object.fromEntries(
        words.map((word) => {
          const [name = '', ...value] = word.split(':');
          return [name, value.length === 0 ? true : value.join(':')];
        }),
      );
  }
  return { dns: servers.length === 0 ? dns : { nameservers: servers, ...dns } };
}

export function loadFacts(sections: Sections): Facts {
  const [one, five, fifteen] = (firstLine(sections, 'loadavg') ?? '').split(' ').map(Number);
  return fifteen === undefined ? {} : { loadavg: { '1m': one, '5m': five, '15m': fifteen } };
}

export function systemdFacts(sections: Sections): Facts {
  const [first = '', features = ''] = linesOf(sections, 'systemd');
  const version = /^systemd (\d+)/.exec(first)?.[1];
  return version === undefined ? {} : { systemd: { version: Number(version), features: features.trim() } };
}

const RELEASE_LEVELS: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', rc: 'candidate' };

/** The host's Python, where it has one: playbooks choose packages by its version. */
export function pythonFacts(sections: Sections): Facts {
  const [executable = '', said = '', more = ''] = linesOf(sections, 'python');
  const match = /^Python (\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?/.exec(said);
  if (match === null) return {};
  const [major, minor, micro, serial] = [match[1], match[2], match[3], match[5] ?? 0].map(Number);
  const releaselevel = RELEASE_LEVELS[match[4] ?? ''] ?? 'final';
  return {
    python: {
      version: { major, minor, micro, releaselevel, serial },
      version_info: [major, minor, micro, releaselevel, serial],
      executable,
      has_sslcontext: true,
      type: more.startsWith('[PyPy') ? 'pypy' : 'cpython',
    },
    python_version: `${major}.${minor}.${micro}`,
  };
}

export function keyValues(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  );
}
