import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BoundedLine, MAX_DRIFT_PPM, type Interval, type Reading } from './bounded-line.ts';

/** What numbers of this size may lose in the search for the extreme slope. */
const EXACT_MS = 1e-3;

const SLOPE_STEP = 0.25e-6;
/** By so much the rate itself may change. */
const WANDER = 10e-6;

/** The hard way: what all readings allow at `x`, over the slopes that every pair of them allows, one after the other. */
function everySlope(readings: readonly Reading[], x: number): Interval {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const steps = Math.round((2 * MAX_DRIFT_PPM) / 1e6 / SLOPE_STEP);
  for (let step = 0; step <= steps; step += 1) {
    const slope = 1 - MAX_DRIFT_PPM / 1e6 + step * SLOPE_STEP;
    const isPossible = readings.every((one) =>
      readings.every((other) => {
        const distance = other.x - one.x;
        return (
          distance <= 0 ||
          (one.low + (slope - WANDER) * distance <= other.high && one.high + (slope + WANDER) * distance >= other.low)
        );
      }),
    );
    if (!isPossible) continue;
    const slack = (one: Reading): number => WANDER * Math.abs(x - one.x);
    high = Math.max(high, Math.min(...readings.map((one) => one.high + slope * (x - one.x) + slack(one))));
    low = Math.min(low, Math.max(...readings.map((one) => one.low + slope * (x - one.x) - slack(one))));
  }
  return { low, high };
}

/** So far apart, as sums of numbers as large as milliseconds since 1970 can tell. */
function exactReadings(...apartMs: readonly number[]): { afterMs: number; belowMs: number; aboveMs: number }[] {
  return apartMs.map((afterMs) => ({ afterMs, belowMs: 0, aboveMs: 0 }));
}

describe('BoundedLine', () => {
  it('knows nothing before the first reading', () => {
    const line = new BoundedLine();
    expect(line.at(0)).toBeUndefined();
    line.observe({ x: 0, low: 5, high: 7 });
    expect(line.at(0)).toEqual({ low: 5, high: 7 });
  });

  it('is as sure as its best reading, and less so with the distance', () => {
    const line = new BoundedLine();
    line.observe({ x: 0, low: 100, high: 140 });
    line.observe({ x: 1000, low: 1118, high: 1122 });
    const near = line.at(1000);
    expect(near?.low).toBeCloseTo(1118, 6);
    expect(near?.high).toBeCloseTo(1122, 6);
    const far = line.at(11_000);
    // One reading says where, the drift that is possible says how much is lost: 510 ppm of 10 s.
    expect(far?.low).toBeCloseTo(11_118 - 5.1, 3);
    expect(far?.high).toBeCloseTo(11_122 + 5.1, 3);
  });

  it('learns the drift: two good readings far apart are worth more than either alone', () => {
    const line = new BoundedLine();
    line.observe({ x: 0, low: 0, high: 1 });
    line.observe({ x: 60_000, low: 60_006, high: 60_007 });
    const later = line.at(90_000);
    expect((later?.high ?? NaN) - (later?.low ?? NaN)).toBeLessThan(4);
  });

  it('holds both to be possible while a reading contradicts those before, and goes by the next one', () => {
    for (const [third, expected] of [
      [2000, 2000],
      [2500, 2500],
    ] as const) {
      const line = new BoundedLine();
      line.observe({ x: 0, low: -1, high: 1 });
      line.observe({ x: 1000, low: 1499, high: 1501 });
      expect(line.isInDoubt).toBe(true);
      expect(line.at(1000)?.low).toBeLessThanOrEqual(1000);
      expect(line.at(1000)?.high).toBeGreaterThanOrEqual(1500);
      line.observe({ x: 2000, low: third - 1, high: third + 1 });
      expect(line.isInDoubt).toBe(false);
      expect(Math.abs((line.at(2000)?.low ?? NaN) - expected)).toBeLessThan(2);
    }
  });

  it('says what trying every slope in turn says', () => {
    const reading = fc.record({
      afterMs: fc.integer({ min: 100, max: 5900 }),
      belowMs: fc.integer({ min: 0, max: 30 }),
      aboveMs: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 1, maxLength: 20, size: 'max' }),
        fc.integer({ min: -50, max: 150 }),
        (steps, percent) => {
          const line = new BoundedLine();
          const readings: Reading[] = [];
          let x = 0;
          for (const { afterMs, belowMs, aboveMs } of steps) {
            x += afterMs;
            const made = { x, low: x - belowMs, high: x + aboveMs };
            readings.push(made);
            line.observe(made);
          }
          const at = (percent / 100) * x;
          const tried = everySlope(readings, at);
          const stepMs = SLOPE_STEP * 2 * x;
          const { low, high } = line.at(at) ?? { low: NaN, high: NaN };
          expect(high).toBeGreaterThanOrEqual(tried.high - EXACT_MS);
          expect(high).toBeLessThanOrEqual(tried.high + stepMs + EXACT_MS);
          expect(low).toBeLessThanOrEqual(tried.low + EXACT_MS);
          expect(low).toBeGreaterThanOrEqual(tried.low - stepMs - EXACT_MS);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('covers the truth with whatever drift, offset and unequal errors, at any point in reach', () => {
    const reading = fc.record({
      afterMs: fc.integer({ min: 1, max: 10_000 }),
      belowMs: fc.double({ min: 0, max: 200, noNaN: true }),
      aboveMs: fc.double({ min: 0, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.double({ min: -500, max: 500, noNaN: true }),
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.array(reading, { minLength: 1, maxLength: 80 }),
        fc.double({ min: -1, max: 2, noNaN: true }),
        (driftPpm, offsetMs, readings, at) => {
          const truth = (x: number): number => offsetMs + x * (1 + driftPpm / 1e6);
          const line = new BoundedLine();
          let x = 0;
          for (const { afterMs, belowMs, aboveMs } of readings) {
            x += afterMs;
            line.observe({ x, low: truth(x) - belowMs, high: truth(x) + aboveMs });
          }
          expect(line.isInDoubt).toBe(false);
          const answer = line.at(at * x);
          expect(answer?.low).toBeLessThanOrEqual(truth(at * x) + EXACT_MS);
          expect(answer?.high).toBeGreaterThanOrEqual(truth(at * x) - EXACT_MS);
        },
      ),
      { examples: [[-2, 549_756_317_947.3684, exactReadings(5275, 1, 5), 0]] },
    );
  });

  it('is never wider than the last reading where that was made', () => {
    const width = fc.double({ min: 0.1, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.array(width, { minLength: 1, maxLength: 60 }), (widths) => {
        const line = new BoundedLine();
        widths.forEach((wide, index) =>
          line.observe({ x: index * 2000, low: index * 2000 - wide, high: index * 2000 }),
        );
        const x = (widths.length - 1) * 2000;
        const answer = line.at(x);
        expect((answer?.high ?? NaN) - (answer?.low ?? NaN)).toBeLessThanOrEqual((widths.at(-1) ?? 0) + EXACT_MS);
      }),
    );
  });
});
