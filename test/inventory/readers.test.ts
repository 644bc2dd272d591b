// The readers of inventory sources by themselves: values, ranges, words, and errors with their place.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { VbxError } from '../../src/core/error.ts';
import { Dict, PyFloat, TemplateText, type Value } from '../../src/core/value.ts';
import { controllerPython } from '../../src/inventory/controller-python.ts';
import { expandHostEntry, isAddress, parseAddress } from '../../src/inventory/host-range.ts';
import { parseJson } from '../../src/inventory/json-value.ts';
import { graph, listJson } from '../../src/inventory/listing.ts';
import { loadInventory, type InventoryContext } from '../../src/inventory/load-inventory.ts';
import { iniValue } from '../../src/inventory/python-literal.ts';
import { shellWords } from '../../src/inventory/shell-words.ts';
import { listYaml } from '../../src/inventory/yaml-listing.ts';
import { encryptVault, Vault } from '../../src/vault/vault.ts';
import { writeInventoryFixture } from '../bench/inventory-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-readers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function files(given: Record<string, string>, executable: readonly string[] = []): string {
  const folder = join(root, String(++count));
  for (const [path, text] of Object.entries(given)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const path of executable) chmodSync(join(folder, path), 0o755);
  return folder;
}
async function load(
  given: Record<string, string>,
  sources: readonly string[],
  context: Partial<InventoryContext> = {},
  executable: readonly string[] = [],
) {
  const folder = files(given, executable);
  const warnings: string[] = [];
  const inventory = await loadInventory(
    sources.map((source) => (source.includes(',') ? source : join(folder, source))),
    { warn: (message) => warnings.push(message), ...context },
  );
  return { inventory, warnings, folder };
}
async function failure(run: Promise<unknown>): Promise<VbxError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VbxError) return error;
  throw new Error(`no VbxError: ${String(error)}`);
}

describe('values of INI inventories', () => {
  it.each<[string, Value]>([
    ['5', 5],
    ['-5', -5],
    ['+5', 5],
    ['0', 0],
    ['0644', '0644'],
    ['0x1F', 31],
    ['1_000', 1000],
    ['1__0', '1__0'],
    ['1.5', 1.5],
    ['1.0', new PyFloat(1)],
    ['1e3', new PyFloat(1000)],
    ['99999999999999999999', 99999999999999999999n],
    ['1.2.3', '1.2.3'],
    ['10.0.0.1', '10.0.0.1'],
    ['1a', '1a'],
    ['', ''],
    ['True', true],
    ['true', 'true'],
    ['None', null],
    ['null', 'null'],
    ['yes', 'yes'],
    ['"q"', 'q'],
    ["'it' 's'", 'its'],
    ["r'\\n'", '\\n'],
    ["'\\u00e9\\x41\\101'", 'éAA'],
    ["b'abc'", 'abc'],
    ["'open", "'open"],
    ['[1, "a", [None]]', [1, 'a', [null]]],
    ['1,2', [1, 2]],
    ['(1,)', [1]],
    ['(1)', 1],
    ['()', []],
    ['{1, 1, 2}', [1, 2]],
    ['[1, 2', '[1, 2'],
    ['[a]', '[a]'],
    [
      "{'a': 1, 2: {}}",
      new Dict([
        ['a', 1],
        [2, new Dict()],
      ] as [Value, Value][]),
    ],
    ['{"a": true}', '{"a": true}'],
    ['80 # comment', 80],
    ['a # stays', 'a # stays'],
    ['1+2', '1+2'],
    ['1+2j', '(1+2j)'],
    ['...', '...'],
    ['set()', []],
  ])('%j', (text, value) => {
    expect(iniValue(text)).toEqual(value);
  });
  it('hold templates where the user wrote them', () => {
    const origin = { file: 'hosts', line: 3, column: 1 };
    expect(iniValue('a {{ b }}', origin)).toEqual(new TemplateText('a {{ b }}', origin));
    expect(iniValue("['{{ b }}']", origin)).toEqual([new TemplateText('{{ b }}', origin)]);
  });
  it('are never more than text for a plain word', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/), (word) => {
        expect(iniValue(word)).toBe(word);
      }),
    );
  });
});

