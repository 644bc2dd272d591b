// Methods of int, float and bytes.
import { float, int, PyBytes, Tuple, type Value } from '../../core/value.ts';
import { PythonError, valueError } from '../special.ts';
import { pythonStr } from '../python/text.ts';
import { iterate, truthy } from '../python/types.ts';
import type { Methods } from './method.ts';

export const INT_METHODS: Methods<bigint> = {
  bit_length: { signature: '', run: (self) => (self === 0n ? 0 : (self < 0n ? -self : self).toString(2).length) },
  bit_count: { signature: '', run: (self) => (self < 0n ? -self : self).toString(2).replaceAll('0', '').length },
  conjugate: { signature: '', run: (self) => int(self) },
  from_bytes: {
    signature: "bytes, byteorder='big', *, signed=False",
    run: (_, bytes, order, isSigned) => {
      const all = bytes instanceof PyBytes ? [...bytes.bytes] : Array.from(iterate(bytes as Value), Number);
      const hex = Buffer.from(order === 'little' ? all.reverse() : all).toString('hex');
      const whole = BigInt(`0x0${hex}`);
      return int(truthy(isSigned as Value) ? BigInt.asIntN(all.length * 8, whole) : whole);
    },
  },
  is_integer: { signature: '', run: () => true },
  as_integer_ratio: { signature: '', run: (self) => Tuple.from([int(self), 1]) as Tuple },
  to_bytes: {
    signature: "length=1, byteorder='big'",
    run: (self, length, order) => {
      const hex = self.toString(16).padStart(Number(length) * 2, '0');
      const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
      if (bytes.length > Number(length)) throw new PythonError('OverflowError', 'int too big to convert');
      return new PyBytes(order === 'little' ? bytes.reverse() : bytes);
    },
  },
};

export const FLOAT_METHODS: Methods<number> = {
  fromhex: { signature: 'string', run: (_, text) => float(fromFloatHex(pythonStr(text as Value))) },
  is_integer: { signature: '', run: (self) => Number.isInteger(self) },
  conjugate: { signature: '', run: (self) => self },
  hex: { signature: '', run: (self) => floatHex(self) },
  as_integer_ratio: {
    signature: '',
    run: (self) => {
      if (!Number.isFinite(self)) throw valueError('cannot convert this float to an integer ratio');
      let denominator = 1n;
      let value = self;
      while (!Number.isInteger(value)) {
        value *= 2;
        denominator *= 2n;
      }
      return Tuple.from([int(BigInt(value)), int(denominator)]) as Tuple;
    },
  },
};

function floatHex(value: number): string {
  if (value === 0) return `${Object.is(value, -0) ? '-' : ''}0x0.0p+0`;
  let exponent = Math.floor(Math.log2(Math.abs(value)));
  let mantissa = Math.abs(value) / 2 ** exponent;
  if (mantissa >= 2) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  const digits = Math.round((mantissa - 1) * 2 ** 52)
    .toString(16)
    .padStart(13, '0');
  return `${value < 0 ? '-' : ''}0x1.${digits}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** float.fromhex. */
function fromFloatHex(text: string): number {
  const match = /^\s*([-+]?)(?:(inf(?:inity)?)|(nan)|(?:0x)?([\da-f]*)(?:\.([\da-f]*))?(?:p([-+]?\d+))?)\s*$/i.exec(
    text,
  );
  const [, sign = '', infinite, none, whole = '', fraction = '', power = '0'] = match ?? [];
  if (match === null || (infinite === undefined && none === undefined && whole + fraction === ''))
    throw valueError('invalid hexadecimal floating-point string');
  const size =
    infinite !== undefined
      ? Infinity
      : none !== undefined
        ? Number.NaN
        : Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === '-' ? -size : size;
}

export const BYTES_METHODS: Methods<PyBytes> = {
  decode: {
    signature: "encoding='utf-8', errors='strict'",
    run: (self, encoding) => decodeBytes(self.bytes, String(encoding)),
  },
  hex: { signature: '', run: (self) => Buffer.from(self.bytes).toString('hex') },
  lower: { signature: '', run: (self) => byLetters(self, (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase())) },
  split: {
    signature: '',
    run: (self) =>
      (
        Buffer.from(self.bytes)
          .toString('latin1')
          .match(/[^ \t\n\r\v\f]+/g) ?? []
      ).map((part) => new PyBytes(Buffer.from(part, 'latin1'))),
  },
  strip: {
    signature: '',
    run: (self) => byLetters(self, (text) => text.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, '')),
  },
  upper: { signature: '', run: (self) => byLetters(self, (text) => text.replace(/[a-z]/g, (c) => c.toUpperCase())) },
};

/** A change of bytes seen as letters of one byte each. */
function byLetters(self: PyBytes, change: (text: string) => string): PyBytes {
  return new PyBytes(Buffer.from(change(Buffer.from(self.bytes).toString('latin1')), 'latin1'));
}

/** UTF-8 bytes as text; bytes that are none become lone surrogates, as Python's surrogateescape has it. */
export function decodeEscaping(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    let text = '';
    for (let at = 0; at < bytes.length;) {
      const size = [1, 2, 3, 4].find((length) => {
        try {
          return (
            Array.from(
              new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + length)),
            ).length === 1
          );
        } catch {
          return false;
        }
      });
      text +=
        size === undefined
          ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
          : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + size));
      at += size ?? 1;
    }
    return text;
  }
}

/** Text as filters take it: bytes are the UTF-8 of one. */
export function asText(value: Value): string {
  return value instanceof PyBytes ? decodeEscaping(value.bytes) : pythonStr(value);
}

/** bytes.decode. */
export function decodeBytes(bytes: Uint8Array, encoding: string): Value {
  const key = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (key === 'utf16') return new TextDecoder('utf-16').decode(bytes);
  const known: BufferEncoding | undefined = (
    { utf8: 'utf8', ascii: 'ascii', latin1: 'latin1', iso88591: 'latin1', utf16le: 'utf16le' } as const
  )[key];
  if (known === undefined) throw new PythonError('Error', `unknown encoding: ${encoding}`);
  if (known !== 'utf8') return Buffer.from(bytes).toString(known);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw valueError("'utf-8' codec can't decode the bytes");
  }
}
