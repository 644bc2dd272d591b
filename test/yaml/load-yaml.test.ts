// YAML as Ansible (PyYAML) reads it. Expected values of the tables are PyYAML's own.
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { describeError, PlaybookError } from '../../src/core/error.ts';
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, Tuple, type Value } from '../../src/core/value.ts';
import { VaultText } from '../../src/yaml/vault-text.ts';
import { placeIn } from '../../src/core/origin.ts';
import { loadYaml, loadYamlDocuments } from '../../src/yaml/load-yaml.ts';

/** Values in a form that shows their types: dicts as arrays of pairs behind 'dict', text with template marks as `{template}`. */
function show(value: Value): unknown {
  if (value instanceof VaultText) return { vault: value.encrypted };
  if (value instanceof TemplateText) return { template: value.source };
  if (value instanceof PyFloat) return { float: value.value };
  if (value instanceof PyDate) return { [value.kind]: value.text };
  if (value instanceof PyBytes) return { bytes: [...value.bytes] };
  if (value instanceof Tuple) return { tuple: Array.from(value, show) };
  if (value instanceof Dict)
    return Object.fromEntries(
      [...value].map(([key, item]) => [typeof key === 'string' ? key : `<${typeof key}> ${String(key)}`, show(item)]),
    );
  if (Array.isArray(value)) return value.map(show);
  return value;
}
const load = (text: string): unknown => show(loadYaml(text, 'f.yml').value);

/** The whole message of the error that a text gives. */
function failure(text: string): string {
  try {
    loadYaml(text, 'f.yml');
  } catch (error) {
    expect(error).toBeInstanceOf(PlaybookError);
    return describeError(error, () => text);
  }
  throw new Error('the text was accepted');
}

describe('plain scalars', () => {
  test.each<[string, unknown]>([
    ['yes', true],
    ['No', false],
    ['ON', true],
    ['off', false],
    ['true', true],
    ['y', 'y'],
    ['n', 'n'],
    ['yES', 'yES'],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['', null],
    ['0644', 420],
    ['0', 0],
    ['-0', 0],
    ['00', 0],
    ['08', '08'],
    ['0o17', '0o17'],
    ['+12', 12],
    ['1_000', 1000],
    ['0x1F', 31],
    ['-0b101', -5],
    ['1:30', 90],
    ['12:30:45', 45045],
    ['60:61', '60:61'],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['1.5', 1.5],
    ['2.0', { float: 2 }],
    ['1.', { float: 1 }],
    ['.5', 0.5],
    ['1e3', '1e3'],
    ['1.0e3', '1.0e3'],
    ['1.0e+3', { float: 1000 }],
    ['.inf', { float: Infinity }],
    ['-.INF', { float: -Infinity }],
    ['1:30.5', 90.5],
    ['1.2.3', '1.2.3'],
    ['10.0.0.1', '10.0.0.1'],
    ['2024-01-02', { date: '2024-01-02' }],
    ['2024-1-2', '2024-1-2'],
    ['2024-01-02 03:04:05', { datetime: '2024-01-02 03:04:05' }],
    ['2001-12-14t21:59:43.10-05:00', { datetime: '2001-12-14 21:59:43.100000-05:00' }],
    ['2001-12-15T02:59:43.1Z', { datetime: '2001-12-15 02:59:43.100000+00:00' }],
    ['a b', 'a b'],
    ['a#b', 'a#b'],
    ['a #b', 'a'],
    ["it's", "it's"],
    ['a:b', 'a:b'],
    ['http://x:80/y', 'http://x:80/y'],
    ['-1', -1],
    ['-a', '-a'],
    ['=', '='],
    ['a, b]', 'a, b]'],
  ])('%s', (text, value) => {
    expect(load(`key: ${text}\n`)).toEqual({ key: value });
  });

  test('a float that is not a number', () => {
    expect(load('.nan')).toEqual({ float: NaN });
  });
});

