// `order` and `serial`: in which order a play takes its hosts, and how many at a time.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { toPlain, type Value } from '../core/value.ts';

/** The hosts in the order that the play asks for. */
export function ordered(hosts: readonly string[], order: string, origin: Origin | undefined): string[] {
  switch (order) {
    case 'inventory':
    case '':
      return [...hosts];
    case 'reverse_inventory':
      return [...hosts].reverse();
    case 'sorted':
      return [...hosts].sort();
    case 'reverse_sorted':
      return [...hosts].sort().reverse();
    case 'shuffle': {
      const shuffled = [...hosts];
      for (let index = shuffled.length - 1; index > 0; index--) {
        const other = Math.floor(Math.random() * (index + 1));
        [shuffled[index], shuffled[other]] = [shuffled[other] as string, shuffled[index] as string];
      }
      return shuffled;
    }
    default:
      throw new PlaybookError(`order cannot be "${order}"`, {
        origin,
        hint: 'it is inventory, reverse_inventory, sorted, reverse_sorted or shuffle',
      });
  }
}

/** The batches of `serial`: a number, a percentage, or a list of them whose last goes on; nothing is one batch of all. */
export function batches(hosts: readonly string[], serial: Value, origin: Origin | undefined): string[][] {
  const written = toPlain(serial);
  const sizes = (Array.isArray(written) ? written : [written])
    .map((size) => sizeOf(size, hosts.length, origin))
    .filter((size) => size !== 0);
  if (sizes.length === 0) return [[...hosts]];
  const result: string[][] = [];
  let rest = [...hosts];
  for (let index = 0; rest.length > 0; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] as number;
    result.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return result;
}

function sizeOf(size: unknown, all: number, origin: Origin | undefined): number {
  if (size === null || size === undefined || size === '' || size === false) return 0;
  const text = String(size as string).trim();
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text);
  if (percent !== null) return Math.max(1, Math.floor((Number(percent[1]) / 100) * all));
  if (/^-?\d+$/.test(text)) return Math.max(0, Number(text));
  throw new PlaybookError(`serial cannot be "${text}"`, {
    origin,
    hint: 'it is a number of hosts, a percentage such as "30%", or a list of them',
  });
}
