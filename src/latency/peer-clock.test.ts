import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PeerClock } from './peer-clock.ts';

/** What numbers as large as milliseconds since 1970 lose. */
const EXACT_MS = 0.01;

describe('PeerClock', () => {
  it('is unknown before the first answer', () => {
    expect(new PeerClock().instantOf(1.7e12)).toBeUndefined();
  });

  it('is off by half the round trip at most, their time to answer taken off', () => {
    const clock = new PeerClock();
    clock.observe({
      sentAtMs: 1000,
      receivedEpochMs: 5_000_000,
      answeredEpochMs: 5_000_030,
      arrivedAtMs: 1050,
      resolutionMs: 0,
    });
    const instant = clock.instantOf(5_000_000);
    expect(instant?.atMs).toBeCloseTo(1010, 1);
    expect(instant?.errorMs).toBeCloseTo(10, 1);
    expect(clock.roundTrips.fastestAround(2000)).toBeCloseTo(20, 1);
    expect(clock.roundTrips.fastestAround(8000)).toBeUndefined();
  });

  it('stays unequal ways away: 60 ms there and 20 ms back are within its bound', () => {
    const clock = new PeerClock();
    for (let at = 0; at < 10_000; at += 1000) {
      clock.observe({
        sentAtMs: at,
        receivedEpochMs: at + 60,
        answeredEpochMs: at + 60,
        arrivedAtMs: at + 80,
        resolutionMs: 0,
      });
    }
    const instant = clock.instantOf(9060);
    expect(instant?.atMs).toBeCloseTo(9040, 0);
    expect(instant?.errorMs).toBeGreaterThanOrEqual(20);
    expect(instant?.errorMs).toBeLessThanOrEqual(40.1);
  });

  it('learns nothing from answers that cannot be', () => {
    const clock = new PeerClock();
    const exchange = { sentAtMs: 1000, receivedEpochMs: 50, answeredEpochMs: 60, arrivedAtMs: 1100, resolutionMs: 1 };
    expect(clock.observe({ ...exchange, answeredEpochMs: 40 })).toBe(false);
    expect(clock.observe({ ...exchange, arrivedAtMs: 1001 })).toBe(false);
    expect(clock.observe({ ...exchange, receivedEpochMs: Number.NaN })).toBe(false);
    expect(clock.instantOf(50)).toBeUndefined();
  });

  it('covers the truth for any drift, offset, ways, time to answer and coarse clock', () => {
    const ping = fc.record({
      afterMs: fc.integer({ min: 50, max: 5000 }),
      thereMs: fc.double({ min: 0.01, max: 300, noNaN: true }),
      answeringMs: fc.double({ min: 0, max: 100, noNaN: true }),
      backMs: fc.double({ min: 0.01, max: 300, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.double({ min: -490, max: 490, noNaN: true }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom(0, 0.1, 1, 16),
        fc.array(ping, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: -10_000, max: 30_000 }),
        (driftPpm, offsetMs, resolutionMs, pings, afterMs) => {
          const epochOf = (atMs: number): number => 1.76e12 + offsetMs + atMs * (1 + driftPpm / 1e6);
          const shown = (epochMs: number): number =>
            resolutionMs === 0 ? epochMs : Math.floor(epochMs / resolutionMs) * resolutionMs;
          const clock = new PeerClock();
          let atMs = 0;
          for (const { afterMs: pause, thereMs, answeringMs, backMs } of pings) {
            atMs += pause;
            const taken = clock.observe({
              sentAtMs: atMs,
              receivedEpochMs: shown(epochOf(atMs + thereMs)),
              answeredEpochMs: shown(epochOf(atMs + thereMs + answeringMs)),
              arrivedAtMs: atMs + thereMs + answeringMs + backMs,
              resolutionMs,
            });
            expect(taken).toBe(true);
          }
          const instant = clock.instantOf(epochOf(atMs + afterMs));
          const missedBy = Math.abs((instant?.atMs ?? Number.NaN) - (atMs + afterMs));
          expect(missedBy).toBeLessThanOrEqual((instant?.errorMs ?? Number.NaN) + EXACT_MS);
        },
      ),
    );
  });

  it('gets surer with many exchanges than with the last one, which is 7 ms, in spite of a drift of 100 ppm', () => {
    const clock = new PeerClock();
    for (let at = 0; at <= 60_000; at += 2000) {
      const jitterMs = (at / 2000) % 7;
      clock.observe({
        sentAtMs: at,
        receivedEpochMs: (at + 5 + jitterMs) * 1.0001,
        answeredEpochMs: (at + 5 + jitterMs) * 1.0001,
        arrivedAtMs: at + 12 + jitterMs,
        resolutionMs: 0,
      });
    }
    const instant = clock.instantOf(60_000 * 1.0001);
    expect(instant?.errorMs).toBeLessThan(6.6);
    expect(Math.abs((instant?.atMs ?? NaN) - 60_000)).toBeLessThanOrEqual(instant?.errorMs ?? NaN);
  });
});
