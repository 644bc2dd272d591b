// Tests of Jinja: kinds of values, comparisons, names of plugins.
import { Dict, PyBytes, TemplateText, Unknown, type Value } from '../../core/value.ts';
import { MacroCallable } from '../access.ts';
import { Callable, Markup, NotKnown, Nothing, Range, Tripped, Undefined } from '../special.ts';
import { test, type Tests } from '../plugin.ts';
import { arithmetic } from '../python/arithmetic.ts';
import { compare, contains, pythonEquals } from '../python/compare.ts';
import { STRING_METHODS } from '../methods/strings.ts';
import { pythonStr } from '../python/text.ts';
import { isFloat, isInt, isIterable, isNumber, isString, need } from '../python/types.ts';

/** Whether a value is there; a failure other than "not defined" is raised. */
function defined(value: Value | undefined): boolean {
  if (value instanceof Unknown) throw new NotKnown(value.because);
  if (value instanceof Nothing) return false;
  if (!(value instanceof Undefined)) return true;
  if (!value.defaultable) throw new Tripped(value);
  return false;
}

function sameAs(a: Value, b: Value): boolean {
  if (isNumber(a) || isNumber(b)) return isInt(a) === isInt(b) && isNumber(a) && isNumber(b) && pythonEquals(a, b);
  return a === b;
}

/** A value that is compared: a list is looked at as a whole. */
const whole = (value: Value | undefined): Value => {
  if (Array.isArray(value)) for (const item of value) need(item);
  return value as Value;
};
const equal = test('a, b, /', (_, a, b) => pythonEquals(whole(a), whole(b)));
const unequal = test('a, b, /', (_, a, b) => !pythonEquals(whole(a), whole(b)));
const greater = test('a, b, /', (_, a, b) => compare(whole(a), whole(b), '>') > 0);
const atLeast = test('a, b, /', (_, a, b) => compare(whole(a), whole(b), '>=') >= 0);
const less = test('a, b, /', (_, a, b) => compare(whole(a), whole(b), '<') < 0);
const atMost = test('a, b, /', (_, a, b) => compare(whole(a), whole(b), '<=') <= 0);
const method = (value: Value | undefined, name: 'islower' | 'isupper'): boolean =>
  STRING_METHODS[name]?.run(pythonStr(value as Value)) === true;

export const BASIC_TESTS: Tests = {
  '!=': unequal,
  '<': less,
  '<=': atMost,
  '==': equal,
  '>': greater,
  '>=': atLeast,
  boolean: test('value', (_, value) => typeof value === 'boolean'),
  callable: test('obj', (_, value) => value instanceof Callable || value instanceof MacroCallable),
  defined: test('value', (_, value) => defined(value), true),
  divisibleby: test('value, num', (_, value, number) =>
    pythonEquals(arithmetic('%', value as Value, number as Value), 0)),
  eq: equal,
  equalto: equal,
  escaped: test('value', (_, value) => value instanceof Markup),
  even: test('value', (_, value) => pythonEquals(arithmetic('%', value as Value, 2), 0)),
  false: test('value', (_, value) => value === false),
  // What is no text counts as there; so Ansible says.
  filter: test('value', (engine, value) =>
    !isString(value as Value) || engine.filter(pythonStr(value as Value)) !== undefined),
  float: test('value', (_, value) => isFloat(value as Value)),
  ge: atLeast,
  greaterthan: greater,
  gt: greater,
  in: test('value, seq', (_, value, container) => contains(container as Value, whole(value))),
  integer: test('value', (_, value) => isInt(value as Value)),
  iterable: test('value', (_, value) => isIterable(value as Value)),
  le: atMost,
  lessthan: less,
  lt: less,
  lower: test('value', (_, value) => method(value, 'islower')),
  mapping: test('value', (_, value) => value instanceof Dict),
  ne: unequal,
  none: test('value', (_, value) => value === null),
  number: test('value', (_, value) => isNumber(value as Value) || typeof value === 'boolean'),
  odd: test('value', (_, value) => pythonEquals(arithmetic('%', value as Value, 2), 1)),
  sameas: test('value, other', (_, value, other) => sameAs(value as Value, other as Value)),
  sequence: test('value', (_, value) =>
    isString(value as Value) ||
    Array.isArray(value) ||
    value instanceof Dict ||
    value instanceof Range ||
    value instanceof PyBytes ||
    value instanceof TemplateText),
  string: test('value', (_, value) => isString(value as Value)),
  test: test('value', (engine, value) =>
    !isString(value as Value) || engine.test(pythonStr(value as Value)) !== undefined),
  true: test('value', (_, value) => value === true),
  undefined: test('value', (_, value) => !defined(value), true),
  upper: test('value', (_, value) => method(value, 'isupper')),
};
