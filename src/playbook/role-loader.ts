// One role: its files, its dependencies before it, its tasks and its handlers.
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { NotThere, PlaybookError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import type { Node, Role, Written } from '../core/play.ts';
import { Dict, TemplateText, toPlain, type Value } from '../core/value.ts';
import { findRole } from './find-role.ts';
import { inherit, readConditions, readTags, type Inherited } from './inherited.ts';
import { KEYWORDS } from './keywords.ts';
import type { Loading } from './loading.ts';
import { loadNodes } from './node-loader.ts';
import { Section, varsLayer, type SourceText } from './section.ts';
import { makeRoleEnd, makeTask, type ParsedTask } from './task-loader.ts';

/** `tasks_from` and its like. */
export interface RoleFiles {
  readonly tasks?: string;
  readonly vars?: string;
  readonly defaults?: string;
  readonly handlers?: string;
}

export interface RoleRequest {
  readonly name: string;
  readonly origin: Origin;
  /** With what the place of use says (keywords, tags, conditions, vars). */
  readonly inner: Inherited;
  readonly params: Dict;
  /** The entry of `roles:` or `dependencies:`; what it says itself tells uses of a role apart, not what it inherits. */
  readonly entry?: Section;
  readonly from: RoleFiles;
  readonly parents: readonly Role[];
  /** Whether argument specs are checked. */
  readonly validate: boolean;
  readonly public: boolean;
  /** undefined: what meta/main.yml says. */
  readonly allowDuplicates: boolean | undefined;
  readonly use: 'roles' | 'dependency' | 'import' | 'include';
  /** Of an import or include: its own variables, and those of its loop. */
  readonly ownVars?: readonly VarsLayer[];
}

export interface LoadedRole {
  readonly role: Role;
  /** Of its dependencies, then its own, each role with its end marked. */
  readonly nodes: Node[];
  readonly handlers: Node[];
}

export function loadRole(request: RoleRequest, loading: Loading): LoadedRole {
  const { inner, origin } = request;
  const beside = inner.role === undefined ? undefined : dirname(inner.role.path);
  const found = findRole(request.name, inner.frame.playbookDir, inner.collections, beside, loading.places);
  if ('looked' in found)
    throw new NotThere(`the role '${request.name}' was not found`, {
      origin,
      hint: `looked for ${found.looked.join(', ')}`,
    });
  const { path } = found;
  if (request.use === 'dependency' && inner.roleStack.includes(path)) {
    const circle = [...inner.roleStack.slice(inner.roleStack.indexOf(path)), path].map((one) =>
      one.slice(one.lastIndexOf('/') + 1),
    );
    throw new PlaybookError(`roles depend on each other in a circle: ${circle.join(' -> ')}`, { origin });
  }
  const meta = readMeta(path, loading);
  const dependencies: Role[] = [];
  const role: Role = {
    name: found.name,
    ...(found.collection !== undefined && { fqcn: `${found.collection}.${found.name}`, collection: found.collection }),
    path,
    defaults: roleVars(path, 'defaults', request.from.defaults, origin, loading),
    vars: roleVars(path, 'vars', request.from.vars, origin, loading),
    params: request.params,
    dependencies,
    parents: request.parents,
    allowDuplicates: request.allowDuplicates ?? meta?.get('allow_duplicates') === true,
    uid: '',
    public: request.public,
  };
  Object.assign(role, { uid: uidOf(role, request) });
  const collections = [
    ...(found.collection === undefined ? [] : [found.collection]),
    ...(meta?.items('collections') ?? []).flatMap(({ value }) => (typeof value === 'string' ? [value] : [])),
  ];
  // What the place of use sets as `vars:` does not reach over the vars/ of the role's dependencies.
  const own: Inherited = { ...inner, role, collections, files: [], roleStack: [...inner.roleStack, path] };
  const nodes: Node[] = [];
  const handlers: Node[] = [];
  for (const dependency of readDependencies(meta)) {
    const loaded = loadDependency(dependency, own, loading);
    dependencies.push(loaded.role);
    nodes.push(...loaded.nodes);
    handlers.push(...loaded.handlers);
  }
  const validation = request.validate ? validationTask(request, role, own, meta, loading) : undefined;
  if (validation !== undefined) nodes.push(validation);
  nodes.push(...roleNodes(path, 'tasks', request.from.tasks, own, origin, loading));
  nodes.push(makeRoleEnd(own, { file: join(path, 'tasks'), line: 1, column: 1 }));
  handlers.push(
    ...roleNodes(path, 'handlers', request.from.handlers, { ...own, isHandler: true, notify: [] }, origin, loading),
  );
  return { role, nodes, handlers };
}

/** Equal for uses that are one role to Ansible: the same files, parameters, variables, tags and conditions. */
function uidOf(role: Role, { inner, entry, from, use, ownVars = [] }: RoleRequest): string {
  const vars =
    entry === undefined
      ? [...inner.vars.filter((layer) => layer.level === 'role vars'), ...ownVars].map((layer) => toPlain(layer.vars))
      : toPlain(entry.get('vars') ?? new Dict());
  const tags = entry === undefined ? [...inner.tags] : readTags(entry);
  const when = entry === undefined ? inner.when : readConditions(entry, 'when');
  const written = (items: readonly Written[]): unknown => items.map((item) => toPlain(item.value));
  const parts = [
    toPlain(role.params),
    from,
    vars,
    toPlain([...tags]),
    written(when),
    use === 'import' || use === 'include',
  ];
  return `${role.fqcn ?? role.name}@${role.path} ${JSON.stringify(parts, (_key, value: unknown) => (value instanceof TemplateText ? value.source : value))}`;
}

/** The entry of `roles:` or of `dependencies`: a name, or a mapping with keywords, `vars` and parameters. */
export function readRoleEntry(
  entry: Written,
  source: SourceText,
): { name: Value; section: Section; params: Dict; origin: Origin } {
  const { value, origin } = entry;
  if (typeof value === 'string' || value instanceof TemplateText || typeof value === 'number') {
    const name = typeof value === 'number' ? String(value) : value;
    if (typeof name === 'string' && name.includes(','))
      throw new PlaybookError(`"${name}" is an old form of naming a role`, {
        origin,
        hint: 'write - role: NAME, with its parameters below',
      });
    return { name, section: new Section(new Dict(), source), params: new Dict(), origin };
  }
  if (!(value instanceof Dict))
    throw new PlaybookError('a role is named by text or by a mapping with "role"', { origin });
  const section = new Section(value, source);
  const key = section.has('role') ? 'role' : section.has('name') ? 'name' : 'src';
  const name = key === 'src' ? nameOfSource(section.text('src') ?? '') : section.get(key);
  if (name === undefined || name === null || name === '')
    return section.fail('a role needs a name', origin, 'write - role: NAME');
  const params = new Dict();
  for (const [word, param] of value)
    if (
      typeof word === 'string' &&
      !KEYWORDS.role.has(word) &&
      word !== 'src' &&
      !(key === 'src' && (word === 'version' || word === 'scm'))
    )
      params.set(word, param);
  return { name, section, params, origin: section.has(key) ? section.valueOrigin(key) : origin };
}

/** The name of a role from the address that it was installed from (`git+https://host/ansible-role-x.git,v1`). */
function nameOfSource(source: string): string {
  const [address = '', , name] = source.split(',');
  if (name !== undefined && name !== '') return name.trim();
  if (!address.includes('://') && !address.includes('@')) return address.trim();
  return (address.split('/').at(-1) ?? '').replace(/\.git$/, '').replace(/\.tar\.gz$/, '');
}

function loadDependency(
  entry: Written & { readonly source: SourceText },
  own: Inherited,
  loading: Loading,
): LoadedRole {
  const parent = own.role;
  const { name, section, params, origin } = readRoleEntry(entry, entry.source);
  const inner = inherit(
    {
      ...own,
      vars: own.vars.map((layer) =>
        layer.level === 'role vars' && parent !== undefined
          ? withoutNames(layer, new Set(parent.vars.vars.keys()))
          : layer,
      ),
    },
    section,
    'role vars',
    'a role',
  );
  const loaded = loadRole(
    {
      name: loading.staticText(name, inner, origin, 'the name of a role'),
      origin,
      inner: { ...inner, collections: own.collections },
      params,
      entry: section,
      from: {},
      parents: parent === undefined ? [] : [...parent.parents, parent],
      validate: true,
      public: loading.context.privateRoleVars !== true,
      allowDuplicates: undefined,
      use: 'dependency',
    },
    loading,
  );
  return loaded;
}

/** A layer without the names that others set. */
export function withoutNames(layer: VarsLayer, others: ReadonlySet<Value>): VarsLayer {
  const vars = new Dict([...layer.vars].filter(([name]) => !others.has(name)));
  return vars.size === layer.vars.size ? layer : { ...layer, vars };
}

/** meta/main.yml, if there is one. */
function readMeta(path: string, loading: Loading): Section | undefined {
  const [file] = roleFile(path, 'meta', undefined, loading);
  const source = file === undefined ? undefined : loading.source(file);
  if (source === undefined || source.value === null) return undefined;
  if (!(source.value instanceof Dict))
    throw new PlaybookError('meta/main.yml of a role must be a mapping', {
      origin: { file: source.path, line: 1, column: 1 },
    });
  return new Section(source.value, source);
}

function readDependencies(meta: Section | undefined): (Written & { readonly source: SourceText })[] {
  if (meta === undefined || !meta.has('dependencies') || meta.get('dependencies') === null) return [];
  if (!Array.isArray(meta.get('dependencies')))
    meta.fail('dependencies must be a list of roles', meta.valueOrigin('dependencies'));
  return meta.items('dependencies').map((item) => ({ ...item, source: meta.source }));
}

const EXTENSIONS = ['.yml', '.yaml', '.json'];

/** Files of a role's folder: `main`, or the name that `X_from` gives. Only variables may be a folder of files. */
function roleFile(path: string, folder: string, name: string | undefined, loading: Loading): readonly string[] {
  const base = join(path, folder, name ?? 'main');
  const { files } = loading;
  // The usual case asks the file system for the names of the folder and nothing more.
  const names = name === undefined ? files.list(join(path, folder)) : undefined;
  const main = names && EXTENSIONS.find((extension) => names.includes(`main${extension}`));
  if (main !== undefined && !files.isDir(`${base}${main}`)) return [`${base}${main}`];
  if (names !== undefined && !names.includes('main')) return [];
  const allowDir = folder === 'vars' || folder === 'defaults';
  for (const extension of name === undefined ? [...EXTENSIONS, ''] : ['', ...EXTENSIONS]) {
    const file = `${base}${extension}`;
    if (!files.exists(file)) continue;
    if (!files.isDir(file)) return [file];
    if (allowDir) return varsFilesIn(file, loading);
  }
  return [];
}

/** Variable files below a folder, sorted by name, folders entered where they stand; hidden files and backups are left out. */
export function varsFilesIn(folder: string, loading: Pick<Loading, 'files'>): string[] {
  return loading.files.list(folder).flatMap((name) => {
    if (name.startsWith('.') || name.endsWith('~')) return [];
    const path = join(folder, name);
    const extension = /\.[^.]*$/.exec(name)?.[0] ?? '';
    if (loading.files.isDir(path)) return extension === '' ? varsFilesIn(path, loading) : [];
    return extension === '' || EXTENSIONS.includes(extension) ? [path] : [];
  });
}

function checkedRoleFile(
  path: string,
  folder: string,
  name: string | undefined,
  origin: Origin,
  loading: Loading,
): readonly string[] {
  const found = roleFile(path, folder, name, loading);
  const [file] = found;
  if (file !== undefined && name !== undefined && relative(join(path, folder), file).startsWith('..')) {
    throw new PlaybookError(
      `Failed loading '${file}' for role (${basename(path)}) as it is not inside the expected role path: '${join(path, folder)}'`,
      { origin },
    );
  }
  if (name !== undefined && isAbsolute(name))
    throw new PlaybookError(
      `Failed loading '${name}' for role (${basename(path)}) as it is not inside the expected role path: '${join(path, folder)}'`,
      { origin },
    );
  if (file === undefined && name !== undefined && loading.files.isDir(join(path, folder))) {
    const names = loading.files.list(join(path, folder)).filter((one) => !one.startsWith('.'));
    throw new PlaybookError(`Could not find specified file in role: ${folder}/${name}`, {
      origin,
      hint: names.length === 0 ? `${join(path, folder)} is empty` : `${join(path, folder)} has ${names.join(', ')}`,
    });
  }
  return found;
}

function roleVars(
  path: string,
  folder: 'vars' | 'defaults',
  name: string | undefined,
  origin: Origin,
  loading: Loading,
): VarsLayer {
  const level = folder === 'vars' ? 'role vars' : 'role defaults';
  const files = checkedRoleFile(path, folder, name, origin, loading);
  return mergeLayers(
    level,
    files.flatMap((file) => readVarsFile(file, level, loading)),
  );
}

/** One layer of several, later ones over earlier ones; each name keeps the place of the one that counts. */
export function mergeLayers(level: string, layers: readonly VarsLayer[]): VarsLayer {
  const [first, second] = layers;
  if (first === undefined) return { level, vars: new Dict() };
  if (second === undefined) return { ...first, level };
  const vars = new Dict();
  for (const layer of layers) for (const [name, value] of layer.vars) vars.set(name, value);
  return {
    level,
    vars,
    ...(first.origin && { origin: first.origin }),
    originOf: (name) => layers.findLast((layer) => layer.vars.has(name))?.originOf?.(name),
  };
}

/** A file of variables: a mapping, or a list of mappings; an empty file gives none. Throws for a file that does not exist. */
export function readVarsFile(file: string, level: string, loading: Pick<Loading, 'source'>): readonly VarsLayer[] {
  const source = loading.source(file);
  if (source === undefined) throw new PlaybookError(`the file ${file} does not exist`);
  const { value } = source;
  if (value === null) return [];
  const parts = Array.isArray(value) ? value : [value];
  return parts.map((part) => {
    if (!(part instanceof Dict))
      throw new PlaybookError('a file of variables must be a mapping of names to values', {
        origin: { file, line: 1, column: 1 },
      });
    return varsLayer(level, part, source, false);
  });
}

function roleNodes(
  path: string,
  folder: 'tasks' | 'handlers',
  name: string | undefined,
  inner: Inherited,
  origin: Origin,
  loading: Loading,
): Node[] {
  const [file] = checkedRoleFile(path, folder, name, origin, loading);
  const source = file === undefined ? undefined : loading.source(file);
  if (file === undefined || source === undefined) return [];
  return loadNodes(source.value, source, { ...inner, files: [file] }, loading, `${folder} of a role`);
}

/** The task that checks a role's parameters against its argument specs, as Ansible inserts it. */
function validationTask(
  { from, params, origin }: RoleRequest,
  role: Role,
  own: Inherited,
  meta: Section | undefined,
  loading: Loading,
): Node | undefined {
  const names = loading.files.list(join(role.path, 'meta'));
  const specFile = EXTENSIONS.map((extension) => `argument_specs${extension}`).find((name) => names.includes(name));
  const file = specFile === undefined ? undefined : join(role.path, 'meta', specFile);
  const source = file === undefined ? meta?.source : loading.source(file);
  const specs = source?.value instanceof Dict ? source.value.get('argument_specs') : undefined;
  const entryPoint = from.tasks ?? 'main';
  const spec = specs instanceof Dict ? specs.get(entryPoint) : undefined;
  if (source === undefined || !(spec instanceof Dict) || spec.size === 0) return undefined;
  const about = spec.get('short_description');
  const description = about instanceof TemplateText ? about.source : typeof about === 'string' ? about : undefined;
  const place = source.positions.of(spec) ?? origin;
  const args = new Dict([
    ['argument_spec', spec.get('options') ?? new Dict()],
    ['provided_arguments', params],
    [
      'validate_args_context',
      new Dict([
        ['type', 'role'],
        ['name', role.name],
        ['argument_spec_name', entryPoint],
        ['path', role.path],
      ]),
    ],
  ]);
  const name = `Validating arguments against arg spec '${entryPoint}'${description === undefined ? '' : ` - ${description}`}`;
  const section = new Section(new Dict([['name', name]]), source);
  const parsed: ParsedTask = {
    section,
    action: {
      canonical: 'ansible.builtin.validate_argument_spec',
      written: 'ansible.builtin.validate_argument_spec',
      origin: place,
      args,
      argOrigin: () => place,
      local: false,
    },
    outer: own,
    inner: { ...own, tags: [...own.tags, 'always'] },
  };
  return { ...makeTask(parsed), origin: place };
}
