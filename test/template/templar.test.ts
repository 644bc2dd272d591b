// What the corpus cannot say: Unknown, positions of errors, suggestions, conditions that warn, plugins of the playbook, laziness.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Dict, findUnknown, TemplateText, Unknown, userText, type Value } from '../../src/core/value.ts';
import { TemplateError } from '../../src/core/error.ts';
import { formatOrigin } from '../../src/core/origin.ts';
import {
  checkSyntax,
  HostVars,
  mapScope,
  nodeHost,
  OMIT,
  Templar,
  variablesOf,
  type RenderContext,
} from '../../src/template/index.ts';
import { fromWire } from '../../src/template/wire.ts';

const host = nodeHost('/nonexistent', {});

function templar(variables: Record<string, unknown> = {}, more: Partial<RenderContext> = {}): Templar {
  const map = new Map(
    Object.entries(variables).map(([name, value]) => [
      name,
      value instanceof Unknown || value instanceof Dict || value instanceof TemplateText
        ? value
        : fromWire(value, true),
    ]),
  );
  return new Templar({ scope: mapScope(map), host, searchPath: [], ...more });
}
const text = (source: string): Value => userText(source, { file: 'site.yml', line: 10, column: 7 });

function failure(run: () => unknown): TemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('Unknown', () => {
  const unknown = new Unknown('Build the image');
  const variables = { u: unknown, list: [1, 2], name: 'web01' };

  it.each([
    '{{ u }}',
    '{{ u }} x',
    'x {{ u.stdout }}',
    "{{ u['a'][0] }}",
    '{{ u + 1 }}',
    "{{ u ~ 'x' }}",
    '{{ -u }}',
    '{{ not u }}',
    '{{ u == 1 }}',
    '{{ 1 < u }}',
    '{{ u in list }}',
    '{{ 1 in u }}',
    "{{ u | default('x') }}",
    '{{ u | length }}',
    '{{ u is defined }}',
    '{{ u is undefined }}',
    '{{ u | upper }}',
    "{{ [u] | join(',') }}",
    '{{ u() }}',
    '{{ u.split() }}',
    "{{ 'a' if u else 'b' }}",
    '{% if u %}a{% endif %}',
    '{% for x in u %}a{% endfor %}',
    '{% set x = u %}{{ x }}',
    "{{ 'x' | replace(u, 'y') }}",
    '{{ list | select("eq", u) | list }}',
    '{{ u[1:] }}',
    '{{ false or u }}',
    '{{ true and u }}',
    "{{ '%s' | format(u) }}",
    '{{ {"a": u} | to_json }}',
    '{{ [u] | to_yaml }}',
    '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(u) }}',
    "{{ lookup('env', u) }}",
    '{{ u | mandatory }}',
    '{{ [3, u] | sort }}',
    '{{ u is string }}',
    "{{ u | ternary('a', 'b') }}",
    '{{ u | type_debug }}',
    '{{ nested }}',
    '{{ nested }} x',
  ])('%s is Unknown', (source) => {
    const result = templar({ ...variables, nested: '{{ u.stdout | trim }}' }).render(text(source));
    expect(result).toBeInstanceOf(Unknown);
    expect((result as Unknown).because).toBe('Build the image');
  });

  it.each([
    ['{{ true or u }}', true],
    ['{{ false and u }}', false],
    ['{{ u or true }}', true],
    ['{{ u and false }}', false],
    ["{{ 'a' if true else u }}", 'a'],
    ['{{ [u] | length }}', 1],
    ['{{ {"a": u, "b": 2}.b }}', 2],
    ['{{ [1, u] | first }}', 1],
    ['{% if true %}a{% else %}{{ u }}{% endif %}', 'a'],
  ])('%s does not depend on it', (source, expected) => {
    expect(templar(variables).render(text(source))).toEqual(expected);
  });

  it('stays inside of a structure', () => {
    const result = templar(variables).render(fromWire({ a: '{{ u.x }}', b: '{{ name }}' }, true));
    expect(findUnknown(result)).toBeInstanceOf(Unknown);
    expect((result as Dict).get('b')).toBe('web01');
  });

  it.each([
    ['u', 'unknown'],
    ['u == 1', 'unknown'],
    ['not u', 'unknown'],
    ['u or true', true],
    ["name == 'x' and u", false],
    ['u and name == "x"', false],
    ['u is defined and u.rc == 0', 'unknown'],
    ['u.rc == 0 and no_such', 'unknown'],
    ['u is failed', 'unknown'],
    ['{{ u }}', 'unknown'],
  ])('a condition `%s` is %s', (source, expected) => {
    const result = templar(variables).condition(text(source));
    expect(result instanceof Unknown ? 'unknown' : result).toBe(expected);
  });
});