describe('words of a host line', () => {
  it.each<[string, string[] | undefined]>([
    ['a b=c', ['a', 'b=c']],
    ['a  b="c d"', ['a', 'b=c d']],
    ["a b='c \\' # x", ['a', 'b=c \\']],
    ['a b=c#d e', ['a', 'b=c']],
    ['a "b#c"', ['a', 'b#c']],
    ['a \\#b', ['a', '#b']],
    ['"\\"\\\\\\n"', ['"\\\\n']],
    ['a ""', ['a', '']],
    ['# x', []],
    ['a "open', undefined],
    ['a \\', undefined],
    ["a 'open", undefined],
  ])('%j', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });
});

describe('host entries', () => {
  it.each<[string, string[], number | undefined]>([
    ['web[1:3]', ['web1', 'web2', 'web3'], undefined],
    ['web[08:10]x', ['web08x', 'web09x', 'web10x'], undefined],
    ['[a:c]', ['a', 'b', 'c'], undefined],
    ['n[0:4:2]:22', ['n0', 'n2', 'n4'], 22],
    ['x[1:2]-[a:b]', ['x1-a', 'x1-b', 'x2-a', 'x2-b'], undefined],
    ['z[:1]', ['z0', 'z1'], undefined],
    ['[::1]:2222', ['::1'], 2222],
    ['::1', ['::1'], undefined],
    ['10.0.0.[1:2]:22', ['10.0.0.1', '10.0.0.2'], 22],
    ['h[3:1]', [], undefined],
    ['a_b', ['a_b'], undefined],
    ['odd/name', ['odd/name'], undefined],
  ])('%s', (entry, names, port) => {
    expect(expandHostEntry(entry)).toEqual({ names, port });
  });
  it.each([
    ['a[1]', /begin:end/],
    ['a[1:]', /no end value/],
    ['a[01:100]', /equally long/],
    ['a[c:a]', /behind its end/],
    ['a[1:2:0]', /step/],
    ['a[x1:x2]', /no range/],
    ['a[0:9999999]', /more than/],
  ])('refuses %s', (entry, message) => {
    expect(() => expandHostEntry(entry)).toThrow(message);
  });
  it('count as many hosts as their range says', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(50), fc.integer({ min: 1, max: 7 }), (from, length, step) => {
        const { names } = expandHostEntry(`h[${from}:${from + length}:${step}]`);
        expect(names).toEqual(Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => `h${from + at * step}`));
      }),
    );
  });
  it('are addresses or names', () => {
    expect(['1.2.3.4', 'fe80::1', 'host', '1.2.3', '256.1.1.1', '::ffff:10.0.0.1'].map(isAddress)).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
    expect(parseAddress('a[1:2]', false)).toBeUndefined();
    expect(parseAddress('-bad', true)).toBeUndefined();
  });
});

