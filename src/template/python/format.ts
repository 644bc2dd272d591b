// str.format() and format specifications.
import { Dict, PyDate, PyFloat, type Value } from '../../core/value.ts';
import { PythonError, typeError, valueError, type Keywords } from '../special.ts';
import { escapeCharacter } from './percent.ts';
import { exponential, fixed, general } from './number-format.ts';
import { strftime } from './strftime.ts';
import { dateParts } from './date.ts';
import { characters, isInt, isString, toNumber, typeName } from './types.ts';
import { pythonRepr, pythonStr, reprFloat } from './text.ts';

/** How a field's `.name` and `[key]` are followed; given by the engine, since attributes are its business. */
export interface Access {
  attribute(value: Value, name: string): Value;
  item(value: Value, key: Value): Value;
}

/** `template.format(*args, **keywords)`. Throws PythonError. */
export function formatBraces(
  template: string,
  args: readonly Value[],
  keywords: Keywords | Dict,
  access: Access,
): string {
  let automatic = 0;
  let manual = false;
  const field = (name: string): Value => {
    const [, first = '', rest = ''] = /^([^.[]*)([^]*)$/.exec(name) ?? [];
    let value: Value | undefined;
    if (first === '' || /^\d+$/.test(first)) {
      if (first === '' ? manual : automatic > 0) {
        throw valueError(
          `cannot switch from ${manual ? 'manual field specification to automatic field numbering' : 'automatic field numbering to manual field specification'}`,
        );
      }
      manual ||= first !== '';
      const index = first === '' ? automatic++ : Number(first);
      value = args[index];
      if (value === undefined)
        throw new PythonError('IndexError', `Replacement index ${index} out of range for positional args tuple`);
    } else {
      value = keywords.get(first);
      if (value === undefined) throw new PythonError('KeyError', pythonRepr(first));
    }
    for (const [, attribute, item] of rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
      value =
        attribute !== undefined
          ? access.attribute(value, attribute)
          : access.item(value, /^\d+$/.test(item ?? '') ? Number(item) : (item ?? ''));
    }
    return value;
  };
  const expand = (text: string, depth: number): string => {
    let result = '';
    for (let at = 0; at < text.length; at++) {
      const character = text[at] as string;
      if (character !== '{' && character !== '}') {
        result += character;
        continue;
      }
      if (text[at + 1] === character && depth === 0) {
        result += character;
        at++;
        continue;
      }
      if (character === '}') throw valueError("Single '}' encountered in format string");
      const end = closing(text, at);
      const match = /^((?:[^!:[]|\[[^\]]*\])*)(?:!(.))?(?::([^]*))?$/.exec(text.slice(at + 1, end));
      if (match === null) throw valueError("expected ':' after conversion specifier");
      let value = field(match[1] ?? '');
      if (match[2] === 'r') value = pythonRepr(value);
      else if (match[2] === 's') value = pythonStr(value);
      else if (match[2] !== undefined && match[2] !== 'a') throw valueError(`Unknown conversion specifier ${match[2]}`);
      else if (match[2] === 'a') value = pythonRepr(value).replace(/[^\x00-\x7f]/gu, escapeCharacter); // eslint-disable-line no-control-regex
      result += formatValue(value, match[3] === undefined ? '' : expand(match[3], depth + 1));
      at = end;
    }
    return result;
  };
  return expand(template, 0);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw valueError(
    open === text.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

const SPECIFICATION = /^(?:([^])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

/** Python's format(value, specification). Throws PythonError. */
export function formatValue(value: Value, specification: string): string {
  if (specification === '') return pythonStr(value);
  if (value instanceof PyDate) return strftime(specification, dateParts(value));
  const match = SPECIFICATION.exec(specification);
  if (match === null)
    throw valueError(`Invalid format specifier '${specification}' for object of type '${typeName(value)}'`);
  const [, fillText, alignText, sign = '', zeroNegative, alternate, zero, widthText, grouping, precisionText, type] =
    match;
  const width = Number(widthText ?? 0);
  const precision = precisionText === undefined ? undefined : Number(precisionText);
  const fill = fillText ?? (zero !== undefined ? '0' : ' ');
  if (isString(value)) {
    if (type !== undefined && type !== 's') throw valueError(`Unknown format code '${type}' for object of type 'str'`);
    if (sign !== '') throw valueError('Sign not allowed in string format specifier');
    if (zeroNegative !== undefined)
      throw valueError('Negative zero coercion (z) not allowed in string format specifier');
    if (grouping !== undefined) throw valueError(`Cannot specify '${grouping}' with 's'.`);
    const text = characters(pythonStr(value))
      .slice(0, precision ?? Infinity)
      .join('');
    return align(text, alignText ?? '<', fill, width, '');
  }
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (
    typeof value === 'boolean' &&
    (type === undefined || type === 's') &&
    sign === '' &&
    zeroNegative === undefined &&
    grouping === undefined &&
    precision === undefined
  ) {
    if (type === undefined && (widthText !== undefined || alignText !== undefined))
      return align(numberText(Number(value), undefined, precision, false, grouping), alignText ?? '>', fill, width, '');
    if (type === undefined) return pythonStr(value);
  }
  if (!(isInt(number) || toNumber(number) !== undefined))
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  if (isInt(number) && precision !== undefined && (type === undefined || 'bcdoxXn'.includes(type)))
    throw valueError('Precision not allowed in integer format specifier');
  if (isInt(number) && zeroNegative !== undefined && (type === undefined || 'bcdoxXn'.includes(type)))
    throw valueError('Negative zero coercion (z) not allowed in integer format specifier');
  if (grouping !== undefined && type !== undefined && (grouping === ',' ? 'bcnoxXs' : 'cns').includes(type))
    throw valueError(`Cannot specify '${grouping}' with '${type}'.`);
  const body = numberText(number as number | bigint | PyFloat, type, precision, alternate !== undefined, grouping);
  const negative = body.startsWith('-');
  const digits = negative ? body.slice(1) : body;
  const prefix =
    (negative ? '-' : sign === '-' ? '' : sign) +
    (alternate !== undefined && isInt(number) && type !== undefined && 'bxXo'.includes(type) ? `0${type}` : '');
  const how = alignText ?? (zero !== undefined ? '=' : '>');
  if (how === '=' && grouping !== undefined && fill === '0')
    return prefix + padGrouped(digits, width - prefix.length, grouping);
  return align(digits, how, fill, width, prefix);
}

function numberText(
  value: number | bigint | PyFloat,
  type: string | undefined,
  precision: number | undefined,
  alternate: boolean,
  grouping: string | undefined,
): string {
  if (isInt(value) && (type === undefined || 'bcdnoxX'.includes(type))) {
    const number = BigInt(value);
    if (type === 'c') {
      if (number < 0n || number > 0x10ffffn) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
      return String.fromCodePoint(Number(number));
    }
    const radix = type === 'b' ? 2 : type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
    const text = number.toString(radix);
    return group(type === 'X' ? text.toUpperCase() : text, grouping, radix === 10 ? 3 : 4);
  }
  const number = value instanceof PyFloat ? value.value : Number(value);
  const lower = type?.toLowerCase();
  let text: string;
  if (type === undefined) text = precision === undefined ? reprFloat(number) : generalLikeRepr(number, precision);
  else if (lower === 'f') text = fixed(number, precision ?? 6);
  else if (lower === 'e') text = exponential(number, precision ?? 6);
  else if (lower === 'g' || lower === 'n') text = general(number, precision ?? 6, alternate);
  else if (type === '%') text = `${fixed(number * 100, precision ?? 6)}%`;
  else throw valueError(`Unknown format code '${type}' for object of type '${typeName(value)}'`);
  return group(type !== undefined && type !== lower && type !== '%' ? text.toUpperCase() : text, grouping, 3);
}

function generalLikeRepr(value: number, precision: number): string {
  const text = general(value, precision);
  return /[.e]|inf|nan/.test(text) ? text : `${text}.0`;
}

function group(text: string, separator: string | undefined, size: number): string {
  if (separator === undefined) return text;
  const [, sign = '', whole = '', rest = ''] = /^(-?)([\da-fA-F]+)([^]*)$/.exec(text) ?? [];
  return sign + whole.replace(new RegExp(`\\B(?=(?:[\\da-fA-F]{${size}})+$)`, 'g'), separator) + rest;
}

function padGrouped(digits: string, width: number, separator: string): string {
  let plain = digits.replaceAll(separator, '');
  let text = digits;
  while (text.length < width) {
    plain = `0${plain}`;
    text = group(plain, separator, 3);
  }
  return text;
}

function align(text: string, how: string, fill: string, width: number, prefix: string): string {
  const missing = width - characters(text).length - prefix.length;
  if (missing <= 0) return prefix + text;
  if (how === '<') return prefix + text + fill.repeat(missing);
  if (how === '^') return fill.repeat(Math.floor(missing / 2)) + prefix + text + fill.repeat(Math.ceil(missing / 2));
  return how === '=' ? prefix + fill.repeat(missing) + text : fill.repeat(missing) + prefix + text;
}
