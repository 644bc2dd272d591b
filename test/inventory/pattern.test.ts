import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dict } from '../../src/core/value.ts';
import { splitPattern } from '../../src/inventory/host-pattern.ts';
import type { LoadedInventory } from '../../src/inventory/inventory.ts';
import { expandLimit } from '../../src/inventory/limit.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-patterns-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const warnings: string[] = [];
let inventory: LoadedInventory;
beforeAll(async () => {
  const file = join(root, 'hosts');
  writeFileSync(
    file,
    '[web]\nw1\nw2\nw3\nweb-x.example.org\n[db]\nd1\nd2\n[prod:children]\nweb\ndb\n[eu]\nw2\nd2\n[v6]\n[fe80::1]:22\n2001:db8::1\n',
  );
  inventory = await loadInventory([file], { warn: (message) => warnings.push(message) });
});

describe('select', () => {
  // As core 2.19.11 answers for the same inventory.
  it.each<[string | string[], string[]]>([
    ['all', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['*', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['web', ['w1', 'w2', 'w3', 'web-x.example.org']],
    ['w1', ['w1']],
    ['db:web', ['d1', 'd2', 'w1', 'w2', 'w3', 'web-x.example.org']],
    ['db,w1', ['d1', 'd2', 'w1']],
    [
      ['db', 'w1'],
      ['d1', 'd2', 'w1'],
    ],
    [
      ['db', 'eu:w1'],
      ['d1', 'd2', 'w2', 'w1'],
    ],
    ['prod:&eu', ['w2', 'd2']],
    ['web:!eu', ['w1', 'w3', 'web-x.example.org']],
    ['!eu:web', ['w1', 'w3', 'web-x.example.org']],
    ['!prod', ['fe80::1', '2001:db8::1']],
    ['&db', ['d2', 'd1']],
    ['web:db:&eu:!d2', ['w2']],
    ['w?', ['w1', 'w2', 'w3']],
    ['w[12]', []],
    ['w[!1]', ['w2', 'w3']],
    ['w[12]*', ['w1', 'w2']],
    ['*.example.org', ['web-x.example.org']],
    ['~w[13]$', ['w1', 'w3']],
    ['~(web|db)$', ['w1', 'w2', 'w3', 'web-x.example.org', 'd1', 'd2']],
    ['~(?P<n>d)\\d', ['d1', 'd2']],
    ['web[0]', ['w1']],
    ['web[-1]', ['web-x.example.org']],
    ['web[7]', []],
    ['web[-9]', []],
    ['web[0:1]', ['w1', 'w2']],
    ['web[1:]', ['w2', 'w3', 'web-x.example.org']],
    ['web[2:9]', ['w3', 'web-x.example.org']],
    ['web[0:0]', ['w1']],
    ['prod[1:2]:!w2', ['w3']],
    ['2001:db8::1', ['2001:db8::1']],
    ['localhost', ['localhost']],
    ['web:localhost', ['w1', 'w2', 'w3', 'web-x.example.org', 'localhost']],
    ['all:!localhost', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    [' web , db ', ['w1', 'w2', 'w3', 'web-x.example.org', 'd1', 'd2']],
    ['ungrouped', []],
    ['', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['prod', ['w1', 'w2', 'w3', 'web-x.example.org', 'd1', 'd2']],
    ['eu:web', ['w2', 'd2', 'w1', 'w3', 'web-x.example.org']],
    ['~w', ['w1', 'w2', 'w3', 'web-x.example.org']],
    ['~[', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['[', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['all[0]', ['w2']],
    ['w*[0]', ['w1']],
    ['al*', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['~all', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w1', 'w3', 'web-x.example.org', 'd1']],
    ['ungr*', []],
    ['!w1', ['w2', 'd2', 'fe80::1', '2001:db8::1', 'w3', 'web-x.example.org', 'd1']],
    ['w1:!w1', []],
    ['w1:w1', ['w1']],
    ['d[12]:&db', []],
  ])('%j', (pattern, hosts) => {
    expect(inventory.select(pattern)).toEqual(hosts);
  });
  it('warns once of a name that nothing has, with the nearest one', () => {
    warnings.length = 0;
    expect(inventory.select('wbe:db')).toEqual(['d1', 'd2']);
    inventory.select('wbe');
    expect(warnings).toEqual(['Could not match supplied host pattern, ignoring: wbe (is "web" meant?)']);
  });
  it('takes it for an error when nothing matches and that matters', () => {
    const origin = { file: 'p.yml', line: 1, column: 10 };
    expect(() => inventory.select('wbe', { strict: true, origin })).toThrow(
      expect.objectContaining({ message: 'no host or group matches "wbe"', hint: 'is "web" meant?', origin }) as Error,
    );
    expect(inventory.select('wbe:w1', { strict: true })).toEqual(['w1']);
  });
  it.each([['~w(', /no host pattern/]])('refuses %s', (pattern, message) => {
    expect(() => inventory.select(pattern)).toThrow(message);
  });
  it('sees hosts and groups that a run adds, after a refresh too', async () => {
    const file = join(root, 'more');
    writeFileSync(file, '[web]\na\n');
    const one = await loadInventory([file], { warn: () => undefined });
    one.addHost('new', ['web', 'fresh'], new Dict([['x', 1]]));
    one.addHost('lone', [], new Dict());
    one.addToGroup('a', 'by_os', ['systems']);
    const seen = () => ['web', 'fresh', 'ungrouped', 'by_os', 'systems', 'all'].map((group) => one.select(group));
    const wanted = [['a', 'new'], ['new'], ['lone'], ['a'], ['a'], ['lone', 'a', 'new']];
    expect(seen().map((hosts) => hosts.toSorted())).toEqual(wanted.map((hosts) => hosts.toSorted()));
    writeFileSync(file, '[web]\na\nb\n');
    await one.refresh();
    expect(one.select('web')).toEqual(['a', 'b', 'new']);
    expect(one.select('systems')).toEqual(['a']);
    expect(one.host('new')?.vars.get('x')).toBe(1);
    // A host that is gone from the sources is in no group of the run either.
    writeFileSync(file, '[web]\nb\n');
    await one.refresh();
    expect(one.select('web')).toEqual(['b', 'new']);
    expect(one.select('systems')).toEqual([]);
  });
});

describe('splitPattern', () => {
  it.each<[string, string[]]>([
    ['a:b', ['a', 'b']],
    ['a,b:c', ['a', 'b:c']],
    ['a[0:2]', ['a[0:2]']],
    ['a[0:2]:b', ['a[0:2]', 'b']],
    ['::1', ['::1']],
    ['host:22', ['host:22']],
    ['a:&b:!c', ['a', '&b', '!c']],
    ['~a.*', ['~a.*']],
    [' ', []],
  ])('%j', (pattern, parts) => {
    expect(splitPattern(pattern)).toEqual(parts);
  });
});

describe('expandLimit', () => {
  it('reads patterns from files', () => {
    writeFileSync(join(root, 'limit'), 'w1\n\n w3 \n');
    expect(inventory.select(expandLimit(`@${join(root, 'limit')},d1`))).toEqual(['w1', 'w3', 'd1']);
    expect(() => expandLimit('@/none')).toThrow(/Unable to find limit file/);
    expect(() => expandLimit(`@${root}`)).toThrow(/must be a file/);
  });
});
