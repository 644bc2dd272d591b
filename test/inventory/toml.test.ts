// TOML inventories: what is read, what is refused with its place, and the form in which one is written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VbxError } from '../../src/core/error.ts';
import { graph, listJson } from '../../src/inventory/listing.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { hostToml, listToml } from '../../src/inventory/toml-listing.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-toml-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
async function load(text: string) {
  const file = join(root, `${++count}.toml`);
  writeFileSync(file, text);
  const warnings: string[] = [];
  return { inventory: await loadInventory([file], { warn: (message) => warnings.push(message) }), warnings };
}

const SITE = `
[all.vars]
java = false

[web]
children = ["front", "back"]
vars = { http_port = 8080 }
[web.hosts]
host1 = {}
host2 = { ansible_port = 222 }

[front.hosts]
"f[1:2]" = {}
[back.hosts.b1]
secret = "03#pa33w0rd"

[back.vars]
at = 1979-05-27T07:32:00Z
day = 1979-05-27
ratio = 1.5
whole = 1.0
big = 12345678901234567890
list = [1, "a", [true]]
text = """
a
b"""
`;

describe('a TOML inventory', () => {
  it('is read with groups, ranges, ports and values of all types', async () => {
    const { inventory } = await load(SITE);
    expect(graph(inventory)).toMatchInlineSnapshot(`
      "@all:
        |--@ungrouped:
        |--@web:
        |  |--@front:
        |  |  |--f1
        |  |  |--f2
        |  |--@back:
        |  |  |--b1
        |  |--host1
        |  |--host2"
    `);
    const listed = JSON.parse(listJson(inventory)) as { _meta: { hostvars: Record<string, unknown> } };
    expect(listed._meta.hostvars['b1']).toEqual({
      at: '1979-05-27T07:32:00+00:00',
      big: Number(12345678901234567890n),
      day: '1979-05-27',
      http_port: 8080,
      java: false,
      list: [1, 'a', [true]],
      ratio: 1.5,
      secret: '03#pa33w0rd',
      text: 'a\nb',
      whole: 1,
    });
    expect(listJson(inventory)).toContain('"big": 12345678901234567890,');
    expect(listJson(inventory)).toContain('"whole": 1.0');
    expect(listed._meta.hostvars['host2']).toEqual({ ansible_port: 222, http_port: 8080, java: false });
  });

  it('leaves out what is no group and parts that are not known, and says so', async () => {
    const { inventory, warnings } = await load('web = 5\n[db]\nbogus = 1\nhosts = { a = {} }\n');
    expect(warnings).toEqual([
      "Skipping 'web' as this is not a valid group definition",
      'Skipping unexpected key "bogus" in group "db", only "vars", "children" and "hosts" are valid',
    ]);
    expect(inventory.members('db')).toEqual(['a']);
  });

  it.each([
    ['[web\n', 1, /this is no TOML/],
    ['[web]\nx = [1 2]\n', 2, /this is no TOML/],
    ['[web]\nhosts = ["a"]\n', 1, /hosts of group "web" must be a table/],
    ['[web]\nchildren = "x"\n', 1, /children of group "web" must be a list/],
    ['[web]\nvars = [1]\n', 1, /vars of group "web" must be a table/],
    ['[web.hosts]\na = 1\n', 1, /the variables of host "a" must be a table/],
    ['plugin = "toml"\n', 1, /configuration of an inventory plugin/],
    ['', 1, /empty/],
  ])('%j is refused with its place', async (text, line, message) => {
    const error: unknown = await load(text).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(VbxError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) as string, origin: { line } });
  });
});

describe('--toml', () => {
  it("writes what tomli-w writes, a host's variables where it is first named", async () => {
    const { inventory } = await load(SITE);
    expect(listToml(inventory)).toMatchInlineSnapshot(`
      "[web]
      children = [
          "front",
          "back",
      ]

      [web.hosts.host1]
      java = false
      http_port = 8080

      [web.hosts.host2]
      java = false
      http_port = 8080
      ansible_port = 222

      [front.hosts.f1]
      java = false
      http_port = 8080

      [front.hosts.f2]
      java = false
      http_port = 8080

      [back.hosts.b1]
      java = false
      http_port = 8080
      at = 1979-05-27 07:32:00+00:00
      day = 1979-05-27
      ratio = 1.5
      whole = 1.0
      big = 12345678901234567890
      list = [
          1,
          "a",
          [
              true,
          ],
      ]
      text = "a\\nb"
      secret = "03#pa33w0rd"
      "
    `);
  });
  it('writes variables of groups where they belong with --export, and can be read back', async () => {
    const { inventory } = await load(SITE);
    const text = listToml(inventory, { export: true });
    const again = await load(text);
    expect(listJson(again.inventory)).toBe(listJson(inventory));
    expect(text).toContain('[back.vars]\nat = 1979-05-27 07:32:00+00:00\n');
  });
  it('writes one host, tables in lists inline where a line holds them, and leaves out null', async () => {
    const { inventory } = await load(
      `[g.hosts.h]\nshort = [{ a = 1, "b c" = "x\\"y" }]\nlong = [{ text = "${'z'.repeat(100)}" }]\n[g.hosts.h.table]\ninner = {}\n`,
    );
    expect(hostToml(inventory, 'h')).toMatchInlineSnapshot(`
      "short = [
          { a = 1, "b c" = "x\\"y" },
      ]

      [[long]]
      text = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"

      [table.inner]
      "
    `);
  });
});
