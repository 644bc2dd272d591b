// Values as JSON that loses no type, the form of the corpus: {"$int"}, {"$float"}, {"$dict"}, {"$bytes"}, {"$datetime"}, {"$date"}.
import {
  Dict,
  float,
  int,
  PyBytes,
  PyDate,
  PyFloat,
  TemplateText,
  Unknown,
  userText,
  type Value,
} from '../core/value.ts';
import { reprFloat } from './python/text.ts';
import { isFloat } from './python/types.ts';

/** A value of such JSON; with `trusted`, its texts are the user's and are rendered. */
export function fromWire(json: unknown, trusted: boolean): Value {
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'number') return json;
  if (typeof json === 'string') return trusted ? userText(json) : json;
  if (Array.isArray(json)) return json.map((item) => fromWire(item, trusted));
  const object = json as Record<string, unknown>;
  const keys = Object.keys(object);
  if (keys.length === 1) {
    const [key = ''] = keys;
    const inside = object[key];
    if (key === '$int') return int(BigInt(String(inside)));
    if (key === '$float') return float(inside === 'inf' ? Infinity : inside === '-inf' ? -Infinity : Number(inside));
    if (key === '$bytes') return new PyBytes(Buffer.from(String(inside), 'base64'));
    if (key === '$date') return new PyDate('date', String(inside));
    if (key === '$datetime') return new PyDate('datetime', String(inside).replace('T', ' '));
    if (key === '$dict')
      return new Dict(
        (inside as [unknown, unknown][]).map(([name, value]) => [fromWire(name, false), fromWire(value, trusted)]),
      );
  }
  return new Dict(keys.map((key) => [key, fromWire(object[key], trusted)]));
}

/** Such JSON of a rendered value. */
export function toWire(value: Value): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { $int: value.toString() };
  if (isFloat(value)) return value instanceof PyFloat ? { $float: reprFloat(value.value) } : value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(toWire);
  if (value instanceof Dict) {
    const keys = [...value.keys()];
    const plain = keys.every((key) => typeof key === 'string' && !/^(?:0|[1-9]\d*)$/.test(key) && !key.startsWith('$'));
    if (!plain) return { $dict: Array.from(value, ([key, item]) => [toWire(key), toWire(item)]) };
    const object: Record<string, unknown> = {};
    for (const [key, item] of value)
      Object.defineProperty(object, key as string, {
        value: toWire(item),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return object;
  }
  if (value instanceof PyBytes) return { $bytes: Buffer.from(value.bytes).toString('base64') };
  if (value instanceof PyDate)
    return value.kind === 'date' ? { $date: value.text } : { $datetime: value.text.replace(' ', 'T') };
  if (value instanceof Unknown) return { $unknown: value.because };
  return { $other: value instanceof TemplateText ? 'text' : value.special };
}
