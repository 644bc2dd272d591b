// What makes no sense in a wish for a container: told before anything is asked of the daemon.
import { bytesOf } from './size.ts';

/** Arguments that make no sense together or by themselves; the message names them. */
export class WishError extends Error {}

/** A size in bytes. Errors: WishError for a text that is none. */
export function bytes(name: string, text: string): number {
  const found = bytesOf(text);
  if (found === undefined) throw new WishError(`${name}: "${text}" is no size (such as 512M)`);
  return found;
}
