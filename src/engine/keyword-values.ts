// What the keywords of a task hold once they are rendered: a wrong value fails the task in Ansible's words, and none is passed over.
import { during, VbxError } from '../core/error.ts';
import type { Keyword, Task } from '../core/play.ts';
import { PyFloat, TemplateText, Unknown, type Value } from '../core/value.ts';
import { OMIT, pythonRepr, typeName, type Templar } from '../template/index.ts';
import { BOOLEAN_WORDS, toBool } from './run-context.ts';

const FLAGS = [
  'any_errors_fatal',
  'become',
  'check_mode',
  'delegate_facts',
  'diff',
  'ignore_errors',
  'ignore_unreachable',
  'no_log',
  'run_once',
] as const satisfies readonly Keyword[];
const INTEGERS = ['async', 'poll', 'port', 'retries', 'throttle', 'timeout'] as const satisfies readonly Keyword[];
const TEXTS = ['become_exe', 'become_flags', 'become_method', 'become_user', 'connection', 'remote_user'] as const;
const DEBUGGER: ReadonlySet<Value> = new Set(['always', 'never', 'on_failed', 'on_unreachable', 'on_skipped']);

/** Those that are written here, neither omitted, null nor unknown. */
export interface KeywordValues {
  readonly flags: { readonly [K in (typeof FLAGS)[number]]?: boolean };
  readonly numbers: { readonly [K in (typeof INTEGERS)[number] | 'delay']?: number };
}

/** The keywords as a task, or an item of its loop, has them. Throws a VbxError with the place of the first that cannot be rendered or holds what it cannot. */
export function keywordValues({ keywords }: Task, templar: Templar): KeywordValues {
  const rendered = (name: Keyword): Value | undefined => {
    const written = keywords[name];
    if (written === undefined) return undefined;
    const value = written.value instanceof TemplateText ? templar.renderArg(written.value) : written.value;
    return value === OMIT || value === null || value instanceof Unknown ? undefined : (value as Value);
  };
  const checked = (name: Keyword, fits: (value: Value) => boolean, complaint: (value: string) => string) => {
    try {
      const value = rendered(name);
      if (value !== undefined && !fits(value))
        throw new VbxError(complaint(pythonRepr(value)), { origin: keywords[name]?.origin });
      return value;
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      throw during(`Error processing keyword '${name === 'async' ? 'async_val' : name}'`, error);
    }
  };
  const no = (kind: string) => (value: string) => `The value ${value} could not be converted to '${kind}'.`;
  const flags: { [K in (typeof FLAGS)[number]]?: boolean } = {};
  for (const name of FLAGS) {
    const value = checked(name, isBoolean, no('bool'));
    if (value !== undefined) flags[name] = toBool(value);
  }
  const numbers: { [K in (typeof INTEGERS)[number] | 'delay']?: number } = {};
  for (const name of INTEGERS) {
    const value = checked(name, isInteger, no('int'));
    if (value !== undefined) numbers[name] = numberOf(value);
  }
  const delay = checked('delay', (value) => Number.isFinite(numberOf(value)), no('float'));
  if (delay !== undefined) numbers.delay = numberOf(delay);
  checked(
    'debugger',
    (value) => DEBUGGER.has(value),
    (value) => `${value} is not a valid value for debugger. Must be one of ${[...DEBUGGER].join(', ')}`,
  );
  for (const name of TEXTS) checked(name, () => true, String);
  return { flags, numbers };
}

/** Whether results of the task, or of an item of its loop, are hidden: those of a task that cannot say so are. */
export function hidesResults({ keywords }: Task, templar: Templar, fallback: boolean): boolean {
  const written = keywords.no_log;
  if (written === undefined) return fallback;
  try {
    const value = templar.render(written.value);
    return value !== null && (!isBoolean(value) || toBool(value));
  } catch (error) {
    if (error instanceof VbxError) return true;
    throw error;
  }
}

/** Throws a VbxError for a throttle that is no number: how many hosts may do the task at once is asked before any of them begins, so the whole run is wrong. */
export function checkThrottle({ keywords }: Task, templar: () => Templar): void {
  const written = keywords.throttle;
  if (written === undefined) return;
  try {
    const value = written.value instanceof TemplateText ? templar().renderArg(written.value) : written.value;
    if (value === OMIT || value instanceof Unknown || isNumber(value as Value)) return;
    throw new VbxError(
      typeof value === 'string'
        ? `invalid literal for int() with base 10: ${pythonRepr(value)}`
        : `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value as Value)}'`,
      { origin: written.origin },
    );
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    throw during('Failed to convert the throttle value to an integer', error);
  }
}

const isNumber = (value: Value): boolean =>
  typeof value === 'string' ? /^\s*[+-]?\d+\s*$/.test(value) : Number.isFinite(numberOf(value));

/** Whether a keyword that is a boolean may hold the value. */
export function isBoolean(value: Value): boolean {
  if (typeof value === 'string') return BOOLEAN_WORDS.has(value.trim().toLowerCase());
  return (
    typeof value === 'boolean' ||
    value === 0 ||
    value === 1 ||
    (value instanceof PyFloat && (value.value === 0 || value.value === 1))
  );
}

/** Whether a keyword that is a whole number may hold the value. */
export function isInteger(value: Value): boolean {
  if (typeof value === 'string') return /^\s*[+-]?\d+(?:\.0*)?\s*$/.test(value);
  return (
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isInteger(value)) ||
    (value instanceof PyFloat && Number.isInteger(value.value))
  );
}

function numberOf(value: Value): number {
  if (value instanceof PyFloat) return value.value;
  if (typeof value === 'string') return value.trim() === '' ? Number.NaN : Number(value);
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? Number(value)
    : Number.NaN;
}
