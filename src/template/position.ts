// From an offset in a template's text to a place in the user's file.
import type { Origin } from '../core/origin.ts';

/** The place of an offset; undefined when the text came from no file. */
export type Position = (offset: number) => Origin | undefined;

/**
 * Places in `source`, whose first character stands at `origin`. Lines after the first are assumed to start at column 1 of the file:
 * the indentation that YAML took away is not known here.
 */
export function positions(source: string, origin: Origin | undefined): Position {
  if (origin === undefined) return () => undefined;
  return (offset) => {
    let line = 0;
    let start = 0;
    for (let end = source.indexOf('\n'); end !== -1 && end < offset; end = source.indexOf('\n', start)) {
      line++;
      start = end + 1;
    }
    return { file: origin.file, line: origin.line + line, column: offset - start + (line === 0 ? origin.column : 1) };
  };
}
