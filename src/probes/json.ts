// Reading of parsed JSON whose shape is somebody else's: every read has a value for "not there", so that one missing member breaks nothing.

export type Json = Readonly<Record<string, unknown>>;

/** The member as an object; an empty one where it is null, missing or something else. */
export function objectAt(value: unknown, ...path: readonly string[]): Json {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}
/** The member as text; numbers and booleans as JSON writes them, otherwise ''. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string'
    ? found
    : typeof found === 'number' || typeof found === 'boolean'
      ? String(found)
      : '';
}
export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : 0;
}
export function flagAt(value: unknown, ...path: readonly string[]): boolean {
  return valueAt(value, ...path) === true;
}
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}
/** The texts of a list, in order. */
export function textsAt(value: unknown, ...path: readonly string[]): string[] {
  return listAt(value, ...path).map((item) => textAt({ item }, 'item'));
}
/** An object as sorted `key=value` texts: the form in which maps are compared whole. */
export function pairsAt(value: unknown, ...path: readonly string[]): string[] {
  return pairsOf(objectAt(value, ...path));
}
function pairsOf(map: Json): string[] {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${textAt(map, key)}`);
}

export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isObject(current) || !Object.hasOwn(current, name)) return undefined;
    current = current[name];
  }
  return current;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object without the members that are not set. */
export function withoutUndefined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** A body as JSON, or undefined where it is none. */
export function parseJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
