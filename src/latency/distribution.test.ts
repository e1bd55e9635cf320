import { describe, expect, it } from 'vitest';

import { distribution } from './distribution.ts';

describe('a distribution', () => {
  it('holds values that occurred, whatever their order', () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(distribution(values)).toEqual({ count: 20, p50: 10, p95: 19 });
    expect(distribution([7])).toEqual({ count: 1, p50: 7, p95: 7 });
    expect(distribution([3, 1])).toEqual({ count: 2, p50: 1, p95: 3 });
  });

  it('leaves out what is not known, and is none without anything known', () => {
    expect(distribution([undefined, 5, undefined])).toEqual({ count: 1, p50: 5, p95: 5 });
    expect(distribution([undefined])).toBeUndefined();
  });
});
