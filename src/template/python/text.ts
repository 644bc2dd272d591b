// str() and repr() of values, as Python prints them.
import { reprString } from '../../core/python-text.ts';
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, Tuple, Unknown, type Value } from '../../core/value.ts';
import {
  Attributes,
  Callable,
  Markup,
  Namespace,
  NotKnown,
  Nothing,
  Omit,
  Range,
  TimeDelta,
  Tripped,
  typeError,
  Undefined,
} from '../special.ts';
import { dateParts, formatDelta } from './date.ts';

/** Python's str(value). Throws Tripped for undefined values and NotKnown for Unknown ones. */
export function pythonStr(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Nothing) return '';
  if (value instanceof PyDate) return value.text;
  if (value instanceof TemplateText) return value.source;
  if (value instanceof TimeDelta) return formatDelta(value);
  return pythonRepr(value);
}

/** A value's text among other outputs of a template: as str(), but with tuples as lists, omitted items left out and bytes as text. */
export function outputText(value: Value): string {
  if (Array.isArray(value) || value instanceof Dict) return pythonRepr(plainer(value));
  if (value instanceof PyBytes) return Buffer.from(value.bytes).toString();
  if (value instanceof Omit) return '';
  return pythonStr(value);
}

function plainer(value: Value): Value {
  // What groupby makes is no plain tuple, and stays what it is.
  if (value instanceof Tuple && value.constructor !== Tuple) return value;
  if (Array.isArray(value))
    return Array.from(value)
      .filter((item) => !(item instanceof Omit))
      .map(plainer);
  if (!(value instanceof Dict)) return value;
  return new Dict(
    Array.from(value)
      .filter(([, item]) => !(item instanceof Omit))
      .map(([key, item]) => {
        if (key instanceof Tuple) throw typeError("unhashable type: 'list'");
        return [key, plainer(item)];
      }),
  );
}

/** Python's repr(value); views and generators print as lists, as Ansible has them. */
export function pythonRepr(value: Value): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'string':
      return reprString(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return Number.isInteger(value) ? String(value) : reprFloat(value);
    case 'bigint':
      return value.toString();
    default:
      return reprObject(value);
  }
}

function reprObject(value: Exclude<Value, null | string | number | boolean | bigint>): string {
  if (value instanceof Tuple)
    return value.length === 1 ? `(${pythonRepr(value[0] as Value)},)` : `(${Array.from(value, pythonRepr).join(', ')})`;
  if (Array.isArray(value)) return `[${Array.from(value, pythonRepr).join(', ')}]`;
  if (value instanceof Dict)
    return `{${Array.from(value, ([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(', ')}}`;
  if (value instanceof PyFloat) return reprFloat(value.value);
  if (value instanceof PyBytes) return reprBytes(value.bytes);
  if (value instanceof TemplateText) return reprString(value.source);
  if (value instanceof PyDate) return reprDate(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Markup) return `Markup(${reprString(value.text)})`;
  if (value instanceof Range)
    return value.step === 1
      ? `range(${value.start}, ${value.stop})`
      : `range(${value.start}, ${value.stop}, ${value.step})`;
  if (value instanceof Nothing) return 'Undefined';
  if (value instanceof Omit) return '<<Omit>>';
  if (value instanceof Namespace) return `<Namespace ${pythonRepr(value.values)}>`;
  if (value instanceof TimeDelta) return `datetime.timedelta(${formatDelta(value)})`;
  if (value instanceof Callable)
    return value.special === 'type'
      ? `<class '${value.name}'>`
      : value.special === 'Macro'
        ? value.name === 'caller'
          ? '<Macro anonymous>'
          : `<Macro '${value.name}'>`
        : `<${value.special} ${value.name}>`;
  if (value instanceof Attributes) return value.repr();
  return `<${value.special}>`;
}

/** Python's repr of a float: shortest digits, exponent below 1e-4 and from 1e16 on. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
    const digits = exponent.slice(1);
    return `${mantissa}e${exponent[0] ?? '+'}${digits.length < 2 ? `0${digits}` : digits}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function reprBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return `b${quote}${text.replace(/[\\'"]|[^\x20-\x7e]/g, (character) => {
    if (character === '\\' || character === quote) return `\\${character}`;
    if (character === "'" || character === '"') return character;
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  })}${quote}`;
}

/** repr() of a datetime.timezone that many minutes east of UTC. */
function reprZone(minutes: number): string {
  if (minutes === 0) return 'datetime.timezone.utc';
  const days = minutes < 0 ? -1 : 0;
  const seconds = minutes * 60 - days * 86_400;
  return `datetime.timezone(datetime.timedelta(${days === 0 ? '' : `days=${days}, `}seconds=${seconds}))`;
}

function reprDate(value: PyDate): string {
  const { year, month, day, hour, minute, second, microsecond, offset } = dateParts(value);
  const numbers = [year, month, day];
  if (value.kind === 'datetime') numbers.push(hour, minute, second, microsecond);
  while (value.kind === 'datetime' && numbers.length > 5 && numbers.at(-1) === 0) numbers.pop();
  return `datetime.${value.kind}(${numbers.join(', ')}${offset === undefined ? '' : `, tzinfo=${reprZone(offset)}`})`;
}
