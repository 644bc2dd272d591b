// INI inventories: `[group]`, `[group:children]`, `[group:vars]` and host lines with variables. Every error names its line.
import { PlaybookError, VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, type Value } from '../core/value.ts';
import { expandHostEntry } from './host-range.ts';
import type { InventoryBuilder } from './inventory-builder.ts';
import { iniValue } from './python-literal.ts';
import { shellWords } from './shell-words.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;

interface Pending {
  readonly state: 'vars' | 'children';
  readonly origin: Origin;
  readonly parents: string[];
}

/** Reads `text` of `file` into the inventory. Throws `PlaybookError` with the line for what is no INI inventory. */
export function readIni(text: string, file: string, into: InventoryBuilder): void {
  // Groups that were named as children, or given variables, before (or without) their own section.
  const pending = new Map<string, Pending>();
  let group = 'ungrouped';
  let state: 'hosts' | 'vars' | 'children' = 'hosts';
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  for (let index = 0; index < lines.length; index++) {
    const written = lines[index] ?? '';
    const line = written.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const origin: Origin = { file, line: index + 1, column: written.length - written.trimStart().length + 1 };
    try {
      const section = line.startsWith('[') ? SECTION.exec(line) : null;
      if (section !== null) {
        group = into.safeName(section[1] ?? '');
        const kind = section[2] ?? 'hosts';
        if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars')
          throw new VbxError(`section [${group}:${kind}] has a kind that is not known`, {
            hint: 'sections are [group], [group:children] and [group:vars]',
          });
        state = kind;
        if (!into.hasGroup(group)) {
          if (state === 'vars' && !pending.has(group)) pending.set(group, { state, origin, parents: [] });
          into.addGroup(group);
        }
        if (state !== 'vars') declare(group, pending, into);
      } else if (line.startsWith('[') && line.endsWith(']')) {
        throw new VbxError(`${line} is no section`, {
          hint: 'a section is [group], [group:children] or [group:vars], without blanks',
        });
      } else if (state === 'hosts') hostLine(line, group, origin, into);
      else if (state === 'vars') {
        const equals = line.indexOf('=');
        if (equals < 0) throw new VbxError(`a variable is written key=value, not "${line}"`);
        into.setGroupVars(group, {
          vars: new Dict([[line.slice(0, equals).trimEnd(), iniValue(line.slice(equals + 1).trim(), origin)]]),
          origin,
          originOf: undefined,
        });
      } else {
        const child = GROUP_NAME.exec(line)?.[1];
        if (child === undefined) throw new VbxError(`"${line}" is no group name`);
        if (into.hasGroup(child)) into.addChild(group, child);
        else {
          const waiting = pending.get(child);
          if (waiting === undefined) pending.set(child, { state: 'children', origin, parents: [group] });
          else waiting.parents.push(group);
        }
      }
    } catch (error) {
      if (error instanceof VbxError && error.origin === undefined)
        throw new PlaybookError(error.message, { origin, hint: error.hint, cause: error });
      throw error;
    }
  }
  for (const [name, { state: wanted, origin, parents }] of pending) {
    throw wanted === 'vars'
      ? new PlaybookError(`section [${name}:vars] is for group "${name}", which is not defined`, {
          origin,
          hint: `add a section [${name}]`,
        })
      : new PlaybookError(`[${parents.at(-1)}:children] names group "${name}", which is not defined`, {
          origin,
          hint: `add a section [${name}]`,
        });
  }
}

/** The group has its own section now: it becomes the child that others waited for. */
function declare(group: string, pending: Map<string, Pending>, into: InventoryBuilder): void {
  const waiting = pending.get(group);
  if (waiting === undefined) return;
  if (waiting.state === 'children') {
    for (const parent of waiting.parents) {
      into.addGroup(parent);
      into.addChild(parent, group);
      if (pending.get(parent)?.state === 'children') declare(parent, pending, into);
    }
  }
  pending.delete(group);
}

function hostLine(line: string, group: string, origin: Origin, into: InventoryBuilder): void {
  const words = shellWords(line);
  if (words === undefined) throw new VbxError(`a quotation in "${line}" has no end`);
  const entry = words[0];
  if (entry === undefined) return;
  const { names, port } = expandHostEntry(entry);
  if (entry.trim().endsWith(':') && port === undefined)
    throw new VbxError(`host "${entry}" cannot end in ":"`, {
      hint: 'a colon is followed by a port; or is this a YAML inventory? Then name it .yml',
    });
  if (names.some((name) => name.trim() === '---'))
    throw new VbxError('"---" is no host', { hint: 'is this a YAML inventory? Then name it .yml' });
  let vars: Dict | undefined;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? '';
    const equals = word.indexOf('=');
    if (equals < 0) throw new VbxError(`a variable of a host is written key=value, not "${word}"`);
    vars ??= new Dict();
    const value: Value = iniValue(word.slice(equals + 1), origin);
    vars.set(word.slice(0, equals), value);
  }
  for (const name of names)
    into.addHost(name, group, port, vars === undefined ? undefined : { vars, origin, originOf: undefined }, origin);
}