describe('errors have their place', () => {
  it.each<[string, Record<string, string>, { line: number; column: number }, RegExp]>([
    ['hosts', { hosts: '[web]\nok\n  bad var\n' }, { line: 3, column: 3 }, /key=value, not "var"/],
    ['hosts', { hosts: '[web:kids]\n' }, { line: 1, column: 1 }, /kind that is not known/],
    ['hosts', { hosts: '[w eb]\nx\n' }, { line: 1, column: 1 }, /is no section/],
    ['hosts', { hosts: '[a]\nh\n[b:children]\nnothere\n' }, { line: 4, column: 1 }, /names group "nothere"/],
    ['hosts', { hosts: '[a]\nh\n[b:vars]\nx=1\n' }, { line: 3, column: 1 }, /"b", which is not defined/],
    ['hosts', { hosts: '[a]\nh x="1\n' }, { line: 2, column: 1 }, /no end/],
    ['hosts', { hosts: '[a:children]\nb\n[b:children]\na\n' }, { line: 4, column: 1 }, /loop/],
    ['hosts', { hosts: '[a]\nh[1:]\n' }, { line: 2, column: 1 }, /no end value/],
    ['hosts', { hosts: '[a]\nh:\n' }, { line: 2, column: 1 }, /end in ":"/],
    ['h.yml', { 'h.yml': 'all:\n  hosts: [a]\n' }, { line: 2, column: 3 }, /hosts of group "all" must be a mapping/],
    ['h.yml', { 'h.yml': 'all:\n  hosts:\n    1:\n' }, { line: 3, column: 5 }, /Host pattern 1 must be a string/],
    ['h.yml', { 'h.yml': 'all:\n  hosts:\n    a: text\n' }, { line: 3, column: 5 }, /must be a mapping/],
    ['h.yml', { 'h.yml': 'a:\n  children:\n    b:\n      children:\n        a:\n' }, { line: 3, column: 5 }, /loop/],
    ['h.yml', { 'h.yml': 'all: {\n' }, { line: 1, column: 6 }, /./],
    ['h.yml', { 'h.yml': '[a, b]\n' }, { line: 1, column: 1 }, /mapping of groups/],
    [
      'aws.yml',
      { 'aws.yml': '# x\nplugin: amazon.aws.aws_ec2\n' },
      { line: 2, column: 9 },
      /"amazon.aws.aws_ec2" is not one of vbx's/,
    ],
    ['c.yml', { 'c.yml': 'plugin: constructed\ncompse: {}\n' }, { line: 2, column: 1 }, /no option "compse"/],
  ])('%s %j', async (source, given, place, message) => {
    const error = await failure(load(given, [source]));
    expect(error.message).toMatch(message);
    expect(error.origin).toMatchObject(place);
  });
  it('takes what cannot be read in a folder for no inventory, and says so', async () => {
    const { inventory, warnings } = await load(
      { 'inv/hosts': '[g]\na\n', 'inv/LICENSE': 'Copyright (c) us\n', 'inv/aws.yml': 'plugin: amazon.aws.aws_ec2\n' },
      ['inv'],
    );
    expect(inventory.members('all')).toEqual(['a']);
    expect(warnings).toEqual([
      expect.stringMatching(/Unable to parse .*LICENSE as an inventory source/),
      expect.stringMatching(/Unable to parse .*aws.yml as an inventory source: .*amazon.aws.aws_ec2/),
    ]);
    expect(
      (
        await failure(
          load({ 'inv/hosts': 'a\n', 'inv/LICENSE': 'Copyright (c) us\n' }, ['inv'], { anyUnparsedIsFailed: true }),
        )
      ).message,
    ).toMatch(/LICENSE cannot be read/);
  });
  it('opens sources that are encrypted as a whole', async () => {
    const secret = { id: 'default', password: Buffer.from('pw') };
    const seal = (text: string): string => encryptVault(Buffer.from(text), secret);
    const vault = new Vault([secret]);
    const { inventory } = await load(
      {
        hosts: seal('[web]\na x=1\n'),
        'more.toml': seal('[db.hosts]\nb = {}\n'),
        'all.yml': seal('app: {hosts: {c: }}\n'),
      },
      ['hosts', 'more.toml', 'all.yml'],
      { vault },
    );
    expect(inventory.members('all')).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect(inventory.members('all')).toHaveLength(3);
  });
  it('makes a host of every combination of layers, with the groups of its parents', async () => {
    const { inventory } = await load(
      {
        'g.yml': `plugin: ansible.builtin.generator
hosts:
  name: "{{ op }}_{{ app }}"
  parents:
    - name: "{{ op }}"
      parents:
        - name: ops
          vars: { last: "{{ op }}", list: ["{{ op }}"] }
    - name: "{{ app }}_grp"
layers:
  op: [build, run]
  app: [web, api]
`,
      },
      ['g.yml'],
    );
    expect(graph(inventory).split('\n')).toEqual([
      '@all:',
      '  |--@ungrouped:',
      '  |--@ops:',
      '  |  |--@build:',
      '  |  |  |--build_web',
      '  |  |  |--build_api',
      '  |  |--@run:',
      '  |  |  |--run_web',
      '  |  |  |--run_api',
      '  |--@web_grp:',
      '  |  |--build_web',
      '  |  |--run_web',
      '  |--@api_grp:',
      '  |  |--build_api',
      '  |  |--run_api',
    ]);
    expect(listJson(inventory)).toContain('"last": "run"');
  });
  it.each([
    ['plugin: generator\nlayers: {a: [1]}\n', { line: 1 }, /hosts of generator/],
    ['plugin: generator\nhosts: {name: x}\nlayers: {a: 1}\n', { line: 3 }, /the layer "a" must be a list/],
    [
      'plugin: generator\nhosts: {name: x, parents: [{vars: {}}]}\nlayers: {a: [1]}\n',
      { line: 2 },
      /Element x has a parent with no name/,
    ],
    ['plugin: generator\nbogus: 1\n', { line: 2 }, /no option "bogus"/],
  ])('of generator: %j', async (text, place, message) => {
    const error = await failure(load({ 'g.yml': text }, ['g.yml']));
    expect(error.message).toMatch(message);
    expect(error.origin).toMatchObject(place);
  });
  it('gives constructed the extra variables where it wants them', async () => {
    const extraVars = [{ level: 'extra vars', vars: new Dict([['from', 'hey']]) }];
    for (const [wanted, value] of [
      ['use_extra_vars: true', 'hellohey'],
      ['', undefined],
    ] as const) {
      const { inventory } = await load(
        { 'c.yml': `plugin: constructed\n${wanted}\ncompose:\n  made: "'hello' + from"\n` },
        ['h,', 'c.yml'],
        { extraVars },
      );
      expect(
        inventory
          .layers('h', undefined)
          .findLast(({ vars }) => vars.has('made'))
          ?.vars.get('made'),
      ).toBe(value);
    }
  });
  it('or the words of a script that failed', async () => {
    const error = await failure(load({ dyn: '#!/bin/sh\necho broken >&2\nexit 3\n' }, ['dyn'], {}, ['dyn']));
    expect(error.message).toMatch(/dyn --list failed: exit status 3/);
    expect(error.hint).toMatch(/broken/);
    expect((await failure(load({ dyn: '#!/bin/sh\necho nonsense\n' }, ['dyn'], {}, ['dyn']))).message).toMatch(
      /is no JSON/,
    );
    expect(
      (await failure(load({ dyn: '#!/bin/sh\nexec sleep 60\n' }, ['dyn'], { scriptTimeout: 0.3 }, ['dyn']))).message,
    ).toMatch(/longer than 0.3 seconds/);
  });
  it('are warnings where the settings say so', async () => {
    const { warnings, inventory } = await load({ bad: '[a]\nx y\n', good: 'h\n' }, ['bad', 'good'], {
      anyUnparsedIsFailed: false,
    });
    expect(warnings.join()).toMatch(/Unable to parse .*bad as an inventory source: .*bad:2:1/);
    expect(inventory.host('h')?.name).toBe('h');
    expect((await load({}, ['missing'])).warnings.join()).toMatch(/does not exist.*only implicit localhost/);
    expect((await failure(load({}, ['missing'], { anyUnparsedIsFailed: true }))).message).toMatch(/does not exist/);
    expect((await failure(load({}, ['missing'], { unparsedIsFailed: true }))).message).toMatch(
      /No inventory was parsed/,
    );
  });
});

