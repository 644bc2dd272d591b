// Lookups that read files of the controller.
import { Dict, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import type { Engine } from '../engine.ts';
import type { Lookups } from '../plugin.ts';
import { fileProgram } from '../program.ts';
import { normaliseOverrides, type TemplateOverrides } from '../overrides.ts';
import { candidates, decode, findFile } from '../search.ts';
import { templateVariables } from '../template-variables.ts';
import { basename, dirname, joinPath } from '../python/paths.ts';
import { regex } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { typeName } from '../python/types.ts';
import { flag, splitTerm, term, text, type Options } from './options.ts';
import { parseCsv } from './csv.ts';
import { parseIni, parseProperties } from './ini.ts';

/** The content of a file found on the search path, in an encoding by Python's name. Throws PythonError when there is none, or no such encoding. */
export function readFound(
  engine: Engine,
  name: string,
  kind: 'files' | 'templates' = 'files',
  encoding = 'utf-8',
): string {
  const path = findFile(engine, kind, name);
  const bytes = path === undefined ? undefined : engine.context.host.readFile(path);
  if (bytes === undefined) throw new PythonError('Error', `Unable to access the file '${name}': File not found.`);
  return opened(engine, decode(bytes, encoding));
}

/** A file's text, out of its vault. */
function opened(engine: Engine, content: string): string {
  return content.startsWith('$ANSIBLE_VAULT') && engine.context.decrypt !== undefined
    ? engine.context.decrypt(content)
    : content;
}

function file(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  return terms.map((value) => {
    if (typeof value !== 'string') throw typeError(`'${typeName(value)}' object has no attribute 'startswith'`);
    let content = readFound(engine, value);
    if (flag(options, 'lstrip', false)) content = content.trimStart();
    if (flag(options, 'rstrip', true)) content = content.trimEnd();
    return content;
  });
}

function template(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  return terms.map((value) => {
    const name = term(value);
    const path = findFile(engine, 'templates', name);
    const bytes = path === undefined ? undefined : engine.context.host.readFile(path);
    if (path === undefined || bytes === undefined)
      throw new PythonError('Error', `the template file ${name} could not be found for the lookup`);
    const given = options.get('template_vars');
    const extra = new Map<string, Value>();
    if (given instanceof Dict) for (const [key, item] of given) extra.set(String(key), item);
    const overrides: Record<string, unknown> = {};
    for (const key of [
      'variable_start_string',
      'variable_end_string',
      'comment_start_string',
      'comment_end_string',
      'block_start_string',
      'block_end_string',
      'newline_sequence',
      'trim_blocks',
      'lstrip_blocks',
    ]) {
      const option = options.get(key);
      if (option !== undefined && option !== null) overrides[key] = option;
    }
    const inner = engine.with(templateVariables(engine.context, path, { written: name, more: extra }));
    inner.inFile = true;
    return (
      inner.guarded(() =>
        fileProgram(path, opened(engine, decode(bytes)), normaliseOverrides(overrides as TemplateOverrides)).render(
          inner,
        ),
      ) ?? ''
    );
  });
}

function fileGlob(engine: Engine, terms: readonly Value[]): Value[] {
  const { host } = engine.context;
  return terms.flatMap((value) => {
    const pattern = term(value);
    const directory = dirname(pattern);
    const bases =
      directory === '' ? candidates(engine, 'files', '.').map(dirname) : [findFile(engine, 'files', directory) ?? ''];
    for (const base of bases) {
      if (base === '') continue;
      const found = host.glob(`${base}/${basename(pattern)}`).filter((path) => host.status(path)?.kind === 'file');
      if (found.length > 0) return found;
    }
    return [];
  });
}

function firstFound(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  const split = (value: Value | undefined): string[] => {
    if (value === undefined || value === null) return [];
    return (Array.isArray(value) ? value : [value]).flatMap((part) =>
      typeof part === 'string' ? part.split(/[,;:]/) : [pythonStr(part)],
    );
  };
  const wanted: string[] = [];
  let skip = flag(options, 'skip', false);
  const add = (files: readonly string[], paths: readonly string[]): void => {
    if (paths.length === 0) wanted.push(...files);
    else for (const path of paths) for (const name of files) wanted.push(joinPath([path, name]));
  };
  if (options.has('files')) add(split(options.get('files')), split(options.get('paths')));
  const walk = (value: Value): void => {
    if (value instanceof Dict) {
      add(split(value.get('files')), split(value.get('paths')));
      const own = value.get('skip');
      if (own !== undefined) skip = flag(new Map([['skip', own]]), 'skip', false);
    } else if (typeof value === 'string') add([value], split(options.get('paths')));
    else if (Array.isArray(value)) value.forEach(walk);
    else
      throw new PythonError(
        'Error',
        `Invalid term supplied, can handle string, mapping or list of strings but got: ${typeName(value)} for ${pythonStr(value)}`,
      );
  };
  terms.forEach(walk);
  for (const name of wanted) {
    const path = findFile(engine, engine.context.foundIn ?? 'files', name);
    if (path !== undefined && engine.context.host.status(path)?.kind === 'file') return [path];
  }
  if (skip) return [];
  throw new PythonError('Error', 'No file was found when using first_found.');
}

const INI_OPTIONS = [
  'section',
  'file',
  'type',
  're',
  'encoding',
  'default',
  'case_sensitive',
  'allow_no_value',
  'allow_none',
];

function ini(engine: Engine, terms: readonly Value[], given: Options): Value[] {
  return terms.flatMap((value) => {
    const { first: key, options } = splitTerm(term(value), INI_OPTIONS, given);
    const stray = /^(\w+)=\S*$/.exec(key)?.[1];
    if (stray !== undefined) throw new PythonError('Error', `${stray} is not a valid option.`);
    if (key === '')
      throw new PythonError(
        'Error',
        `No key to lookup was provided as first term with in string inline options: ${term(value)}`,
      );
    const sensitive = flag(options, 'case_sensitive', false);
    const content = readFound(
      engine,
      text(options, 'file', 'ansible.ini'),
      'files',
      text(options, 'encoding', 'utf-8'),
    );
    const isProperties = text(options, 'type', 'ini') === 'properties';
    const section = isProperties ? 'java_properties' : text(options, 'section', 'global');
    const entries = (
      isProperties
        ? new Map<string, Map<string, string | null>>([
            [section, parseProperties(content, sensitive, text(options, 'file', 'ansible.ini'))],
          ])
        : parseIni(
            content,
            sensitive,
            text(options, 'file', 'ansible.ini'),
            flag(options, 'allow_no_value', flag(options, 'allow_none', false)),
          )
    ).get(section);
    if (entries === undefined)
      throw new PythonError('Error', `No section '${section}' in '${text(options, 'file', 'ansible.ini')}'.`);
    const wanted = sensitive ? key : key.toLowerCase();
    if (flag(options, 're', false)) {
      return [...entries]
        .filter(([name]) => regex(key, {}, 'match').test(name))
        .flatMap(([, item]) => (item === null ? [] : [item]));
    }
    const standard = options.get('default');
    const found = entries.get(wanted) === null ? null : (entries.get(wanted) ?? standard ?? '');
    return found === null ? [] : [found];
  });
}

const CSV_OPTIONS = ['col', 'default', 'delimiter', 'file', 'encoding', 'keycol'];

function csvFile(engine: Engine, terms: readonly Value[], given: Options): Value[] {
  if (terms.length === 0) throw new PythonError('Error', 'Search key is required but was not found');
  return terms.flatMap((value) => {
    const { first: key, options } = splitTerm(term(value), CSV_OPTIONS, given);
    if (key === '') throw new PythonError('Error', 'Search key is required but was not found');
    const delimiter = text(options, 'delimiter', 'TAB');
    const rows = parseCsv(readCsv(engine, options), delimiter === 'TAB' || delimiter === '\\t' ? '\t' : delimiter);
    const row = rows.find((cells) => cells[Number(text(options, 'keycol', '0'))] === key);
    if (row !== undefined) {
      const cell = row[Number(text(options, 'col', '1'))];
      if (cell === undefined) throw new PythonError('IndexError', 'list index out of range');
      return [cell];
    }
    const standard = options.get('default');
    return standard === undefined || standard === null ? [] : [standard];
  });
}

function readCsv(engine: Engine, options: Options): string {
  const name = text(options, 'file', 'ansible.csv');
  if (findFile(engine, 'files', name) === undefined)
    throw new PythonError('Error', `csvfile: [Errno 2] No such file or directory: '${name}'`);
  return readFound(engine, name, 'files', text(options, 'encoding', 'utf-8'));
}

export const FILE_LOOKUPS: Lookups = {
  csvfile: csvFile,
  file,
  fileglob: fileGlob,
  first_found: firstFound,
  ini,
  template,
  unvault: (engine, terms) => terms.map((value) => readFound(engine, term(value))),
};
