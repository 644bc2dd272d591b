// Tables of mounts as text: fstab and /proc/mounts, vfstab, mnttab, AIX's filesystems, and what mount(8) prints.

/** One entry: the text that it was read from, and its fields by name. */
export interface MountEntry {
  readonly mount: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>> & { readonly device: string; readonly fstype: string };
}

/** A file's entries, by the first form that all of its lines have: the more columns a form has, the earlier it is tried. */
export function parseTable(text: string): readonly MountEntry[] {
  const lines = text.split('\n').filter((line, index, all) => index < all.length - 1 || line !== '');
  for (const form of [vfstab, mnttab, fstab, aixFilesystems]) {
    const entries = form(lines);
    if (entries !== undefined) return entries;
  }
  return [];
}

type Form = (lines: readonly string[]) => readonly MountEntry[] | undefined;

const isEntry = (line: string): boolean => line.trim() !== '' && !line.trim().startsWith('#');
const words = (line: string): string[] => line.trim().split(/\s+/);
const isNumber = (text: string | undefined): boolean => text !== undefined && /^[+-]?\d+$/.test(text);
/** Blanks and the like stand as `\040`. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Every line as an entry, or undefined where one is none of this form. */
function each(
  lines: readonly string[],
  read: (line: string) => MountEntry | undefined,
): readonly MountEntry[] | undefined {
  const entries = lines.map(read);
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

const vfstab: Form = (lines) =>
  each(lines.filter(isEntry), (line) => {
    const [device, deviceToCheck, mount, fstype, passno, atBoot, options] = words(line);
    if (device === undefined || mount === undefined || fstype === undefined || options === undefined) return undefined;
    return {
      mount,
      text: line,
      fields: {
        device,
        device_to_fsck: deviceToCheck,
        mount,
        fstype,
        passno: isNumber(passno) ? Number(passno) : passno,
        mount_at_boot: atBoot,
        options,
      },
    };
  });

/** Solaris' own: the fifth column is a time. */
const mnttab: Form = (lines) => {
  if (!lines.some((line) => words(line)[4]?.length === 10)) return undefined;
  return each(lines, (line) => {
    const [device, mount, fstype, options, time] = words(line);
    if (device === undefined || mount === undefined || fstype === undefined || !isNumber(time)) return undefined;
    return { mount, text: line, fields: { device, mount, fstype, options, time: Number(time) } };
  });
};

const fstab: Form = (lines) =>
  each(lines.map((line) => line.trim()).filter(isEntry), (line) => {
    const [device, mount, fstype, options, dump, passno] = words(line).map(unescape);
    if (device === undefined || mount === undefined || fstype === undefined || options === undefined) return undefined;
    if ((dump !== undefined && !isNumber(dump)) || (passno !== undefined && !isNumber(passno))) return undefined;
    return {
      mount,
      text: line,
      fields: {
        device,
        mount,
        fstype,
        options,
        ...(dump === undefined ? {} : { dump: Number(dump) }),
        ...(passno === undefined ? {} : { passno: Number(passno) }),
      },
    };
  });

/** Stanzas `point:` with lines `name = value`; Linux has a file of that name that is none. */
const aixFilesystems: Form = (lines) => {
  const stanzas: { mount: string; lines: string[]; attributes: Record<string, string> }[] = [];
  for (const line of lines) {
    if (line.startsWith('*') || line.trim() === '') continue;
    const last = stanzas.at(-1);
    if (line.trimEnd().endsWith(':'))
      stanzas.push({ mount: line.trimEnd().slice(0, -1), lines: [line], attributes: {} });
    else if (last === undefined || !line.includes('=')) return undefined;
    else {
      const at = line.indexOf('=');
      last.lines.push(line);
      last.attributes[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
  }
  return stanzas.map(({ mount, lines: text, attributes }) => {
    const device = [attributes['nodename'], attributes['dev']]
      .filter((part) => part !== undefined && part !== '')
      .join(':');
    return {
      mount,
      text: text.join('\n'),
      fields: { mount, device: device === '' ? 'unknown' : device, fstype: attributes['vfs'] ?? 'unknown', attributes },
    };
  });
};

const LINUX = /^(\S+) on (\S+) type (\S+) \((.+)\)$/;
const BSD = /^(\S+) on (\S+) \((.+)\)$/;
const AIX = /^(\S*)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+\s+\d+\s+\d+:\d+)\s+(.*)$/;

/** What mount(8) prints where it is given no words. */
export function parseMountOutput(text: string): readonly MountEntry[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.every((line) => LINUX.test(line))) {
    return lines.map((line) => {
      const [, device = '', mount = '', fstype = '', options = ''] = LINUX.exec(line) ?? [];
      return { mount, text: line, fields: { device, mount, fstype, options } };
    });
  }
  // Maps of automounters on macOS are no mounts.
  const entries = lines.filter((line) => !line.startsWith('map '));
  if (entries.every((line) => BSD.test(line))) {
    return entries.map((line) => {
      const [, device = '', mount = '', what = ''] = BSD.exec(line) ?? [];
      const [fstype = '', ...options] = what.split(/\s*,\s*/);
      return {
        mount,
        text: line,
        fields: { device, mount, fstype, ...(options.length === 0 ? {} : { options: options.join(', ') }) },
      };
    });
  }
  const rows = lines.slice(2);
  if (rows.length === 0 || !rows.every((line) => AIX.test(line))) return [];
  return rows.map((line) => {
    const [, node = '', mounted = '', mount = '', fstype = '', time = '', options = ''] = AIX.exec(line) ?? [];
    return {
      mount,
      text: line,
      fields: { device: node === '' ? mounted : `${node}:${mounted}`, mount, fstype, time, options },
    };
  });
}
