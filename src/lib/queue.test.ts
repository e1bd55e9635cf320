import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BoundedQueue } from './queue.ts';

async function drain<T>(queue: BoundedQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('BoundedQueue', () => {
  it('keeps the newest items in order and counts the dropped ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), async (items, capacity) => {
        const queue = new BoundedQueue<number>(capacity);
        for (const item of items) queue.push(item);
        queue.close();
        expect(await drain(queue)).toEqual(items.slice(-capacity));
        expect(queue.droppedCount).toBe(Math.max(0, items.length - capacity));
      }),
    );
  });

  it('refuses what does not fit where it is told to', async () => {
    const queue = new BoundedQueue<number>(1, 'refuse');
    expect([queue.push(1), queue.push(2)]).toEqual([true, false]);
    queue.close();
    expect(await drain(queue)).toEqual([1]);
  });

  it('pushes back: put waits until the reader has made room', async () => {
    const queue = new BoundedQueue<number>(1);
    const order: string[] = [];
    const writing = (async () => {
      for (const item of [1, 2, 3]) {
        await queue.put(item);
        order.push(`put ${item}`);
      }
      queue.close();
    })();
    await Promise.resolve();
    expect(order).toEqual(['put 1']);
    expect(await drain(queue)).toEqual([1, 2, 3]);
    await writing;
  });

  it('stops waiting when the signal is aborted', async () => {
    const queue = new BoundedQueue<number>(1);
    const controller = new AbortController();
    await queue.put(1);
    const waiting = queue.put(2, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('after a failure delivers nothing but the error', async () => {
    const queue = new BoundedQueue<number>(4);
    queue.push(1);
    queue.fail(new Error('broken'));
    await expect(drain(queue)).rejects.toThrow('broken');
  });

  it('delivers falsy and undefined items like others', async () => {
    const queue = new BoundedQueue<number | undefined>(4);
    queue.push(0);
    queue.push(undefined);
    queue.push(1);
    queue.close();
    expect(await drain(queue)).toEqual([0, undefined, 1]);
  });
});
