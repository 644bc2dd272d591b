// Filters, tests and lookups that templates name and that are not there: told before anything is rendered.
import { TemplateText } from '../core/value.ts';
import type { Origin } from '../core/origin.ts';
import { parsed } from './check.ts';
import { normaliseNewlines } from './lexer.ts';
import { positions } from './position.ts';
import { builtinFilter, builtinLookup, builtinTest, nearestFilter, nearestLookup, nearestTest } from './registry.ts';

export type PluginKind = 'filter' | 'test' | 'lookup';
export interface UnknownPlugin {
  readonly kind: PluginKind;
  readonly name: string;
  readonly origin: Origin | undefined;
  readonly hint: string | undefined;
}

const KNOWN: Readonly<Record<PluginKind, (name: string) => unknown>> = {
  filter: (name) => builtinFilter(name, true),
  test: (name) => builtinTest(name, true),
  lookup: (name) => builtinLookup(name, true),
};
const NEAREST: Readonly<Record<PluginKind, (name: string) => string | undefined>> = {
  filter: nearestFilter,
  test: nearestTest,
  lookup: nearestLookup,
};

/**
 * What `text` names and neither vbx nor `own` (the playbook's own plugins) has, each name once. The kinds are those of checkSyntax; throws its errors
 * for what does not parse.
 */
export function unknownPlugins(
  text: string | TemplateText,
  kind: 'template' | 'expression',
  origin: Origin | undefined,
  own: (kind: PluginKind, name: string) => boolean,
): readonly UnknownPlugin[] {
  const source = text instanceof TemplateText ? text.source : text;
  const start = text instanceof TemplateText ? (text.origin ?? origin) : origin;
  const { isTemplate, tree } = parsed(text, kind, origin);
  const place = isTemplate ? positions(normaliseNewlines(source), start) : () => start;
  const found = new Map<string, UnknownPlugin>();
  for (const { kind: plugin, name, at } of uses(tree)) {
    const key = `${plugin} ${name}`;
    if (found.has(key) || KNOWN[plugin](name) !== undefined || own(plugin, name)) continue;
    found.set(key, { kind: plugin, name, origin: place(at), hint: NEAREST[plugin](name) });
  }
  return [...found.values()];
}

interface Use {
  readonly kind: PluginKind;
  readonly name: string;
  readonly at: number;
}

/** Every node of the tree that names a plugin, wherever it hangs. */
function* uses(node: unknown): Iterable<Use> {
  if (Array.isArray(node)) {
    for (const item of node) yield* uses(item);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  const { kind, name, at, of, args } = node as {
    readonly kind?: string;
    readonly name?: string;
    readonly at?: number;
    readonly of?: unknown;
    readonly args?: { readonly positional?: readonly unknown[] };
  };
  // A constant's value is the user's data.
  if (kind === 'const') return;
  if ((kind === 'filter' || kind === 'test') && name !== undefined) yield { kind, name, at: at ?? 0 };
  if (kind === 'call') {
    const called = of as { readonly kind?: string; readonly name?: string } | undefined;
    const first = args?.positional?.[0] as
      | { readonly kind?: string; readonly value?: unknown; readonly at?: number }
      | undefined;
    if (
      called?.kind === 'name' &&
      (called.name === 'lookup' || called.name === 'query' || called.name === 'q') &&
      first?.kind === 'const' &&
      typeof first.value === 'string'
    )
      yield { kind: 'lookup', name: first.value, at: first.at ?? at ?? 0 };
  }
  for (const part of Object.values(node)) yield* uses(part);
}
