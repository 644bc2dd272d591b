// Where a piece of the user's text stands, so that every error can show it.

/** A place in a file of the user's: 1-based line and column. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, the form that editors and terminals make clickable. */
export function formatOrigin(origin: Origin): string {
  return `${origin.file}:${origin.line}:${origin.column}`;
}

/**
 * The line an origin points at with a caret below its column, as two lines of text.
 * `source` is the whole text of the file; an origin outside of it gives an empty string.
 */
export function caret(origin: Origin, source: string): string {
  const line = source.split(/\r?\n/)[origin.line - 1];
  if (line === undefined) return '';
  const gutter = `${origin.line} | `;
  const before = line.slice(0, origin.column - 1).replace(/[^\t]/g, ' ');
  return `${gutter}${line}\n${' '.repeat(gutter.length)}${before}^`;
}
