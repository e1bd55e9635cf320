import { describe, expect, it } from 'vitest';

import { durationErrorMs } from './bounded.ts';

/** Of all pairs of errors within two bounds, evenly spread: how many sum to less than `withinMs`. */
function coveredRatio(one: number, other: number, withinMs: number): number {
  const steps = Array.from({ length: 400 }, (_, index) => (index + 0.5) / 200 - 1);
  const covered = steps.flatMap((a) => steps.filter((b) => Math.abs(a * one + b * other) <= withinMs));
  return covered.length / steps.length ** 2;
}

describe('durationErrorMs', () => {
  it.each([
    [8, 10],
    [5, 5],
    [1, 40],
    [0.5, 40],
    [0, 12],
  ])('of ends known to ± %d ms and ± %d ms covers 19 of 20 cases', (one, other) => {
    const errorMs = durationErrorMs({ atMs: 0, errorMs: one }, { atMs: 500, errorMs: other });
    expect(coveredRatio(one, other, errorMs)).toBeCloseTo(0.95, 2);
    expect(errorMs).toBeLessThanOrEqual(one + other);
  });

  it('is nothing where both ends are known exactly', () => {
    expect(durationErrorMs({ atMs: 0, errorMs: 0 }, { atMs: 500, errorMs: 0 })).toBe(0);
  });
});
