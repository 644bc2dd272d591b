// All filters, tests and lookups by name.
import { nearest } from '../core/nearest.ts';
import type { Filter, Filters, Lookup, Lookups, Test, Tests } from './plugin.ts';
import { COLLECTION_FILTERS, CORE_FILTERS } from './filters/all.ts';
import { COLLECTION_TESTS, CORE_TESTS } from './tests/all.ts';
import { COLLECTION_LOOKUPS, CORE_LOOKUPS } from './lookups/all.ts';

const CORE = /^ansible\.(?:builtin|legacy)\./;
/** Collections whose plugins vbx has; a plugin of them is also found by its short name. */
const COLLECTIONS =
  /^(?:community\.general|ansible\.utils|ansible\.netcommon|ansible\.posix|community\.crypto|community\.docker)\./;

function find<Plugin>(
  core: Readonly<Record<string, Plugin>>,
  collection: Readonly<Record<string, Plugin>>,
  name: string,
  collections: boolean,
): Plugin | undefined {
  if (Object.hasOwn(core, name)) return core[name];
  if (CORE.test(name)) {
    const short = name.replace(CORE, '');
    return Object.hasOwn(core, short) ? core[short] : undefined;
  }
  if (!collections) return undefined;
  // A name that two collections have is there with its collection.
  if (Object.hasOwn(collection, name)) return collection[name];
  const short = name.replace(COLLECTIONS, '');
  return Object.hasOwn(collection, short) ? collection[short] : undefined;
}

/** A plugin of ansible-core by its short name; it is there in every context. */
export function coreFilter(name: string): Filter | undefined {
  return Object.hasOwn(CORE_FILTERS, name) ? CORE_FILTERS[name] : undefined;
}
export function coreTest(name: string): Test | undefined {
  return Object.hasOwn(CORE_TESTS, name) ? CORE_TESTS[name] : undefined;
}

export function builtinFilter(name: string, collections: boolean): Filter | undefined {
  return find<Filter>(CORE_FILTERS, COLLECTION_FILTERS, name, collections);
}
export function builtinTest(name: string, collections: boolean): Test | undefined {
  return find<Test>(CORE_TESTS, COLLECTION_TESTS, name, collections);
}
export function builtinLookup(name: string, collections: boolean): Lookup | undefined {
  return find<Lookup>(CORE_LOOKUPS, COLLECTION_LOOKUPS, name, collections);
}

/** "Did you mean 'x'?", or undefined. */
export function nearestFilter(name: string): string | undefined {
  return suggestion(name, [CORE_FILTERS, COLLECTION_FILTERS] satisfies Filters[]);
}
export function nearestTest(name: string): string | undefined {
  return suggestion(name, [CORE_TESTS, COLLECTION_TESTS] satisfies Tests[]);
}
export function nearestLookup(name: string): string | undefined {
  return suggestion(name, [CORE_LOOKUPS, COLLECTION_LOOKUPS] satisfies Lookups[]);
}

function suggestion(name: string, tables: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const close = nearest(
    name.replace(CORE, ''),
    tables.flatMap((table) => Object.keys(table)),
  );
  return close === undefined ? undefined : `Did you mean '${close}'?`;
}
