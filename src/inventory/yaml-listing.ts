// `ansible-inventory --list --yaml` and `--host NAME --yaml`: the inventory as a YAML inventory, in PyYAML's spelling.
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { dumpYaml } from '../template/python/yaml-dump.ts';
import { VaultText } from '../yaml/vault-text.ts';
import type { GroupNode } from './group-node.ts';
import type { LoadedInventory } from './inventory.ts';
import { ListedVariables, oneHost, type ListingOptions } from './listing.ts';

/** Groups as a tree below `all`; a host's variables stand where it is first named. With `export` groups have theirs and hosts only their own. */
export function listYaml(inventory: LoadedInventory, options: ListingOptions = {}): string {
  const variables = new ListedVariables(inventory, options);
  const seenHosts = new Set<string>();
  const seenGroups = new Set<string>();
  const visit = (group: GroupNode): Dict => {
    const content = new Dict();
    const children = new Dict();
    for (const child of group.childNodes) {
      if (seenGroups.has(child.name)) children.set(child.name, new Dict());
      else {
        for (const [name, below] of visit(child)) children.set(name, below);
        seenGroups.add(child.name);
      }
    }
    const hosts = new Dict();
    for (const host of group.name === 'all' ? [] : group.hostNodes) {
      if (options.limit?.has(host.name) === false) continue;
      hosts.set(host.name, seenHosts.has(host.name) ? new Dict() : new Dict(variables.ofHost(host.name)));
      seenHosts.add(host.name);
    }
    const vars = options.export === true ? new Dict(variables.ofGroup(group)) : new Dict();
    for (const [part, members] of [
      ['children', children],
      ['hosts', hosts],
      ['vars', vars],
    ] as const)
      if (members.size > 0) content.set(part, members);
    return content.size > 0 ? new Dict([[group.name, content]]) : new Dict();
  };
  const top = inventory.node('all');
  return dump(top === undefined ? new Dict() : visit(top));
}

/** Variables of one host. Throws a `UsageError` when the pattern means no host or several. */
export function hostYaml(inventory: LoadedInventory, pattern: string, options: ListingOptions = {}): string {
  return dump(new Dict(new ListedVariables(inventory, options).ofHost(oneHost(inventory, pattern))));
}

/** YAML with sorted keys, anchors for what several hosts share, and encrypted values as they are. Ends with a line break. */
function dump(value: Dict): string {
  const sealed: VaultText[] = [];
  const text = dumpYaml(written(value, sealed, new Map()), {
    indent: 2,
    width: 80,
    flow: false,
    sortKeys: true,
    unicode: true,
    explicitStart: false,
    explicitEnd: false,
    scalarStyle: null,
  });
  if (sealed.length === 0) return text;
  return text.replace(
    /^( *)((?:- )*)(.*?)vbx-sealed-(\d+)$/gm,
    (line, blanks: string, dashes: string, key: string, index: string) => {
      const vault = sealed[Number(index)];
      if (vault === undefined) return line;
      // A block stands two columns inside of the mapping or list that holds it.
      const indent = blanks.length + (key === '' ? Math.max(0, dashes.length - 2) : dashes.length) + 2;
      return `${blanks}${dashes}${key}!vault |\n${vault.encrypted
        .trimEnd()
        .split('\n')
        .map((part) => ' '.repeat(indent) + part)
        .join('\n')}`;
    },
  );
}
/** A copy with templates as their text and a mark for each encrypted value; what is one object stays one, for its anchor. */
function written(value: Value, sealed: VaultText[], made: Map<object, Value>): Value {
  if (value instanceof VaultText) return `vbx-sealed-${sealed.push(value) - 1}`;
  if (value instanceof TemplateText) return value.source;
  if (!Array.isArray(value) && !(value instanceof Dict)) return value;
  const known = made.get(value);
  if (known !== undefined) return known;
  const copy = Array.isArray(value)
    ? Array.from(value, (item) => written(item, sealed, made))
    : new Dict(Array.from(value, ([key, item]) => [written(key, sealed, made), written(item, sealed, made)] as const));
  made.set(value, copy);
  return copy;
}
