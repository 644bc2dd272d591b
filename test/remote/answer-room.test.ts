// The bound on answers under way: who waits, who is let in when, and that nothing is counted twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerRoom, type AnswerShare } from '../../src/remote/answer-room.ts';

const KIB = 1024;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the room for answers', () => {
  it('lets in whom it has room for, and the others in order as room is given back', async () => {
    const room = new AnswerRoom(512 * KIB);
    const entered: number[] = [];
    const shares: AnswerShare[] = [];
    for (const number of [1, 2, 3, 4]) void room.enter().then((share) => (entered.push(number), shares.push(share)));
    await settled();
    expect(entered).toEqual([1, 2]);
    shares[0]?.leave();
    await settled();
    expect(entered).toEqual([1, 2, 3]);
  });
  it('counts what came, so that one large answer keeps all others out until it is handed on', async () => {
    const room = new AnswerRoom(1024 * KIB);
    const large = await room.enter();
    large.add(700 * KIB);
    large.add(700 * KIB);
    let second = false;
    void room.enter().then(() => (second = true));
    await settled();
    expect(second).toBe(false);
    large.leave();
    await settled();
    expect(second).toBe(true);
  });
  it('lets everybody in at last, whatever they bring', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 40 }), async (sizes) => {
        const room = new AnswerRoom(1024 * KIB);
        let under = 0;
        let most = 0;
        await Promise.all(
          sizes.map(async (size) => {
            const share = await room.enter();
            under += 1;
            most = Math.max(most, under);
            share.add(size * KIB);
            await settled();
            under -= 1;
            share.leave();
            share.leave();
          }),
        );
        expect(under).toBe(0);
        expect(most).toBeLessThanOrEqual(4);
        // All room is there again: the first four enter at once.
        const again = await Promise.all([1, 2, 3, 4].map(() => room.enter()));
        expect(again).toHaveLength(4);
      }),
      { numRuns: 50 },
    );
  });
});
