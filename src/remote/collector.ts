// Keeps the first bytes of an output, up to a limit, and drops the rest while it is read: a flood never fills the memory.

export class Collector {
  limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #truncated = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Returns how many bytes were kept. */
  add(chunk: Buffer): number {
    const room = this.limit - this.#size;
    if (chunk.length > room) this.#truncated = true;
    if (room <= 0) return 0;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(kept);
    this.#size += kept.length;
    return kept.length;
  }

  /** What was kept; begins anew. */
  take(): { readonly bytes: Buffer; readonly truncated: boolean } {
    const [only] = this.#chunks;
    // A copy, where it is a small part of a chunk that held more: the rest of the chunk is not kept alive by it.
    const bytes = this.#chunks.length === 1 && only !== undefined ? Buffer.from(only) : Buffer.concat(this.#chunks);
    const truncated = this.#truncated;
    this.#chunks = [];
    this.#size = 0;
    this.#truncated = false;
    return { bytes, truncated };
  }
}
