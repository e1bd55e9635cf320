import { describe, expect, it } from 'vitest';
import { untilAborted } from './until-aborted.ts';

async function* counting(onReturn: () => void = () => undefined): AsyncGenerator<number, void, undefined> {
  try {
    for (let count = 1; ; count += 1) yield count;
  } finally {
    onReturn();
  }
}

async function* two(): AsyncGenerator<number, void, undefined> {
  yield* [1, 2];
}

async function* silent(): AsyncGenerator<number, void, undefined> {
  yield 1;
  await new Promise(() => undefined);
}

async function collect(source: AsyncIterable<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('untilAborted', () => {
  it('hands on what comes, and ends with its source', async () => {
    expect(await collect(untilAborted(two(), new AbortController().signal))).toEqual([1, 2]);
  });

  it('ends at an abort and returns its source', async () => {
    const controller = new AbortController();
    let returned = false;
    const source = counting(() => {
      returned = true;
    });
    const got = [];
    for await (const count of untilAborted(source, controller.signal)) {
      got.push(count);
      if (count === 3) controller.abort();
    }
    expect(got).toEqual([1, 2, 3]);
    expect(returned).toBe(true);
  });

  it('ends while its source is silent', async () => {
    const controller = new AbortController();
    const got = [];
    for await (const count of untilAborted(silent(), controller.signal)) {
      got.push(count);
      setImmediate(() => controller.abort());
    }
    expect(got).toEqual([1]);
  });

  it('throws what its source throws', async () => {
    const failure = new Error('broken');
    const failing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }),
    };
    await expect(collect(untilAborted(failing, new AbortController().signal))).rejects.toBe(failure);
  });
});
