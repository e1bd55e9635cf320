import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpClock } from './clock.ts';
import { FRAME_TICKS, TICKS_PER_MS } from './packet.ts';

describe('RtpClock', () => {
  it('knows nothing before the first packet', () => {
    const clock = new RtpClock();
    expect([clock.instantOf(0), clock.timestampAt(0)]).toEqual([undefined, undefined]);
  });

  it('goes by the packet that was delayed least', () => {
    const clock = new RtpClock();
    const delaysMs = [30, 5, 80, 12];
    delaysMs.forEach((delayMs, index) => clock.observe(9000 + index * FRAME_TICKS, 1000 + index * 20 + delayMs));
    expect(clock.instantOf(9000)).toBeCloseTo(1005, 0);
    expect(clock.timestampAt(1025)).toBeCloseTo(9000 + FRAME_TICKS, -2);
  });

  it('follows a sender whose clock is slow or fast by 200 ppm for an hour', () => {
    for (const ppm of [-200, 200]) {
      const clock = new RtpClock();
      let arrivedAtMs = 0;
      for (let frame = 0; frame < 180_000; frame += 1) {
        arrivedAtMs = frame * 20 * (1 + ppm / 1e6) + 10 + (frame % 7);
        clock.observe(frame * FRAME_TICKS, arrivedAtMs);
      }
      const errorMs = (clock.instantOf(179_999 * FRAME_TICKS) ?? NaN) - (179_999 * 20 * (1 + ppm / 1e6) + 10);
      expect(Math.abs(errorMs)).toBeLessThan(1);
    }
  });

  it('starts over when the sender stood still for longer than any delay', () => {
    const clock = new RtpClock();
    clock.observe(0, 1000);
    clock.observe(FRAME_TICKS, 61_020);
    expect(clock.instantOf(FRAME_TICKS)).toBe(61_020);
  });

  it('comes back to the true time line after a burst that was held up', () => {
    const clock = new RtpClock();
    clock.observe(0, 1000);
    for (let frame = 1; frame <= 250; frame += 1) clock.observe(frame * FRAME_TICKS, 6000);
    expect(clock.instantOf(250 * FRAME_TICKS)).toBeCloseTo(6000, 6);
  });

  it('never says later than the least delayed packet plus what drift may have added, and inverts itself', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 }), (delaysMs) => {
        const clock = new RtpClock();
        delaysMs.forEach((delayMs, index) => clock.observe(index * FRAME_TICKS, index * 20 + delayMs));
        const instant = clock.instantOf(0) ?? NaN;
        expect(instant).toBeGreaterThanOrEqual(Math.min(...delaysMs));
        expect(instant).toBeLessThanOrEqual(Math.min(...delaysMs) + (delaysMs.length * 20 + 300) * 0.0005 + 1e-9);
        expect(clock.timestampAt(instant + 7)).toBeCloseTo(7 * TICKS_PER_MS, 6);
      }),
    );
  });
});
