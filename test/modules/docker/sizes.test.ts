// Sizes, times and streams as Docker writes them.
import { describe, expect, it } from 'vitest';
import { bytesOf, nanosecondsOf } from '../../../src/modules/docker/size.ts';
import { demultiplex } from '../../../src/modules/docker/stream.ts';

describe('sizes and times', () => {
  it.each([
    ['512M', 536870912],
    ['1g', 1073741824],
    ['1.5G', 1610612736],
    ['1024', 1024],
    ['64MB', 67108864],
    ['10b', 10],
    ['0', 0],
    ['lots', undefined],
    ['-1', undefined],
  ])('reads %s', (text, bytes) => expect(bytesOf(text)).toBe(bytes));
  it.each([
    ['1m30s', 90e9],
    ['500ms', 5e8],
    ['2h', 7200e9],
    ['1.5s', 1.5e9],
    ['10', undefined],
    ['1d', undefined],
  ])('reads %s', (text, nanoseconds) => expect(nanosecondsOf(text)).toBe(nanoseconds));
});

describe('a framed stream', () => {
  const frame = (stream: number, text: string): Buffer => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  it('is taken apart in order', () => {
    const { stdout, stderr } = demultiplex(
      Buffer.concat([frame(2, 'err\n'), frame(1, 'a'), frame(1, ''), frame(2, 'é'), frame(1, 'b\n')]),
    );
    expect([stdout.toString(), stderr.toString()]).toEqual(['ab\n', 'err\né']);
  });
  it('gives what there is of a frame cut short', () => {
    expect(demultiplex(frame(1, 'hello').subarray(0, 10)).stdout.toString()).toBe('he');
    expect(demultiplex(Buffer.from([1, 0, 0])).stdout.toString()).toBe('');
  });
});