describe('text', () => {
  test.each<[string, string, unknown]>([
    ['folds the lines of a plain scalar', 'a: one\n  two\n\n  three\n', { a: 'one two\nthree' }],
    ['ends a plain scalar at a comment', 'a: one\n  two # x\n', { a: 'one two' }],
    ['takes hashes and colons inside words', 'a: b#c:d e\n', { a: 'b#c:d e' }],
    ['single quotes', "a: 'it''s \\n'\n", { a: "it's \\n" }],
    ['single quotes over lines', "a: 'x\n   y\n\n   z'\n", { a: 'x y\nz' }],
    ['double quotes with escapes', '"a": "x\\ty\\x41\\u00e9\\U0001F600\\e\\0\\"\\/"\n', { a: 'x\tyAé😀\x1b\0"/' }],
    ['a surrogate pair of JSON', '{"a": "\\ud83d\\ude00"}', { a: '😀' }],
    ['double quotes over lines', 'a: "x \\\n   y\n\n   z  \n w"\n', { a: 'x y\nz w' }],
    ['literal', 'a: |\n  x\n   y\n\n  z\nb: 1\n', { a: 'x\n y\n\nz\n', b: 1 }],
    ['literal, end stripped', 'a: |-\n  x\n\n\nb: 1\n', { a: 'x', b: 1 }],
    ['literal, end kept', 'a: |+\n  x\n\n\nb: 1\n', { a: 'x\n\n\n', b: 1 }],
    ['literal with its indentation given', 'a: |2\n    x\n   y\n', { a: '  x\n y\n' }],
    ['literal without a line break at its end', 'a: |\n  x', { a: 'x' }],
    ['literal that begins with empty lines', 'a: |\n\n\n  x\n', { a: '\n\nx\n' }],
    ['literal with a comment behind the mark', 'a: | # note\n  x\n', { a: 'x\n' }],
    ['literal in a list below a key', 'a:\n- |\n x\n- y\n', { a: ['x\n', 'y'] }],
    ['empty literal', 'a: |\nb: 1\n', { a: '', b: 1 }],
    ['folded', 'a: >\n  x\n  y\n\n  z\n    w\n  v\n', { a: 'x y\nz\n  w\nv\n' }],
    ['folded, stripped', 'a: >-\n  x\n  y\n', { a: 'x y' }],
    ['carriage returns', 'a: |\r\n  x\r\n  y\r\nb: z\r\n', { a: 'x\ny\n', b: 'z' }],
    ['a byte order mark', '\ufeffa: 1\n', { a: 1 }],
  ])('%s', (_name, text, value) => {
    expect(load(text)).toEqual(value);
  });
});

describe('collections', () => {
  test.each<[string, string, unknown]>([
    ['nested', 'a:\n  b:\n    - c: 1\n      d: 2\n    - - e\n      - f\n', { a: { b: [{ c: 1, d: 2 }, ['e', 'f']] } }],
    ['a list at the column of its key', 'a:\n- 1\n- 2\nb: 3\n', { a: [1, 2], b: 3 }],
    ['empty values', 'a:\nb:\n- \n-\n', { a: null, b: [null, null] }],
    ['flow', 'a: [1, two, "3", {x: y, z}, [], {}]\n', { a: [1, 'two', '3', { x: 'y', z: null }, [], {}] }],
    ['a pair in a flow list', '[a: b, c]', [{ a: 'b' }, 'c']],
    ['JSON', '{"a":[1,2.5,{"b":null}],"c":"d"}', { a: [1, 2.5, { b: null }], c: 'd' }],
    [
      'JSON with tabs and numbers that YAML 1.1 takes for text',
      '{\n\t"a": 1e3,\n\t"b": -2E-1\n}',
      { a: { float: 1000 }, b: { float: -0.2 } },
    ],
    ['flow over lines', 'a: [\n  1,\n  2,\n]\nb: {\n c: d\n}\n', { a: [1, 2], b: { c: 'd' } }],
    [
      'keys of other types',
      '1: a\nyes: b\n~: c\n2.5: d\n',
      { '<number> 1': 'b', '<object> null': 'c', '<number> 2.5': 'd' },
    ],
    ['quoted keys with blanks before the colon', '"a b" : 1\n\'c\' : 2\nd e : 3\n', { 'a b': 1, c: 2, 'd e': 3 }],
    ['explicit keys', '? a\n: 1\n? b\n', { a: 1, b: null }],
    [
      'explicit keys without values',
      's:\n  ? a\n  ? "b\n    c"\n  ? |\n    d\n  ? e\n  f: 1\n',
      { s: { a: null, 'b c': null, 'd\n': null, e: null, f: 1 } },
    ],
    ['comments everywhere', '# x\na: # y\n  # z\n  - 1 # w\n# v\n  - 2\n', { a: [1, 2] }],
    ['anchors and aliases', 'a: &x\n  b: 1\nc: *x\nd: [&y 2, *y]\n', { a: { b: 1 }, c: { b: 1 }, d: [2, 2] }],
    [
      'merge keys: own keys win, then earlier sources',
      'x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  b: 0\n  <<: [*x, *y]\n  d: 3\n',
      { x: { a: 1, b: 1 }, y: { b: 2, c: 2 }, z: { b: 0, c: 2, a: 1, d: 3 } },
    ],
    ['a quoted << is an ordinary key', '"<<": 1\n', { '<<': 1 }],
    ['an alias as a key', 'a: &k key\n*k : 1\n', { a: 'key', key: 1 }],
  ])('%s', (_name, text, value) => {
    expect(load(text)).toEqual(value);
  });

  test('merged keys come before own ones, as in Python', () => {
    const { value } = loadYaml('x: &x {a: 1}\ny:\n  b: 2\n  <<: *x\n', 'f.yml');
    const y = value instanceof Dict ? value.get('y') : undefined;
    expect(y instanceof Dict ? [...y.keys()] : y).toEqual(['a', 'b']);
  });

  test('an alias is the value itself, not a copy', () => {
    const { value } = loadYaml('a: &x [1]\nb: *x\n', 'f.yml');
    expect(value instanceof Dict && value.get('a') === value.get('b')).toBe(true);
  });
});

