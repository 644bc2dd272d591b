// json_query: JMESPath over a value.
import jmespath from 'jmespath';
import { Dict, float, fromPlain, int, PyFloat, Unknown, type Value } from '../../core/value.ts';
import { Markup, NotKnown, PythonError, Tripped, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonStr } from '../python/text.ts';

/** What a value is for JMESPath; what that would lose (the kind of a number, dates) is put back by `found`. */
function plain(value: Value, kept: Map<object, Value>): unknown {
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  if (Array.isArray(value)) {
    const list = Array.from(value, (item) => plain(item, kept));
    kept.set(list, value);
    return list;
  }
  if (value instanceof Dict) {
    const object = Object.fromEntries(Array.from(value, ([key, item]) => [pythonStr(key), plain(item, kept)]));
    kept.set(object, value);
    return object;
  }
  if (value instanceof Markup) return value.text;
  if (value instanceof PyFloat) return value.value;
  if (typeof value === 'bigint') return Number(value);
  return value !== null && typeof value === 'object' ? pythonStr(value) : value;
}

/** The query's result; parts of the value itself are given back as they were. */
function found(result: unknown, kept: Map<object, Value>): Value {
  if (typeof result === 'number') return Number.isInteger(result) ? int(result) : float(result);
  if (result === null || typeof result !== 'object') return fromPlain(result);
  const own = kept.get(result);
  if (own !== undefined) return own;
  if (Array.isArray(result)) return result.map((item) => found(item, kept));
  return new Dict(Object.entries(result).map(([key, item]) => [key, found(item, kept)]));
}

export const JSON_QUERY_FILTERS: Filters = {
  json_query: filter('data, expr', (_, data, expression) => {
    const kept = new Map<object, Value>();
    try {
      return found(jmespath.search(plain(data as Value, kept) as never, pythonStr(expression as Value)), kept);
    } catch (error) {
      if (error instanceof Tripped || error instanceof NotKnown) throw error;
      throw new PythonError('Error', `JMESPathError in json_query filter plugin: ${error instanceof Error ? error.message : String(error)}`);
    }
  }),
};
