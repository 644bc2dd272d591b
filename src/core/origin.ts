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

/** A text that stands in its file in pieces, on several lines or with escapes between: of each piece its offset in the text, its line and its column. */
export type Pieces = readonly number[];

// Beside the origins and not in them: origins are data that events and tests compare, and few of them ever need this.
const known = new WeakMap<Origin, Pieces>();

/** `origin`, known as the place of a text in `pieces`. */
export function inPieces(origin: Origin, pieces: Pieces): Origin {
  known.set(origin, pieces);
  return origin;
}

/** Whether the pieces of the text at this place are known. */
export function isInPieces(origin: Origin): boolean {
  return known.has(origin);
}

/** The place of the character at `offset` of a text that begins at `origin`. Where its pieces are not known, further lines begin in column 1, as those of a file do. */
export function placeIn(text: string, offset: number, origin: Origin): Origin {
  const pieces = known.get(origin);
  if (pieces !== undefined) {
    let at = 0;
    while (at + 3 < pieces.length && (pieces[at + 3] as number) <= offset) at += 3;
    const [from = 0, line = origin.line, column = origin.column] = pieces.slice(at, at + 3);
    return { file: origin.file, line, column: column + offset - from };
  }
  let line = 0;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { file: origin.file, line: origin.line + line, column: offset - start + (line === 0 ? origin.column : 1) };
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
