// Filters on text.
import { Dict, Tuple, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { asText } from '../methods/numbers.ts';
import { capitalize, lower, replaceText, split, splitLines, STRING_METHODS, strip } from '../methods/strings.ts';
import { formatPercent } from '../python/percent.ts';
import { parseFloat_, parseInt_ } from '../python/parse-number.ts';
import { pythonStr } from '../python/text.ts';
import { characters, isInt, length, only, toNumber, truthy, typeName } from '../python/types.ts';

const text = (value: Value | undefined): string => pythonStr(value as Value);

function indent(value: Value, width: Value, first: Value, blank: Value): string {
  if (typeof width !== 'string' && typeof width !== 'boolean' && !isInt(width))
    throw typeError(`can't multiply sequence by non-int of type '${typeName(width)}'`);
  const pad = typeof width === 'string' ? width : ' '.repeat(Math.max(0, Number(width)));
  const lines = splitLines(`${only(value, 'splitlines')}\n`, false);
  const rest = lines.slice(1).map((line) => (truthy(blank) || line !== '' ? pad + line : line));
  return (truthy(first) ? pad : '') + [lines[0] ?? '', ...rest].join('\n');
}

function truncate(value: Value, size: Value, kill: Value, end: Value, leeway: Value): Value {
  const ending = text(end);
  const limit = Number(size);
  const slack = leeway === null ? 5 : Number(leeway);
  if (limit < characters(ending).length)
    throw new PythonError('Error', `expected length >= ${characters(ending).length}, got ${limit}`);
  if (slack < 0) throw new PythonError('Error', `expected leeway >= 0, got ${slack}`);
  // What is short enough comes back as it is, lists included.
  if (length(value) <= limit + slack) return value;
  const all = characters(only(value, 'rsplit'));
  const cut = all.slice(0, limit - characters(ending).length).join('');
  if (truthy(kill)) return cut + ending;
  const space = cut.lastIndexOf(' ');
  return (space === -1 ? cut : cut.slice(0, space)) + ending;
}

/** Python's textwrap for one line: whitespace is kept inside, dropped where lines break. */
export function wrapLine(line: string, width: number, breakLong: boolean, breakHyphens: boolean): string[] {
  const chunks =
    line.match(
      breakHyphens
        ? /[\t\n\v\f\r ]+|[^\t\n\v\f\r ]*?[^\s\d\W][^\t\n\v\f\r -]*-(?=[^\s\d\W]+(?:-|[^\s\d\W]))|[^\t\n\v\f\r ]+?(?=--+[^\s])|--+(?=[^\s])|[^\t\n\v\f\r ]+/g
        : /[\t\n\v\f\r ]+|[^\t\n\v\f\r ]+/g,
    ) ?? [];
  const queue = [...chunks].reverse();
  const lines: string[] = [];
  while (queue.length > 0) {
    let current: string[] = [];
    let used = 0;
    if (lines.length > 0 && (queue.at(-1) ?? '').trim() === '') queue.pop();
    while (queue.length > 0) {
      const size = characters(queue.at(-1) as string).length;
      if (used + size > width) break;
      current.push(queue.pop() as string);
      used += size;
    }
    const long = queue.at(-1);
    if (long !== undefined && characters(long).length > width) {
      const room = width < 1 ? 1 : width - used;
      if (breakLong) {
        const all = characters(long);
        let end = room;
        if (breakHyphens && all.length > room) {
          const hyphen = all.slice(0, room).lastIndexOf('-');
          if (hyphen > 0 && all.slice(0, hyphen).some((c) => c !== '-')) end = hyphen + 1;
        }
        current.push(all.slice(0, end).join(''));
        queue[queue.length - 1] = all.slice(end).join('');
        if (queue.at(-1) === '') queue.pop();
      } else if (current.length === 0) current.push(queue.pop() as string);
    }
    if (current.length > 0 && (current.at(-1) as string).trim() === '') current = current.slice(0, -1);
    if (current.length > 0) lines.push(current.join(''));
  }
  return lines;
}

function wordwrap(value: Value, width: Value, breakLong: Value, wrapString: Value, breakHyphens: Value): string {
  const by = wrapString === null ? '\n' : text(wrapString);
  const columns = toNumber(width);
  if (columns !== undefined && columns <= 0 && only(value, 'splitlines') !== '')
    throw new PythonError('ValueError', `invalid width ${text(width)} (must be > 0)`);
  return splitLines(only(value, 'splitlines'), false)
    .map((line) => wrapLine(line, Number(width), truthy(breakLong), truthy(breakHyphens)).join(by))
    .join(by);
}

/** shlex.quote. */
export function quote(value: string): string {
  if (value === '') return "''";
  return /[^\w@%+=:,./-]/.test(value.replace(/[^\x00-\x7f]/g, '\u0001'))
    ? `'${value.replaceAll("'", `'"'"'`)}'`
    : value; // eslint-disable-line no-control-regex
}

interface CommentStyle {
  readonly decoration: string;
  readonly beginning?: string;
  readonly end?: string;
}
const COMMENTS: Record<string, CommentStyle> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};

