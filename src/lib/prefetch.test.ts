import { describe, expect, it } from 'vitest';

import { prefetch } from './prefetch.ts';

async function* numbers(count: number, produced: number[] = []): AsyncGenerator<number, void, undefined> {
  for (let item = 0; item < count; item += 1) {
    produced.push(item);
    yield item;
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe('prefetch', () => {
  it('runs ahead of its reader, no further than the bound', async () => {
    const produced: number[] = [];
    const reader = prefetch(numbers(100, produced), 4, { signal: new AbortController().signal });
    await settle();
    expect(produced.length).toBeGreaterThanOrEqual(4);
    expect(produced.length).toBeLessThanOrEqual(6);
    const items: number[] = [];
    for await (const item of reader) items.push(item);
    expect(items).toEqual([...numbersTo(100)]);
  });

  it('delivers what came before an error, and then the error', async () => {
    const broken = (async function* (): AsyncGenerator<number, void, undefined> {
      yield* numbers(2);
      throw new Error('broken');
    })();
    const items: number[] = [];
    const read = async (): Promise<void> => {
      for await (const item of prefetch(broken, 4, { signal: new AbortController().signal })) items.push(item);
    };
    await expect(read()).rejects.toThrow('broken');
    expect(items).toEqual([0, 1]);
  });

  it('ends quietly on abort and closes its source', async () => {
    const controller = new AbortController();
    let closed = false;
    const source = (async function* (): AsyncGenerator<number, void, undefined> {
      try {
        yield* numbers(1000);
      } finally {
        closed = true;
      }
    })();
    const reader = prefetch(source, 2, { signal: controller.signal })[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    expect((await reader.next()).done).toBe(true);
    await settle();
    expect(closed).toBe(true);
  });
});

function* numbersTo(count: number): Generator<number, void, undefined> {
  for (let item = 0; item < count; item += 1) yield item;
}
