// Filters that convert or stand in for single values.
import { float, int, PyFloat, Unknown, type Value } from '../../core/value.ts';
import { PythonError, Nothing, Tripped, typeError, Undefined } from '../special.ts';
import { attribute, ownAttribute } from '../access.ts';
import { filter, type Filters } from '../plugin.ts';
import { parseFloat_, parseInt_ } from '../python/parse-number.ts';
import { roundFloat } from '../python/number-format.ts';
import { pythonStr } from '../python/text.ts';
import { isInt, isString, length, toNumber, truthy, typeName } from '../python/types.ts';

/** `bool`: Ansible's words of truth; everything else is false. */
export function toBool(value: Value): boolean {
  if (value === null || typeof value === 'boolean') return value ?? false;
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  if (text === 'yes' || text === 'on' || text === '1' || text === 'true' || toNumber(text) === 1) return true;
  return false;
}

/** Jinja's int(): the default where the value is no number. */
export function toInt(value: Value, standard: Value, base: Value): Value {
  if (typeof value === 'string') {
    const number = parseInt_(value, Number(base));
    if (number !== undefined) return number;
    const real = parseFloat_(value);
    return real === undefined || !Number.isFinite(real) ? standard : int(BigInt(Math.trunc(real)));
  }
  if (isInt(value)) return value;
  const number = toNumber(value);
  if (number === Infinity || number === -Infinity)
    throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return number === undefined || !Number.isFinite(number) ? standard : int(BigInt(Math.trunc(number)));
}

function standIn(value: Value, standard: Value, falseToo: Value): Value {
  if (typeof falseToo !== 'boolean')
    throw typeError(`The 'boolean' argument must be of type 'bool', not '${typeName(falseToo)}'.`);
  if (value instanceof Unknown) return value;
  if (value instanceof Undefined) {
    if (!value.defaultable) throw new Tripped(value);
    return standard;
  }
  return falseToo && !truthy(value) ? standard : value;
}

function round(value: Value, precision: Value, method: Value): Value {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor')
    throw new PythonError('Error', 'method must be common, ceil or floor');
  const number = toNumber(value);
  if (number === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  const digits = Number(precision);
  if (method === 'common') {
    if (!isInt(value)) return typeof value === 'boolean' ? Number(value) : float(roundFloat(number, digits));
    if (digits >= 0) return value;
    const unit = 10n ** BigInt(-digits);
    const exact = BigInt(value);
    let rest = exact % unit;
    if (rest < 0n) rest += unit;
    const down = exact - rest;
    return int(rest * 2n > unit || (rest * 2n === unit && (down / unit) % 2n !== 0n) ? down + unit : down);
  }
  const scaled = number * 10 ** digits;
  if (!Number.isFinite(scaled))
    throw new PythonError('ValueError', `cannot convert float ${Number.isNaN(scaled) ? 'NaN' : 'infinity'} to integer`);
  // Python's are integers, which know no negative zero.
  return float(((method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) + 0) / 10 ** digits);
}

function abs(value: Value): Value {
  if (typeof value === 'bigint') return value < 0n ? -value : value;
  if (typeof value === 'number') return Math.abs(value);
  if (value instanceof PyFloat) return float(Math.abs(value.value));
  if (typeof value === 'boolean') return Number(value);
  throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
}

const standard = filter(
  "value, default_value='', boolean=False",
  (_, value, other, boolean) => standIn(value as Value, other as Value, boolean as Value),
  { takesUndefined: true },
);
const size = filter('value', (_, value) => length(value as Value));

export const VALUE_FILTERS: Filters = {
  abs: filter('x', (_, value) => abs(value as Value)),
  attr: filter('obj, name', (_, value, name) => {
    if (!isString(name as Value)) throw typeError(`attribute name must be string, not '${typeName(name as Value)}'`);
    const text = pythonStr(name as Value);
    const own = text.startsWith('_') ? undefined : ownAttribute(value as Value, text);
    if (own !== undefined) return own;
    return text.startsWith('__')
      ? attribute(value as Value, text)
      : Undefined.of(`object of type '${typeName(value as Value)}' has no attribute '${text}'`, text);
  }),
  bool: filter('value', (_, value) => toBool(value as Value)),
  count: size,
  d: standard,
  default: standard,
  float: filter('value, default=...', (_, value, other) => {
    const number = typeof value === 'string' ? parseFloat_(value) : toNumber(value as Value);
    return number === undefined ? (other ?? float(0)) : float(number);
  }),
  int: filter('value, default=0, base=10', (_, value, other, base) =>
    toInt(value as Value, other as Value, base as Value),
  ),
  length: size,
  mandatory: filter(
    'a, msg=None',
    (_, value, message) => {
      if (!(value instanceof Undefined)) return value as Value;
      if (!value.defaultable) throw new Tripped(value);
      throw new PythonError(
        'Error',
        message === null
          ? `Mandatory variable ${value.asked === undefined ? '' : `'${value.asked}' `}not defined.`
          : pythonStr(message as Value),
      );
    },
    { takesUndefined: true },
  ),
  round: filter("value, precision=0, method='common'", (_, value, precision, method) =>
    round(value as Value, precision as Value, method as Value),
  ),
  string: filter('value', (_, value) => pythonStr(value as Value), { takesMarkup: true }),
  ternary: filter(
    'value, true_val, false_val, none_val=None',
    (_, value, yes, no, none) => {
      const chosen = value === null && none !== null ? none : truthy(value as Value) ? yes : no;
      return chosen as Value;
    },
    { takesUndefined: true },
  ),
  type_debug: filter(
    'obj',
    (_, value) =>
      value instanceof Undefined
        ? value.defaultable
          ? 'UndefinedMarker'
          : 'CapturedExceptionMarker'
        : value instanceof Nothing
          ? 'Undefined'
          : typeName(value as Value),
    { takesMarkup: true, takesUndefined: true },
  ),
};