/** Python's int() of a number or of text. */
function toInteger(value: Value): number | bigint {
  const number = typeof value === 'string' ? parseInt_(value, 10) : toNumber(value);
  if (number === undefined || (typeof number === 'number' && Number.isNaN(number))) {
    if (typeof value === 'string' || typeof number === 'number')
      throw new PythonError('ValueError', `invalid literal for int() with base 10: '${text(value)}'`);
    throw typeError(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
  }
  return typeof number === 'number' ? Math.trunc(number) : (number as number | bigint);
}

/** Ansible's comment filter. */
function comment(value: Value, style: Value, given: Dict): string {
  const base = COMMENTS[text(style)];
  if (base === undefined) throw new PythonError('Error', `Invalid style '${text(style)}'.`);
  const option = (name: string, otherwise: string): string =>
    given.has(name) ? text(given.get(name) as Value) : otherwise;
  const newline = option('newline', '\n');
  const decoration = option('decoration', base.decoration);
  const beginning = option('beginning', base.beginning ?? '');
  const end = option('end', base.end ?? '');
  const bare = decoration.trimEnd();
  const prefix = option('prefix', bare);
  const postfix = option('postfix', bare);
  const count = (name: string): number => {
    if (!given.has(name)) return 1;
    const times = toInteger(given.get(name) as Value);
    return Math.max(0, Number(times));
  };
  // Only one of the two counts is converted.
  const after = given.get('postfix_count') ?? 1;
  if (typeof after !== 'boolean' && !isInt(after))
    throw typeError(`'${typeName(after)}' object cannot be interpreted as an integer`);
  const postfixCount = Math.max(0, Number(after));
  const body = only(value, 'replace')
    .split(newline)
    .map((line) => decoration + line)
    .join(newline);
  return [
    beginning === '' ? '' : beginning + newline,
    // A prefix that is a line's end itself gets no other.
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(count('prefix_count')),
    // An empty line keeps no blank behind the decoration, unless it ends the text.
    body.replaceAll(decoration + newline, decoration.trimEnd() + newline),
    (newline + postfix).repeat(postfixCount),
    end === '' ? '' : newline + end,
  ].join('');
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const BINARY_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

function fileSize(value: Value, binary: Value): string {
  const bytes = typeof value === 'string' ? parseFloat_(value) : toNumber(value);
  if (bytes === undefined) throw new PythonError('ValueError', `could not convert string to float: '${text(value)}'`);
  const base = truthy(binary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = truthy(binary) ? BINARY_UNITS : UNITS;
  let shown = '';
  for (let index = 0; index < units.length; index++) {
    const unit = base ** (index + 2);
    shown = `${formatPercent('%.1f', Tuple.from([(base * bytes) / unit]) as Tuple)} ${units[index] ?? ''}`;
    if (bytes < unit) return shown;
  }
  return shown;
}

export const STRING_FILTERS: Filters = {
  capitalize: filter('s', (_, value) => capitalize(text(value))),
  center: filter(
    'value, width=80',
    (_, value, width) => STRING_METHODS['center']?.run(text(value), width as Value, ' ') ?? null,
  ),
  comment: filter("text, style='plain', **options", (_, value, style, options) =>
    comment(value as Value, style as Value, options as Dict),
  ),
  filesizeformat: filter('value, binary=False', (_, value, binary) => fileSize(value as Value, binary as Value)),
  format: filter('value, *args, **kwargs', (_, value, args, keywords) => {
    const list = args as Value[];
    const named = keywords as Dict;
    if (list.length > 0 && named.size > 0)
      throw new PythonError('Error', "can't handle positional and keyword arguments at the same time");
    return formatPercent(text(value), named.size > 0 ? named : (Tuple.from(list) as Tuple));
  }),
  indent: filter('s, width=4, first=False, blank=False', (_, value, width, first, blank) =>
    indent(value as Value, width as Value, first as Value, blank as Value),
  ),
  lower: filter('s', (_, value) => lower(text(value))),
  quote: filter('a', (_, value) => quote(value === null ? '' : asText(value as Value))),
  replace: filter('s, old, new, count=None', (_, value, old, to, count) =>
    replaceText(text(value), text(old), text(to), count === null ? -1 : Number(count)),
  ),
  split: filter('string, sep=None, maxsplit=-1', (_, value, separator, maximum) => {
    if (typeof value !== 'string')
      throw typeError(`descriptor 'split' for 'str' objects doesn't apply to a '${typeName(value as Value)}' object`);
    if (typeof maximum !== 'boolean' && !isInt(maximum as Value))
      throw typeError(`'${typeName(maximum as Value)}' object cannot be interpreted as an integer`);
    return split(value, separator as Value, Number(maximum));
  }),
  title: filter('s', (_, value) =>
    text(value)
      .split(/([-\s({[<]+)/)
      .map((part) => {
        const [first = '', ...rest] = characters(part);
        return first.toUpperCase() + rest.join('').toLowerCase();
      })
      .join(''),
  ),
  trim: filter('value, chars=None', (_, value, chars) => strip(text(value), chars as Value, true, true)),
  truncate: filter("s, length=255, killwords=False, end='...', leeway=None", (_, value, size, kill, end, leeway) =>
    truncate(value as Value, size as Value, kill as Value, end as Value, leeway as Value),
  ),
  upper: filter('s', (_, value) => text(value).toUpperCase()),
  wordcount: filter('s', (_, value) => (text(value).match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  wordwrap: filter(
    's, width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True',
    (_, value, width, long, by, hyphens) =>
      wordwrap(value as Value, width as Value, long as Value, by as Value, hyphens as Value),
  ),
};
