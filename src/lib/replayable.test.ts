import { describe, expect, it } from 'vitest';

import { BoundedQueue } from './queue.ts';
import { Replayable } from './replayable.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

describe('Replayable', () => {
  it('gives each reader everything, whenever it begins', async () => {
    const source = new BoundedQueue<number | undefined>(10);
    const items = new Replayable(source);
    source.push(1);
    const early = all(items);
    source.push(undefined);
    source.push(3);
    source.close();
    expect(await early).toEqual([1, undefined, 3]);
    expect(await all(items)).toEqual([1, undefined, 3]);
  });

  it('tells whether a reader waits for more', async () => {
    const source = new BoundedQueue<number>(10);
    const items = new Replayable(source);
    expect(items.isAwaited).toBe(false);
    const reader = items[Symbol.asyncIterator]();
    const first = reader.next();
    expect(items.isAwaited).toBe(true);
    source.push(1);
    expect(await first).toEqual({ value: 1, done: false });
    expect(items.isAwaited).toBe(false);
    const end = reader.next();
    source.close();
    expect(await end).toMatchObject({ done: true });
    expect(items.isAwaited).toBe(false);
  });

  it('hands on the error of its source, after what came before it', async () => {
    const source = new BoundedQueue<number>(10);
    const items = new Replayable(source);
    const reader = items[Symbol.asyncIterator]();
    source.push(1);
    expect(await reader.next()).toEqual({ value: 1, done: false });
    const error = new Error('no more');
    source.fail(error);
    await expect(reader.next()).rejects.toBe(error);
    await expect(all(items)).rejects.toBe(error);
  });
});
