// The `loop` variable of a for statement.
import type { Value } from '../core/value.ts';
import { Attributes, Callable, NotKnown, PythonError, Tripped, Undefined } from './special.ts';
import { pythonEquals } from './python/compare.ts';

export class Loop extends Attributes {
  readonly special = 'LoopContext';
  readonly items: readonly Value[];
  readonly depth: number;
  /** `loop(items)` of a recursive loop. */
  readonly again: Callable | undefined;
  index = 0;
  #last: readonly Value[] | undefined;

  constructor(items: readonly Value[], depth: number, again: Callable | undefined) {
    super();
    this.items = items;
    this.depth = depth;
    this.again = again;
  }

  attribute(name: string): Value | undefined {
    const { items, index } = this;
    switch (name) {
      case 'index':
        return index + 1;
      case 'index0':
        return index;
      case 'revindex':
        return items.length - index;
      case 'revindex0':
        return items.length - index - 1;
      case 'first':
        return index === 0;
      case 'last':
        return index === items.length - 1;
      case 'length':
        return items.length;
      case 'depth':
        return this.depth;
      case 'depth0':
        return this.depth - 1;
      case 'previtem':
        return items[index - 1] ?? Undefined.of('there is no previous item', name);
      case 'nextitem':
        return items[index + 1] ?? Undefined.of('there is no next item', name);
      case 'cycle':
        return new Callable('method', name, (args) => {
          if (args.length === 0) throw new PythonError('TypeError', 'no items for cycling given');
          return args[index % args.length] as Value;
        });
      case 'changed':
        return new Callable('method', name, (args) => this.#changed(args));
      default:
        return undefined;
    }
  }

  override repr(): string {
    return `<LoopContext ${this.index + 1}/${this.items.length}>`;
  }

  #changed(args: readonly Value[]): boolean {
    const last = this.#last;
    this.#last = args;
    return (
      last === undefined ||
      last.length !== args.length ||
      last.some((value, position) => !same(value, args[position] as Value))
    );
  }
}

function same(left: Value, right: Value): boolean {
  try {
    return pythonEquals(left, right);
  } catch (error) {
    if (error instanceof Tripped || error instanceof NotKnown) return false;
    throw error;
  }
}
