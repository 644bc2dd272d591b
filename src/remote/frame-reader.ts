// Finds frames in a stream of bytes: a random marker, a header line, and data between them that may hold anything but that marker.

/** First byte of a marker (RS): rare in output, so live output is almost never held back to see what follows. */
export const MARK_BYTE = '\x1e';

export interface FrameListener {
  /** Bytes between headers. */
  data(chunk: Buffer): void;
  /** The line behind a marker, without its end. */
  header(line: Buffer): void;
}

/** Splits what is pushed at each `\x1e<marker>`; everything is handed on as soon as it cannot be part of a marker any more. */
export class FrameReader {
  readonly #marker: Buffer;
  readonly #listener: FrameListener;
  #held: Buffer = Buffer.alloc(0);
  #inHeader = false;
  /** How many of the held bytes were handed on before it was known what they are. */
  #released = 0;

  constructor(marker: string, listener: FrameListener) {
    this.#marker = Buffer.from(MARK_BYTE + marker, 'latin1');
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    if (this.#released > 0 && !rest.subarray(0, this.#marker.length).equals(this.#marker.subarray(0, rest.length))) {
      rest = rest.subarray(this.#released);
      this.#released = 0;
    }
    while (rest.length > 0) {
      if (this.#inHeader) {
        const end = rest.indexOf(10);
        if (end < 0) break;
        this.#inHeader = false;
        this.#listener.header(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        continue;
      }
      const at = rest.indexOf(this.#marker);
      if (at < 0) {
        const possible = this.#beginning(rest);
        if (possible > 0) this.#listener.data(rest.subarray(0, possible));
        rest = rest.subarray(possible);
        break;
      }
      if (at > 0) this.#listener.data(rest.subarray(0, at));
      rest = rest.subarray(at + this.#marker.length);
      this.#inHeader = true;
      this.#released = 0;
    }
    this.#held = rest;
  }

  /**
   * Hands on what is held back because it may be the beginning of a marker, without taking it for anything: for readers that a program waits for. If the rest of a marker
   * follows after all, it is one.
   */
  release(): void {
    if (this.#inHeader || this.#held.length <= this.#released) return;
    const fresh = this.#held.subarray(this.#released);
    this.#released = this.#held.length;
    this.#listener.data(fresh);
  }

  /** Hands on what was held back; for the end of the stream. */
  flush(): void {
    this.release();
    this.#held = Buffer.alloc(0);
    this.#released = 0;
  }

  /** Where an unfinished marker at the end begins; the length where there is none. The marker's first byte occurs in it once. */
  #beginning(bytes: Buffer): number {
    const at = bytes.lastIndexOf(this.#marker[0] ?? 0);
    if (at < 0 || bytes.length - at >= this.#marker.length) return bytes.length;
    return bytes.compare(this.#marker, 0, bytes.length - at, at) === 0 ? at : bytes.length;
  }
}
