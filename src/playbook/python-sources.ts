// What a module in Python imports of Ansible's library for modules and of its own collection, found and read so that it can travel along.
import { dirname, join } from 'node:path';

export interface PythonSources {
  /** The texts by the dotted names that they are imported by. */
  readonly sources: ReadonlyMap<string, string>;
  /** The package that the module's own relative imports start from. */
  readonly package: string;
  /** The first import that cannot be had, and without which the module does not run. */
  readonly missing?: string;
}

export interface PythonReader {
  /** A text file; undefined where there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** vbx's own Ansible library, by dotted names. */
  readonly library: ReadonlyMap<string, string>;
}

/** Whether a module in Python builds on Ansible's library. */
export function usesAnsibleLibrary(text: string): boolean {
  return (
    /^[ \t]*(?:from|import)[ \t]+ansible(?:\.|_collections\.|[ \t])/m.test(text) ||
    text.includes('#<<INCLUDE_ANSIBLE_MODULE_COMMON>>')
  );
}

/** Everything that the module at `path` needs, with what that needs in turn; the whole of vbx's own library, which is small. */
export function pythonSources(path: string, text: string, reader: PythonReader): PythonSources {
  const sources = new Map(reader.library);
  const own = packageOf(path);
  const places = new Places(path, reader);
  let missing: string | undefined;
  /** Texts whose optional imports are yet to be looked at: what those lack is no obstacle. */
  const later: { readonly source: string; readonly inPackage: string }[] = [];
  const visit = (source: string, inPackage: string, optional: boolean): void => {
    if (!optional) later.push({ source, inPackage });
    for (const wanted of importsOf(source, inPackage)) {
      if (!/^ansible(\.|_collections\.|$)/.test(wanted.name) || (wanted.optional && !optional)) continue;
      // The library's `six` makes its parts itself.
      if (wanted.name.startsWith('ansible.module_utils.six.')) continue;
      const found = [wanted.name, ...wanted.members.map((member) => `${wanted.name}.${member}`)].filter((name) =>
        take(name, optional),
      );
      if (found.length === 0 && !optional && !isAbove(wanted.name)) missing ??= wanted.name;
    }
  };
  /** Whether the name is a file of sources, which is read now if it was not before. */
  const take = (name: string, optional: boolean): boolean => {
    if (sources.has(name)) return true;
    const found = places.find(name);
    if (found === undefined) return false;
    sources.set(name, found.text);
    visit(found.text, found.isPackage ? name : name.slice(0, name.lastIndexOf('.')), optional);
    return true;
  };
  const isAbove = (name: string): boolean =>
    [...sources.keys()].some((each) => each.startsWith(`${name}.`)) && !/^ansible(\.module_utils)?$/.test(name);
  visit(text, own, false);
  for (const { source, inPackage } of later) visit(source, inPackage, true);
  return { sources, package: own, ...(missing === undefined ? {} : { missing }) };
}

/** `ansible_collections.ns.col.plugins.modules` for a module of a collection; one of a library folder has none. */
function packageOf(path: string): string {
  const match = /\/(ansible_collections\/.*)\/[^/]+$/.exec(path);
  return match?.[1] === undefined ? '' : match[1].replaceAll('/', '.');
}

class Places {
  readonly #path: string;
  readonly #reader: PythonReader;
  constructor(path: string, reader: PythonReader) {
    this.#path = path;
    this.#reader = reader;
  }

  find(name: string): { readonly text: string; readonly isPackage: boolean } | undefined {
    for (const base of this.#bases(name)) {
      const plain = this.#reader.readFile(`${base}.py`);
      if (plain !== undefined) return { text: plain, isPackage: false };
      const whole = this.#reader.readFile(join(base, '__init__.py'));
      if (whole !== undefined) return { text: whole, isPackage: true };
    }
    return undefined;
  }

  #bases(name: string): string[] {
    const words = name.split('.');
    if (words[0] === 'ansible_collections') {
      const root = /^(.*)\/ansible_collections\//.exec(this.#path)?.[1];
      return root === undefined ? [] : [join(root, ...words)];
    }
    // A role's module_utils stand beside its library.
    return words[0] === 'ansible' && words[1] === 'module_utils' && words.length > 2
      ? [join(dirname(dirname(this.#path)), 'module_utils', ...words.slice(2))]
      : [];
  }
}

interface Import {
  readonly name: string;
  /** What is imported from it: names of its own, or modules below it. */
  readonly members: readonly string[];
  /** It stands in a `try` or a function: the module goes on without it. */
  readonly optional: boolean;
}

/** The imports of a text; relative ones from `inPackage`. */
export function importsOf(text: string, inPackage: string): Import[] {
  const found: Import[] = [];
  for (const [, blanks = '', from, names = '', plain = ''] of text.matchAll(
    /^([ \t]*)(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#\\]*(?:\\\n[^\n#\\]*)*)|import[ \t]+([^\n#]+))/gm,
  )) {
    const optional = blanks !== '';
    if (from === undefined) for (const name of listed(plain)) found.push({ name, members: [], optional });
    else found.push({ name: absolute(from, inPackage), members: listed(names), optional });
  }
  return found;
}

function listed(text: string): string[] {
  return text
    .replace(/#.*$/gm, '')
    .replaceAll(/[()\\\n]/g, ' ')
    .split(',')
    .map((part) => part.trim().split(/\s+/)[0] ?? '')
    .filter((name) => /^[\w.]+$/.test(name));
}

function absolute(name: string, inPackage: string): string {
  const dots = /^\.*/.exec(name)?.[0].length ?? 0;
  if (dots === 0) return name;
  const base = inPackage.split('.').slice(0, inPackage.split('.').length - (dots - 1));
  return [...base, ...(name.length > dots ? [name.slice(dots)] : [])].join('.');
}
