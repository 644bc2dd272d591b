// Host entries of an inventory: `web[01:10].example.org:2222` is ten names and a port. Follows Ansible's reading of addresses.
import { VbxError } from '../core/error.ts';

const NUMERIC = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const HEXADECIMAL = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const ALPHANUMERIC = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const OCTET = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC})`;
const PART = `(?:[0-9a-f]{1,4}|${HEXADECIMAL})`;
const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = `(?:${WORD}|${ALPHANUMERIC})(?:${WORD}|-|${ALPHANUMERIC})*(?<![_-])`;
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`, 'i');
const IPV6 = new RegExp(
  `^(?:(?:${PART}:){7}${PART}|(?:${PART}:){1,6}:|(?:${PART}:)(?::${PART}){1,6}|(?:${PART}:){2}(?::${PART}){1,5}|(?:${PART}:){3}(?::${PART}){1,4}|(?:${PART}:){4}(?::${PART}){1,3}|(?:${PART}:){5}(?::${PART}){1,2}|(?:${PART}:){6}(?::${PART})|:(?::${PART}){1,6}|${PART}?::|(?:0:){6}(?:${PART}\\.){3}${PART}|::(?:ffff:)?(?:${PART}\\.){3}${PART}|(?:0:){5}ffff:(?:${PART}\\.){3}${PART})$`,
  'i',
);
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu');
const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/;
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
/** The common case: a plain name, neither range nor port. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

export interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

/** Whether the name is an IP address (its short name is the whole of it then). */
export function isAddress(name: string): boolean {
  return IPV4.test(name) || IPV6.test(name);
}

/** Name and port of an entry; undefined when it is no host name or address (with or without ranges). */
export function parseAddress(text: string, allowRanges: boolean): Address | undefined {
  let host = text;
  let port: number | undefined;
  for (const form of [BRACKETED_PORT, PORT]) {
    const match = form.exec(host);
    if (match !== null) [host, port] = [match[1] ?? '', Number(match[2])];
  }
  if (!(IPV4.test(host) || IPV6.test(host) || HOSTNAME.test(host))) return undefined;
  if (!allowRanges && host.includes('[')) return undefined;
  return { host, port };
}

/** All names that a host entry stands for, and its port. Throws a `VbxError` for a range that cannot be counted. */
export function expandHostEntry(entry: string): {
  readonly names: readonly string[];
  readonly port: number | undefined;
} {
  if (PLAIN.test(entry)) return { names: [entry], port: undefined };
  const { host, port } = parseAddress(entry, true) ?? { host: entry, port: undefined };
  return { names: host.includes('[') ? expandRanges(host) : [host], port };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MOST = 1_000_000;

function expandRanges(entry: string): string[] {
  const open = entry.indexOf('[');
  if (open < 0) return [entry];
  const close = entry.indexOf(']');
  if (close < open) throw new VbxError(`the range in "${entry}" has no end`);
  const head = entry.slice(0, open);
  const tail = entry.slice(close + 1);
  const bounds = entry.slice(open + 1, close).split(':');
  if (bounds.length !== 2 && bounds.length !== 3)
    throw new VbxError(`a range is begin:end or begin:end:step, not "${entry.slice(open, close + 1)}"`);
  const begin = bounds[0] || '0';
  const end = bounds[1] ?? '';
  const step = bounds[2] === undefined ? 1 : Number(bounds[2]);
  if (end === '') throw new VbxError(`the range in "${entry}" has no end value`);
  if (!Number.isInteger(step) || step < 1)
    throw new VbxError(`the step of the range in "${entry}" must be a positive number`);
  const values = rangeValues(begin, end, step, entry);
  const tails = expandRanges(tail);
  const names: string[] = [];
  for (const value of values) {
    for (const rest of tails) names.push(head + value + rest);
    if (names.length > MOST) throw new VbxError(`"${entry}" stands for more than ${MOST} hosts`);
  }
  return names;
}

function rangeValues(begin: string, end: string, step: number, entry: string): string[] {
  const values: string[] = [];
  const padded = begin.length > 1 && begin.startsWith('0') ? begin.length : 0;
  if (padded > 0 && padded !== end.length)
    throw new VbxError(`both ends of the range in "${entry}" must be equally long, as it begins with 0`);
  const from = begin.length === 1 ? LETTERS.indexOf(begin) : -1;
  const to = end.length === 1 ? LETTERS.indexOf(end) : -1;
  if (from >= 0 && to >= 0) {
    if (from > to) throw new VbxError(`the range in "${entry}" begins behind its end`);
    for (let at = from; at <= to; at += step) values.push(LETTERS.charAt(at));
    return values;
  }
  if (!/^-?\d+$/.test(begin) || !/^-?\d+$/.test(end))
    throw new VbxError(`"${begin}:${end}" in "${entry}" is no range of numbers or letters`);
  if ((Number(end) - Number(begin)) / step > MOST) throw new VbxError(`"${entry}" stands for more than ${MOST} hosts`);
  for (let at = Number(begin); at <= Number(end); at += step)
    values.push(padded > 0 ? String(at).padStart(padded, '0') : String(at));
  return values;
}
