// set_fact, include_vars and set_stats: values that a play gives its hosts and its end.
import { basename } from 'node:path';
import { PlaybookError } from '../../core/error.ts';
import { regex, search } from '../../core/python-regex.ts';
import { Dict, userText, type Value } from '../../core/value.ts';
import { pythonStr, type LookupHost } from '../../template/index.ts';
import { combine } from '../variables/combine.ts';
import { toBool } from '../run-context.ts';
import { failed, ok, type Control, type ControlDone } from './control.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const setFact: Control = ({ request, prepared }) => {
  const facts = new Dict();
  for (const [key, value] of prepared.values) {
    if (key === 'cacheable') continue;
    // The name of a fact may be a template too, alone among the keys of arguments.
    const written = userText(pythonStr(key), request.task.argOrigin(pythonStr(key)));
    const name = typeof written === 'string' ? written : pythonStr(prepared.templar.render(written));
    if (!NAME.test(name))
      throw new PlaybookError(`Task failed: Invalid variable name '${name}'.`, {
        origin: request.task.argOrigin(name),
        hint: 'names have letters, digits and underscores, and begin with no digit',
      });
    facts.set(name, value);
  }
  if (facts.size === 0)
    throw new PlaybookError('No key/value pairs provided, at least one is required for this action to succeed', {
      origin: request.task.origin,
    });
  return ok({ ansible_facts: facts, _vbx_cacheable: prepared.args['cacheable'] === true });
};

export const includeVars: Control = (done) => {
  const file = done.prepared.args['file'];
  if (done.prepared.args['dir'] === undefined && (file === undefined || file === ''))
    return includeFailed('Could not find file: neither file nor dir names one');
  try {
    return varsIncluded(done);
  } catch (error) {
    // Ansible tells this failure under `message`, where plays look for it.
    if (error instanceof WrongExtension) return includeFailed(error.message, error.read);
    if (error instanceof PlaybookError)
      return includeFailed(error.hint === undefined ? error.message : `${error.message}\n${error.hint}`);
    throw error;
  }
};

const includeFailed = (message: string, read: readonly string[] = []): ControlDone =>
  failed(message, { message, ansible_facts: {}, ansible_included_var_files: [...read] });

/** A file of a folder with an ending that is none of those wanted; `read`: the files before it. */
class WrongExtension extends PlaybookError {
  readonly read: readonly string[];
  constructor(message: string, read: readonly string[]) {
    super(message);
    this.read = read;
  }
}

function varsIncluded({ request, prepared }: Parameters<Control>[0]): ControlDone {
  const { run, play, task } = request;
  const { args } = prepared;
  const { includes } = run.options;
  const files =
    typeof args['dir'] === 'string'
      ? folderFiles(args, (name) => includes.find('vars', name, task, play), run.options.lookupHost)
      : [includes.find('vars', String(args['file']).replace(/\n+$/, ''), task, play)];
  const found = new Dict();
  for (const file of files)
    for (const layer of includes.varsFile(file) ?? []) for (const [name, value] of layer.vars) found.set(name, value);
  const name = args['name'];
  const vars = typeof name === 'string' && name !== '' ? new Dict([[name, found]]) : found;
  // Files replace one another; what they give together is merged with what the host has.
  if (args['hash_behaviour'] === 'merge') {
    for (const [key, value] of vars) {
      const known = prepared.scope.lookup(String(key as string));
      if (known !== undefined) vars.set(key, combine(known, value));
    }
  }
  return ok({ ansible_facts: vars, ansible_included_var_files: files });
}

/** The files of a folder as Ansible takes them: folders in the order of their whole paths, the names of each sorted; an ending may be empty. */
function folderFiles(args: Record<string, unknown>, find: (name: string) => string, host: LookupHost): string[] {
  const root = find(String(args['dir']));
  const depth = Number(args['depth'] ?? 0);
  const extensions = (args['extensions'] as string[] | undefined) ?? ['yaml', 'yml', 'json'];
  const matching = typeof args['files_matching'] === 'string' ? regex(args['files_matching']) : undefined;
  const ignored = ((args['ignore_files'] as string[] | undefined) ?? []).map((pattern) => regex(`${pattern}$`));
  const folders: { path: string; names: string[] }[] = [];
  const walk = (folder: string, level: number): void => {
    const entries = [...host.glob(`${folder}/*`), ...host.glob(`${folder}/.*`)]
      .filter((path) => !/\/\.{1,2}$/.test(path))
      .sort();
    folders.push({
      path: folder,
      names: entries.filter((each) => host.status(each)?.kind === 'file').map((path) => basename(path)),
    });
    if (depth === 0 || level < depth)
      for (const path of entries.filter((each) => host.status(each)?.kind === 'directory')) walk(path, level + 1);
  };
  walk(root.replace(/(?<=.)\/+$/, ''), 1);
  folders.sort((a, b) => (a.path < b.path ? -1 : 1));
  const files: string[] = [];
  for (const { path, names } of folders) {
    for (const name of names) {
      if (
        ignored.some((pattern) => search(pattern, name) !== undefined) ||
        (matching !== undefined && search(matching, name) === undefined)
      )
        continue;
      const extension = /.\.([^.]*)$/.exec(name)?.[1] ?? '';
      if (extensions.includes(extension)) files.push(`${path}/${name}`);
      else if (args['ignore_unknown_extensions'] !== true)
        throw new WrongExtension(`${path}/${name} does not have a valid extension: ${extensions.join(', ')}`, files);
    }
  }
  return files;
}

export const setStats: Control = ({ request, prepared }) => {
  const data = prepared.values.get('data');
  // As Ansible takes them: whatever is no word for true is false.
  const told = (name: string, otherwise: boolean): boolean => {
    const value = prepared.values.get(name);
    return value === undefined || value === null ? otherwise : toBool(value);
  };
  const perHost = told('per_host', false);
  const aggregate = told('aggregate', true);
  const stats = request.run.stats;
  if (data !== undefined && data !== null && !(data instanceof Dict))
    return failed("The 'data' option needs to be a dictionary/hash");
  if (data instanceof Dict) {
    for (const key of data.keys()) {
      if (!NAME.test(pythonStr(key)))
        return failed(
          `The variable name '${pythonStr(key)}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
        );
    }
    for (const [key, value] of data) {
      const name = `${perHost ? request.host : ''}\n${pythonStr(key)}`;
      stats.set(name, aggregate ? added(stats.get(name), value) : value);
    }
  }
  return ok({ ansible_stats: { data: prepared.args['data'], per_host: perHost, aggregate } });
};

/** Numbers add up, texts and lists join, dictionaries merge; anything else replaces. */
function added(before: Value | undefined, value: Value): Value {
  if (before instanceof Dict && value instanceof Dict) return combine(before, value);
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (typeof before === 'number' && typeof value === 'number') return before + value;
  if (typeof before === 'string' && typeof value === 'string') return before + value;
  return value;
}
