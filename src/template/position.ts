// From an offset in a template's text to a place in the user's file.
import { placeIn, type Origin } from '../core/origin.ts';

/** The place of an offset; undefined when the text came from no file. */
export type Position = (offset: number) => Origin | undefined;

/** Places in `source`, whose first character stands at `origin`. */
export function positions(source: string, origin: Origin | undefined): Position {
  return origin === undefined ? () => undefined : (offset) => placeIn(source, offset, origin);
}