describe('errors', () => {
  it.each([
    ['{{ no_such }}', 'site.yml:10:10'],
    ['ab {{ no_such.x }}', 'site.yml:10:13'],
    ['a\nb {{ d.missing }}', 'site.yml:11:7'],
    ['{{ 1 +}}', 'site.yml:10:13'],
    ['{{ name | nosuch }}', 'site.yml:10:17'],
    ['x\n\n{{ 1 / 0 }}', 'site.yml:12:1'],
    ['{{ name | from_json }}', 'site.yml:10:17'],
    ['{% for x in no_such %}{% endfor %}', 'site.yml:10:19'],
    ['{{ (name }}', 'site.yml:10:16'],
    ["{% if true %}{{ 'x' | nosuch }}{% endif %}", 'site.yml:10:29'],
  ])('%j stands at %s', (source, at) => {
    const error = failure(() => templar({ name: 'web01', d: { a: 1 } }).render(text(source)));
    expect(error.origin && formatOrigin(error.origin)).toBe(at);
  });

  it('names the variables that led to it', () => {
    const variables = new Map<string, Value>([
      ['port', new TemplateText('{{ base_port + 1 }}', { file: 'group_vars/all.yml', line: 3, column: 7 })],
      ['url', new TemplateText('http://x:{{ port }}', { file: 'group_vars/all.yml', line: 4, column: 6 })],
    ]);
    const error = failure(() =>
      new Templar({ scope: mapScope(variables), host, searchPath: [] }).render(text('{{ url }}')),
    );
    expect(error.message).toBe("'base_port' is undefined");
    expect(error.origin && formatOrigin(error.origin)).toBe('group_vars/all.yml:3:10');
    expect(error.hint).toContain(
      "needed by variable 'port' at group_vars/all.yml:3:7\nneeded by variable 'url' at group_vars/all.yml:4:6",
    );
  });

  it.each([
    ["{% include 'inner.j2' %}", 'included at /t/outer.j2:2:4'],
    ["{% import 'inner.j2' as m %}{{ m }}", 'imported at /t/outer.j2:2:4'],
    ["{% extends 'inner.j2' %}", 'extended at /t/outer.j2:2:4'],
  ])('tells of %s', (source, way) => {
    for (const inner of ['x\n{{ no_such }}\n', 'x\n{{ no_such.y }}\n', 'x\n{{ 1 / 0 }}\n', "x\n{{ 'a' | nosuch }}\n"]) {
      const folder = mkdtempSync(join(tmpdir(), 'vbx-templar-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, 'inner.j2'), inner);
      const error = failure(() =>
        new Templar({ scope: mapScope(new Map()), host, searchPath: [folder] }).file(`one\n${source}`, {
          name: join(folder, 'outer.j2'),
        }),
      );
      expect([error.origin?.file, error.origin?.line, error.hint]).toEqual([
        join(folder, 'inner.j2'),
        2,
        expect.stringContaining(way.replace('/t', folder)),
      ]);
    }
  });

  it.each([
    ['{{ inventory_hostnam }}', "Did you mean 'inventory_hostname'?"],
    ["{{ 'a' | uper }}", "Did you mean 'upper'?"],
    ["{{ 'a' is defind }}", "Did you mean 'defined'?"],
    ["{{ lookup('fil', 'x') }}", "Did you mean 'file'?"],
  ])('%s suggests', (source, hint) => {
    expect(failure(() => templar({ inventory_hostname: 'web01' }).render(text(source))).hint).toBe(hint);
  });

  it('names a cycle instead of overflowing', () => {
    expect(failure(() => templar({ a: '{{ b }}', b: '{{ a }}' }).render(text('{{ a }}'))).kind).toBe('recursion');
    expect(failure(() => templar().render(text('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'))).kind).toBe(
      'recursion',
    );
  });
});

describe('conditions', () => {
  it('warn where they are no boolean, when that is allowed', () => {
    const warnings: string[] = [];
    const lenient = templar(
      { list: [1] },
      { allowBrokenConditionals: true, warn: (message) => warnings.push(message) },
    );
    expect(lenient.condition('list | length', { file: 'site.yml', line: 4, column: 11 })).toBe(true);
    expect(warnings).toEqual([
      "site.yml:4:11: Conditional result (True) was derived from value of type 'int'. Conditionals must have a boolean result.",
    ]);
  });
  it('do not take text of facts as an expression', () => {
    const scope = { ...mapScope(new Map<string, Value>([['fact', '1 == 1']])), untrusted: () => true };
    expect(failure(() => new Templar({ scope, host, searchPath: [] }).condition(text('{{ fact }}'))).kind).toBe(
      'untrusted',
    );
  });
});

describe('rendering', () => {
  it('gives plain values back as they are', () => {
    const value = new Dict([['a', ['x', 1]]]);
    expect(templar().render(value)).toBe(value);
  });
  it('leaves an argument out', () => {
    expect(templar().renderArg(text('{{ no_such | default(omit) }}'))).toBe(OMIT);
  });
  it('renders only what is used', () => {
    expect(templar({ d: { good: '{{ 1 }}', bad: '{{ no_such }}' } }).render(text('{{ d.good }}'))).toBe(1);
  });
  it('does not let a template change a variable', () => {
    const list = [1];
    const scope = mapScope(new Map<string, Value>([['list', list]]));
    expect(new Templar({ scope, host, searchPath: [] }).render(text('{% set _ = list.append(2) %}{{ list }}'))).toEqual(
      [1, 2],
    );
    expect(list).toEqual([1]);
  });
  it('evaluates what may differ each time', () => {
    let calls = 0;
    const random = { ...host, random: () => (calls++ % 10) / 10 };
    const t = new Templar({
      scope: mapScope(new Map<string, Value>([['r', text('{{ 10 | random }}')]])),
      host: random,
      searchPath: [],
    });
    expect(t.render(text('{{ r }}'))).not.toBe(t.render(text('{{ r }}')));
  });
  it('draws passwords that nobody can foresee', () => {
    const foreseen = vi.spyOn(Math, 'random').mockReturnValue(0);
    const drawn = new Set(
      Array.from({ length: 5 }, () => templar().render(text("{{ lookup('password', '/dev/null') }}"))),
    );
    foreseen.mockRestore();
    expect(drawn.size).toBe(5);
  });
  it('draws at random for a seed that is no number', () => {
    expect(templar({ x: Number.NaN }).render(text('{{ [7] | random(seed=x) }}'))).toBe(7);
  });
  it('uses the plugins of the playbook', () => {
    const plugins = {
      filters: new Map([['shout', (value: Value, args: readonly Value[]) => `${String(value)}${String(args[0])}`]]),
      tests: new Map([['loud', (value: Value) => String(value).endsWith('!')]]),
      lookups: new Map([['pair', (terms: readonly Value[]) => [...terms, ...terms]]]),
    };
    const t = templar({ name: 'web01' }, { plugins });
    expect(t.render(text("{{ name | shout('!') is loud }}"))).toBe(true);
    expect(t.render(text("{{ ['a', 'b'] | map('shout', '?') | list }}"))).toEqual(['a?', 'b?']);
    expect(t.render(text("{{ query('pair', 1) }}"))).toEqual([1, 1]);
  });
  it('renders variables of other hosts in their own scope', () => {
    const scopes: Record<string, Map<string, Value>> = {
      a: new Map<string, Value>([
        ['v', text('{{ w }}')],
        ['w', 1],
      ]),
      b: new Map<string, Value>([
        ['v', text('{{ w }}')],
        ['w', 2],
      ]),
    };
    const hostvars = new HostVars(['a', 'b'], (name) => mapScope(scopes[name] ?? new Map()), { host, searchPath: [] });
    const t = new Templar({ scope: mapScope(new Map<string, Value>([['hostvars', hostvars]])), host, searchPath: [] });
    expect(t.render(text("{{ hostvars['a'].v }}{{ hostvars.b.v }}"))).toBe('12');
    expect(t.render(text('{{ hostvars | length }}'))).toBe(2);
  });
});

describe('options of filters', () => {
  it.each([
    ["{{ [[[1, 2], [2, 3]]] | map('flatten') | list | length }}", 1],
    ['{{ [[1, 2], [2, 3]] | lists_intersect(flatten=true) }}', [2]],
    ['{{ [1, 2] | lists_union([3], flatten=true) }}', [1, 2, 3]],
    ["{{ '2y' | to_days(year=100) | int }}", 200],
    ["{{ '1mo 1d' | to_time_unit('d', month=31) | int }}", 32],
    ["{{ ('a\tb\n1\t2\n' | from_csv(dialect='excel-tab'))[0].b }}", '2'],
    ["{{ ('a, b\n1, 2\n' | from_csv(skipinitialspace=true))[0].b }}", '2'],
    ["{{ [{'n': 1}, {}] | ansible.utils.index_of('eq', 1, 'n') }}", 0],
    ["{{ 'localhost' is ansible.utils.resolvable }}", true],
    ["{{ 'no-such-host.invalid' is ansible.utils.resolvable }}", false],
  ] as const)('work in %s', (template, value) => expect(templar().render(text(template))).toEqual(value));
  it.each([
    ['{{ [1] | lists_union([2], other=1) }}', /unexpected keyword argument 'other'/],
    ["{{ '1h' | to_days(week=1) }}", /unknown keyword arguments: week/],
    ["{{ '10' | to_days }}", /can't interpret/],
    ["{{ '1h' | to_time_unit('parsec') }}", /can not convert to the following unit: parsec/],
    ["{{ 'a' | from_csv(dialect='mine') }}", /Dialect 'mine' is not supported/],
    ["{{ [{'n': 1}, {}] | ansible.utils.index_of('eq', 1, 'n', fail_on_missing=true) }}", /'n' was not found/],
    ["{{ 'x' | vault('secret', wrap_object=true) }}", /wrap_object is not supported/],
    [
      "{{ {'a': 1} | json_query('merge(@, `[1]`)') }}",
      /In function merge\(\), invalid type for value: \[1\], expected one of: object, received: "array"/,
    ],
    ['{{ {} | to_yaml(canonical=true) }}', /the option canonical is not supported/],
  ] as const)('are refused by name in %s', (template, message) =>
    expect(String(failure(() => templar().render(text(template))))).toMatch(message),
  );
});

describe('lookups of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbx-lookups-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const at = (variables: Record<string, unknown> = {}) =>
    templar(variables, { searchPath: [folder], host: nodeHost(folder, {}) });
  writeFileSync(join(folder, 'twice.ini'), '[s]\nname = a\nNAME = b\n');
  it('take names of files for names in ansible_managed', () => {
    writeFileSync(join(folder, '%necho %Y.j2'), '{{ ansible_managed }}');
    const told = (format: string) =>
      templar({}, { searchPath: [folder], host: { ...nodeHost(folder, {}), setting: () => format } }).render(
        text("{{ lookup('template', '%necho %Y.j2') }}"),
      );
    expect(told('of {file}')).toBe('of %necho %Y.j2');
    expect(told('{{{{ 1 + 1 }}}} {file}')).toBe('2 %necho %Y.j2');
    expect(told('of {file} in %Y')).toMatch(/^of %necho %Y\.j2 in \d{4}$/);
  });
  it('draw random text that a seed decides, of a length that is a number', () => {
    expect(templar().render(text("{{ lookup('community.general.random_string', seed=12345) }}"))).toBe('6[~(2q5O');
    for (const option of ["length='five'", "min_lower='some'"])
      expect(
        String(failure(() => templar().render(text(`{{ lookup('community.general.random_string', ${option}) }}`)))),
      ).toMatch(/Invalid value provided for 'integer'/);
  });
  it('tell of a pattern of names that is none', () => {
    expect(String(failure(() => templar().render(text("{{ q('varnames', '*') }}"))))).toMatch(
      'Unable to use "*" as a search parameter: nothing to repeat',
    );
  });
  it('find patterns behind .. where the folder before it is there', () => {
    for (const name of ['role/tasks', 'role/templates']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'role/templates/a.j2'), '');
    const found = templar(
      {},
      { searchPath: [join(folder, 'role'), join(folder, 'role/tasks')], host: nodeHost(folder, {}) },
    ).render(text("{{ query('fileglob', '../templates/*.j2') }}"));
    expect(found).toEqual([join(folder, 'role/tasks') + '/../templates/a.j2']);
  });
  it('read other encodings', () => {
    writeFileSync(join(folder, 'latin.ini'), Buffer.from('[global]\nname=\xe9t\xe9\n', 'latin1'));
    writeFileSync(join(folder, 'latin.csv'), Buffer.from('k,\xe9\n', 'latin1'));
    expect(at().render(text("{{ lookup('ini', 'name section=global encoding=iso8859-1 file=latin.ini') }}"))).toBe(
      'été',
    );
    expect(
      at().render(text("{{ lookup('csvfile', 'k', file='latin.csv', delimiter=',', encoding='iso8859_1') }}")),
    ).toBe('é');
    expect(
      String(failure(() => at().render(text("{{ lookup('ini', 'name', file='latin.ini', encoding='no-such') }}")))),
    ).toMatch(/unknown encoding: no-such/);
  });
  it.each([
    [
      "{{ lookup('ini', 'file=latin.ini') }}",
      /No key to lookup was provided as first term with in string inline options: file=latin.ini/,
    ],
    ["{{ lookup('ini', 'invalid=option') }}", /invalid is not a valid option\./],
    ["{{ lookup('csvfile', file='latin.csv') }}", /Search key is required but was not found/],
    ["{{ lookup('csvfile', 'k', file='missing.csv') }}", /No such file or directory: 'missing.csv'/],
    ["{{ lookup('sequence', 'start=0 junk=3') }}", /unrecognized arguments to with_sequence: \['junk'\]/],
    [
      "{{ lookup('ini', 'name', file='twice.ini', section='s') }}",
      /Duplicate option in 'twice.ini': option 'name' in section 's' already exists/,
    ],
  ])('fail by name in %s', (template, message) =>
    expect(String(failure(() => at().render(text(template))))).toMatch(message),
  );
  it('tell settings that are in effect', () => {
    const set = new Map<string, Value>([
      ['DEFAULT_FORKS', 7],
      ['DEFAULT_REMOTE_USER', null],
    ]);
    const asking = templar({}, { host: { ...host, setting: (name) => set.get(name) } });
    expect(
      asking.render(
        text(
          "{{ [lookup('config', 'DEFAULT_FORKS'), lookup('config', 'DEFAULT_REMOTE_USER'), lookup('config', 'DEFAULT_MODULE_COMPRESSION'), query('config', 'NO_SUCH', on_missing='skip')] }}",
        ),
      ),
    ).toEqual([7, null, 'ZIP_DEFLATED', []]);
    expect(String(failure(() => asking.render(text("{{ lookup('config', 'NO_SUCH') }}"))))).toMatch(
      /Unable to find setting NO_SUCH/,
    );
  });
  it('take options without a value where that is allowed', () => {
    writeFileSync(join(folder, 'my.ini'), '[mysqld]\nuser = mysql\nskip-innodb\n');
    const asked = (name: string, more: string) =>
      at().render(text(`{{ query('ini', '${name}', file='my.ini', section='mysqld'${more}) }}`));
    expect([
      asked('user', ', allow_no_value=true'),
      asked('skip-innodb', ', allow_no_value=true'),
      asked('skip-innodb', ', allow_none=true'),
    ]).toEqual([['mysql'], [], []]);
    expect(String(failure(() => asked('user', '')))).toMatch(/parsing errors/);
  });
  it('tell names of properties apart by their case where that is asked for', () => {
    writeFileSync(join(folder, 'case.properties'), 'name = captain\nNAME = fantastic\n');
    const asked = (name: string, sensitive: boolean) =>
      at().render(
        text(
          `{{ lookup('ini', '${name}', type='properties', file='case.properties', case_sensitive=${String(sensitive)}) }}`,
        ),
      );
    expect([asked('name', true), asked('NAME', true)]).toEqual(['captain', 'fantastic']);
    expect(String(failure(() => asked('name', false)))).toMatch(/Duplicate option in 'case.properties'/);
  });
  it('open templates that are in a vault', () => {
    writeFileSync(join(folder, 'closed.j2'), '$ANSIBLE_VAULT;1.1;AES256\n00');
    expect(
      templar({ n: 1 }, { searchPath: [folder], host: nodeHost(folder, {}), decrypt: () => 'open {{ n }}' }).render(
        text("{{ lookup('template', 'closed.j2') }}"),
      ),
    ).toBe('open 1');
  });
  it('tell templates of their file', () => {
    writeFileSync(
      join(folder, 'told.j2'),
      '{{ template_path }} {{ template_fullpath }} {{ template_mtime.year }} {{ template_run_date.year >= 2024 }} {{ template_uid }}',
    );
    utimesSync(join(folder, 'told.j2'), 1e9, 1e9);
    expect(at().render(text("{{ lookup('template', 'told.j2') }}"))).toBe(
      `told.j2 ${join(folder, 'told.j2')} 2001 True ${userInfo().username}`,
    );
  });
});

describe('values that are none', () => {
  it('are no number, and cannot be compared in parts', () => {
    expect(templar({ x: Number.NaN }).render(text("{{ ['a' is nan, {} is nan, 1 is nan] }}"))).toEqual([
      false,
      false,
      false,
    ]);
    expect(templar().render(text("{{ [{'a': 1}, {'a': 1}] | unique }}"))).toHaveLength(1);
    expect(String(failure(() => templar().render(text("{{ [{'a': 1}] | unique(case_sensitive=false) }}"))))).toMatch(
      /does not support the parameters supplied/,
    );
  });
});

describe('checks at load time', () => {
  it('find what does not parse', () => {
    expect(failure(() => checkSyntax(text('{{ 1 + }}'), 'template')).kind).toBe('syntax');
    expect(failure(() => checkSyntax('a ==', 'expression')).kind).toBe('syntax');
    expect(() => checkSyntax(fromWire({ a: ['{{ x }}', 'plain {'] }, true), 'template')).not.toThrow();
  });
  it.each([
    ['{{ a.b | default(c) }}', ['a', 'c']],
    ['{% for x in xs %}{{ x }}{{ y }}{% endfor %}', ['xs', 'y']],
    ["{{ lookup('vars', n) }}", ['n']],
    ['{% set z = a %}{{ z }}', ['a']],
    ['plain', []],
  ])('%s reads %j', (source, names) => {
    expect(variablesOf(source)).toEqual(names);
  });
  it('read names of expressions', () => {
    expect(variablesOf('result.rc == 0 and other is defined', 'expression')).toEqual(['result', 'other']);
  });
});
