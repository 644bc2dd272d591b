// lookup(), query() and q(): plugin calls with their common options and the form of their results.
import { Unknown, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Engine } from './engine.ts';
import { nearestLookup } from './registry.ts';
import { NotKnown, Tripped, Undefined, typeError, type Keywords } from './special.ts';
import { truthy } from './python/types.ts';

/** Runs a lookup by name. Throws TemplateError; with `errors='ignore'` or `'warn'` failures give nothing. */
export function runLookup(engine: Engine, args: readonly Value[], keywords: Keywords, asQuery: boolean): Value {
  const [name, ...terms] = args;
  if (name === undefined) throw typeError("_lookup() missing 1 required positional argument: 'plugin_name'");
  const options = new Map(keywords);
  for (const value of [...args, ...options.values()]) if (value instanceof Unknown) return value;
  const lenient = 'default';
  for (const [key, value] of [...args.map((value) => ['', value] as const), ...options])
    if (value instanceof Undefined && key !== lenient) return value;
  const errors = options.get('errors') ?? 'strict';
  const wantList = asQuery || truthy(options.get('wantlist') ?? false);
  options.delete('errors');
  options.delete('wantlist');
  const plugin = engine.lookup(String(name));
  if (plugin === undefined)
    throw new TemplateError('plugin-not-found', `The lookup plugin '${String(name)}' was not found.`, {
      hint: nearestLookup(String(name)),
    });
  engine.volatile = true;
  let results: readonly Value[];
  try {
    results = plugin(engine, terms, options);
  } catch (error) {
    if (error instanceof Tripped) return error.marker;
    if (error instanceof NotKnown) return new Unknown(error.because);
    if (error instanceof TemplateError && error.kind !== 'plugin-failed') throw error;
    const message =
      error instanceof TemplateError
        ? error.message
        : `The lookup plugin '${String(name)}' failed: ${error instanceof Error ? error.message : String(error)}`;
    if (errors === 'warn') engine.warn(message);
    if (errors === 'warn' || errors === 'ignore') return wantList ? [] : null;
    throw error instanceof TemplateError ? error : new TemplateError('plugin-failed', message, { cause: error });
  }
  if (wantList) return [...results];
  if (results.length === 0) return [];
  if (results.length === 1) return results[0] as Value;
  return results.every((value) => typeof value === 'string') ? results.join(',') : [...results];
}
