// The `#jinja2: key: value, ...` line that may stand first in a template.
import { TemplateError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { Syntax } from './lexer.ts';

const PREFIX = '#jinja2:';

/** Names of the options as templates and the template module spell them. */
export const OVERRIDES: Readonly<Record<string, keyof Syntax>> = {
  block_start_string: 'blockStart',
  block_end_string: 'blockEnd',
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
  line_statement_prefix: 'lineStatementPrefix',
  line_comment_prefix: 'lineCommentPrefix',
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
  newline_sequence: 'newlineSequence',
  keep_trailing_newline: 'keepTrailingNewline',
};

/** Options that are true or false; the others are texts. */
const FLAGS = new Set(['trim_blocks', 'lstrip_blocks', 'keep_trailing_newline']);

/** Takes the header off a template's text. Throws TemplateError (syntax) for keys and values that are none. */
export function splitHeader(
  source: string,
  origin: Origin | undefined,
): { source: string; overrides: Partial<Syntax>; origin: Origin | undefined } {
  if (!source.startsWith(PREFIX)) return { source, overrides: {}, origin };
  const end = source.indexOf('\n');
  const line = source.slice(PREFIX.length, end === -1 ? source.length : end);
  const overrides: Record<string, unknown> = {};
  for (const pair of line.split(/,(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/)) {
    if (pair.trim() === '')
      throw new TemplateError('syntax', "Syntax error in template: Empty '#jinja2:' override pair not allowed.", {
        origin,
      });
    const colon = pair.indexOf(':');
    const key = pair.slice(0, colon).trim();
    const option = OVERRIDES[key];
    if (colon === -1 || option === undefined)
      throw new TemplateError('syntax', `Syntax error in template: Invalid '#jinja2:' override key '${key}'.`, {
        origin,
      });
    overrides[option] = value(pair.slice(colon + 1).trim(), key, origin);
  }
  return {
    source: end === -1 ? '' : source.slice(end + 1),
    overrides: overrides as Partial<Syntax>,
    origin: origin === undefined ? undefined : { ...origin, line: origin.line + 1 },
  };
}

function value(text: string, key: string, origin: Origin | undefined): string | boolean | null {
  const flag = FLAGS.has(key);
  const fail = (message: string): never => {
    throw new TemplateError('syntax', `Syntax error in template: ${message}`, { origin });
  };
  if (text === 'True' || text === 'False')
    return flag ? text === 'True' : fail(`TemplateOverrides.${key} must be <class 'str'> instead of <class 'bool'>`);
  if (text === 'None' && key.startsWith('line_')) return null;
  const quoted = /^(['"])([^]*)\1$/.exec(text)?.[2];
  if (flag && (quoted !== undefined || /^[\d.]+$/.test(text) || text === 'None'))
    fail(`TemplateOverrides.${key} must be <class 'bool'>`);
  if (quoted === undefined)
    throw new TemplateError('syntax', `Syntax error in template: Malformed '#jinja2:' override value for '${key}'.`, {
      origin,
    });
  return quoted.replace(/\\n/g, '\n').replace(/\\r/g, '\r');
}
