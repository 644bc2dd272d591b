// The template module's options on syntax, in its spelling.
import { OVERRIDES } from './header.ts';
import type { Syntax } from './lexer.ts';

export interface TemplateOverrides {
  readonly block_start_string?: string;
  readonly block_end_string?: string;
  readonly variable_start_string?: string;
  readonly variable_end_string?: string;
  readonly comment_start_string?: string;
  readonly comment_end_string?: string;
  readonly line_statement_prefix?: string;
  readonly line_comment_prefix?: string;
  readonly trim_blocks?: boolean;
  readonly lstrip_blocks?: boolean;
  readonly newline_sequence?: string;
}

/** The options in the lexer's spelling; options that are not set are left out. */
export function normaliseOverrides(overrides: TemplateOverrides): Partial<Syntax> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(overrides)) {
    const option = OVERRIDES[key];
    if (option !== undefined && value !== undefined && value !== null) {
      // The module takes `\n` written as two characters.
      result[option] = option === 'newlineSequence' ? String(value).replace(/\\n/g, '\n').replace(/\\r/g, '\r') : value;
    }
  }
  return result as Partial<Syntax>;
}
