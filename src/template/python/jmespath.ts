// JMESPath over template values: numbers keep their kind and dicts their order, errors are those of Python's library.
import { Dict, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { loadJson } from './json.ts';
import { call, isFalse, type Callee, type Reference } from './jmespath-functions.ts';
import { compare, pythonEquals } from './compare.ts';
import { isNumber, need } from './types.ts';

type Run = (value: Value) => Value;
/** A compiled part; a field alone may turn out to be a function's name. */
interface Node {
  readonly run: Run;
  readonly field?: string;
  readonly reference?: true;
}
interface Token {
  readonly type: string;
  readonly value: Value;
  readonly at: number;
}

const kept = new Map<string, Run>();

/** What an expression finds in a value. Throws PythonError. */
export function searchJmespath(expression: string, value: Value): Value {
  let run = kept.get(expression);
  if (run === undefined) {
    run = new Parser(expression).whole();
    if (kept.size > 500) kept.clear();
    kept.set(expression, run);
  }
  return run(value);
}

const SIGNS: Record<string, string> = {
  '.': 'dot',
  '*': 'star',
  ']': ']',
  ',': 'comma',
  ':': 'colon',
  '@': 'current',
  '(': 'lparen',
  ')': 'rparen',
  '{': '{',
  '}': '}',
  '[]': 'flatten',
  '[?': 'filter',
  '[': '[',
  '||': 'or',
  '|': 'pipe',
  '&&': 'and',
  '&': 'reference',
  '<=': 'compare',
  '<': 'compare',
  '>=': 'compare',
  '>': 'compare',
  '!=': 'compare',
  '==': 'compare',
  '!': 'not',
};
const TOKEN =
  /[ \t\n\r]+|([A-Za-z_]\w*)|(-?\d+)|"((?:\\[^]|[^"\\])*)"|'((?:\\[^]|[^'\\])*)'|`((?:\\[^]|[^`\\])*)`|(\[\]|\[\?|\|\||&&|<=|>=|!=|==|[.*\],:@(){}[|&<>!])/y;

function lex(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (match === null)
      throw new PythonError(
        'Error',
        `Bad jmespath expression: Unknown token ${source[at] ?? ''}:\n${source}\n${' '.repeat(at)}^`,
      );
    const [, name, number, quoted, raw, literal, sign] = match;
    if (name !== undefined) tokens.push({ type: 'name', value: name, at });
    else if (number !== undefined) tokens.push({ type: 'number', value: Number(number), at });
    else if (quoted !== undefined) tokens.push({ type: 'quoted', value: loadJson(`"${quoted}"`), at });
    else if (raw !== undefined) tokens.push({ type: 'literal', value: raw.replaceAll("\\'", "'"), at });
    else if (literal !== undefined)
      tokens.push({ type: 'literal', value: literalValue(literal.replaceAll('\\`', '`')), at });
    else if (sign !== undefined) tokens.push({ type: SIGNS[sign] ?? sign, value: sign, at });
  }
  tokens.push({ type: 'end', value: '', at: source.length });
  return tokens;
}

/** JSON; what is none is text. */
function literalValue(text: string): Value {
  try {
    return loadJson(text);
  } catch {
    return loadJson(`"${text.trimStart()}"`);
  }
}

