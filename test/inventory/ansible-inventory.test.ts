// Whole inventories against what ansible-inventory (core 2.19.11) prints for them: ansible-inventory.json holds its files and its answers.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { graph, hostJson, listJson } from '../../src/inventory/listing.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { listYaml } from '../../src/inventory/yaml-listing.ts';

interface Case {
  readonly name: string;
  readonly sources: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly executable?: readonly string[];
  readonly playbookDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly limit?: string;
  readonly list: string;
  readonly export: string;
  readonly graph: string;
  readonly yaml: string;
}
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'ansible-inventory.json'), 'utf8')) as Case[];
const root = mkdtempSync(join(tmpdir(), 'vbx-inventory-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(cases.map((one, index) => ({ ...one, folder: join(root, `case${index}`) })))('$name', (one) => {
  const load = async () => {
    for (const [path, text] of Object.entries(one.files)) {
      mkdirSync(dirname(join(one.folder, path)), { recursive: true });
      writeFileSync(join(one.folder, path), text);
    }
    for (const path of one.executable ?? []) chmodSync(join(one.folder, path), 0o755);
    const merge = one.env?.['ANSIBLE_HASH_BEHAVIOUR'] === 'merge';
    const inventory = await loadInventory(
      one.sources.map((source) => (source.includes(',') ? source : join(one.folder, source))),
      {
        warn: () => undefined,
        hashBehaviour: merge ? 'merge' : 'replace',
        transformInvalidGroupChars:
          one.env?.['ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS'] === 'always' ? 'always' : 'never',
      },
    );
    const options = {
      hashBehaviour: merge ? ('merge' as const) : ('replace' as const),
      playbookDir: one.playbookDir === undefined ? undefined : join(one.folder, one.playbookDir),
      limit: one.limit === undefined ? undefined : new Set(inventory.select(one.limit)),
    };
    return { inventory, options };
  };
  it('--list', async () => {
    const { inventory, options } = await load();
    expect(listJson(inventory, options)).toBe(one.list);
  });
  it('--list --export', async () => {
    const { inventory, options } = await load();
    expect(listJson(inventory, { ...options, export: true })).toBe(one.export);
  });
  it('--list --yaml', async () => {
    const { inventory, options } = await load();
    expect(listYaml(inventory, options)).toBe(`${one.yaml}\n`);
  });
  it('--graph --vars', async () => {
    const { inventory, options } = await load();
    expect(graph(inventory, { ...options, vars: true })).toBe(one.graph);
  });
  it('--host gives what --list has of each host', async () => {
    const { inventory, options } = await load();
    const listed = (
      JSON.parse(one.list.replace(/\b(?:NaN|-?Infinity)\b/g, '0')) as { _meta: { hostvars: Record<string, unknown> } }
    )._meta.hostvars;
    const unmarked = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(unmarked)
        : value !== null && typeof value === 'object'
          ? '__ansible_unsafe' in value
            ? value.__ansible_unsafe
            : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmarked(item)]))
          : value;
    for (const [name, vars] of Object.entries(listed))
      expect(JSON.parse(hostJson(inventory, name, options).replace(/\b(?:NaN|-?Infinity)\b/g, '0'))).toEqual(
        unmarked(vars),
      );
  });
});
