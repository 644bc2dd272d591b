// YAML inventories: groups with `hosts`, `children` and `vars`. A group given twice is one group.
import { PlaybookError, VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, PyFloat, type Value } from '../core/value.ts';
import type { LoadedYaml } from '../yaml/load-yaml.ts';
import { expandHostEntry } from './host-range.ts';
import type { InventoryBuilder } from './inventory-builder.ts';

/** Reads a parsed document into the inventory. Throws `PlaybookError` with the place for what is no YAML inventory. */
export function readYamlInventory({ value, positions }: LoadedYaml, file: string, into: InventoryBuilder): void {
  const top: Origin = { file, line: 1, column: 1 };
  if (!(value instanceof Dict))
    throw new PlaybookError(value === null ? 'the inventory is empty' : 'a YAML inventory is a mapping of groups', {
      origin: top,
    });
  const keyOrigin = (dict: Dict, key: Value): Origin => positions.key(dict, key) ?? top;

  const group = (key: Value, data: Value | undefined, origin: Origin): string | undefined => {
    const name = textKey(key, 'a group name', origin);
    if (data !== null && data !== undefined && !(data instanceof Dict)) {
      into.warn(`"${name}" is left out: a group is a mapping with hosts, children or vars`, origin);
      return undefined;
    }
    const added = placed(origin, () => into.addGroup(name));
    if (data === null || data === undefined) return added;
    for (const [part, content] of data) {
      const at = keyOrigin(data, part);
      const known = part === 'hosts' || part === 'children' || part === 'vars';
      let members = content;
      if (known && typeof members === 'string') members = new Dict([[members, null]]);
      if (members === null) continue;
      if (!(members instanceof Dict)) {
        if (known)
          throw new PlaybookError(`${String(part)} of group "${name}" must be a mapping`, {
            origin: at,
            hint: part === 'vars' ? 'write name: value' : 'end each name with a colon',
          });
        into.warn(`"${String(part)}" in group "${name}" is left out: it is no mapping`, at);
        continue;
      }
      const dict = members;
      if (part === 'vars')
        into.setGroupVars(added, {
          vars: named(dict, at),
          origin: at,
          originOf: (variable) => positions.key(dict, variable),
        });
      else if (part === 'children') {
        for (const [child, ofChild] of dict) {
          const childAt = keyOrigin(dict, child);
          const childName = group(child, ofChild, childAt);
          if (childName !== undefined) placed(childAt, () => into.addChild(added, childName));
        }
      } else if (part === 'hosts') {
        for (const [entry, vars] of dict) host(entry, vars, added, keyOrigin(dict, entry));
      } else into.warn(`"${String(part)}" in group "${name}" is left out: only hosts, children and vars are known`, at);
    }
    return added;
  };
  const host = (entry: Value, vars: Value, groupName: string, origin: Origin): void => {
    if (typeof entry === 'number' || entry instanceof PyFloat)
      throw new PlaybookError(
        `Host pattern ${String(entry instanceof PyFloat ? entry.value : entry)} must be a string.`,
        { origin, hint: 'put it in quotation marks' },
      );
    const text = textKey(entry, 'a host name', origin);
    const { names, port } = placed(origin, () => expandHostEntry(text));
    if (!isNothing(vars) && !(vars instanceof Dict))
      throw new PlaybookError(`the variables of host "${text}" must be a mapping`, { origin });
    const assignment =
      vars instanceof Dict
        ? { vars: named(vars, origin), origin, originOf: (variable: string) => positions.key(vars, variable) }
        : undefined;
    for (const name of names) placed(origin, () => into.addHost(name, groupName, port, assignment, origin));
  };
  for (const [key, data] of value) group(key, data, keyOrigin(value, key));
}

/** What Python takes for false: such variables of a host count as none. */
function isNothing(value: Value): boolean {
  return (
    value === null || value === false || value === 0 || value === '' || (Array.isArray(value) && value.length === 0)
  );
}
function textKey(key: Value, what: string, origin: Origin): string {
  if (typeof key === 'string' && key !== '') return key;
  throw new PlaybookError(`${what} must be text, not ${key === null || key === '' ? 'empty' : String(key)}`, {
    origin,
    hint: 'put it in quotation marks',
  });
}
/** The variables, names checked. */
function named(vars: Dict, origin: Origin): Dict {
  for (const name of vars.keys()) textKey(name, 'the name of a variable', origin);
  return vars;
}
/** Gives an error of `run` its place. */
function placed<T>(origin: Origin, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof VbxError && error.origin === undefined)
      throw new PlaybookError(error.message, { origin, hint: error.hint, cause: error });
    throw error;
  }
}
