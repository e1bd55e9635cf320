import { describe, expect, it } from 'vitest';

import { EarClock } from './ear-clock.ts';

describe('the clock of the ear', () => {
  it('goes by the batch that came soonest', () => {
    const clock = new EarClock();
    expect(clock.toPageMs(0)).toBeUndefined();
    for (const [earMs, pageMs] of [
      [100, 1109],
      [200, 1202],
      [300, 1350],
    ] as const) {
      clock.arrived(earMs, pageMs);
    }
    expect(clock.toPageMs(250)).toBe(1252);
  });

  it('follows a clock that drifts, once ten seconds have passed', () => {
    const clock = new EarClock();
    for (let earMs = 0; earMs <= 60_000; earMs += 100) clock.arrived(earMs, 1000 + earMs * 1.0001);
    expect(Math.abs((clock.toPageMs(60_000) ?? 0) - 61_006)).toBeLessThan(1.1);
  });
});
