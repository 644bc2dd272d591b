// Comparison of versions: loose and strict (distutils), semantic, and PEP 440.
import type { Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { compareText } from '../python/compare.ts';
import { pythonStr } from '../python/text.ts';
import { truthy } from '../python/types.ts';

type Operator = (order: number) => boolean;
const OPERATORS: Record<string, Operator> = {};
for (const [names, holds] of [
  [['==', '=', 'eq'], (order) => order === 0],
  [['<', 'lt'], (order) => order < 0],
  [['<=', 'le'], (order) => order <= 0],
  [['>', 'gt'], (order) => order > 0],
  [['>=', 'ge'], (order) => order >= 0],
  [['!=', '<>', 'ne'], (order) => order !== 0],
] as [string[], Operator][])
  for (const name of names) OPERATORS[name] = holds;

const TYPES: Record<string, (a: string, b: string) => number> = {
  loose: (a, b) => order(loose(a), loose(b)),
  strict: (a, b) => order(strict(a), strict(b)),
  semver: semantic,
  semantic,
  pep440: (a, b) => order(pep440(a), pep440(b)),
};

/** The `version` test. Throws PythonError. */
export function compareVersions(value: Value, other: Value, operator: string, isStrict: Value, type: Value): boolean {
  if (isStrict !== null && type !== null && truthy(type))
    throw new PythonError('Error', "Cannot specify both 'strict' and 'version_type'");
  const [a, b] = [pythonStr(value), pythonStr(other)];
  if (value === null || a === '') throw new PythonError('Error', 'Input version value cannot be empty');
  if (other === null || b === '')
    throw new PythonError('Error', 'Version parameter to compare against cannot be empty');
  const holds = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (holds === undefined)
    throw new PythonError(
      'Error',
      `Invalid operator type (${operator}). Must be one of ${Object.keys(OPERATORS)
        .map((name) => `'${name}'`)
        .join(', ')}`,
    );
  const name = type === null || !truthy(type) ? (truthy(isStrict) ? 'strict' : 'loose') : pythonStr(type);
  const compare = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (compare === undefined)
    throw new PythonError('Error', `Invalid version type (${name}). Must be one of ${Object.keys(TYPES).join(', ')}`);
  try {
    return holds(compare(a, b));
  } catch (error) {
    if (error instanceof PythonError) throw new PythonError('Error', `Version comparison failed: ${error.message}`);
    throw error;
  }
}

type Part = number | bigint | string | readonly Part[];

/** Lists in order; numbers and texts do not compare. */
function order(a: readonly Part[], b: readonly Part[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [x, y] = [a[index] as Part, b[index] as Part];
    const result = orderParts(x, y);
    if (result !== 0) return result;
  }
  return a.length - b.length;
}
function orderParts(x: Part, y: Part): number {
  if (typeof x === 'string' && typeof y === 'string') return compareText(x, y);
  if (typeof x === 'object' && typeof y === 'object') return order(x, y);
  if (typeof x === 'string' || typeof y === 'string' || typeof x === 'object' || typeof y === 'object')
    throw new PythonError('TypeError', "'<' not supported between instances of 'str' and 'int'");
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Numbers and words, without the dots between. */
function loose(text: string): Part[] {
  return text
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (/^\d+$/.test(part) ? BigInt(part) : part));
}

function strict(text: string): Part[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text);
  if (match === null) throw new PythonError('ValueError', `invalid version number '${text}'`);
  const [, major, minor, patch = '0', letter, number] = match;
  // No letter is later than any.
  return [BigInt(major ?? 0), BigInt(minor ?? 0), BigInt(patch), letter ?? 'c', BigInt(number ?? 0)];
}

function semantic(a: string, b: string): number {
  const parse = (text: string): { core: bigint[]; pre: string[] } => {
    const match =
      /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*))?(?:\+[\da-zA-Z.-]+)?$/.exec(
        text,
      );
    if (match === null) throw new PythonError('ValueError', `invalid semantic version '${text}'`);
    return { core: match.slice(1, 4).map(BigInt), pre: match[4] === undefined ? [] : match[4].split('.') };
  };
  const [x, y] = [parse(a), parse(b)];
  const core = order(x.core, y.core);
  if (core !== 0) return core;
  if (x.pre.length === 0 || y.pre.length === 0) return y.pre.length - x.pre.length;
  for (let index = 0; index < Math.min(x.pre.length, y.pre.length); index++) {
    const [p, q] = [x.pre[index] as string, y.pre[index] as string];
    if (p === q) continue;
    const [numeric, otherNumeric] = [/^\d+$/.test(p), /^\d+$/.test(q)];
    if (numeric && otherNumeric) return BigInt(p) < BigInt(q) ? -1 : 1;
    if (numeric !== otherNumeric) return numeric ? -1 : 1;
    return compareText(p, q);
  }
  return x.pre.length - y.pre.length;
}

const PEP440 =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z\d]+(?:[-_.][a-z\d]+)*))?\s*$/i;
const PRE: Record<string, string> = {
  alpha: 'a',
  a: 'a',
  beta: 'b',
  b: 'b',
  preview: 'rc',
  pre: 'rc',
  c: 'rc',
  rc: 'rc',
};

/** A key whose order is that of PEP 440. */
function pep440(text: string): Part[] {
  const match = PEP440.exec(text);
  if (match === null) throw new PythonError('ValueError', `Invalid version: '${text}'`);
  const [, epoch, release = '0', preName, preNumber, postDash, postName, postNumber, dev, devNumber, local] = match;
  const numbers = release.split('.').map(BigInt);
  while (numbers.length > 1 && numbers.at(-1) === 0n) numbers.pop();
  const hasPost = postDash !== undefined || postName !== undefined;
  // Ranks put "nothing" before or after what is there: a dev release alone comes before its pre-releases, a final one after them.
  const pre: Part[] =
    preName !== undefined
      ? [1, PRE[preName.toLowerCase()] ?? '', BigInt(preNumber ?? 0)]
      : dev !== undefined && !hasPost
        ? [0]
        : [2];
  const post: Part[] = hasPost ? [1, BigInt(postDash ?? postNumber ?? 0)] : [0];
  const development: Part[] = dev !== undefined ? [0, BigInt(devNumber ?? 0)] : [1];
  const localPart: Part[] =
    local === undefined
      ? [0]
      : [
          1,
          ...local
            .split(/[-_.]/)
            .map((part): Part => (/^\d+$/.test(part) ? [1, BigInt(part)] : [0, part.toLowerCase()])),
        ];
  return [BigInt(epoch ?? 0), numbers, pre, post, development, localPart];
}
