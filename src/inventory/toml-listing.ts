// `ansible-inventory --list --toml`: the inventory as a TOML inventory, spelled as the Python library tomli-w does it.
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, type Value } from '../core/value.ts';
import { pythonStr, reprFloat } from '../template/python/text.ts';
import { VaultText } from '../yaml/vault-text.ts';
import type { GroupNode } from './group-node.ts';
import type { LoadedInventory } from './inventory.ts';
import { ListedVariables, oneHost, type ListingOptions } from './listing.ts';

/** All groups side by side; a host's variables stand where it is first named. With `export` groups have theirs and hosts only their own. */
export function listToml(inventory: LoadedInventory, options: ListingOptions = {}): string {
  const variables = new ListedVariables(inventory, { ...options, inOrder: true });
  const seen = new Set<string>();
  const groups = new Dict();
  const hasUngrouped = (inventory.node('ungrouped')?.hosts.length ?? 0) > 0;
  const visit = (group: GroupNode): void => {
    const content = new Dict();
    groups.set(group.name, content);
    const children = group.childNodes.filter((child) => child.name !== 'ungrouped' || hasUngrouped);
    for (const child of children) visit(child);
    const hosts = new Dict();
    for (const host of group.name === 'all' ? [] : group.hostNodes) {
      if (options.limit?.has(host.name) === false) continue;
      hosts.set(host.name, seen.has(host.name) ? new Dict() : new Dict(variables.ofHost(host.name)));
      seen.add(host.name);
    }
    if (group.name !== 'all' && children.length > 0)
      content.set(
        'children',
        children.map((child) => child.name),
      );
    if (hosts.size > 0) content.set('hosts', hosts);
    const vars = options.export === true ? new Dict(variables.ofGroup(group)) : new Dict();
    if (vars.size > 0) content.set('vars', vars);
    if (content.size === 0) groups.delete(group.name);
  };
  const top = inventory.node('all');
  if (top !== undefined) visit(top);
  return table(groups, '', false);
}

/** Variables of one host. Throws a `UsageError` when the pattern means no host or several. */
export function hostToml(inventory: LoadedInventory, pattern: string, options: ListingOptions = {}): string {
  return table(
    new Dict(new ListedVariables(inventory, { ...options, inOrder: true }).ofHost(oneHost(inventory, pattern))),
    '',
    false,
  );
}

/** A table: first what fits on lines of its own, then the tables inside of it. TOML has no null: such entries are left out. */
function table(content: Dict, name: string, inArray: boolean): string {
  const literals: string[] = [];
  const inner: [name: string, table: Dict, inArray: boolean][] = [];
  for (const [key, value] of content) {
    const part = keyPart(pythonStr(key));
    const path = name === '' ? part : `${name}.${part}`;
    const items =
      Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof Dict) ? value : undefined;
    if (value instanceof Dict) inner.push([path, value, false]);
    else if (items !== undefined && !items.every((item) => fitsInline(item)))
      inner.push(...items.map((item): [string, Dict, boolean] => [path, item, true]));
    else if (value !== null) literals.push(`${part} = ${literal(value, 0)}\n`);
  }
  const head = inArray
    ? `[[${name}]]\n`
    : name !== '' && (literals.length > 0 || inner.length === 0)
      ? `[${name}]\n`
      : '';
  const own = head + literals.join('');
  return [...(own === '' ? [] : [own]), ...inner.map(([path, below, array]) => table(below, path, array))].join('\n');
}

const LINE = 100;

function fitsInline(value: Dict): boolean {
  const text = `    ${inlineTable(value)},`;
  return text.length <= LINE && !text.includes('\n');
}

function literal(value: Value, depth: number): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : reprFloat(value);
  if (value instanceof PyFloat)
    return Number.isNaN(value.value)
      ? 'nan'
      : Number.isFinite(value.value)
        ? reprFloat(value.value)
        : value.value < 0
          ? '-inf'
          : 'inf';
  if (value instanceof PyDate) return value.text;
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== null);
    if (items.length === 0) return '[]';
    const indent = ' '.repeat(4 * (depth + 1));
    return `[\n${items.map((item) => indent + literal(item, depth + 1)).join(',\n')},\n${' '.repeat(4 * depth)}]`;
  }
  if (value instanceof Dict) return inlineTable(value, depth);
  if (value instanceof VaultText) return quoted(value.encrypted);
  if (value instanceof TemplateText) return quoted(value.source);
  if (value instanceof PyBytes) return quoted(Buffer.from(value.bytes).toString('utf8'));
  return quoted(pythonStr(value));
}

function inlineTable(value: Dict, depth = 0): string {
  const entries = [...value].filter(([, item]) => item !== null);
  return entries.length === 0
    ? '{}'
    : `{ ${entries.map(([key, item]) => `${keyPart(pythonStr(key))} = ${literal(item, depth)}`).join(', ')} }`;
}

function keyPart(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- TOML wants them escaped
  const escaped = text.replace(
    /[\u0000-\u0008\u000a-\u001f"\\\u007f]/g,
    (char) => ESCAPES[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0').toUpperCase()}`,
  );
  return `"${escaped}"`;
}
