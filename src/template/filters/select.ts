// map, select, reject and their like: filters and tests applied to each item of a list.
import { Dict, Unknown, type Value } from '../../core/value.ts';
import { NotKnown, PythonError, Tripped, Undefined, type Keywords } from '../special.ts';
import type { Engine } from '../engine.ts';
import { filter, type Filters } from '../plugin.ts';
import { nearestFilter, nearestTest } from '../registry.ts';
import { getter } from './lists.ts';
import { iterate, truthy } from '../python/types.ts';

const named = (keywords: Value | undefined): Keywords =>
  new Map(Array.from(keywords as Dict, ([key, value]) => [String(key), value]));

function map(engine: Engine, value: Value, args: readonly Value[], keywords: Keywords): Value {
  if (!truthy(value)) return [];
  let apply: (element: Value) => Value;
  if (args.length === 0 && keywords.has('attribute')) {
    const rest = new Map(keywords);
    const get = getter(rest.get('attribute') as Value, rest.get('default'));
    rest.delete('attribute');
    rest.delete('default');
    const [unexpected] = rest.keys();
    if (unexpected !== undefined) throw new PythonError('Error', `Unexpected keyword argument '${unexpected}'`);
    apply = get;
  } else {
    const [name, ...more] = args;
    if (name === undefined) throw new PythonError('Error', 'map requires a filter argument');
    const plugin = engine.filter(String(name));
    if (plugin === undefined)
      throw new PythonError('Error', `No filter named '${String(name)}'.${nearestFilter(String(name)) ?? ''}`);
    apply = (element) => engine.applyFilter(String(name), plugin, [element, ...more], keywords);
  }
  // What is undefined stays in the list: it may still meet a default.
  return Array.from(iterate(value), apply);
}

/** Keeps the items for which a test (or their truth) is as wanted; `byAttribute`: the first argument names what is tested. */
function select(
  engine: Engine,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
  wanted: boolean,
  byAttribute: boolean,
): Value {
  if (!truthy(value)) return [];
  let get = (element: Value): Value => element;
  let rest = args;
  if (byAttribute) {
    if (args.length === 0) throw new PythonError('Error', 'Missing parameter for attribute name');
    get = getter(args[0] as Value);
    rest = args.slice(1);
  }
  const [name, ...more] = rest;
  const plugin = name === undefined ? undefined : engine.test(String(name));
  if (name !== undefined && plugin === undefined)
    throw new PythonError('Error', `No test named '${String(name)}'.${nearestTest(String(name)) ?? ''}`);
  const result: Value[] = [];
  for (const element of iterate(value)) {
    const tested = get(element);
    const answer = plugin === undefined ? tested : engine.applyTest(String(name), plugin, [tested, ...more], keywords);
    if (element instanceof Undefined && truthy(answer) === wanted) throw new Tripped(element);
    if (answer instanceof Unknown) throw new NotKnown(answer.because);
    if (truthy(answer) === wanted) result.push(element);
  }
  return result;
}

const ALL = 'value, *args, **keywords';

export const SELECT_FILTERS: Filters = {
  map: filter(ALL, (engine, value, args, keywords) => map(engine, value as Value, args as Value[], named(keywords))),
  reject: filter(ALL, (engine, value, args, keywords) =>
    select(engine, value as Value, args as Value[], named(keywords), false, false),
  ),
  rejectattr: filter(ALL, (engine, value, args, keywords) =>
    select(engine, value as Value, args as Value[], named(keywords), false, true),
  ),
  select: filter(ALL, (engine, value, args, keywords) =>
    select(engine, value as Value, args as Value[], named(keywords), true, false),
  ),
  selectattr: filter(ALL, (engine, value, args, keywords) =>
    select(engine, value as Value, args as Value[], named(keywords), true, true),
  ),
};
