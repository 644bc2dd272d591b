// The bytes of a file as a handle, so that states can be compared and passed around without carrying megabytes.
import { createHash } from 'node:crypto';

/** File content: compared by `sha256`; `bytes` is the whole of it when it is at hand, `open` streams it from the controller. */
export interface Content {
  readonly size: number;
  /** Hex digest, 64 characters. */
  readonly sha256: string;
  readonly bytes?: Buffer;
  readonly open?: () => AsyncIterable<Uint8Array>;
  /** It holds what nobody is to read (hashes of passwords): a difference of it is told, not shown. */
  readonly hidden?: true;
}

/** Bytes (or text, as UTF-8) as content. */
export function contentOf(data: string | Uint8Array): Content {
  const bytes =
    typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
}
