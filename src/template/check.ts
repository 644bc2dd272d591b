// Checks at load time: syntax, and the names a text reads.
import { TemplateText, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { isGlobal } from './globals.ts';
import { expressionNames, freeNames } from './names.ts';
import { expressionProgram, templateProgram } from './program.ts';

/**
 * Throws TemplateError (syntax), with its place, when a text inside of `value` does not parse. A `template` is text with marks (others
 * pass); an `expression` is a bare one, or a text that is one mark as a whole.
 */
export function checkSyntax(value: Value, kind: 'template' | 'expression', origin?: Origin): void {
  for (const text of texts(value)) parsed(text, kind, origin);
}

/** What a text parses to, as checkSyntax has it: a template, an expression, or neither where it is data. Throws TemplateError (syntax). */
export function parsed(
  text: string | TemplateText,
  kind: 'template' | 'expression',
  origin: Origin | undefined,
): { readonly isTemplate: boolean; readonly tree: unknown } {
  const source = text instanceof TemplateText ? text.source : text;
  if (text instanceof TemplateText && (kind === 'template' || /^\s*\{[{%]/.test(source)))
    return { isTemplate: true, tree: templateProgram(text).tree };
  if (!(text instanceof TemplateText) && (kind === 'template' || source.trim() === ''))
    return { isTemplate: false, tree: undefined };
  return {
    isTemplate: false,
    tree: expressionProgram(source.trim(), true, text instanceof TemplateText ? (text.origin ?? origin) : origin).tree,
  };
}

/** Root names that a text reads, without globals; empty when it does not parse. `kind` is as for checkSyntax; texts without marks are data. */
export function variablesOf(source: string | Value, kind: 'template' | 'expression' = 'template'): string[] {
  const names = new Set<string>();
  for (const text of texts(source)) {
    const from = text instanceof TemplateText ? text.source : text;
    try {
      const isTemplate = /\{[{%]/.test(from) && (kind === 'template' || /^\s*\{[{%]/.test(from));
      const found = isTemplate
        ? freeNames(templateProgram(text instanceof TemplateText ? text : new TemplateText(from)).tree.body)
        : kind === 'expression'
          ? expressionNames(expressionProgram(from.trim(), true, undefined).tree)
          : [];
      for (const name of found) if (!isGlobal(name) || name === 'vars') names.add(name);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return [...names];
}

function* texts(value: Value): Iterable<string | TemplateText> {
  if (typeof value === 'string' || value instanceof TemplateText) yield value;
  else if (value !== null && typeof value === 'object' && Symbol.iterator in value) {
    for (const item of value as Iterable<Value>) yield* texts(item);
  }
}