describe('tags', () => {
  test.each<[string, string, unknown]>([
    ['!unsafe text is never rendered', 'a: !unsafe "{{ x }}"\n', { a: '{{ x }}' }],
    [
      '!unsafe goes through collections and keeps types',
      'a: !unsafe\n  b: ["{{ x }}", 1]\nc: "{{ x }}"\n',
      { a: { b: ['{{ x }}', 1] }, c: { template: '{{ x }}' } },
    ],
    [
      'standard tags',
      'a: !!str 1\nb: !!int "0x10"\nc: !!float 1\nd: !!bool "yes"\ne: !!null x\nf: !!binary aGk=\ng: !!str\n',
      { a: '1', b: 16, c: { float: 1 }, d: true, e: null, f: { bytes: [104, 105] }, g: '' },
    ],
    ['pairs', '!!pairs [a: 1, a: 2]', [{ tuple: ['a', 1] }, { tuple: ['a', 2] }]],
    ['a tag before a collection on the next line', 'a: !!map\n  b: 1\n', { a: { b: 1 } }],
    ['a tag of a key', '!!str 1: x\n', { 1: 'x' }],
  ])('%s', (_name, text, value) => {
    expect(load(text)).toEqual(value);
  });

  test('!vault is decrypted when it is used, once', () => {
    const asked: string[] = [];
    const { value } = loadYaml('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nb: 1\n', 'f.yml', {
      vault: { decrypt: (text, origin) => (asked.push(`${text}@${origin.line}`), 'secret {{ x }}') },
    });
    const secret = value instanceof Dict ? value.get('a') : undefined;
    expect(asked).toEqual([]);
    expect(secret instanceof TemplateText && [secret.source, secret.source]).toEqual([
      'secret {{ x }}',
      'secret {{ x }}',
    ]);
    expect(asked).toEqual(['$ANSIBLE_VAULT;1.1;AES256\n6162\n@2']);
  });

  test('without a vault, an encrypted value is an error only when it is used', () => {
    const { value } = loadYaml('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n', 'f.yml');
    const secret = value instanceof Dict ? value.get('a') : undefined;
    expect(() => (secret instanceof TemplateText ? secret.source : '')).toThrow(
      'this value is encrypted and no vault secret was given',
    );
  });

  test('a file that is encrypted whole', () => {
    expect(
      show(loadYaml('$ANSIBLE_VAULT;1.1;AES256\n6162\n', 'f.yml', { vault: { decrypt: () => 'a: 1\n' } }).value),
    ).toEqual({ a: 1 });
    expect(failure('$ANSIBLE_VAULT;1.1;AES256\n6162\n')).toMatchInlineSnapshot(`
      "this value is encrypted and no vault secret was given
        at f.yml:1:1
        1 | $ANSIBLE_VAULT;1.1;AES256
            ^
        give one with --vault-password-file or --ask-vault-pass"
    `);
  });
});

