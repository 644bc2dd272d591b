// Filters with regular expressions.
import type { Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { asText } from '../methods/numbers.ts';
import { filter, type Filters } from '../plugin.ts';
import { checkReplacement, expand, matches, regex, type Match } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { truthy, typeName } from '../python/types.ts';

const flags = (
  ignoreCase: Value | undefined,
  multiline: Value | undefined,
): { ignoreCase: boolean; multiline: boolean } => ({
  ignoreCase: truthy(ignoreCase as Value),
  multiline: truthy(multiline as Value),
});

function patternOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw typeError('first argument must be string or compiled pattern');
}

function replacementOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw typeError(`decoding to str: need a bytes-like object, ${typeName(value as Value)} found`);
}

function replace(
  text: string,
  pattern: string,
  replacement: string,
  options: ReturnType<typeof flags>,
  count: number,
  mandatory: number,
): string {
  let result = '';
  let last = 0;
  let made = 0;
  const compiled = regex(pattern, options);
  checkReplacement(replacement, compiled);
  for (const match of matches(compiled, text)) {
    if (count > 0 && made >= count) break;
    result += text.slice(last, match.index) + expand(replacement, match);
    last = match.index + match.text.length;
    made++;
  }
  if (mandatory !== 0 && made !== mandatory)
    throw new PythonError(
      'Error',
      `'${pattern}' should match ${mandatory} times, but matches ${made} times in '${text}'`,
    );
  return result + text.slice(last);
}

function search(text: string, pattern: string, wanted: readonly Value[], options: ReturnType<typeof flags>): Value {
  const groups = wanted.map((argument) => {
    const name = pythonStr(argument);
    const named = /^\\g<(\S+)>/.exec(name)?.[1];
    const number = /^\\(\d+)/.exec(name)?.[1];
    if (named === undefined && number === undefined) throw new PythonError('Error', 'Unknown argument');
    return named ?? Number(number);
  });
  const [match] = matches(regex(pattern, options), text);
  if (match === undefined) return null;
  if (groups.length === 0) return match.text;
  return groups.map((group) => groupValue(match, group));
}

function groupValue(match: Match, group: string | number): Value {
  if (typeof group === 'string') {
    if (/^\d+$/.test(group)) return groupValue(match, Number(group));
    if (!Object.hasOwn(match.named, group)) throw new PythonError('IndexError', 'no such group');
    return match.named[group] ?? null;
  }
  if (group >= match.groups.length) throw new PythonError('IndexError', 'no such group');
  return match.groups[group] ?? null;
}

function escape(text: string, type: string): string {
  if (type === 'python') return text.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&');
  if (type === 'posix_basic') return text.replace(/[.[\]^$*\\]/g, '\\$&');
  if (type === 'posix_extended') throw new PythonError('Error', 'Regex type (posix_extended) not yet implemented');
  throw new PythonError('Error', `Invalid regex type (${type})`);
}

export const REGEX_FILTERS: Filters = {
  regex_escape: filter("string, re_type='python'", (_, value, type) =>
    escape(asText(value as Value), pythonStr(type as Value)),
  ),
  regex_findall: filter('value, regex, multiline=False, ignorecase=False', (_, value, pattern, multiline, ignoreCase) =>
    Array.from(
      matches(regex(patternOf(pattern), flags(ignoreCase, multiline)), asText(value as Value)),
      ({ groups }): Value =>
        groups.length === 1
          ? (groups[0] ?? '')
          : groups.length === 2
            ? (groups[1] ?? '')
            : groups.slice(1).map((group) => group ?? ''),
    ),
  ),
  regex_replace: filter(
    "value='', pattern='', replacement='', ignorecase=False, multiline=False, count=0, mandatory_count=0",
    (_, value, pattern, replacement, ignoreCase, multiline, count, mandatory) =>
      replace(
        asText(value as Value),
        patternOf(pattern),
        replacementOf(replacement),
        flags(ignoreCase, multiline),
        Number(count),
        Number(mandatory),
      ),
  ),
  regex_search: filter(
    'value, regex, *args, ignorecase=False, multiline=False',
    (_, value, pattern, ignoreCase, multiline, args) =>
      search(asText(value as Value), patternOf(pattern), args as Value[], flags(ignoreCase, multiline)),
  ),
};
