// An option of an INI text is set or removed, with the placing and the messages of community.general.ini_file; other lines keep their bytes.
import { linesOf } from './edit-file.ts';

export interface IniWish {
  /** undefined: the lines before the first section. */
  readonly section: string | undefined;
  /** The section must hold these options (with one of the values, if any are given). */
  readonly conditions: readonly { readonly option: string; readonly values: readonly string[] }[];
  readonly option: string | undefined;
  readonly values: readonly string[];
  readonly absent: boolean;
  readonly exclusive: boolean;
  readonly separator: string;
  readonly ignoreSpaces: boolean;
  readonly allowNoValue: boolean;
  /** Commented lines of the option are taken into use. */
  readonly inactive: boolean;
}

interface OptionLine {
  readonly comment: boolean;
  /** It has an equals sign. */
  readonly assigns: boolean;
  readonly value: string;
}

/** The edited text, or undefined where nothing changes. A file without a last newline gets one; an empty file begins with an empty line. */
export function editIni(text: string, wish: IniWish): { text: string; msg: string } | undefined {
  const ending = /\r\n/.test(text) && !/[^\r]\n/.test(text) ? '\r\n' : '\n';
  const lines = linesOf(text);
  const unended = lines.length > 0 && !(lines.at(-1) as string).endsWith('\n');
  if (lines.length === 0) lines.push(ending);
  if (unended) lines[lines.length - 1] += ending;
  const place = findSection(lines, wish);
  const body = place === undefined ? [] : lines.slice(place.start, place.end);
  const edit = new SectionEdit(body, wish, ending);
  if (place !== undefined) {
    if (wish.absent) edit.remove();
    else edit.set();
  } else if (!wish.absent)
    return {
      text: [...lines, ...newSection(wish, ending)].join(''),
      msg:
        wish.option !== undefined && (wish.values.length > 0 || wish.allowNoValue)
          ? 'section and option added'
          : 'only section added',
    };
  if (place !== undefined && wish.absent && wish.option === undefined)
    return { text: [...lines.slice(0, place.header), ...lines.slice(place.end)].join(''), msg: 'section removed' };
  if (edit.msg === '' && !unended) return undefined;
  const result =
    place === undefined ? lines : [...lines.slice(0, place.start), ...edit.lines, ...lines.slice(place.end)];
  return { text: result.join(''), msg: edit.msg === '' ? 'OK' : edit.msg };
}

/** Where the lines of the section stand: `header` of its name, `start` behind it, `end` before the next. */
function findSection(
  lines: readonly string[],
  wish: IniWish,
): { header: number; start: number; end: number } | undefined {
  const isEnd = (index: number): boolean => index >= lines.length || (lines[index] as string).startsWith('[');
  const endOf = (start: number): number => {
    let end = start;
    while (!isEnd(end)) end++;
    return end;
  };
  const fits = (from: number, end: number): boolean =>
    wish.conditions.every(({ option, values }) =>
      lines.slice(from, end).some((line) => {
        const found = readOption(option, line, true);
        return found !== undefined && (values.length === 0 || values.includes(found.value));
      }),
    );
  if (wish.section === undefined) {
    const end = endOf(0);
    return fits(0, end) ? { header: 0, start: 0, end } : undefined;
  }
  const name = wish.section.trim();
  for (const [header, line] of lines.entries()) {
    const [, written] = /^\[[ \t\r\f\v]*([^]*?)[ \t\r\f\v]*\]/.exec(line) ?? [];
    const isNamed =
      line.startsWith('[') && (written === name || new RegExp(`^\\[\\s*${escapePattern(name)}\\s*\\]`).test(line));
    if (!isNamed) continue;
    const end = endOf(header + 1);
    if (fits(header, end)) return { header, start: header + 1, end };
  }
  return undefined;
}

