// Methods of dict. Views (`keys()`, `items()`, ...) are lists, as Ansible hands them on.
import { Dict, Tuple, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { iterate, hashable, need, typeName } from '../python/types.ts';
import { pythonRepr } from '../python/text.ts';
import type { Methods } from './method.ts';

/** A pair as `items()` gives it. */
export function pair(key: Value, value: Value): Tuple {
  const tuple = new Tuple();
  tuple.push(key, value);
  return tuple;
}

function key(value: Value): Value {
  if (!hashable(need(value))) throw typeError(`unhashable type: '${typeName(value)}'`);
  return value;
}

/** Sets entries from a dict or a list of pairs, and from keywords. Throws PythonError. */
export function updateDict(self: Dict, source: Value | undefined, keywords: Iterable<readonly [Value, Value]>): void {
  if (source instanceof Dict) for (const [k, v] of source) self.set(k, v);
  else if (source !== undefined) {
    let index = 0;
    for (const entry of iterate(source)) {
      let parts: Value[];
      try {
        parts = Array.from(iterate(entry));
      } catch {
        throw typeError(`cannot convert dictionary update sequence element #${index} to a sequence`);
      }
      if (parts.length !== 2)
        throw new PythonError(
          'ValueError',
          `dictionary update sequence element #${index} has length ${parts.length}; 2 is required`,
        );
      self.set(key(parts[0] as Value), parts[1] as Value);
      index++;
    }
  }
  for (const [k, v] of keywords) self.set(k, v);
}

export const DICT_METHODS: Methods<Dict> = {
  clear: { signature: '', run: (self) => (self.clear(), null) },
  copy: { signature: '', run: (self) => self.copy() },
  fromkeys: {
    signature: 'iterable, value=None',
    run: () => {
      throw typeError('fromkeys() is not available on a templated dict');
    },
  },
  get: { signature: 'key, default=None', run: (self, k, standard) => self.get(key(k as Value)) ?? (standard as Value) },
  items: { signature: '', run: (self) => Array.from(self, ([k, v]) => pair(k, v)) },
  keys: { signature: '', run: (self) => [...self.keys()] },
  pop: {
    signature: 'key, default=...',
    run: (self, k, standard) => {
      const value = self.get(key(k as Value)) ?? standard;
      if (value === undefined) throw new PythonError('KeyError', pythonRepr(k as Value));
      self.delete(k as Value);
      return value;
    },
  },
  popitem: {
    signature: '',
    run: (self) => {
      const last = [...self.keys()].at(-1);
      if (last === undefined) throw new PythonError('KeyError', "'popitem(): dictionary is empty'");
      const result = pair(last, self.get(last) as Value);
      self.delete(last);
      return result;
    },
  },
  setdefault: {
    signature: 'key, default=None',
    run: (self, k, standard) => {
      if (!self.has(key(k as Value))) self.set(k as Value, standard as Value);
      return self.get(k as Value) as Value;
    },
  },
  update: {
    signature: '*args, **keywords',
    run: (self, args, keywords) => {
      const [source, more] = args as Value[];
      if (more !== undefined) throw typeError(`update expected at most 1 argument, got ${(args as Value[]).length}`);
      updateDict(self, source, keywords as Dict);
      return null;
    },
  },
  values: { signature: '', run: (self) => [...self.values()] },
};
