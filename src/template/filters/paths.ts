// Filters on paths and URLs.
import { Dict, PyBytes, Tuple, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { asText, decodeBytes, decodeEscaping } from '../methods/numbers.ts';
import { expandUser } from '../search.ts';
import {
  basename,
  commonpath,
  dirname,
  joinPath,
  normalise,
  relpath,
  splitext,
  winSplit,
  winSplitDrive,
} from '../python/paths.ts';
import { pythonStr } from '../python/text.ts';
import { items, iterate, only, typeName } from '../python/types.ts';

function path(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  if (value instanceof PyBytes) return asText(value);
  throw typeError(`expected str, bytes or os.PathLike object, not ${typeName(value as Value)}`);
}

const someText = (text: string): string => {
  if (text === '') throw new PythonError('ValueError', 'no path specified');
  return text;
};

/** urllib.parse.quote. */
export function quoteUrl(text: string, safe = '/'): string {
  let result = '';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    result +=
      /[\w.~-]/.test(character) || safe.includes(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}
function unquoteUrl(text: string, encoding: string, errors: string): string {
  return text.replace(/(?:%[\da-fA-F]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    if (/^utf[-_]?8$/i.test(encoding)) {
      if (errors === 'replace') return bytes.toString();
      if (errors === 'surrogateescape') return decodeEscaping(bytes);
      if (errors === 'ignore') return decodeEscaping(bytes).replace(/[\udc80-\udcff]/g, '');
    }
    return pythonStr(decodeBytes(bytes, encoding));
  });
}

function urlencode(value: Value): string {
  if (typeof value === 'string' || !(value instanceof Dict || Array.isArray(value))) return quoteUrl(pythonStr(value));
  const pairs: Value[][] =
    value instanceof Dict
      ? [...value]
      : items(value).map((entry) => {
          const pair = Array.from(iterate(entry));
          if (pair.length !== 2)
            throw new PythonError(
              'ValueError',
              pair.length > 2
                ? 'too many values to unpack (expected 2)'
                : `not enough values to unpack (expected 2, got ${pair.length})`,
            );
          return pair;
        });
  const form = (part: Value | undefined): string => quoteUrl(pythonStr(part as Value), '').replaceAll('%20', '+');
  return pairs.map(([key, item]) => `${form(key)}=${form(item)}`).join('&');
}

const COMPONENTS = ['fragment', 'hostname', 'netloc', 'password', 'path', 'port', 'query', 'scheme', 'username'];

function urlsplit(value: string, query: string): Value {
  let rest = value.replace(/^[\0- ]+/, '').replace(/[\t\r\n]/g, ''); // eslint-disable-line no-control-regex
  let [scheme, netloc, search, fragment] = ['', '', '', ''];
  const match = /^([a-zA-Z][\w+.-]*):/.exec(rest);
  if (match !== null) {
    scheme = (match[1] ?? '').toLowerCase();
    rest = rest.slice(match[0].length);
  }
  if (rest.startsWith('//')) {
    const end = /[/?#]/.exec(rest.slice(2))?.index ?? rest.length - 2;
    netloc = rest.slice(2, 2 + end);
    rest = rest.slice(2 + end);
  }
  if (netloc.includes('[') !== netloc.includes(']')) throw new PythonError('ValueError', 'Invalid IPv6 URL');
  const hash = rest.indexOf('#');
  if (hash !== -1) [rest, fragment] = [rest.slice(0, hash), rest.slice(hash + 1)];
  const mark = rest.indexOf('?');
  if (mark !== -1) [rest, search] = [rest.slice(0, mark), rest.slice(mark + 1)];
  const at = netloc.lastIndexOf('@');
  const user = at === -1 ? null : netloc.slice(0, at);
  const hostPort = netloc.slice(at + 1);
  const [, ipv6, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(hostPort) ?? [];
  if (port !== undefined && port !== '' && (!/^\d+$/.test(port) || Number(port) > 65535))
    throw new PythonError(
      'ValueError',
      /^\d+$/.test(port) ? 'Port out of range 0-65535' : `Port could not be cast to integer value as '${port}'`,
    );
  const colon = user?.indexOf(':') ?? -1;
  const parts = new Dict([
    ['fragment', fragment],
    ['hostname', (ipv6 ?? plain ?? '').toLowerCase() || null],
    ['netloc', netloc],
    ['password', user !== null && colon !== -1 ? user.slice(colon + 1) : null],
    ['path', rest],
    ['port', port === undefined || port === '' ? null : Number(port)],
    ['query', search],
    ['scheme', scheme],
    ['username', user === null ? null : colon === -1 ? user : user.slice(0, colon)],
  ]);
  if (query === '') return parts;
  if (!COMPONENTS.includes(query)) throw new PythonError('Error', `urlsplit: unknown URL component: ${query}`);
  return parts.get(query) as Value;
}

export const PATH_FILTERS: Filters = {
  basename: filter('path', (_, value) => basename(path(value))),
  commonpath: filter('paths', (_, value) => {
    if (!Array.isArray(value)) throw new PythonError('Error', '|commonpath expects a sequence');
    if (value.length === 0) throw new PythonError('ValueError', 'commonpath() arg is an empty sequence');
    const paths = items(value).map(path);
    if (new Set(paths.map((one) => one.startsWith('/'))).size > 1)
      throw new PythonError('ValueError', "Can't mix absolute and relative paths");
    return commonpath(paths);
  }),
  dirname: filter('path', (_, value) => dirname(path(value))),
  expanduser: filter('path', (engine, value) => expandUser(engine, path(value))),
  expandvars: filter('path', (engine, value) =>
    path(value).replace(
      /\$(?:(\w+)|\{([^}]*)\})/g,
      (all: string, name?: string, braced?: string) => engine.context.host.env(name ?? braced ?? '') ?? all,
    ),
  ),
  fileglob: filter('pathname', (engine, value) =>
    engine.context.host.glob(path(value)).filter((one) => engine.context.host.status(one)?.kind === 'file'),
  ),
  normpath: filter('path', (_, value) => normalise(path(value))),
  path_join: filter('paths', (_, value) => {
    if (typeof value === 'string') return value;
    if (!Array.isArray(value))
      throw new PythonError('Error', `|path_join expects string or sequence, got ${typeName(value as Value)} instead.`);
    if (value.length === 0) throw typeError("join() missing 1 required positional argument: 'a'");
    return joinPath(items(value).map(path));
  }),
  realpath: filter('path', (engine, value) => engine.context.host.realPath(path(value))),
  relpath: filter("path, start='.'", (engine, value, start) =>
    relpath(someText(path(value)), path(start), engine.context.host.cwd()),
  ),
  splitext: filter('path', (_, value) => Tuple.from(splitext(path(value))) as Tuple),
  urldecode: filter("string, encoding='utf-8', errors='replace'", (_, value, encoding, errors) =>
    unquoteUrl(only(value, 'replace').replaceAll('+', ' '), pythonStr(encoding as Value), pythonStr(errors as Value)),
  ),
  urlencode: filter('value', (_, value) => urlencode(value as Value)),
  urlsplit: filter("value, query='', alias='urlsplit'", (_, value, query) =>
    urlsplit(only(value, 'decode'), pythonStr(query as Value)),
  ),
  win_basename: filter('path', (_, value) => winSplit(path(value))[1]),
  win_dirname: filter('path', (_, value) => winSplit(path(value))[0]),
  win_splitdrive: filter('path', (_, value) => Tuple.from(winSplitDrive(path(value))) as Tuple),
};
