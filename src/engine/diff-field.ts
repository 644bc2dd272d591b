// The `diff` that a registered result has, from the differences that are shown.
import type { Diff } from '../core/diff.ts';
import type { Change, StateModule } from '../core/module.ts';

/** The field, where there is something to tell. */
export function diffFields(
  module: StateModule,
  diffs: readonly Diff[],
  own?: { readonly args: unknown; readonly change: Change<never> },
): { readonly diff?: unknown } {
  const diff =
    module.diff === undefined || own === undefined
      ? diffField(module, diffs)
      : module.diff(own.args as never, own.change);
  return diff === undefined ? {} : { diff };
}

/** Ansible's fields: for most modules one comparison, in which several differences follow one another; undefined where nothing is told. */
function diffField(module: StateModule, diffs: readonly Diff[]): unknown {
  if (module.reports === true) return undefined;
  const contents = diffs.filter(({ of }) => of === 'content');
  switch (module.diffs) {
    case 'placed':
      return placed(diffs, contents);
    case 'edited':
      return diffs.length === 0 ? [] : edited(diffs, contents);
    case 'content': {
      const [content] = contents;
      if (content === undefined) return undefined;
      const header = `${content.afterHeader} (content)`;
      return { before: content.before, after: content.after, before_header: header, after_header: header };
    }
    case undefined: {
      // Content says all; what it was made with is told where there is no content.
      const fields = (contents.length > 0 ? contents : diffs).map(textField);
      if (fields.length === 0) return undefined;
      const { before_header, after_header } = fields.at(-1) ?? {};
      return {
        before: fields.map((each) => each.before).join(''),
        after: fields.map((each) => each.after).join(''),
        before_header,
        after_header,
      };
    }
  }
}

const textField = ({ before, after, beforeHeader, afterHeader }: Diff) => ({
  before,
  after,
  before_header: beforeHeader,
  after_header: afterHeader,
});

function placed(diffs: readonly Diff[], contents: readonly Diff[]): unknown {
  const [attributes] = diffs;
  // Of trees, of folders and of what is not text nothing is told.
  const telling = contents.filter(({ note }) => note === undefined);
  if (
    contents.length > 1 ||
    telling.length < contents.length ||
    (contents.length === 0 && attributes?.before.startsWith('state: ') === true)
  )
    return undefined;
  if (contents.length === 0 && attributes?.of === 'attributes')
    return { before: record(attributes, attributes.before), after: record(attributes, attributes.after) };
  return contents.map(({ before, after, beforeHeader, afterHeader }) => ({
    before,
    ...(beforeHeader === '/dev/null' ? {} : { before_header: beforeHeader }),
    after,
    after_header: afterHeader,
  }));
}

function edited(diffs: readonly Diff[], contents: readonly Diff[]): unknown {
  const path = (contents[0] ?? diffs.at(-1))?.afterHeader ?? '';
  const changed = diffs.find(
    ({ of, afterHeader, before }) => of === 'attributes' && afterHeader === path && !before.startsWith('state: '),
  );
  const headers = (what: string) => ({ before_header: `${path} (${what})`, after_header: `${path} (${what})` });
  return [
    { before: contents[0]?.before ?? '', after: contents[0]?.after ?? '', ...headers('content') },
    {
      ...headers('file attributes'),
      ...(changed === undefined
        ? {}
        : { before: record(changed, changed.before, false), after: record(changed, changed.after, false) }),
    },
  ];
}

/** Attributes by name, from their lines. */
function record(diff: Diff, lines: string, named = true): Record<string, string> {
  const pairs = lines.split('\n').flatMap((line) => {
    const at = line.indexOf(': ');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 2)] as const];
  });
  return { ...(named ? { path: diff.afterHeader } : {}), ...Object.fromEntries(pairs) };
}
