// A folder of the controller as the context of an image build: its digest, and its bytes as a tar stream made while it is sent.
import { createHash } from 'node:crypto';
import type { SourceTree } from '../../core/args.ts';

/** Digest over what decides the image: paths, kinds, modes and content, in sorted order. Times and owners do not count. */
export function contextDigest(tree: SourceTree, more: readonly string[]): string {
  const hash = createHash('sha256');
  for (const entry of sortedEntries(tree))
    hash.update(
      `${entry.kind}\0${entry.path}\0${entry.mode}\0${entry.kind === 'file' ? entry.content.sha256 : entry.kind === 'link' ? entry.target : ''}\n`,
    );
  for (const part of more) hash.update(`${part}\n`);
  return hash.digest('hex');
}

function sortedEntries(tree: SourceTree): SourceTree['entries'] {
  return [...tree.entries].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The tree as a POSIX tar (ustar with pax headers for long names), all owned by root, with one fixed time, so that equal trees give equal bytes. */
export async function* contextTar(tree: SourceTree): AsyncGenerator<Uint8Array> {
  for (const entry of sortedEntries(tree)) {
    const mode = parseInt(entry.mode, 8);
    if (entry.kind === 'directory') yield* headers({ name: `${entry.path}/`, mode, type: '5', size: 0, link: '' });
    else if (entry.kind === 'link')
      yield* headers({ name: entry.path, mode: 0o777, type: '2', size: 0, link: entry.target });
    else {
      const { content } = entry;
      yield* headers({ name: entry.path, mode, type: '0', size: content.size, link: '' });
      let sent = 0;
      for await (const chunk of content.bytes === undefined ? (content.open?.() ?? []) : [content.bytes]) {
        sent += chunk.length;
        yield chunk;
      }
      if (sent !== content.size) throw new Error(`${tree.path}/${entry.path} has changed while it was sent`);
      if (sent % 512 !== 0) yield Buffer.alloc(512 - (sent % 512));
    }
  }
  yield Buffer.alloc(1024);
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly type: '0' | '2' | '5' | 'x';
  readonly size: number;
  readonly link: string;
}

function* headers(entry: Entry): Generator<Uint8Array> {
  const long = [
    ...(Buffer.byteLength(entry.name) > 100 ? [paxRecord('path', entry.name)] : []),
    ...(Buffer.byteLength(entry.link) > 100 ? [paxRecord('linkpath', entry.link)] : []),
    ...(entry.size > 0o77777777777 ? [paxRecord('size', String(entry.size))] : []),
  ];
  if (long.length > 0) {
    const body = Buffer.from(long.join(''));
    yield header({ name: 'PaxHeader', mode: 0o644, type: 'x', size: body.length, link: '' });
    yield body;
    if (body.length % 512 !== 0) yield Buffer.alloc(512 - (body.length % 512));
  }
  yield header(entry);
}

/** `LENGTH key=value\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function header(entry: Entry): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, width: number): void =>
    void block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(Buffer.from(entry.name).subarray(0, 100).toString('latin1'), 0, 'latin1');
  octal(entry.mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(Math.min(entry.size, 0o77777777777), 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(entry.type, 156, 'latin1');
  block.write(Buffer.from(entry.link).subarray(0, 100).toString('latin1'), 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write('root', 265, 'latin1');
  block.write('root', 297, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
