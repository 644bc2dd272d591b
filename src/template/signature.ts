// Parameters of plugins and methods, written as in Python: `old, new, count=None, *rest, **options`.
import { Dict, type Value } from '../core/value.ts';
import { NO_KEYWORDS, typeError, type Keywords } from './special.ts';

export interface Signature {
  readonly names: readonly string[];
  /** Defaults by position; undefined for parameters that are required, or whose default is `...` (not given). */
  readonly defaults: readonly (Value | undefined)[];
  readonly required: number;
  /** Parameters before this position are given by place only. */
  readonly placeOnly: number;
  /** From this position on, parameters are given by name only. */
  readonly keywordOnly: number;
  readonly star: boolean;
  readonly starStar: boolean;
}

const cache = new Map<string, Signature>();

/** Parses a signature; a default `...` means "not given". */
export function signature(text: string): Signature {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const names: string[] = [];
  const defaults: (Value | undefined)[] = [];
  let required = 0;
  let placeOnly = 0;
  let keywordOnly = Number.POSITIVE_INFINITY;
  let star = false;
  let starStar = false;
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    if (part === '/') placeOnly = names.length;
    else if (part.startsWith('**')) starStar = true;
    else if (part.startsWith('*')) {
      star = part.length > 1;
      keywordOnly = names.length;
    } else {
      const [name = '', standard] = part.split('=');
      names.push(name);
      defaults.push(standard === undefined ? undefined : literal(standard));
      if (standard === undefined) required = names.length;
    }
  }
  const result: Signature = { names, defaults, required, placeOnly, keywordOnly, star, starStar };
  cache.set(text, result);
  return result;
}

function literal(text: string): Value | undefined {
  if (text === '...') return undefined;
  if (text === 'None') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  return /^['"]/.test(text) ? text.slice(1, -1) : Number(text);
}

/**
 * Arguments in the order of the parameters; behind them a list of the further ones (`*`) and a dict (`**`) where the signature has them.
 * Throws TypeError when they do not fit.
 */
export function bind(
  shape: Signature,
  name: string,
  args: readonly Value[],
  keywords: Keywords = NO_KEYWORDS,
): Value[] {
  const { names, defaults, required, keywordOnly, star, starStar } = shape;
  // The common case: every parameter given by place.
  if (keywords.size === 0 && args.length === names.length && args.length <= keywordOnly && !star && !starStar)
    return args as Value[];
  const positional = Math.min(names.length, keywordOnly);
  if (args.length > positional && !star) {
    throw typeError(
      `${name}() takes ${positional} positional argument${positional === 1 ? '' : 's'} but ${args.length} ${args.length === 1 ? 'was' : 'were'} given`,
    );
  }
  const bound = args.slice(0, positional) as (Value | undefined)[];
  while (bound.length < names.length) bound.push(defaults[bound.length]);
  let given: Set<number> | undefined;
  let extra: Dict | undefined;
  if (keywords.size > 0) {
    given = new Set();
    for (const [key, value] of keywords) {
      const index = names.indexOf(key);
      if (index < shape.placeOnly) {
        if (!starStar) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
        (extra ??= new Dict()).set(key, value);
        continue;
      }
      if (index < args.length && index < positional)
        throw typeError(`${name}() got multiple values for argument '${key}'`);
      given.add(index);
      bound[index] = value;
    }
  }
  const missing: string[] = [];
  for (let index = Math.min(args.length, positional); index < required; index++) {
    if (given?.has(index) !== true && defaults[index] === undefined) missing.push(`'${names[index] ?? ''}'`);
  }
  if (missing.length > 0)
    throw typeError(
      `${name}() missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${missing.join(' and ')}`,
    );
  if (star) bound.push(args.slice(positional) as Value[]);
  if (starStar) bound.push(extra ?? new Dict());
  return bound as Value[];
}
