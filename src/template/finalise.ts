// The last step of rendering: what may not leave a template is an error, what Python has apart becomes plain (tuples are lists then).
import {
  Dict,
  PyBytes,
  PyDate,
  PyFloat,
  type Special,
  TemplateText,
  Tuple,
  Unknown,
  type Value,
} from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import { LazyDict, VirtualDict } from './lazy.ts';
import { Markup, OMIT, Omit, typeError, Undefined } from './special.ts';

/**
 * A value as it leaves the engine. Containers are copied only where something in them changes. `render` gives the value of a text that is
 * still inside. Throws TemplateError for undefined values and for kinds that only templates have.
 */
export function finalise(value: Value, render: (text: TemplateText) => Value | Omit): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return finaliseList(value, render);
  if (value instanceof Dict) return finaliseDict(value, render);
  if (value instanceof PyFloat || value instanceof PyDate || value instanceof PyBytes || value instanceof Unknown)
    return value;
  if (value instanceof TemplateText) return render(value) as Value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) throw value.error;
  throw new TemplateError(
    'runtime',
    `Error rendering template: Type '${(value as Special).special}' is unsupported for variable storage.`,
  );
}

function finaliseList(list: Value[], render: (text: TemplateText) => Value | Omit): Value {
  let copy: Value[] | undefined = list instanceof Tuple ? [] : undefined;
  for (let index = 0; index < list.length; index++) {
    const own = Object.getOwnPropertyDescriptor(list, index);
    const item = list[index] as Value;
    const done = item instanceof Omit ? OMIT : finalise(item, render);
    if (copy === undefined && (done !== item || done === (OMIT as Value) || own?.get !== undefined))
      copy = list.slice(0, index);
    if (done !== (OMIT as Value)) copy?.push(done);
  }
  return copy ?? list;
}

function finaliseDict(dict: Dict, render: (text: TemplateText) => Value | Omit): Value {
  let copy: Dict | undefined = dict instanceof LazyDict || dict instanceof VirtualDict ? new Dict() : undefined;
  const kept: [Value, Value][] = [];
  for (const [key, item] of dict) {
    const done = item instanceof Omit ? OMIT : finalise(item, render);
    // Tuples leave as lists, and a list is no key.
    if (key instanceof Tuple) throw typeError("unhashable type: 'list'");
    const plainKey = key !== null && typeof key === 'object' && key instanceof Markup ? key.text : key;
    if (copy === undefined && (done !== item || done === (OMIT as Value) || plainKey !== key)) copy = new Dict(kept);
    if (done === (OMIT as Value)) continue;
    if (copy === undefined) kept.push([key, done]);
    else copy.set(plainKey, done);
  }
  return copy ?? dict;
}
