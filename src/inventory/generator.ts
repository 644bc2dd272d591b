// The `generator` inventory: a host for every combination of the entries of some layers, and groups above it.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { pythonStr } from '../template/python/text.ts';
import type { LoadedYaml } from '../yaml/load-yaml.ts';
import type { Evaluate, HostScope } from './constructed.ts';
import type { InventoryBuilder } from './inventory-builder.ts';

const OPTIONS = ['plugin', 'hosts', 'layers'];

/** Reads a configuration with `plugin: generator`. Throws `PlaybookError` with the place for what is none. */
export function generate(loaded: LoadedYaml, file: string, into: InventoryBuilder, evaluate: Evaluate): void {
  const top: Origin = { file, line: 1, column: 1 };
  const config = loaded.value;
  const fail = (message: string, path: readonly string[]): never => {
    throw new PlaybookError(message, { origin: loaded.origin(path) ?? top });
  };
  if (!(config instanceof Dict)) return fail('the configuration of generator is a mapping', []);
  for (const key of config.keys())
    if (!OPTIONS.includes(pythonStr(key)))
      throw new PlaybookError(`generator has no option "${pythonStr(key)}"`, {
        origin: loaded.positions.key(config, key),
        hint: `its options are ${OPTIONS.join(', ')}`,
      });
  const hosts = config.get('hosts');
  const layers = config.get('layers');
  if (!(hosts instanceof Dict) || hosts.get('name') === undefined)
    return fail('hosts of generator must be a mapping with "name"', ['hosts']);
  if (!(layers instanceof Dict) || layers.size === 0)
    return fail('layers of generator must be a mapping of lists', ['layers']);
  const lists = [...layers].map(
    ([name, entries]) =>
      [
        pythonStr(name),
        Array.isArray(entries)
          ? entries
          : fail(`the layer "${pythonStr(name)}" must be a list`, ['layers', pythonStr(name)]),
      ] as const,
  );

  const text = (value: Value, scope: HostScope): string => pythonStr(rendered(value, scope, evaluate));
  const addParents = (child: string, parents: Value | undefined, scope: HostScope): void => {
    for (const parent of Array.isArray(parents) ? parents : []) {
      const name = parent instanceof Dict ? parent.get('name') : undefined;
      if (!(parent instanceof Dict) || name === undefined)
        return fail(`Element ${child} has a parent with no name element`, ['hosts']);
      const group = into.addGroup(text(name, scope));
      const vars = parent.get('vars');
      if (vars instanceof Dict)
        into.setGroupVars(group, {
          vars: new Dict([...vars].map(([key, value]) => [key, rendered(value, scope, evaluate)] as const)),
          origin: loaded.positions.of(vars) ?? top,
          originOf: (variable) => loaded.positions.key(vars, variable),
        });
      into.addChild(group, child);
      addParents(group, parent.get('parents'), scope);
    }
  };
  for (const chosen of combinations(lists)) {
    const scope: HostScope = { lookup: (name) => chosen.get(name), names: () => chosen.keys() };
    const host = text(hosts.get('name') ?? null, scope);
    into.addHost(host, undefined, undefined, undefined, loaded.origin(['hosts', 'name']) ?? top);
    addParents(host, hosts.get('parents'), scope);
  }
}

/** Text is rendered; lists and mappings stay as they are, to be rendered where they are used. */
function rendered(value: Value, scope: HostScope, evaluate: Evaluate): Value {
  return value instanceof TemplateText ? evaluate.render(value, scope) : value;
}

/** One entry of each layer, the last layer changing fastest. */
function combinations(lists: readonly (readonly [string, readonly Value[]])[]): readonly ReadonlyMap<string, Value>[] {
  let all: ReadonlyMap<string, Value>[] = [new Map()];
  for (const [name, entries] of lists)
    all = all.flatMap((before) => entries.map((entry) => new Map([...before, [name, entry]])));
  return all;
}