describe('variables of files', () => {
  it('are read only for those who ask', async () => {
    const { inventory } = await load(
      { hosts: '[web]\na\nb\n', 'host_vars/b.yml': '{ broken', 'host_vars/a.yml': 'x: 1\n' },
      ['hosts'],
    );
    expect(inventory.layers('a', undefined).at(-1)?.vars.get('x')).toBe(1);
    const error = await failure(Promise.resolve().then(() => inventory.layers('b', undefined)));
    expect(error.origin?.file).toMatch(/host_vars\/b.yml$/);
  });
  it('may be encrypted', async () => {
    const key = { id: 'default', password: Buffer.from('pw') };
    const sealed = encryptVault(Buffer.from('secret: {{ other }}\n'.replace('{{', '"{{').replace('}}', '}}"')), key);
    const { inventory } = await load({ hosts: 'a\n', 'group_vars/all.yml': sealed }, ['hosts'], {
      vault: new Vault([key]),
    });
    expect(inventory.layers('a', undefined)[0]?.vars.get('secret')).toBeInstanceOf(TemplateText);
    const closed = await load({ hosts: 'a\n', 'group_vars/all.yml': sealed }, ['hosts']);
    expect(() => closed.inventory.layers('a', undefined)).toThrow(/encrypted/);
  });
  it('must be mappings', async () => {
    const { inventory } = await load(
      { hosts: 'a\n', 'group_vars/all.yml': '- 1\n', 'group_vars/ungrouped.yml': '- {x: 1}\n- {y: 2}\n' },
      ['hosts'],
    );
    expect(() => inventory.layers('a', undefined)).toThrow(/mapping/);
  });
  it('know their places', async () => {
    const { inventory, folder } = await load(
      {
        'h.yml': 'all:\n  vars:\n    a: 1\n    b: 2\n  hosts:\n    x:\n      c: 3\n',
        'group_vars/all.yml': '# first\nd: 4\n',
      },
      ['h.yml'],
    );
    const at = (name: string) =>
      inventory
        .layers('x', undefined)
        .findLast(({ vars }) => vars.has(name))
        ?.originOf?.(name);
    expect(at('b')).toEqual({ file: join(folder, 'h.yml'), line: 4, column: 5 });
    expect(at('c')).toMatchObject({ line: 7, column: 7 });
    expect(at('d')).toMatchObject({ file: join(folder, 'group_vars/all.yml'), line: 2 });
  });
  it('of levels come in the order of the setting precedence', async () => {
    const { inventory } = await load({ hosts: '[g]\na\n[g:vars]\nv=1\n[all:vars]\nv=2\n' }, ['hosts'], {
      precedence: ['groups_inventory', 'all_inventory'],
    });
    expect(
      inventory
        .layers('a', undefined)
        .filter(({ vars }) => vars.has('v'))
        .map(({ vars }) => vars.get('v')),
    ).toEqual([1, 2]);
    const odd = await load({ hosts: 'a\n' }, ['hosts'], { precedence: ['nonsense'] });
    expect(() => odd.inventory.layers('a', undefined)).toThrow(/"nonsense"/);
  });
});

