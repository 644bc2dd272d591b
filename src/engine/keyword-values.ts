// What keywords of a task may hold once they are rendered: a wrong value fails the task in Ansible's words, and none is passed over.
import { VbxError } from '../core/error.ts';
import type { Keyword, Task } from '../core/play.ts';
import { PyFloat, TemplateText, Unknown, type Value } from '../core/value.ts';
import { OMIT, pythonRepr, type Templar } from '../template/index.ts';
import { BOOLEAN_WORDS } from './run-context.ts';

const BOOLEANS: readonly Keyword[] = [
  'any_errors_fatal',
  'become',
  'check_mode',
  'delegate_facts',
  'diff',
  'ignore_errors',
  'ignore_unreachable',
  'no_log',
  'run_once',
];
const INTEGERS: readonly Keyword[] = ['async', 'poll', 'port', 'throttle', 'timeout'];
const DEBUGGER: ReadonlySet<Value> = new Set(['always', 'never', 'on_failed', 'on_unreachable', 'on_skipped']);

/** Throws a VbxError with the place of the first keyword that holds what it cannot. What only an item of a loop knows is not looked at. */
export function checkKeywords({ keywords }: Task, templar: () => Templar): void {
  const check = (name: Keyword, fits: (value: Value) => boolean, complaint: (value: string) => string): void => {
    const written = keywords[name];
    if (written === undefined || written.value === null) return;
    let value: ReturnType<Templar['renderArg']> = written.value;
    if (written.value instanceof TemplateText) {
      try {
        value = templar().renderArg(written.value);
      } catch (error) {
        // Whoever needs the keyword tells of it.
        if (error instanceof VbxError) return;
        throw error;
      }
    }
    if (value === OMIT || value instanceof Unknown || value === null || fits(value as Value)) return;
    throw new VbxError(
      `Error processing keyword '${name === 'async' ? 'async_val' : name}': ${complaint(pythonRepr(value as Value))}`,
      { origin: written.origin },
    );
  };
  for (const name of BOOLEANS)
    check(name, isBoolean, (value) => `The value ${value} could not be converted to 'bool'.`);
  for (const name of INTEGERS) check(name, isInteger, (value) => `The value ${value} could not be converted to 'int'.`);
  check(
    'debugger',
    (value) => DEBUGGER.has(value),
    (value) => `${value} is not a valid value for debugger. Must be one of ${[...DEBUGGER].join(', ')}`,
  );
}

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

function isInteger(value: Value): boolean {
  if (typeof value === 'string') return /^\s*[+-]?\d+(?:\.0*)?\s*$/.test(value);
  return (
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isInteger(value)) ||
    (value instanceof PyFloat && Number.isInteger(value.value))
  );
}
