// Containers of variables whose texts are rendered when they are read: a list or dict is never rendered as a whole unless all of it is used.
import { Dict, TemplateText, Tuple, type Value } from '../core/value.ts';

/** Renders a text that a container holds. */
export interface Renderer {
  renderLazily(text: TemplateText): Value;
}

/** A dict whose entries are computed by others (hostvars, vars); never searched for texts. */
export abstract class VirtualDict extends Dict {}

const held = new WeakMap<object, boolean>();
const wrapped = new WeakSet<object>();

/** Whether a container holds texts to render, at any depth. Asked once for each container: variables do not change once they are set. */
export function holdsTemplates(value: Value): boolean {
  if (value instanceof TemplateText) return true;
  if (value === null || typeof value !== 'object') return false;
  const isDict = value instanceof Dict;
  if (!isDict && !Array.isArray(value)) return false;
  if (value instanceof LazyDict || value instanceof VirtualDict || wrapped.has(value)) return false;
  const known = held.get(value);
  if (known !== undefined) return known;
  held.set(value, false);
  let found = false;
  for (const item of isDict ? value.values() : value) {
    if (holdsTemplates(item)) {
      found = true;
      break;
    }
  }
  held.set(value, found);
  return found;
}

/**
 * A variable's value as templates use it. With `copying`, containers are copied as they are reached, so that a template that changes
 * them (`.append()`) does not change the variable.
 */
export function lazy(value: Value, renderer: Renderer, copying: boolean): Value {
  if (value instanceof TemplateText) return renderer.renderLazily(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof VirtualDict) return value;
  if (value instanceof Dict) return copying || holdsTemplates(value) ? new LazyDict(value, renderer, copying) : value;
  if (Array.isArray(value)) return copying || holdsTemplates(value) ? lazyList(value, renderer, copying) : value;
  return value;
}

/** A dict that renders an entry when it is read, once. */
export class LazyDict extends Dict {
  readonly #renderer: Renderer;
  readonly #copying: boolean;
  /** The raw values that are not ready to be read. */
  readonly #raw = new Set<Value>();
  constructor(source: Dict, renderer: Renderer, copying: boolean) {
    super();
    this.#renderer = renderer;
    this.#copying = copying;
    for (const [key, value] of source) {
      super.set(key, value);
      if (value instanceof TemplateText || copying || holdsTemplates(value)) this.#raw.add(value);
    }
  }
  override get(key: Value): Value | undefined {
    const value = super.get(key);
    if (value === undefined || value === null || typeof value !== 'object' || !this.#raw.has(value)) return value;
    const rendered = lazy(value, this.#renderer, this.#copying);
    super.set(key, rendered);
    return rendered;
  }
  override *values(): IterableIterator<Value> {
    for (const key of super.keys()) yield this.get(key) as Value;
  }
  override *entries(): IterableIterator<[Value, Value]> {
    for (const key of super.keys()) yield [key, this.get(key) as Value];
  }
}

function lazyList(source: readonly Value[], renderer: Renderer, copying: boolean): Value[] {
  const list: Value[] = source instanceof Tuple ? new Tuple() : [];
  wrapped.add(list);
  source.forEach((item, index) => {
    if (
      item === null ||
      typeof item !== 'object' ||
      !(item instanceof TemplateText || copying || holdsTemplates(item))
    ) {
      list[index] = item;
      return;
    }
    const settle = (value: Value): void => {
      Object.defineProperty(list, index, { value, writable: true, enumerable: true, configurable: true });
    };
    Object.defineProperty(list, index, {
      enumerable: true,
      configurable: true,
      get() {
        const rendered = lazy(item, renderer, copying);
        settle(rendered);
        return rendered;
      },
      set: settle,
    });
  });
  return list;
}
