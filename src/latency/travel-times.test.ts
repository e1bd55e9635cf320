import { describe, expect, it } from 'vitest';

import { TravelTimes } from './travel-times.ts';

describe('TravelTimes', () => {
  it('knows nothing of times when nobody answered', () => {
    const times = new TravelTimes();
    expect(times.fastestAround(0)).toBeUndefined();
    expect(times.spreadAround(0)).toBe(0);
    times.observe(1000, 20);
    expect(times.fastestAround(7000)).toBe(20);
    expect(times.fastestAround(7001)).toBeUndefined();
  });

  it('takes the fastest of some seconds before and after, and says how unequal they are', () => {
    const times = new TravelTimes();
    for (const [at, ms] of [
      [0, 5],
      [5000, 30],
      [10_000, 22],
      [15_000, 60],
    ] as const) {
      times.observe(at, ms);
    }
    expect(times.fastestAround(8000)).toBe(22);
    expect(times.spreadAround(8000)).toBe(55);
    expect(times.spreadAround(32_000)).toBe(38);
  });

  it('forgets those of more than a minute ago, where one comes each second', () => {
    const times = new TravelTimes();
    times.observe(0, 900);
    expect(times.fastestAround(0)).toBe(900);
    for (let at = 1000; at <= 60_000; at += 1000) times.observe(at, 20);
    expect(times.fastestAround(-5001)).toBeUndefined();
  });
});