const POWER: Record<string, number> = {
  pipe: 1,
  or: 2,
  and: 3,
  compare: 5,
  flatten: 9,
  star: 20,
  filter: 21,
  dot: 40,
  not: 45,
  '{': 50,
  '[': 55,
  lparen: 60,
};
/** What binds less than this ends a projection. */
const PROJECTION_STOP = 10;
const SAME: Node = { run: (value) => value };

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(source: string) {
    if (source === '') throw new PythonError('Error', 'Invalid JMESPath expression: cannot be empty.');
    this.#source = source;
    this.#tokens = lex(source);
  }

  whole(): Run {
    const node = this.#expression(0);
    this.#expect('end');
    return node.run;
  }

  get #type(): string {
    return this.#tokens[this.#at]?.type ?? 'end';
  }
  #next(): Token {
    return this.#tokens[this.#at++] ?? { type: 'end', value: '', at: this.#source.length };
  }
  #fail(token = this.#tokens[this.#at]): never {
    throw new PythonError(
      'Error',
      `Invalid jmespath expression: Parse error at column ${token?.at ?? 0}, token "${String(token?.value ?? '')}":\n"${this.#source}"`,
    );
  }
  #expect(type: string): Token {
    return this.#type === type ? this.#next() : this.#fail();
  }

  #expression(power: number): Node {
    let left = this.#prefix(this.#next());
    while (power < (POWER[this.#type] ?? 0)) left = this.#infix(left, this.#next());
    return left;
  }

  #prefix(token: Token): Node {
    switch (token.type) {
      case 'literal':
        return { run: () => token.value };
      case 'name':
      case 'quoted': {
        if (token.type === 'quoted' && this.#type === 'lparen') this.#fail();
        const name = String(token.value);
        const run: Run = (value) => (value instanceof Dict ? need(value.get(name) ?? null) : null);
        return { run, field: name };
      }
      case 'star':
        return this.#values(SAME, this.#type === ']' ? SAME : this.#right(20));
      case 'filter':
        return this.#filter(SAME);
      case '{':
        return this.#hash();
      case 'lparen': {
        const inner = this.#expression(0);
        this.#expect('rparen');
        return { run: inner.run };
      }
      case 'flatten':
        return this.#project(flattened(SAME), this.#right(9));
      case 'not': {
        const inner = this.#expression(45);
        return { run: (value) => negated(inner.run(value)) };
      }
      case '[':
        if (this.#type === 'number' || this.#type === 'colon') return this.#index(SAME);
        if (this.#type === 'star' && this.#tokens[this.#at + 1]?.type === ']') {
          this.#at += 2;
          return this.#project(SAME, this.#right(20));
        }
        return this.#list();
      case 'current':
        return { run: (value) => value };
      case 'reference':
        return { run: this.#expression(0).run, reference: true };
      default:
        return this.#fail(token);
    }
  }

  #infix(left: Node, token: Token): Node {
    switch (token.type) {
      case 'dot': {
        if (this.#type === 'star') {
          this.#at++;
          return this.#values(left, this.#right(40));
        }
        return after(left, this.#member(40));
      }
      case 'pipe':
        return after(left, this.#expression(1));
      case 'or': {
        const right = this.#expression(2);
        return {
          run: (value) => {
            const found = left.run(value);
            return isFalse(found) ? right.run(value) : found;
          },
        };
      }
      case 'and': {
        const right = this.#expression(3);
        return {
          run: (value) => {
            const found = left.run(value);
            return isFalse(found) ? found : right.run(value);
          },
        };
      }
      case 'compare': {
        const right = this.#expression(5);
        const sign = String(token.value);
        return { run: (value) => compared(sign, left.run(value), right.run(value)) };
      }
      case 'flatten':
        return this.#project(flattened(left), this.#right(9));
      case 'filter':
        return this.#filter(left);
      case 'lparen':
        return this.#call(left);
      case '[': {
        if (this.#type === 'number' || this.#type === 'colon') return this.#index(left);
        this.#expect('star');
        this.#expect(']');
        return this.#project(left, this.#right(20));
      }
      default:
        return this.#fail(token);
    }
  }

  /** What is done with each item of a projection. */
  #right(power: number): Node {
    if ((POWER[this.#type] ?? 0) < PROJECTION_STOP) return SAME;
    if (this.#type === '[' || this.#type === 'filter') return this.#expression(power);
    this.#expect('dot');
    return this.#member(power);
  }

  /** What may stand behind a dot. */
  #member(power: number): Node {
    if (this.#type === 'name' || this.#type === 'quoted' || this.#type === 'star') return this.#expression(power);
    const { type } = this.#next();
    if (type === '[') return this.#list();
    if (type === '{') return this.#hash();
    this.#at--;
    return this.#fail();
  }

  #project(left: Node, right: Node): Node {
    return { run: (value) => projected(left.run(value), right.run) };
  }
  #values(left: Node, right: Node): Node {
    return {
      run: (value) => {
        const found = left.run(value);
        return found instanceof Dict ? projected([...found.values()].map(need), right.run) : null;
      },
    };
  }
  #filter(left: Node): Node {
    const condition = this.#expression(0);
    this.#expect(']');
    const right = this.#type === 'flatten' ? SAME : this.#right(21);
    return {
      run: (value) => {
        const found = left.run(value);
        return Array.isArray(found)
          ? projected(
              found.filter((item) => !isFalse(condition.run(need(item)))),
              right.run,
            )
          : null;
      },
    };
  }

  #index(left: Node): Node {
    const next = this.#tokens[this.#at + 1]?.type;
    if (this.#type === 'number' && next !== 'colon') {
      const index = Number(this.#next().value);
      this.#expect(']');
      return after(left, { run: (value) => (Array.isArray(value) ? need(value.at(index) ?? null) : null) });
    }
    const parts: (number | undefined)[] = [undefined, undefined, undefined];
    let part = 0;
    while (this.#type !== ']') {
      if (this.#type === 'colon') {
        if (++part === 3) this.#fail();
        this.#at++;
      } else if (this.#type === 'number') parts[part] = Number(this.#next().value);
      else this.#fail();
    }
    this.#expect(']');
    return this.#project(
      after(left, { run: (value) => (Array.isArray(value) ? sliced(value, parts) : null) }),
      this.#right(20),
    );
  }

  #list(): Node {
    const parts = [this.#expression(0)];
    while (this.#type !== ']') {
      this.#expect('comma');
      parts.push(this.#expression(0));
    }
    this.#expect(']');
    return { run: (value) => (value === null ? null : parts.map((part) => part.run(value))) };
  }

  #hash(): Node {
    const pairs: [string, Node][] = [];
    for (;;) {
      const key = this.#next();
      if (key.type !== 'name' && key.type !== 'quoted') this.#fail(key);
      this.#expect('colon');
      pairs.push([String(key.value), this.#expression(0)]);
      if (this.#type === 'comma') this.#at++;
      else break;
    }
    this.#expect('}');
    return {
      run: (value) => (value === null ? null : new Dict(pairs.map(([key, node]) => [key, node.run(value)] as const))),
    };
  }

  #call(left: Node): Node {
    if (left.field === undefined) this.#fail();
    const name = left.field ?? '';
    const args: Node[] = [];
    while (this.#type !== 'rparen') {
      args.push(this.#expression(0));
      if (this.#type === 'comma') this.#at++;
      else if (this.#type !== 'rparen') this.#fail();
    }
    this.#expect('rparen');
    return {
      run: (value) =>
        call(
          name,
          args.map(({ run, reference }): Callee =>
            reference === true ? ({ each: run } satisfies Reference) : run(value),
          ),
        ),
    };
  }
}

const after = (left: Node, right: Node): Node => ({ run: (value) => right.run(left.run(value)) });
const flattened = (left: Node): Node => ({
  run: (value) => {
    const found = left.run(value);
    return Array.isArray(found) ? found.flatMap((item) => (Array.isArray(item) ? Array.from(item) : [item])) : null;
  },
});

function projected(list: Value, run: Run): Value {
  return Array.isArray(list) ? Array.from(list, (item) => run(need(item))).filter((item) => item !== null) : null;
}

function negated(value: Value): boolean {
  return isNumber(value) ? false : isFalse(value);
}

function compared(sign: string, left: Value, right: Value): Value {
  if (sign === '==' || sign === '!=') {
    // Truth is no number here.
    const same = (typeof left === 'boolean') === (typeof right === 'boolean') && pythonEquals(left, right);
    return same === (sign === '==');
  }
  const orders = (value: Value): boolean => isNumber(value) || typeof value === 'string';
  if (!orders(left) || !orders(right)) return null;
  const order = compare(left, right, sign as '<');
  return sign === '<' ? order < 0 : sign === '<=' ? order <= 0 : sign === '>' ? order > 0 : order >= 0;
}

function sliced(list: readonly Value[], [start, stop, step = 1]: readonly (number | undefined)[]): Value[] {
  if (step === 0) throw new PythonError('ValueError', 'slice step cannot be zero');
  const size = list.length;
  const place = (value: number | undefined, otherwise: number): number => {
    if (value === undefined) return otherwise;
    const index = value < 0 ? value + size : value;
    return step > 0 ? Math.min(Math.max(index, 0), size) : Math.min(Math.max(index, -1), size - 1);
  };
  const [from, to] = step > 0 ? [place(start, 0), place(stop, size)] : [place(start, size - 1), place(stop, -1)];
  const result: Value[] = [];
  for (let index = from; step > 0 ? index < to : index > to; index += step) result.push(list[index] as Value);
  return result;
}