describe('documents', () => {
  test.each<[string, string, unknown[]]>([
    ['none', '# nothing\n', []],
    ['one with marks', '---\na: 1\n...\n', [{ a: 1 }]],
    ['several', '---\na: 1\n---\n- b\n---\n', [{ a: 1 }, ['b'], null]],
    ['directives', '%YAML 1.1\n---\na: 1\n', [{ a: 1 }]],
    ['text on the line of the mark', '--- x\n', ['x']],
  ])('%s', (_name, text, values) => {
    expect(loadYamlDocuments(text, 'f.yml').map(({ value }) => show(value))).toEqual(values);
  });

  test('a second document where one is expected', () => {
    expect(failure('a: 1\n---\nb: 2\n')).toMatchInlineSnapshot(`
      "a second YAML document begins here, where one is expected
        at f.yml:2:1
        2 | ---
            ^
        split the file, or remove the --- line"
    `);
  });
});

describe('places', () => {
  const text =
    'a: 1\nb:\n  - x\n  - c: "v {{ t }}"\n    "d" :   |\n      l {{ 1 }}\n<<: {m: {n: 2}}\nb2: &q [1, two]\nb3: *q\n';
  const { value, origin, positions } = loadYaml(text, 'f.yml');

  test.each<[readonly (string | number)[], string]>([
    [[], '1:1'],
    [['a'], '1:4'],
    [['b'], '3:3'],
    [['b', 0], '3:5'],
    [['b', 1], '4:5'],
    [['b', 1, 'c'], '4:8'],
    [['b', 1, 'd'], '5:13'],
    [['m', 'n'], '7:13'],
    [['b2', 1], '8:12'],
    [['b3', 1], '8:12'],
  ])('of the value at %j', (path, place) => {
    const at = origin(path);
    expect(at && `${at.line}:${at.column}`).toBe(place);
  });
  test('of keys', () => {
    const list = value instanceof Dict ? value.get('b') : undefined;
    const item = Array.isArray(list) ? list[1] : undefined;
    expect(
      item instanceof Dict && [positions.key(item, 'c'), positions.key(item, 'd'), positions.key(item, 'e')],
    ).toEqual([{ file: 'f.yml', line: 4, column: 5 }, { file: 'f.yml', line: 5, column: 5 }, undefined]);
  });
  test('of a path that is not there', () => {
    expect([origin(['b', 7]), origin(['a', 'x']), origin(['zz'])]).toEqual([undefined, undefined, undefined]);
  });
  test('templates know the place of their first character', () => {
    const found: unknown[] = [];
    const walk = (item: Value): void => {
      if (item instanceof TemplateText) found.push([item.source, item.origin?.line, item.origin?.column]);
      if (item instanceof Dict) for (const part of item.values()) walk(part);
      if (Array.isArray(item)) item.forEach(walk);
    };
    walk(value);
    walk(loadYaml("k: '{{ a }}'\np: x {{ b }}\n", 'f.yml').value);
    expect(found).toEqual([
      ['v {{ t }}', 4, 9],
      ['l {{ 1 }}\n', 6, 7],
      ['{{ a }}', 1, 5],
      ['x {{ b }}', 2, 4],
    ]);
  });
});

test('a key given twice: the last value counts, with a warning', () => {
  const { value, warnings, origin } = loadYaml('a: 1\nb: 2\na: 3\n', 'f.yml');
  expect(show(value)).toEqual({ a: 3, b: 2 });
  expect(warnings).toEqual([
    {
      message: "Found duplicate mapping key 'a': only the last value counts.",
      origin: { file: 'f.yml', line: 3, column: 1 },
    },
  ]);
  expect(origin(['a'])).toEqual({ file: 'f.yml', line: 3, column: 4 });
});

