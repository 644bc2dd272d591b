// Tokens -> tree, by Jinja's grammar (its precedences differ from Python's: `-2 ** 2` is 4, `2 ** 3 ** 2` is 64).
import { float, int, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import {
  NO_ARGUMENTS,
  type Arguments,
  type BinaryOperator,
  type CompareOperator,
  type Expression,
  type Statement,
  type Template,
} from './ast.ts';
import { bindsName } from './names.ts';
import type { Token, TokenType } from './lexer.ts';
import type { Position } from './position.ts';

/** Parses a template. Throws TemplateError (syntax). */
export function parseTemplate(tokens: readonly Token[], locate: Position): Template {
  return new Parser(tokens, locate, 'template').template();
}

/** Parses a bare expression. Throws TemplateError (syntax). */
export function parseExpression(tokens: readonly Token[], locate: Position): Expression {
  return new Parser(tokens, locate, 'expression').whole();
}

const DESCRIPTION: Record<string, string> = {
  variable_begin: 'begin of print statement',
  variable_end: 'end of print statement',
  block_begin: 'begin of statement block',
  block_end: 'end of statement block',
  data: 'template data / text',
  eof: 'end of template',
};
const CONSTANTS: Record<string, Value> = { true: true, True: true, false: false, False: false, none: null, None: null };
const COMPARE = new Set(['==', '!=', '<', '<=', '>', '>=']);
const BEFORE_ARGUMENT = new Set(['else', 'or', 'and']);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #locate: Position;
  readonly #what: string;
  readonly #blocks = new Set<string>();
  #index = 0;

  constructor(tokens: readonly Token[], locate: Position, what: string) {
    this.#tokens = tokens;
    this.#locate = locate;
    this.#what = what;
  }

  template(): Template {
    const body = this.#body([]);
    return { body };
  }

  whole(): Expression {
    const expression = this.#choice();
    if (this.#current.type !== 'eof') throw this.#fail('chunk after expression');
    return expression;
  }

  get #current(): Token {
    return this.#tokens[this.#index] as Token;
  }
  get #look(): Token {
    return this.#tokens[Math.min(this.#index + 1, this.#tokens.length - 1)] as Token;
  }
  #next(): Token {
    const token = this.#current;
    if (this.#index < this.#tokens.length - 1) this.#index++;
    return token;
  }
  #is(type: TokenType, value?: string, token = this.#current): boolean {
    return token.type === type && (value === undefined || token.value === value);
  }
  #operator(value: string): boolean {
    return this.#is('operator', value);
  }
  #skip(type: TokenType, value?: string): boolean {
    if (!this.#is(type, value)) return false;
    this.#next();
    return true;
  }
  #expect(type: TokenType, value?: string): Token {
    if (this.#is(type, value)) return this.#next();
    const wanted = value ?? DESCRIPTION[type] ?? type;
    if (this.#current.type === 'eof') throw this.#fail(`unexpected end of ${this.#what}, expected '${wanted}'.`);
    throw this.#fail(`expected token '${wanted}', got '${describe(this.#current)}'`);
  }
  #fail(message: string, at = this.#current.at): TemplateError {
    return new TemplateError('syntax', `Syntax error in ${this.#what}: ${message}`, { origin: this.#locate(at) });
  }

  // Statements

  #body(ends: readonly string[]): Statement[] {
    const body: Statement[] = [];
    for (;;) {
      const token = this.#current;
      if (token.type === 'data') {
        body.push({ kind: 'data', text: token.value, at: token.at });
        this.#next();
      } else if (token.type === 'variable_begin') {
        this.#next();
        body.push({ kind: 'output', value: this.#tuple(), at: token.at });
        this.#expect('variable_end');
      } else if (token.type === 'block_begin') {
        this.#next();
        if (ends.length > 0 && this.#current.type === 'name' && ends.includes(this.#current.value)) return body;
        const statement = this.#statement(ends);
        if (Array.isArray(statement)) body.push(...statement);
        else body.push(statement);
        this.#expect('block_end');
      } else {
        if (ends.length > 0)
          throw this.#fail(
            `Unexpected end of template. Jinja was looking for the following tags: ${ends.map((end) => `'${end}'`).join(' or ')}.`,
          );
        return body;
      }
    }
  }

  /** The body of a statement up to one of `ends`, whose token is consumed; tells which it was. */
  #statements(ends: readonly string[]): { body: Statement[]; end: string } {
    if (this.#operator(':')) this.#next();
    this.#expect('block_end');
    const body = this.#body(ends);
    return { body, end: this.#next().value };
  }

  #statement(ends: readonly string[]): Statement | Statement[] {
    const token = this.#current;
    if (token.type !== 'name') throw this.#fail('tag name expected');
    const { at } = token;
    switch (token.value) {
      case 'for':
        return this.#for(this.#next().at);
      case 'if':
        return this.#if(this.#next().at);
      case 'set':
        return this.#set(this.#next().at);
      case 'macro': {
        this.#next();
        const name = this.#assignName();
        const { parameters, defaults } = this.#signature();
        const caller = parameters.indexOf('caller');
        if (caller !== -1 && caller < parameters.length - defaults.length)
          throw this.#fail(
            'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
            at,
          );
        return { kind: 'macro', macro: { name, parameters, defaults, body: this.#statements(['endmacro']).body }, at };
      }
      case 'call': {
        this.#next();
        const { parameters, defaults } = this.#operator('(') ? this.#signature() : { parameters: [], defaults: [] };
        const call = this.#choice();
        if (call.kind !== 'call') throw this.#fail('expected call', at);
        return {
          kind: 'callblock',
          call,
          caller: { name: 'caller', parameters, defaults, body: this.#statements(['endcall']).body },
          at,
        };
      }
      case 'filter': {
        this.#next();
        const filter = this.#filters(null, true);
        return { kind: 'filterblock', filter, body: this.#statements(['endfilter']).body, at };
      }
      case 'with':
        return this.#with(this.#next().at);
      case 'autoescape': {
        this.#next();
        this.#choice();
        return { kind: 'autoescape', body: this.#statements(['endautoescape']).body, at };
      }
      case 'block':
        return this.#block(this.#next().at);
      case 'extends': {
        this.#next();
        return { kind: 'extends', template: this.#choice(), at };
      }
      case 'include': {
        this.#next();
        const template = this.#choice();
        const ignoreMissing = this.#is('name', 'ignore') && this.#is('name', 'missing', this.#look);
        if (ignoreMissing) this.#index += 2;
        return { kind: 'include', template, ignoreMissing, withContext: this.#context(true), at };
      }
      case 'import': {
        this.#next();
        const template = this.#choice();
        this.#expect('name', 'as');
        return { kind: 'import', template, target: this.#assignName(), withContext: this.#context(false), at };
      }
      case 'from':
        return this.#from(this.#next().at);
      case 'print': {
        this.#next();
        const outputs: Statement[] = [];
        while (!this.#is('block_end')) {
          if (outputs.length > 0) this.#expect('operator', ',');
          outputs.push({ kind: 'output', value: this.#choice(), at });
        }
        return outputs;
      }
      default:
        throw this.#fail(
          `Encountered unknown tag '${token.value}'.${ends.length === 0 ? '' : ` Jinja was looking for the following tags: ${ends.map((end) => `'${end}'`).join(' or ')}.`}`,
        );
    }
  }

  #for(at: number): Statement {
    const target = this.#target('in');
    this.#expect('name', 'in');
    const iterable = this.#tuple({ withCondition: false, end: 'recursive' });
    const test = this.#skip('name', 'if') ? this.#choice() : null;
    const recursive = this.#skip('name', 'recursive');
    const { body, end } = this.#statements(['endfor', 'else']);
    const otherwise = end === 'endfor' ? [] : this.#statements(['endfor']).body;
    if (bindsName([{ kind: 'for', target, iterable, test, recursive, body, otherwise, at }], 'loop'))
      throw this.#fail("Can't assign to special loop variable in for-loop target", at);
    return { kind: 'for', target, iterable, test, recursive, body, otherwise, at };
  }

  #if(at: number): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    for (;;) {
      const test = this.#tuple({ withCondition: false });
      const { body, end } = this.#statements(['elif', 'else', 'endif']);
      branches.push({ test, body });
      if (end === 'elif') continue;
      return { kind: 'if', branches, otherwise: end === 'else' ? this.#statements(['endif']).body : [], at };
    }
  }

  #set(at: number): Statement {
    const target = this.#target(undefined, true);
    if (this.#operator('=')) {
      this.#next();
      return { kind: 'set', target, value: this.#tuple(), at };
    }
    const filter = this.#filters(null, false);
    return {
      kind: 'setblock',
      target,
      filter: filter.kind === 'filter' ? filter : null,
      body: this.#statements(['endset']).body,
      at,
    };
  }

  #with(at: number): Statement {
    const targets: Expression[] = [];
    const values: Expression[] = [];
    while (!this.#is('block_end')) {
      if (targets.length > 0) this.#expect('operator', ',');
      targets.push(this.#target());
      this.#expect('operator', '=');
      values.push(this.#choice());
    }
    return { kind: 'with', targets, values, body: this.#statements(['endwith']).body, at };
  }

  #block(at: number): Statement {
    const name = this.#expect('name').value;
    if (this.#blocks.has(name)) throw this.#fail(`block '${name}' defined twice`, at);
    this.#blocks.add(name);
    const scoped = this.#skip('name', 'scoped');
    const required = this.#skip('name', 'required');
    if (this.#operator('-'))
      throw this.#fail(
        'Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.',
      );
    const { body } = this.#statements(['endblock']);
    this.#skip('name', name);
    if (required && !body.every((statement) => statement.kind === 'data' && statement.text.trim() === ''))
      throw this.#fail('Required blocks can only contain comments or whitespace', at);
    return { kind: 'block', name, scoped, required, body, at };
  }

  #from(at: number): Statement {
    const template = this.#choice();
    this.#expect('name', 'import');
    const names: [string, string][] = [];
    for (;;) {
      if (names.length > 0) this.#expect('operator', ',');
      if (this.#current.type !== 'name') break;
      if (this.#atContext()) break;
      const name = this.#assignName();
      if (name.startsWith('_')) throw this.#fail('names starting with an underline can not be imported');
      names.push([name, this.#skip('name', 'as') ? this.#assignName() : name]);
      if (this.#atContext() || !this.#operator(',')) break;
    }
    if (names.length === 0) this.#expect('name');
    return { kind: 'from', template, names, withContext: this.#context(false), at };
  }

  #atContext(): boolean {
    return (this.#is('name', 'with') || this.#is('name', 'without')) && this.#is('name', 'context', this.#look);
  }
  #context(standard: boolean): boolean {
    if (!this.#atContext()) return standard;
    const withContext = this.#next().value === 'with';
    this.#next();
    return withContext;
  }

  #signature(): { parameters: string[]; defaults: Expression[] } {
    const parameters: string[] = [];
    const defaults: Expression[] = [];
    this.#expect('operator', '(');
    while (!this.#operator(')')) {
      if (parameters.length > 0) this.#expect('operator', ',');
      parameters.push(this.#assignName());
      if (this.#operator('=')) {
        this.#next();
        defaults.push(this.#choice());
      } else if (defaults.length > 0) throw this.#fail('non-default argument follows default argument');
    }
    this.#expect('operator', ')');
    return { parameters, defaults };
  }

  #assignName(): string {
    return this.#expect('name').value;
  }

  #target(end?: string, namespaces = false): Expression {
    const target = this.#tuple({ simple: true, end, namespaces });
    this.#checkTarget(target);
    return target;
  }
  #namespaced(): Expression {
    const { value: name, at } = this.#next();
    this.#next();
    return { kind: 'namespaced', name, attribute: this.#expect('name').value, at };
  }
  #checkTarget(target: Expression): void {
    if (target.kind === 'tuple') target.items.forEach((item) => this.#checkTarget(item));
    else if (target.kind !== 'name' && target.kind !== 'namespaced')
      throw this.#fail(`can't assign to '${target.kind}'`, target.at);
  }

  // Expressions

  #tuple(
    options: {
      simple?: boolean;
      withCondition?: boolean;
      end?: string | undefined;
      parentheses?: boolean;
      namespaces?: boolean;
    } = {},
  ): Expression {
    const { at } = this.#current;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.#expect('operator', ',');
      if (
        this.#is('variable_end') ||
        this.#is('block_end') ||
        this.#operator(')') ||
        (options.end !== undefined && this.#is('name', options.end))
      )
        break;
      if (options.simple === true)
        items.push(
          options.namespaces === true && this.#is('name') && this.#is('operator', '.', this.#look)
            ? this.#namespaced()
            : this.#primary(),
        );
      else items.push(options.withCondition === false ? this.#or() : this.#choice());
      if (!this.#operator(',')) break;
      isTuple = true;
    }
    if (!isTuple) {
      const [only] = items;
      if (only !== undefined) return only;
      if (options.parentheses !== true) throw this.#fail(`Expected an expression, got '${describe(this.#current)}'`);
    }
    return { kind: 'tuple', items, at };
  }

  #choice(): Expression {
    let expression = this.#or();
    while (this.#is('name', 'if')) {
      const { at } = this.#next();
      const test = this.#or();
      const no = this.#skip('name', 'else') ? this.#choice() : null;
      expression = { kind: 'choice', test, yes: expression, no, at };
    }
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#is('name', 'or')) {
      const { at } = this.#next();
      left = { kind: 'or', left, right: this.#and(), at };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#is('name', 'and')) {
      const { at } = this.#next();
      left = { kind: 'and', left, right: this.#not(), at };
    }
    return left;
  }

  #not(): Expression {
    if (!this.#is('name', 'not')) return this.#compare();
    const { at } = this.#next();
    return { kind: 'not', of: this.#not(), at };
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: [CompareOperator, Expression][] = [];
    for (;;) {
      const token = this.#current;
      if (token.type === 'operator' && COMPARE.has(token.value)) {
        this.#next();
        rest.push([token.value as CompareOperator, this.#sum()]);
      } else if (this.#is('name', 'in')) {
        this.#next();
        rest.push(['in', this.#sum()]);
      } else if (this.#is('name', 'not') && this.#is('name', 'in', this.#look)) {
        this.#index += 2;
        rest.push(['not in', this.#sum()]);
      } else return rest.length === 0 ? first : { kind: 'compare', first, rest, at: first.at };
    }
  }

  #sum(): Expression {
    return this.#leftAssociative(['+', '-'], () => this.#concat());
  }
  #concat(): Expression {
    const first = this.#product();
    if (!this.#operator('~')) return first;
    const items = [first];
    while (this.#operator('~')) {
      this.#next();
      items.push(this.#product());
    }
    return { kind: 'concat', items, at: first.at };
  }
  #product(): Expression {
    return this.#leftAssociative(['*', '/', '//', '%'], () => this.#power());
  }
  #power(): Expression {
    return this.#leftAssociative(['**'], () => this.#unary());
  }
  #leftAssociative(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.#current.type === 'operator' && operators.includes(this.#current.value)) {
      const { value, at } = this.#next();
      left = { kind: 'binary', operator: value as BinaryOperator, left, right: operand(), at };
    }
    return left;
  }

  #unary(filters = true): Expression {
    const token = this.#current;
    let expression: Expression;
    if (token.type === 'operator' && (token.value === '-' || token.value === '+')) {
      this.#next();
      expression = { kind: 'unary', operator: token.value, of: this.#unary(false), at: token.at };
    } else expression = this.#primary();
    expression = this.#postfix(expression);
    return filters ? this.#filterExpression(expression) : expression;
  }

  #primary(): Expression {
    const token = this.#current;
    const { at } = token;
    switch (token.type) {
      case 'name': {
        this.#next();
        const constant = CONSTANTS[token.value];
        return constant !== undefined
          ? { kind: 'const', value: constant, at }
          : { kind: 'name', name: token.value, at };
      }
      case 'string': {
        let text = this.#next().value;
        while (this.#current.type === 'string') text += this.#next().value;
        return { kind: 'const', value: text, at };
      }
      case 'integer':
        this.#next();
        return { kind: 'const', value: int(BigInt(token.value.toLowerCase())), at };
      case 'float': {
        this.#next();
        return { kind: 'const', value: float(Number(token.value)), at };
      }
      case 'operator':
        if (token.value === '(') {
          this.#next();
          const tuple = this.#tuple({ parentheses: true });
          this.#expect('operator', ')');
          return tuple;
        }
        if (token.value === '[') return this.#list();
        if (token.value === '{') return this.#dict();
        throw this.#fail(`unexpected '${token.value}'`);
      default:
        throw this.#fail(`unexpected '${describe(token)}'`);
    }
  }

  #list(): Expression {
    const { at } = this.#expect('operator', '[');
    const items: Expression[] = [];
    while (!this.#operator(']')) {
      if (items.length > 0) this.#expect('operator', ',');
      if (this.#operator(']')) break;
      items.push(this.#choice());
    }
    this.#expect('operator', ']');
    return { kind: 'list', items, at };
  }

  #dict(): Expression {
    const { at } = this.#expect('operator', '{');
    const items: [Expression, Expression][] = [];
    while (!this.#operator('}')) {
      if (items.length > 0) this.#expect('operator', ',');
      if (this.#operator('}')) break;
      const key = this.#choice();
      this.#expect('operator', ':');
      items.push([key, this.#choice()]);
    }
    this.#expect('operator', '}');
    return { kind: 'dict', items, at };
  }

  #postfix(of: Expression): Expression {
    let expression = of;
    for (;;) {
      if (this.#operator('.') || this.#operator('[')) expression = this.#subscript(expression);
      else if (this.#operator('('))
        expression = { kind: 'call', of: expression, at: this.#current.at, args: this.#arguments() };
      else return expression;
    }
  }

  #filterExpression(of: Expression): Expression {
    let expression = of;
    for (;;) {
      if (this.#operator('|')) expression = this.#filters(expression, false);
      else if (this.#is('name', 'is')) expression = this.#test(expression);
      else if (this.#operator('('))
        expression = { kind: 'call', of: expression, at: this.#current.at, args: this.#arguments() };
      else return expression;
    }
  }

  #subscript(of: Expression): Expression {
    const { value, at } = this.#next();
    if (value === '.') {
      const token = this.#next();
      if (token.type === 'name') return { kind: 'attribute', of, name: token.value, at };
      if (token.type !== 'integer') throw this.#fail('expected name or number', token.at);
      return { kind: 'item', of, key: { kind: 'const', value: int(BigInt(token.value)), at: token.at }, at };
    }
    const keys: (Expression | { slice: [Expression | null, Expression | null, Expression | null] })[] = [];
    while (!this.#operator(']')) {
      if (keys.length > 0) this.#expect('operator', ',');
      keys.push(this.#subscribed());
    }
    this.#expect('operator', ']');
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) {
      if ('slice' in only)
        return { kind: 'slice', of, start: only.slice[0], stop: only.slice[1], step: only.slice[2], at };
      return { kind: 'item', of, key: only, at };
    }
    if (keys.some((key) => 'slice' in key))
      throw new TemplateError('runtime', 'Error rendering template: a slice cannot be part of a tuple', {
        origin: this.#locate(at),
      });
    return { kind: 'item', of, key: { kind: 'tuple', items: keys as Expression[], at }, at };
  }

  #subscribed(): Expression | { slice: [Expression | null, Expression | null, Expression | null] } {
    const parts: (Expression | null)[] = [];
    if (this.#operator(':')) {
      this.#next();
      parts.push(null);
    } else {
      const key = this.#choice();
      if (!this.#operator(':')) return key;
      this.#next();
      parts.push(key);
    }
    const end = (): boolean => this.#operator(']') || this.#operator(',');
    if (this.#operator(':')) parts.push(null);
    else if (end()) parts.push(null);
    else parts.push(this.#choice());
    if (this.#operator(':')) {
      this.#next();
      parts.push(end() ? null : this.#choice());
    }
    return { slice: [parts[0] ?? null, parts[1] ?? null, parts[2] ?? null] };
  }

  #arguments(): Arguments {
    this.#expect('operator', '(');
    const positional: Expression[] = [];
    const keywords: [string, Expression][] = [];
    let star: Expression | null = null;
    let starStar: Expression | null = null;
    let count = 0;
    const ensure = (fine: boolean): void => {
      if (!fine) throw this.#fail('invalid syntax for function call expression');
    };
    while (!this.#operator(')')) {
      if (count++ > 0) {
        this.#expect('operator', ',');
        if (this.#operator(')')) break;
      }
      if (this.#operator('*')) {
        ensure(star === null && starStar === null);
        this.#next();
        star = this.#choice();
      } else if (this.#operator('**')) {
        ensure(starStar === null);
        this.#next();
        starStar = this.#choice();
      } else if (this.#is('name') && this.#is('operator', '=', this.#look)) {
        ensure(starStar === null);
        const name = this.#next().value;
        this.#next();
        // Python finds this when it compiles, whether the call is reached or not.
        if (keywords.some(([known]) => known === name))
          throw new TemplateError('runtime', `Error rendering template: keyword argument repeated: ${name}`);
        keywords.push([name, this.#choice()]);
      } else {
        ensure(star === null && starStar === null && keywords.length === 0);
        positional.push(this.#choice());
      }
    }
    this.#expect('operator', ')');
    return { positional, keywords, star, starStar };
  }

  #dottedName(): string {
    let name = this.#expect('name').value;
    while (this.#operator('.')) {
      this.#next();
      name += `.${this.#expect('name').value}`;
    }
    return name;
  }

  /** A chain of `| name(args)`; `inline`: the first name stands without a bar (filter blocks). */
  #filters(of: Expression | null, inline: boolean): Expression {
    let expression = of;
    let first = inline;
    while (first || this.#operator('|')) {
      if (!first) this.#next();
      first = false;
      const { at } = this.#current;
      const name = this.#dottedName();
      expression = {
        kind: 'filter',
        name,
        of: expression,
        args: this.#operator('(') ? this.#arguments() : NO_ARGUMENTS,
        at,
      };
    }
    return expression ?? { kind: 'const', value: null, at: this.#current.at };
  }

  #test(of: Expression): Expression {
    this.#next();
    const negated = this.#skip('name', 'not');
    const { at } = this.#current;
    const name = this.#dottedName();
    let args: Arguments = NO_ARGUMENTS;
    const token = this.#current;
    if (this.#operator('(')) args = this.#arguments();
    else if (
      token.type === 'string' ||
      token.type === 'integer' ||
      token.type === 'float' ||
      this.#operator('[') ||
      this.#operator('{') ||
      (token.type === 'name' && !BEFORE_ARGUMENT.has(token.value))
    ) {
      if (this.#is('name', 'is')) throw this.#fail('You cannot chain multiple tests with is');
      args = { ...NO_ARGUMENTS, positional: [this.#postfix(this.#primary())] };
    }
    const test: Expression = { kind: 'test', name, of, args, at };
    return negated ? { kind: 'not', of: test, at } : test;
  }
}

function describe(token: Token): string {
  return token.type === 'name' || token.type === 'operator' ? token.value : (DESCRIPTION[token.type] ?? token.type);
}
