// Methods of list and tuple.
import { type Value } from '../../core/value.ts';
import { Callable, NO_KEYWORDS, PythonError, typeError, valueError } from '../special.ts';
import { compare, pythonEquals } from '../python/compare.ts';
import { isInt, iterate, need, truthy, typeName } from '../python/types.ts';
import type { Methods } from './method.ts';

function index(value: Value): number {
  if (isInt(value) || typeof value === 'boolean') return Number(value);
  throw typeError(`'${typeName(need(value))}' object cannot be interpreted as an integer`);
}

function position(self: readonly Value[], value: Value, start: Value, stop: Value, type: string): number {
  const at = (bound: Value, otherwise: number): number =>
    bound === null ? otherwise : index(bound) < 0 ? Math.max(0, index(bound) + self.length) : index(bound);
  for (let i = at(start, 0); i < Math.min(at(stop, self.length), self.length); i++)
    if (pythonEquals(self[i] as Value, value)) return i;
  throw valueError(type === 'list' ? 'list.index(x): x not in list' : 'tuple.index(x): x not in tuple');
}

const count = (self: readonly Value[], value: Value): number =>
  self.reduce<number>((sum, item) => sum + Number(pythonEquals(item, value)), 0);

/** Sorts in place, stable; `key` may be a callable of the template's. */
function sort(self: Value[], key: Value, reverse: Value): null {
  const keyed = Array.from(
    self,
    (value) => [key instanceof Callable ? key.call([value], NO_KEYWORDS) : value, value] as const,
  );
  const sign = truthy(reverse) ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a[0], b[0]));
  self.splice(0, self.length, ...keyed.map(([, value]) => value));
  return null;
}

export const LIST_METHODS: Methods<Value[]> = {
  append: { signature: 'object, /', run: (self, value) => (self.push(value as Value), null) },
  clear: { signature: '', run: (self) => (self.splice(0), null) },
  copy: { signature: '', run: (self) => [...self] },
  count: { signature: 'value, /', run: (self, value) => count(self, value as Value) },
  extend: { signature: 'iterable, /', run: (self, more) => (self.push(...Array.from(iterate(more as Value))), null) },
  index: {
    signature: 'value, start=None, stop=None, /',
    run: (self, value, start, stop) => position(self, value as Value, start as Value, stop as Value, 'list'),
  },
  insert: {
    signature: 'index, object, /',
    run: (self, at, value) => (self.splice(index(at as Value), 0, value as Value), null),
  },
  pop: {
    signature: 'index=-1, /',
    run: (self, at) => {
      if (self.length === 0) throw new PythonError('IndexError', 'pop from empty list');
      const where = index(at as Value);
      if (where >= self.length || where < -self.length) throw new PythonError('IndexError', 'pop index out of range');
      return self.splice(where, 1)[0] as Value;
    },
  },
  remove: {
    signature: 'value, /',
    run: (self, value) => {
      const at = self.findIndex((item) => pythonEquals(item, value as Value));
      if (at === -1) throw valueError('list.remove(x): x not in list');
      self.splice(at, 1);
      return null;
    },
  },
  reverse: { signature: '', run: (self) => (self.reverse(), null) },
  sort: {
    signature: '*, key=None, reverse=False',
    run: (self, key, reverse) => sort(self, key as Value, reverse as Value),
  },
};

export const TUPLE_METHODS: Methods<readonly Value[]> = {
  count: { signature: 'value, /', run: (self, value) => count(self, value as Value) },
  index: {
    signature: 'value, start=None, stop=None, /',
    run: (self, value, start, stop) => position(self, value as Value, start as Value, stop as Value, 'tuple'),
  },
};