test('text that is not trusted holds no templates', () => {
  expect(show(loadYaml('a: "{{ x }}"\n', 'f.yml', { trusted: false }).value)).toEqual({ a: '{{ x }}' });
});

describe('errors', () => {
  test.each<[string, string]>([
    ['a template without quotes', 'a: {{ x }}\n'],
    ['a block tag without quotes', 'a: {% if x %}y\n'],
    ['a template in the middle of a flow list', 'a: [{{ x }}, 1]\n'],
    ['text behind a closing quote', 'a: "x" y\n'],
    ['text behind a template that was quoted in part', "a: '{{ x }}'/b\n"],
    ['a second colon', 'a: b: c\n'],
    ['a missing blank after a colon', 'a:\n  b: 1\n  c:2\n'],
    ['a missing blank after a colon at the start', 'name:x\nhosts: all\n'],
    ['a missing colon', 'a: 1\nhosts\nb: 2\n'],
    ['a tab as indentation', 'a:\n\tb: 1\n'],
    ['wrong indentation of a key', 'a: 1\n  b: 2\n'],
    ['wrong indentation of a deeper key', 'a:\n    b: 1\n  c: 2\n'],
    ['a list item among keys', 'a: 1\n- b\n'],
    ['keys among list items', '- a\nb: 1\n'],
    ['an open quote', 'a: "x\nb: y\n'],
    ['an open bracket', 'a: [1, 2\nb: 3\n'],
    ['a missing comma', 'a: [1 2, "x" "y"]\n'],
    ['a bad escape', 'a: "\\d+"\n'],
    ['a percent sign', 'a: %x\n'],
    ['an at sign', 'a: @x\n'],
    ['an unknown alias', 'a: *x\n'],
    ['an alias inside of its anchor', 'a: &x [*x]\n'],
    ['an unknown tag', 'a: !foo x\n'],
    ['a date that does not exist', 'a: 2024-02-31\n'],
    ['a block mark with text', 'a: |x\n  y\n'],
    ['a mapping as a key', '? {a: 1}\n: 2\n'],
    ['a list on the line of its key', 'a: - b\n'],
    ['a control character', 'a: x\u0007y\n'],
    ['a merge of something else', '<<: 1\n'],
    ['a tag that does not fit', 'a: !!int x\n'],
  ])('%s', (name, text) => {
    expect(failure(text)).toMatchSnapshot(name);
  });

  test('aliases that repeat too much', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i += 1)
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    expect(failure(lines.join('\n'))).toContain('aliases of this file repeat more than 5000000 values');
  });

  test('nesting that is too deep', () => {
    expect(failure(`${'['.repeat(600)}${']'.repeat(600)}`)).toContain('nested more than 500 levels deep');
    expect(failure(Array.from({ length: 600 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'))).toContain(
      'nested more than 500 levels deep',
    );
  });
});

describe('agrees with the yaml package', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      '',
      'yes',
      '0644',
      'a: b',
      '- x',
      '# y',
      ' lead',
      'trail ',
      'two\nlines',
      'end\n',
      '\n\nx',
      'long '.repeat(30),
      "it's",
      '"q"',
      '{{ x }}',
      'a\tb',
      '1:30',
      'é😀',
      '!x',
      '&x',
      '*x',
      '|',
      '>',
      '%',
      '@',
      '`',
      '?',
      '-',
      ':',
      'x:',
      '=',
      '<<',
      '2024-01-02',
      'null',
      '~',
    ),
  );
  // What YAML cannot hold unescaped is left out, and NEL and its like, which the package writes as they are and PyYAML takes for line breaks.
  const clean = text.filter(
    (value) => !/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/.test(value),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      clean,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        clean.filter((key) => key !== '<<'),
        tie('tree'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));
  const plain = (value: Value): unknown => {
    if (value instanceof TemplateText) return value.source;
    if (value instanceof Dict) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
    return Array.isArray(value) ? value.map(plain) : value;
  };

  test('on whatever it writes', () => {
    fc.assert(
      fc.property(
        tree,
        fc.constantFrom('BLOCK_FOLDED', 'BLOCK_LITERAL', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'PLAIN'),
        fc.constantFrom(0, 20, 80),
        (inner, style, lineWidth) => {
          // In a mapping: at the top level the package writes blocks of text without indentation, which PyYAML does not take.
          const value = { inner };
          const written = stringify(value, {
            version: '1.1',
            defaultStringType: style,
            lineWidth,
            aliasDuplicateObjects: false,
            merge: false,
          });
          // The package loses text of blanks alone in block style; what it cannot read back is no example.
          fc.pre(isDeepStrictEqual(parse(written, { version: '1.1' }), value));
          expect(plain(loadYaml(written, 'f.yml').value)).toEqual(value);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('on JSON', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(0, 2), (value, indent) => {
        expect(plain(loadYaml(JSON.stringify(value, null, indent), 'f.yml').value)).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });
});

test('never does anything but give a value or a PlaybookError', () => {
  const atom = fc.constantFrom(
    'a',
    'b: c',
    '- ',
    '- x',
    'k:',
    ' ',
    '  ',
    '\n',
    '\n  ',
    '"q"',
    "'",
    '"',
    '|',
    '>-',
    '#c',
    '[',
    ']',
    '{',
    '}',
    ', ',
    ': ',
    '&x ',
    '*x',
    '!!str ',
    '!vault |',
    '? ',
    '---',
    '...',
    '\t',
    '%',
    '-',
    '\r',
    '<<: *x',
    '0x',
    '1_',
  );
  fc.assert(
    fc.property(fc.array(atom, { maxLength: 14 }), (atoms) => {
      try {
        loadYamlDocuments(atoms.join(''), 'f.yml');
      } catch (error) {
        expect(error).toBeInstanceOf(PlaybookError);
        expect(error instanceof PlaybookError && error.origin?.line).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('places inside of a text', () => {
  const WAYS: [string, string][] = [
    ['plain', 'a: one {{ MARK }}\n'],
    ['plain over lines', 'a: one\n  two\n\n    three {{ MARK }} four\n'],
    ['single quotes', "a: 'it''s {{ MARK }}'\n"],
    ['single quotes over lines', "a: 'one\n\n   two {{ MARK }}'\n"],
    ['double quotes', 'a: "{{ MARK }}"\n'],
    ['escapes', 'a: "a \\"b\\" \\n\\u00e9 {{ MARK }}"\n'],
    ['double quotes over lines', 'a: "one \\\n   two\n   {{ MARK }}"\n'],
    ['a literal block', 'a: |\n   one\n     two {{ MARK }}\n'],
    ['a folded block', 'a: >-\n   one\n   two {{ MARK }} three\n\n   four\n'],
    ['a folded block that begins empty', 'a: >\n\n   one {{ MARK }}\n'],
    ['a block in a list', 'a:\n  - |\n    x\n    {{ MARK }}\n'],
    ['a flow list', 'a: [b, "c\n   {{ MARK }}"]\n'],
  ];
  const only = (value: Value | undefined): Value | undefined =>
    Array.isArray(value) ? (value as Value[]).at(-1) : value;

  test.each(WAYS)('%s', (_, source) => {
    const value = only((loadYaml(source, 'f.yml').value as Dict).get('a'));
    if (!(value instanceof TemplateText) || value.origin === undefined) throw new Error('no template');
    const { line, column } = placeIn(value.source, value.source.indexOf('MARK'), value.origin);
    expect(source.split('\n')[line - 1]?.slice(column - 1)).toMatch(/^MARK/);
  });

  test.each(WAYS)('%s, without template marks', (_, given) => {
    const source = given.replace('{{ MARK }}', 'MARK');
    const { value, positions } = loadYaml(source, 'f.yml');
    const held = (value as Dict).get('a') as Value;
    const text = only(held) as string;
    const origin = Array.isArray(held)
      ? positions.item(held as Value[], (held as Value[]).length - 1)
      : positions.value(value as Dict, 'a');
    if (origin === undefined) throw new Error('no place');
    const { line, column } = placeIn(text, text.indexOf('MARK'), origin);
    // A text in quotes and in one piece begins a character behind its value.
    expect(source.split('\n')[line - 1]?.slice(column - 1)).toMatch(/^ ?MARK|^"MARK/);
  });
});
