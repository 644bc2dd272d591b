// `when` and its kin: bare expressions that must be booleans.
import { Dict, TemplateText, Unknown, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { formatOrigin } from '../core/origin.ts';
import type { Expression } from './ast.ts';
import { item } from './access.ts';
import type { Engine } from './engine.ts';
import { expressionProgram, templateProgram } from './program.ts';
import { Nothing, NotKnown, Omit, PythonError, Range, Tripped, Undefined } from './special.ts';
import { need, truthy, typeName } from './python/types.ts';

/** The truth of a condition: text of an expression, a text whose one mark gives the expression or the truth, or a boolean. Throws TemplateError. */
export function evaluateCondition(engine: Engine, value: Value, origin: Origin | undefined): boolean | Unknown {
  if (typeof value === 'boolean' || value instanceof Unknown) return value;
  if (value === null || value === '')
    return broken(engine, 'Empty conditional expressions are not allowed.', true, origin);
  if (typeof value !== 'string' && !(value instanceof TemplateText)) {
    if (!(engine.context.allowBrokenConditionals ?? false))
      throw new TemplateError('broken-conditional', 'Conditional expressions must be strings.', { origin });
    return decide(engine, value, origin);
  }
  const source = typeof value === 'string' ? value : value.source;
  const at = value instanceof TemplateText ? (value.origin ?? origin) : origin;
  try {
    if (isOneTemplate(source)) return fromTemplate(engine, source, at);
    const result = engine.guarded(() => expressionProgram(source.trim(), true, at).evaluate(engine));
    return decide(engine, result, at);
  } catch (error) {
    if (error instanceof TemplateError && error.kind === 'undefined' && !error.message.startsWith('Error while')) {
      throw new TemplateError('undefined', `Error while evaluating conditional: ${error.message}`, {
        origin: error.origin ?? at,
        hint: error.hint,
        cause: error,
      });
    }
    throw engine.located(error, at);
  }
}

/** Whether the text is a template from its first to its last character, as far as its ends tell. */
function isOneTemplate(source: string): boolean {
  const text = source.trim();
  return (text.startsWith('{{') && text.endsWith('}}')) || (text.startsWith('{%') && text.endsWith('%}'));
}

/** A condition that is a template as a whole: its text result is an expression again, if it is the user's own text. */
function fromTemplate(engine: Engine, source: string, origin: Origin | undefined): boolean | Unknown {
  const text = new TemplateText(source.trim(), origin);
  const result = engine.renderText(text);
  if (typeof result !== 'string')
    return result === null
      ? broken(engine, 'Empty conditional expressions are not allowed.', true, origin)
      : decide(engine, result, origin);
  if (result === '') return broken(engine, 'Empty conditional expressions are not allowed.', true, origin);
  if (!isUsersText(engine, text))
    throw new TemplateError('untrusted', 'Encountered untrusted template or expression.', { origin });
  return decide(
    engine,
    engine.guarded(() => expressionProgram(result, true, origin).evaluate(engine)),
    origin,
  );
}

/** Whether a template only hands on text that the user wrote in a variable, and computes nothing. */
function isUsersText(engine: Engine, text: TemplateText): boolean {
  const [only, more] = templateProgram(text).tree.body;
  if (only?.kind !== 'output' || more !== undefined) return false;
  const raw = rawValue(engine, only.value);
  if (raw instanceof TemplateText) return isUsersText(engine, raw);
  return typeof raw === 'string';
}

/** The value that a path of names and keys leads to, not rendered; undefined when it is no such path or the data is not the user's. */
function rawValue(engine: Engine, node: Expression): Value | undefined {
  if (node.kind === 'name')
    return engine.context.scope.untrusted?.(node.name) === true ? undefined : engine.rawVariable(node.name);
  if (node.kind !== 'attribute' && node.kind !== 'item') return undefined;
  const of = rawValue(engine, node.of);
  const key = node.kind === 'attribute' ? node.name : node.key.kind === 'const' ? node.key.value : undefined;
  if (of === undefined || key === undefined) return undefined;
  if (of instanceof Dict) return of.get(key);
  const found = Array.isArray(of) ? item(of, key) : undefined;
  return found instanceof Undefined ? undefined : found;
}

function decide(engine: Engine, value: Value, origin: Origin | undefined): boolean | Unknown {
  if (typeof value === 'boolean' || value instanceof Unknown) return value;
  if (value instanceof Undefined) throw value.error;
  if (value instanceof Nothing)
    throw new TemplateError('runtime', "Type 'Undefined' is unsupported for variable storage.", { origin });
  if (value instanceof Omit)
    throw new TemplateError('omitted', 'A template was resolved to an Omit scalar.', { origin });
  let truth: boolean;
  try {
    settle(value);
    truth = truthy(value);
  } catch (error) {
    if (error instanceof NotKnown) return new Unknown(error.because);
    if (error instanceof Tripped) throw error.marker.error;
    if (error instanceof PythonError) throw engine.located(error, origin);
    throw error;
  }
  return broken(
    engine,
    `Conditional result (${truth ? 'True' : 'False'}) was derived from value of type '${typeName(value)}'. Conditionals must have a boolean result.`,
    truth,
    origin,
  );
}

/** Stops where a value holds one that is undefined. */
function settle(value: Value): void {
  need(value);
  if (value instanceof Range) throw new PythonError('Error', "Type 'range' is unsupported for variable storage.");
  if (Array.isArray(value)) value.forEach(settle);
  else if (value instanceof Dict) for (const item of value.values()) settle(item);
}

/** A condition that is not a boolean: an error, or where those are allowed a warning and the value's truth. */
function broken(engine: Engine, message: string, truth: boolean, origin: Origin | undefined): boolean {
  if (engine.context.allowBrokenConditionals !== true)
    throw new TemplateError('broken-conditional', message, { origin });
  engine.warn(origin === undefined ? message : `${formatOrigin(origin)}: ${message}`, origin);
  return truth;
}
