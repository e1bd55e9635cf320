import { describe, expect, it } from 'vitest';
import { oneAhead } from './one-ahead.ts';

/** Counts up; notes what it was asked for. */
async function* counting(asked: number[], onReturn: () => void = () => undefined): AsyncGenerator<number, void> {
  try {
    for (let count = 1; count <= 4; count += 1) {
      asked.push(count);
      yield count;
    }
  } finally {
    onReturn();
  }
}

describe('oneAhead', () => {
  it('asks for the next item while the reader has one, and for no more', async () => {
    const asked: number[] = [];
    const seen = [];
    for await (const count of oneAhead(counting(asked))) seen.push([count, asked.length]);
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 4],
    ]);
  });

  it('throws what its source throws after the items before it', async () => {
    const failure = new Error('broken');
    async function* failing(): AsyncGenerator<number, void> {
      yield 1;
      throw failure;
    }
    const seen: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const count of oneAhead(failing())) {
        // The source has failed by now.
        await new Promise(setImmediate);
        seen.push(count);
      }
    };
    await expect(reading()).rejects.toBe(failure);
    expect(seen).toEqual([1]);
  });

  it('returns its source when the reader leaves', async () => {
    const returned = Promise.withResolvers<string>();
    for await (const _ of oneAhead(counting([], () => returned.resolve('returned')))) break;
    expect(await returned.promise).toBe('returned');
  });
});