function newSection(wish: IniWish, ending: string): string[] {
  const line = (option: string, value: string): string => `${option}${wish.separator}${value}${ending}`;
  const lines = [`[${wish.section ?? ''}]${ending}`];
  const values = [...wish.values];
  for (const one of wish.conditions) {
    if (one.option !== wish.option)
      lines.push(
        ...(one.values.length > 0
          ? one.values.map((value) => line(one.option, value))
          : wish.allowNoValue
            ? [`${one.option}${ending}`]
            : []),
      );
    else if (!wish.exclusive) values.push(...one.values.filter((value) => !values.includes(value)));
  }
  const { option } = wish;
  if (option !== undefined && values.length > 0) lines.push(...values.map((value) => line(option, value)));
  else if (option !== undefined && wish.allowNoValue) lines.push(`${option}${ending}`);
  return lines;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Reads a line as one of the option; with `inactive` also a commented one. */
function readOption(option: string, line: string, inactive: boolean): OptionLine | undefined {
  const bare = line.replace(/\r?\n$/, '');
  const match = new RegExp(
    `^[ \\t]*(${inactive ? '[#;]?' : ''})${inactive ? '[ \\t]*' : ''}${escapePattern(option)}[ \\t]*(=|$)[ \\t]*(.*)`,
  ).exec(bare);
  return match === null ? undefined : { comment: match[1] !== '', assigns: match[2] === '=', value: match[3] ?? '' };
}

/** The lines below a section's name while they are edited; `msg` stays empty as long as nothing changed. */
class SectionEdit {
  readonly lines: string[];
  readonly #wish: IniWish;
  readonly #ending: string;
  readonly #settled = new Set<number>();
  msg = '';

  constructor(lines: readonly string[], wish: IniWish, ending: string) {
    this.lines = [...lines];
    this.#wish = wish;
    this.#ending = ending;
  }

  set(): void {
    const { option, exclusive, allowNoValue } = this.#wish;
    if (option === undefined) return;
    const values = [...this.#wish.values];
    const bareStands = this.#keep(option, values);
    if (exclusive && !allowNoValue) this.#takeOver(option, values);
    this.#add(option, values, bareStands);
  }

  /** Lines that have a wanted value, or none where none is wanted, are written anew; true where the option stands without a value. */
  #keep(option: string, values: string[]): boolean {
    const { allowNoValue, inactive } = this.#wish;
    let bareStands = false;
    for (const [index, line] of this.lines.entries()) {
      const found = readOption(option, line, inactive);
      if (found === undefined) continue;
      if (values.length > 0 && values.includes(found.value)) {
        bareStands ||= found.value === '' && allowNoValue;
        this.#write(index, found.value === '' && allowNoValue ? option : this.#text(option, found.value));
        values.splice(values.indexOf(found.value), 1);
      } else if (values.length === 0 && allowNoValue) {
        this.#write(index, option);
        return true;
      }
    }
    return bareStands;
  }

  /** Other lines of the option get the values that are still missing; what is left over goes. Comments that only name the option stay. */
  #takeOver(option: string, values: string[]): void {
    const isOther = (index: number): boolean => {
      const found = this.#settled.has(index)
        ? undefined
        : readOption(option, this.lines[index] as string, this.#wish.inactive);
      return found !== undefined && (!found.comment || found.assigns);
    };
    for (let index = 0; index < this.lines.length && values.length > 0; index++) {
      if (isOther(index)) this.#write(index, this.#text(option, values.shift() as string));
    }
    const left = this.lines.flatMap((_, index) => (isOther(index) ? [index] : []));
    for (const index of left.reverse()) {
      this.lines.splice(index, 1);
      this.msg = 'option changed';
    }
  }

  /** Missing values go behind the last line of the section that is neither empty nor a comment. */
  #add(option: string, values: readonly string[], bareStands: boolean): void {
    const at = this.lines.findLastIndex((line) => !/^[ \t]*([#;].*)?$/.test(line.replace(/\r?\n$/, ''))) + 1;
    const added =
      values.length > 0
        ? values.map((value) => this.#text(option, value))
        : this.#wish.allowNoValue && !bareStands
          ? [option]
          : [];
    if (added.length === 0) return;
    this.lines.splice(at, 0, ...added.map((line) => `${line}${this.#ending}`));
    this.msg = 'option added';
  }

  remove(): void {
    const { option, exclusive, values } = this.#wish;
    if (option === undefined) return;
    const kept = this.lines.filter((line) => {
      const found = readOption(option, line, false);
      return found === undefined || (!exclusive && !values.includes(found.value));
    });
    if (kept.length === this.lines.length) return;
    this.lines.splice(0, this.lines.length, ...kept);
    this.msg = 'option changed';
  }

  #text(option: string, value: string): string {
    return `${option}${this.#wish.separator}${value}`;
  }

  #write(index: number, text: string): void {
    this.#settled.add(index);
    const old = this.lines[index] as string;
    const line = `${text}${/\r?\n$/.exec(old)?.[0] ?? this.#ending}`;
    if (old === line) return;
    const option = this.#wish.option ?? '';
    const was = readOption(option, old, true);
    if (this.#wish.ignoreSpaces && was?.comment === false && was.value === readOption(option, line, true)?.value)
      return;
    this.lines[index] = line;
    this.msg = 'option changed';
  }
}
