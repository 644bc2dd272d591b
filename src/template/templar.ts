// Renders values for one host and task: the front of the template engine.
import { TemplateText, Unknown, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { RenderContext } from './context.ts';
import { Engine } from './engine.ts';
import { finalise } from './finalise.ts';
import { evaluateCondition } from './condition.ts';
import { expressionProgram, fileProgram } from './program.ts';
import { normaliseOverrides, type TemplateOverrides } from './overrides.ts';
import { NO_KEYWORDS, OMIT, Omit } from './special.ts';
import { runLookup } from './lookup.ts';
import { pythonStr } from './python/text.ts';
import { templateVariables } from './template-variables.ts';

/**
 * Rendered variables are kept for the life of a Templar: make a new one when variables change (it costs nothing).
 * Results hold no markers, no tuples, no omitted entries; they may hold Unknown.
 */
export class Templar {
  readonly #engine: Engine;
  readonly #context: RenderContext;

  constructor(context: RenderContext) {
    this.#context = context;
    this.#engine = new Engine(context);
  }

  /** Renders all texts inside of a value. Throws TemplateError; also when the whole value is to be omitted. */
  render(value: Value): Value {
    const result = this.renderArg(value);
    if (result === OMIT)
      throw new TemplateError('omitted', 'A template was resolved to an Omit scalar.', {
        origin: value instanceof TemplateText ? value.origin : undefined,
      });
    return result as Value;
  }

  /** As render(), for an argument that may be left out as a whole. */
  renderArg(value: Value): Value | typeof OMIT {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
      return value;
    if (!(value instanceof TemplateText)) return finalise(value, (text) => this.renderArg(text));
    try {
      const result = this.#engine.renderText(value);
      return result instanceof Omit ? OMIT : finalise(result, (text) => this.renderArg(text));
    } catch (error) {
      throw this.#engine.located(error, value.origin);
    }
  }

  /** One condition of `when` and the like. Throws TemplateError. */
  condition(value: Value, origin?: Origin): boolean | Unknown {
    return evaluateCondition(this.#engine, value, origin);
  }

  /** The value of a bare expression. Throws TemplateError. */
  expression(source: string, origin?: Origin): Value {
    try {
      const result = this.#engine.guarded(() => expressionProgram(source, false, origin).evaluate(this.#engine));
      if (result instanceof Omit)
        throw new TemplateError('omitted', 'A template was resolved to an Omit scalar.', { origin });
      return finalise(result, (text) => this.renderArg(text));
    } catch (error) {
      throw this.#engine.located(error, origin);
    }
  }

  /** What a lookup finds for terms that are rendered already: the items of `with_<name>`. A single term may stand alone. Throws TemplateError. */
  lookup(name: string, terms: Value): Value[] {
    const list: Value[] = Array.isArray(terms) ? terms : [terms];
    const found = this.#engine.guarded(() => runLookup(this.#engine, [name, ...list], NO_KEYWORDS, true));
    const value = finalise(found, (text) => this.renderArg(text));
    return Array.isArray(value) ? value : [value];
  }

  /**
   * A template file, as the template module renders it. `value` is its native result, `text` what is written (null when it is Unknown).
   * `name` is the template's path, `written` what the user calls it (the variable template_path); `destination` becomes the variable template_destpath. Throws TemplateError.
   */
  file(
    text: string,
    options: {
      readonly name: string;
      readonly overrides?: TemplateOverrides;
      readonly destination?: string;
      readonly written?: string;
    },
  ): { readonly value: Value; readonly text: string | null } {
    const { searchPath } = this.#context;
    const directory = options.name.includes('/')
      ? options.name.slice(0, options.name.lastIndexOf('/')) || '/'
      : undefined;
    const context =
      directory === undefined || searchPath.includes(directory)
        ? this.#context
        : { ...this.#context, searchPath: [...searchPath, directory] };
    const engine = new Engine(context, templateVariables(context, options.name, options));
    engine.inFile = true;
    const origin = { file: options.name, line: 1, column: 1 };
    try {
      const raw = engine.guarded(() =>
        fileProgram(options.name, text, normaliseOverrides(options.overrides ?? {})).render(engine),
      );
      if (raw instanceof Omit)
        throw new TemplateError('omitted', 'A template was resolved to an Omit scalar.', { origin });
      const value = finalise(raw, (inner) => this.renderArg(inner));
      return { value, text: value instanceof Unknown ? null : value === null ? '' : pythonStr(value) };
    } catch (error) {
      throw engine.located(error, origin);
    }
  }
}
