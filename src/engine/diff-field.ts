// The `diff` that a registered result has, from the differences that are shown.
import type { Diff } from '../core/diff.ts';
import type { StateModule } from '../core/module.ts';

/** Ansible's fields: for most modules one comparison, in which several differences follow one another; a list for those that tell a list. */
export function diffField(module: StateModule, diffs: readonly Diff[]): unknown {
  const fields = diffs.map(({ before, after, beforeHeader, afterHeader }) => ({ before, after, before_header: beforeHeader, after_header: afterHeader }));
  if (module.listsDiffs === true) return fields;
  const { before_header, after_header } = fields.at(-1) ?? {};
  return { before: fields.map((each) => each.before).join(''), after: fields.map((each) => each.after).join(''), ...(fields.length === 0 ? {} : { before_header, after_header }) };
}