describe('encrypted values', () => {
  it('are listed as they are, never opened', async () => {
    const key = { id: 'default', password: Buffer.from('pw') };
    const sealed = encryptVault(Buffer.from('hidden'), key).trimEnd().split('\n');
    const block = (indent: number) => sealed.map((line) => ' '.repeat(indent) + line).join('\n');
    const { inventory } = await load(
      {
        'h.yml': `all:\n  hosts:\n    a:\n      s: !vault |\n${block(8)}\n      l:\n        - x: 1\n          t: !vault |\n${block(12)}\n`,
      },
      ['h.yml'],
    );
    expect(listYaml(inventory)).toBe(
      `all:\n  children:\n    ungrouped:\n      hosts:\n        a:\n          l:\n          - t: !vault |\n${block(14)}\n            x: 1\n          s: !vault |\n${block(12)}\n`,
    );
    expect(listJson(inventory)).toContain('"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n');
  });
});

describe('the two localhosts', () => {
  it('are one host that nobody needs to write', async () => {
    const { inventory } = await load({ hosts: '[all:vars]\nx=1\n[g]\na\n' }, ['hosts']);
    expect(inventory.host('localhost')?.vars.get('ansible_connection')).toBe('local');
    expect(inventory.host('localhost')?.vars.get('ansible_python_interpreter')).toBe(controllerPython());
    expect(inventory.hosts().map(({ name }) => name)).toEqual(['a']);
    expect(
      inventory
        .layers('localhost', undefined)
        .find(({ vars }) => vars.has('x'))
        ?.vars.get('x'),
    ).toBe(1);
    expect(inventory.host('127.0.0.1')?.name).toBe('localhost');
    expect(inventory.host('nobody')).toBeUndefined();
  });
});

describe('JSON of scripts', () => {
  it('keeps types and Ansible forms of values', () => {
    expect(
      parseJson(
        '{"i": 1, "f": 1.0, "big": 123456789012345678901, "t": "{{ x }}", "u": {"__ansible_unsafe": "{{ x }}"}, "l": [null, true]}',
        'x',
      ),
    ).toEqual(
      new Dict([
        ['i', 1],
        ['f', new PyFloat(1)],
        ['big', 123456789012345678901n],
        ['t', new TemplateText('{{ x }}')],
        ['u', '{{ x }}'],
        ['l', [null, true]],
      ] as [Value, Value][]),
    );
    expect(() => parseJson('{', 'the answer')).toThrow(/the answer is no JSON/);
  });
});

describe('large inventories', () => {
  it('are the same as INI and as YAML', async () => {
    const folder = join(root, 'large');
    writeInventoryFixture(folder, 2000);
    const [ini, yaml] = await Promise.all(
      ['hosts', 'hosts.yml'].map((file) =>
        loadInventory([join(folder, file)], { warn: (message) => expect.unreachable(message) }),
      ),
    );
    if (ini === undefined || yaml === undefined) throw new Error('unreachable');
    expect(listJson(ini)).toBe(listJson(yaml));
    expect(graph(ini)).toBe(graph(yaml));
    expect(ini.select('site1:!group11')).toHaveLength(900);
  });
});
