import { describe, expect, it } from 'vitest';

import { RoundTrips } from './round-trips.ts';

describe('RoundTrips', () => {
  it('knows nothing of times when nobody answered', () => {
    const trips = new RoundTrips();
    expect(trips.fastestAround(0)).toBeUndefined();
    expect(trips.spreadAround(0)).toBe(0);
    trips.observe(1000, 20);
    expect(trips.fastestAround(7000)).toBe(20);
    expect(trips.fastestAround(7001)).toBeUndefined();
  });

  it('takes the fastest of some seconds before and after, and says how unequal they are', () => {
    const trips = new RoundTrips();
    for (const [at, ms] of [
      [0, 5],
      [5000, 30],
      [10_000, 22],
      [15_000, 60],
    ] as const) {
      trips.observe(at, ms);
    }
    expect(trips.fastestAround(8000)).toBe(22);
    expect(trips.spreadAround(8000)).toBe(55);
    expect(trips.spreadAround(32_000)).toBe(38);
  });

  it('forgets those of more than a minute ago, where one comes each second', () => {
    const trips = new RoundTrips();
    trips.observe(0, 900);
    expect(trips.fastestAround(0)).toBe(900);
    for (let at = 1000; at <= 60_000; at += 1000) trips.observe(at, 20);
    expect(trips.fastestAround(-5001)).toBeUndefined();
  });
});
