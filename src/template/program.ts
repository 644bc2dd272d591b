// A compiled template, and the bounded caches that keep compiled ones by their text.
import type { TemplateText, Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { Expression, Template } from './ast.ts';
import { compileExpression, type Body, type Compilation, type Evaluate } from './compile.ts';
import type { Engine } from './engine.ts';
import { Frame, Run } from './frame.ts';
import { DEFAULT_SYNTAX, lex, lexExpression, normaliseNewlines, type Syntax } from './lexer.ts';
import { boundNames, readsName } from './names.ts';
import { through } from './error-steps.ts';
import { native } from './output.ts';
import { parseExpression, parseTemplate } from './parser.ts';
import { positions, type Position } from './position.ts';
import { nearestFilter, nearestTest } from './registry.ts';
import { findTemplate } from './search.ts';
import { Attributes, Callable, Markup, Tripped, Undefined } from './special.ts';
import { need, iterate } from './python/types.ts';
import { compileStatements, renderBlock } from './statements.ts';
import { splitHeader } from './header.ts';

/** What a template, its header or the template module may change of the syntax. */
export type Overrides = Partial<Syntax>;

const CACHE_SIZE = 5000;

/** Compiled forms by text, and for each text by what else decides (its place, its syntax). The oldest texts go first. */
class Cache<Kept> {
  readonly #kept = new Map<string, Map<string, Kept>>();
  get(source: string, variant: string, make: () => Kept): Kept {
    let variants = this.#kept.get(source);
    const known = variants?.get(variant);
    if (known !== undefined) return known;
    const made = make();
    if (variants === undefined) {
      if (this.#kept.size >= CACHE_SIZE) this.#kept.delete(this.#kept.keys().next().value as string);
      this.#kept.set(source, (variants = new Map()));
    }
    variants.set(variant, made);
    return made;
  }
}

export class Program {
  readonly name: string;
  readonly body: Body;
  readonly blocks: ReadonlyMap<string, Body>;
  readonly mutates: boolean;
  readonly tree: Template;
  /** What it was read with; templates that it includes are read alike. */
  readonly syntax: Syntax;
  readonly #trailing: number;
  readonly #readsSelf: boolean;
  readonly #newline: string;
  readonly #required: Compilation['required'];
  readonly #locate: Position;

  /** `newline`: what is restored at the end; a header changes only the newlines inside. */
  constructor(
    name: string,
    source: string,
    syntax: Syntax,
    rawStrings: boolean,
    origin: Origin | undefined,
    newline: string,
  ) {
    const normalised = normaliseNewlines(source);
    const locate = positions(normalised, origin);
    this.name = name;
    this.tree = parseTemplate(lex(normalised, { syntax, rawStrings, locate }), locate);
    const unit: Compilation = {
      locate,
      embedded: 'none',
      required: [],
      flags: { mutates: false },
      bound: boundNames(this.tree.body),
      soft: false,
    };
    const blocks = new Map<string, Body>();
    this.body = compileStatements(this.tree.body, unit, blocks, true);
    this.blocks = blocks;
    this.#readsSelf = readsName(this.tree.body, 'self');
    this.mutates = unit.flags.mutates;
    this.#required = unit.required;
    this.#locate = locate;
    this.syntax = syntax;
    this.#newline = newline;
    this.#trailing = trailingNewlines(normalised);
  }

  /** The template's native value, with the newlines at the end of its text restored. Throws TemplateError. */
  render(engine: Engine): Value {
    const result = native((out) => this.run(new Run(engine, this, true), out));
    if (this.#trailing === 0) return result;
    const value = result instanceof Markup ? result.text : result;
    if (typeof value !== 'string') return value;
    const missing = this.#trailing - trailingNewlines(value);
    return missing > 0 ? value + this.#newline.repeat(missing) : value;
  }

  /** Runs the template. Returns the frame of its own names. */
  run(run: Run, out: Value[]): Frame {
    this.check(run.engine);
    const root = new Frame(run, run.outer);
    if (this.blocks.size > 0) {
      run.blocks = new Map(Array.from(this.blocks, ([name, body]) => [name, [body]]));
    }
    if (this.#readsSelf) root.set('self', new SelfReference(root));
    this.body(root, out);
    while (run.parent !== undefined) {
      const { parent } = run;
      run.parent = undefined;
      if (parent.#readsSelf) root.set('self', new SelfReference(root));
      through('extended', run.extendedAt, out, () => {
        parent.check(run.engine);
        parent.body(root, out);
      });
    }
    return root;
  }

  /** Filters and tests that must exist. Throws TemplateError (syntax). */
  check(engine: Engine): void {
    for (const { type, name, at } of this.#required) requirePlugin(engine, type, name, this.#locate(at), 'template');
  }
}

function requirePlugin(
  engine: Engine,
  type: 'filter' | 'test',
  name: string,
  origin: Origin | undefined,
  what: string,
): void {
  if ((type === 'filter' ? engine.filter(name) : engine.test(name)) !== undefined) return;
  throw new TemplateError('syntax', `Syntax error in ${what}: No ${type} named '${name}'.`, {
    origin,
    hint: type === 'filter' ? nearestFilter(name) : nearestTest(name),
  });
}

function trailingNewlines(text: string): number {
  let count = 0;
  while (count < text.length && text[text.length - 1 - count] === '\n') {
    count++;
    if (text[text.length - 1 - count] === '\r') return trailingWithReturns(text);
  }
  return count;
}
function trailingWithReturns(text: string): number {
  return (/(?:\r?\n)*$/.exec(text)?.[0] ?? '').replaceAll('\r', '').length;
}

/** `self`: the template's blocks as functions. */
class SelfReference extends Attributes {
  readonly special = 'TemplateReference';
  readonly #root: Frame;
  constructor(root: Frame) {
    super();
    this.#root = root;
  }
  attribute(name: string): Value | undefined {
    const root = this.#root;
    if (root.run.blocks?.has(name) !== true) return undefined;
    return new Callable('BlockReference', name, () => native((out) => renderBlock(root, name, 0, root, out)));
  }
}

/** An imported template: its macros and variables, and its outputs where it is printed. */
export class Module extends Attributes {
  readonly special = 'TemplateModule';
  readonly name: string;
  readonly out: readonly Value[];
  readonly #root: Frame;
  constructor(name: string, root: Frame, out: readonly Value[]) {
    super();
    this.name = name;
    this.#root = root;
    this.out = out;
  }
  attribute(name: string): Value | undefined {
    return name.startsWith('_') || name === 'self' ? undefined : this.#root.vars?.get(name);
  }
}

const templates = new Cache<Program>();
const expressions = new Cache<ExpressionProgram>();

function originKey(origin: Origin | undefined): string {
  return origin === undefined ? '' : `${origin.file}:${origin.line}:${origin.column}`;
}

/** Programs of texts that live as long as their variables do. */
const byText = new WeakMap<TemplateText, Program>();

/** The compiled form of a playbook's text. Throws TemplateError (syntax). */
export function templateProgram(text: TemplateText): Program {
  let program = byText.get(text);
  if (program === undefined) {
    program = templates.get(text.source, `r${originKey(text.origin)}`, () =>
      compile('template', text.source, {}, true, text.origin),
    );
    byText.set(text, program);
  }
  return program;
}

/** The compiled form of a template file's text. Throws TemplateError (syntax). */
export function fileProgram(name: string, source: string, overrides: Overrides): Program {
  const variant = Object.keys(overrides).length === 0 ? name : `${name}${JSON.stringify(overrides)}`;
  return templates.get(source, variant, () =>
    compile(name, source, overrides, false, { file: name, line: 1, column: 1 }),
  );
}

function compile(
  name: string,
  source: string,
  overrides: Overrides,
  rawStrings: boolean,
  origin: Origin | undefined,
): Program {
  const header = splitHeader(source, origin);
  return new Program(
    name,
    header.source,
    { ...DEFAULT_SYNTAX, ...overrides, ...header.overrides },
    rawStrings,
    header.origin,
    overrides.newlineSequence ?? DEFAULT_SYNTAX.newlineSequence,
  );
}

/** What of a template's syntax is not the usual. */
function changed(syntax: Syntax): Overrides {
  return Object.fromEntries(
    Object.entries(syntax).filter(([key, value]) => value !== DEFAULT_SYNTAX[key as keyof Syntax]),
  );
}

/** A compiled bare expression. */
export class ExpressionProgram {
  readonly tree: Expression;
  readonly mutates: boolean;
  readonly #evaluate: Evaluate;
  readonly #required: Compilation['required'];
  readonly #locate: Position;
  readonly #holder: Program;

  constructor(source: string, embedded: boolean, origin: Origin | undefined) {
    const normalised = normaliseNewlines(source);
    const locate = positions(normalised, origin);
    try {
      this.tree = parseExpression(
        lexExpression(normalised, { syntax: DEFAULT_SYNTAX, rawStrings: false, locate }),
        locate,
      );
    } catch (error) {
      if (error instanceof TemplateError && /\{\{|\{%/.test(source)) {
        throw new TemplateError(
          'syntax',
          error.message.replace('Syntax error in template: ', 'Syntax error in expression: '),
          { origin: error.origin, hint: 'An expression stands without {{ }} or {% %}.', cause: error },
        );
      }
      throw error;
    }
    const unit: Compilation = {
      locate,
      embedded: embedded ? 'all' : 'none',
      required: [],
      flags: { mutates: false },
      bound: new Set(),
      soft: false,
    };
    this.#evaluate = compileExpression(this.tree, unit);
    this.mutates = unit.flags.mutates;
    this.#required = unit.required;
    this.#locate = locate;
    this.#holder = { mutates: this.mutates, blocks: new Map() } as unknown as Program;
  }

  /** The expression's value; an undefined value that was needed is the result. Throws TemplateError. */
  evaluate(engine: Engine): Value {
    for (const { type, name, at } of this.#required) requirePlugin(engine, type, name, this.#locate(at), 'expression');
    const frame = new Frame(new Run(engine, this.#holder, true), undefined);
    try {
      return this.#evaluate(frame);
    } catch (error) {
      if (error instanceof Tripped) return error.marker;
      throw engine.located(error, this.#locate(this.tree.at));
    }
  }
}

/** The compiled form of a bare expression; `embedded`: templates in its text constants are rendered (conditions). */
export function expressionProgram(source: string, embedded: boolean, origin: Origin | undefined): ExpressionProgram {
  return expressions.get(
    source,
    `${embedded ? 'e' : ''}${originKey(origin)}`,
    () => new ExpressionProgram(source, embedded, origin),
  );
}

/** The template that an include, import or extends of `by` names (one name or a list to choose from). Throws TemplateError. */
export function includeTemplate(
  engine: Engine,
  by: Program,
  named: Value,
  ignoreMissing: boolean,
): Program | undefined {
  const name = need(named);
  const names =
    typeof name === 'string'
      ? [name]
      : Array.from(iterate(name), (part) => {
          if (part instanceof Undefined) throw new Tripped(part);
          return String(part);
        });
  for (const candidate of names) {
    const found = findTemplate(engine, candidate);
    if (found !== undefined) return fileProgram(found.path, found.text, changed(by.syntax));
  }
  if (ignoreMissing) return undefined;
  throw new TemplateError(
    'runtime',
    typeof name === 'string'
      ? `Error rendering template: '${name}' not found in search path: ${engine.context.searchPath.map((path) => `'${path}'`).join(', ')}`
      : `Error rendering template: none of the templates given were found: ${names.join(', ')}`,
  );
}
