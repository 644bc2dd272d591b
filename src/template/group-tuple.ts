// A group of groupby: a tuple whose parts also have names.
import { Tuple, type Value } from '../core/value.ts';

/** `(grouper, list)`; both can be read by these names. */
export class GroupTuple extends Tuple {}

export function groupTuple(grouper: Value, list: Value[]): GroupTuple {
  const group = new GroupTuple();
  group.push(grouper, list);
  return group;
}
