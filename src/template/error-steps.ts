// The way that led to an error in a template: what needed the value, which template included the one that failed.
import { TemplateError } from '../core/error.ts';
import { formatOrigin, type Origin } from '../core/origin.ts';
import type { Value } from '../core/value.ts';
import { Undefined } from './special.ts';

/** `error` with one more step of its way: `needed by variable 'x'` and the like, at a place. */
export function withStep(error: TemplateError, what: string, origin: Origin | undefined): TemplateError {
  const step = `${what}${origin === undefined ? '' : ` at ${formatOrigin(origin)}`}`;
  return new TemplateError(error.kind, error.message, {
    origin: error.origin,
    hint: error.hint === undefined ? step : `${error.hint}\n${step}`,
    cause: error.cause,
  });
}

/** Runs another template, from `origin`, into `out`: errors, and what comes out undefined, tell that they came this way. */
export function through<T>(what: string, origin: Origin | undefined, out: Value[], run: () => T): T {
  const from = out.length;
  try {
    const result = run();
    for (let at = from; at < out.length; at++) {
      const value = out[at];
      if (value instanceof Undefined)
        out[at] = new Undefined(() => withStep(value.error, what, origin), value.asked, value.defaultable);
    }
    return result;
  } catch (error) {
    throw error instanceof TemplateError && error.kind !== 'recursion' ? withStep(error, what, origin) : error;
  }
}
