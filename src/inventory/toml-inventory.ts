// TOML inventories: tables of groups with `hosts`, `children` (a list) and `vars`. Loaded only when there is one.
import { parse, TomlDate, TomlError } from 'smol-toml';
import { PlaybookError, VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, float, int, userText, type Value } from '../core/value.ts';
import { pythonStr } from '../template/python/text.ts';
import { plainDate } from '../yaml/yaml-scalar.ts';
import { expandHostEntry } from './host-range.ts';
import type { InventoryBuilder } from './inventory-builder.ts';

/** Reads the text of a file into the inventory. Throws `PlaybookError` with the place for what is no TOML inventory. */
export function readTomlInventory(text: string, file: string, into: InventoryBuilder): void {
  const origin: Origin = { file, line: 1, column: 1 };
  const fail = (message: string, hint?: string): never => {
    throw new PlaybookError(message, { origin, hint });
  };
  const document = parsed(text, file);
  if (document.size === 0) fail('the TOML file is empty');
  if (document.get('plugin') !== undefined) fail('this is the configuration of an inventory plugin, no inventory');

  const group = (name: string, data: Value): void => {
    if (!(data instanceof Dict)) {
      into.warn(`Skipping '${name}' as this is not a valid group definition`, origin);
      return;
    }
    const added = into.addGroup(name);
    for (const [part, content] of data) {
      if (part === 'vars') {
        if (content instanceof Dict) into.setGroupVars(added, { vars: content, origin, originOf: undefined });
        else fail(`vars of group "${name}" must be a table`, 'write name = value');
      } else if (part === 'children') {
        if (!Array.isArray(content))
          return fail(`children of group "${name}" must be a list`, `children = ["${name}1"]`);
        for (const child of content) {
          if (typeof child !== 'string') return fail(`children of group "${name}" must be names of groups`);
          into.addChild(added, into.addGroup(child));
        }
      } else if (part === 'hosts') {
        if (!(content instanceof Dict))
          return fail(
            `hosts of group "${name}" must be a table`,
            'write hosts = { name = {} }, or [group.hosts] and below it name = {}',
          );
        for (const [entry, vars] of content) host(pythonStr(entry), vars, added);
      } else
        into.warn(
          `Skipping unexpected key "${pythonStr(part)}" in group "${name}", only "vars", "children" and "hosts" are valid`,
          origin,
        );
    }
  };
  const host = (entry: string, vars: Value, groupName: string): void => {
    const { names, port } = expandHostEntry(entry);
    if (!(vars instanceof Dict)) fail(`the variables of host "${entry}" must be a table`, `${entry} = {}`);
    else for (const name of names) into.addHost(name, groupName, port, { vars, origin, originOf: undefined }, origin);
  };
  try {
    for (const [name, data] of document) group(pythonStr(name), data);
  } catch (error) {
    if (error instanceof VbxError && error.origin === undefined)
      throw new PlaybookError(error.message, { origin, hint: error.hint, cause: error });
    throw error;
  }
}

function parsed(text: string, file: string): Dict {
  try {
    const value = toValue(parse(text, { integersAsBigInt: true }), file);
    return value instanceof Dict ? value : new Dict();
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message goes on with a picture of the line, which our own errors draw themselves.
    throw new PlaybookError(`this is no TOML: ${error.message.split('\n')[0] ?? ''}`, {
      origin: { file, line: error.line, column: error.column },
      cause: error,
    });
  }
}

/** What the library gives as values; whole numbers are `bigint` there. */
function toValue(plain: unknown, file: string): Value {
  if (typeof plain === 'string') return userText(plain, { file, line: 1, column: 1 });
  if (typeof plain === 'bigint') return int(plain);
  if (typeof plain === 'number') return float(plain);
  if (typeof plain === 'boolean') return plain;
  if (plain instanceof TomlDate) {
    const written = plain.toISOString().replace(/\.000(?=Z|[+-]\d|$)/, '');
    return plainDate(written) ?? written;
  }
  if (Array.isArray(plain)) return plain.map((item) => toValue(item, file));
  return new Dict(Object.entries(plain ?? {}).map(([key, value]) => [key, toValue(value, file)] as const));
}
