// Facts that a host's owner keeps in *.fact files: JSON, else the INI form of Python's configparser.
import { fromHex, type Sections } from './sections.ts';

export function localFacts(sections: Sections): Record<string, unknown> {
  const local: Record<string, unknown> = {};
  for (const [name, hex] of sections) {
    const match = /^fact:([xrd]):(.*)$/.exec(name);
    if (match?.[2] === undefined) continue;
    const path = match[2];
    const key = path.slice(path.lastIndexOf('/') + 1).replace(/\.fact$/, '');
    if (match[1] === 'd') {
      local[key] = `Could not stat fact (${path}): [Errno 2] No such file or directory: '${path}'`;
      continue;
    }
    let text = fromHex(hex);
    if (match[1] === 'x') {
      const end = text.trimEnd().lastIndexOf('\n');
      const rc = Number(text.trimEnd().slice(end + 1));
      text = end < 0 ? '' : text.slice(0, end);
      if (rc !== 0) {
        local[key] =
          `Failure executing fact script (${path}), rc: ${rc}${rc === 124 ? ' (ran into the time limit)' : ''}`;
        continue;
      }
    }
    local[key] = factOf(text, path);
  }
  return { local };
}

function factOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const sections = parseIni(text);
    if (sections === undefined) return `error loading facts as JSON or ini - please check content: ${path}`;
    for (const section of Object.values(sections)) {
      for (const [option, value] of Object.entries(section)) {
        const stray = strayPercent(value ?? '');
        if (stray !== undefined)
          return `error loading facts as ini - please check content: ${path} ('%' must be followed by '%' or '(', found: '${stray}')`;
        section[option] = interpolated(value, section);
      }
    }
    return sections;
  }
}

/** What begins with a `%` that means nothing to configparser; undefined where there is none. */
function strayPercent(value: string): string | undefined {
  const rest = value.replace(/%%/g, '\0\0');
  const at = rest.search(/%(?!\([^)]+\)s)/);
  return at < 0 ? undefined : value.slice(at);
}

/** `%(name)s` is the option of that name in the same section, `%%` a percent sign. A name that is none stays as it is. */
function interpolated(
  value: string | null,
  section: Readonly<Record<string, string | null>>,
  depth = 0,
): string | null {
  return value === null
    ? null
    : value.replace(/%%|%\(([^)]+)\)s/g, (all, name: string | undefined) =>
        name === undefined
          ? '%'
          : depth > 9
            ? all
            : (interpolated(section[name.toLowerCase()] ?? all, section, depth + 1) ?? ''),
      );
}

/** Sections of an INI text with their options (names in lower case); undefined if it is none. Lines that are indented continue a value. */
export function parseIni(text: string): Record<string, Record<string, string | null>> | undefined {
  const sections: Record<string, Record<string, string | null>> = {};
  let section: Record<string, string | null> | undefined;
  let option: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    if (header?.[1] !== undefined) {
      section = {};
      // DEFAULT gives values to the others and is no section of its own.
      if (header[1] !== 'DEFAULT') sections[header[1]] = section;
      option = undefined;
    } else if (section === undefined) {
      return undefined;
    } else if (/^\s/.test(line) && option !== undefined) {
      section[option] = `${section[option] ?? ''}\n${line.trim()}`;
    } else {
      const match = /^(.*?)\s*[=:]\s*(.*)$/.exec(line.trim());
      if (match?.[1] === undefined || match[1] === '') return undefined;
      option = match[1].toLowerCase();
      section[option] = match[2] ?? '';
    }
  }
  return sections;
}
