// The name that community.general gives the type of a value: `dict[str, int|list]`, with other names for some types.
import { Dict, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { compareText } from './compare.ts';
import { pythonStr } from './text.ts';
import { typeName } from './types.ts';

export function ansibleType(value: Value, alias: Value): string {
  if (alias !== null && !(alias instanceof Dict))
    throw new PythonError(
      'Error',
      `The argument alias must be a dictionary. ${pythonStr(alias)} is ${typeName(alias)}`,
    );
  const name = (one: Value): string => {
    const own = typeName(one);
    return pythonStr(alias?.get(own) ?? own);
  };
  const names = (all: Iterable<Value>): string => [...new Set(Array.from(all, name))].sort(compareText).join('|');
  const own = name(value);
  if (own === 'list' && Array.isArray(value) && value.length > 0) return `list[${names(value)}]`;
  if (own === 'dict' && value instanceof Dict && value.size > 0)
    return `dict[${names(value.keys())}, ${names(value.values())}]`;
  return own;
}
