import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { StereoTimeline } from './stereo-timeline.ts';

const START_AT_MS = 1000;
const create = (): StereoTimeline => new StereoTimeline({ sampleRateHz: 1000, startAtMs: START_AT_MS });
const piece = (value: number, length = 20): Int16Array => new Int16Array(length).fill(value);
const left = (interleaved: Int16Array): number[] => [...interleaved].filter((_, index) => index % 2 === 0);
const right = (interleaved: Int16Array): number[] => [...interleaved].filter((_, index) => index % 2 === 1);

describe('a stereo time line', () => {
  it('has silence where there was nothing', () => {
    const line = create();
    line.put('left', piece(1, 2), START_AT_MS + 3);
    line.put('right', piece(2, 2), START_AT_MS + 4);
    const taken = line.takeUntil(START_AT_MS + 7);
    expect(left(taken)).toEqual([0, 0, 0, 1, 1, 0, 0]);
    expect(right(taken)).toEqual([0, 0, 0, 0, 2, 2, 0]);
  });

  it('keeps a stream whole whose clock is seen a little differently from piece to piece', () => {
    const line = create();
    for (const [index, offMs] of [0, 7, -9, 4, 0].entries())
      line.put('left', piece(1), START_AT_MS + 20 * index + offMs);
    expect(left(line.takeUntil(START_AT_MS + 100))).toEqual(Array.from({ length: 100 }, () => 1));
  });

  it('leaves a pause where there was one, and goes back where a stream begins anew', () => {
    const line = create();
    line.put('left', piece(1), START_AT_MS);
    line.put('left', piece(2), START_AT_MS + 60);
    line.put('left', piece(3), START_AT_MS + 20);
    expect(left(line.takeUntil(START_AT_MS + 80))).toEqual([...piece(1), ...piece(3), ...piece(0), ...piece(2)]);
  });

  it('loses what comes for a time that has been taken, counts it, and what lies before the beginning', () => {
    const line = create();
    line.takeUntil(START_AT_MS + 10);
    line.put('left', piece(1), START_AT_MS);
    line.put('right', piece(1), START_AT_MS - 500);
    expect(line.lostSamples).toBe(30);
    expect(left(line.takeUntil(START_AT_MS + 20))).toEqual([...piece(1, 10)]);
  });

  it('takes what lies seconds ahead, and loses what lies further', () => {
    const line = create();
    line.put('right', piece(1), START_AT_MS + 2000);
    line.put('right', piece(1), START_AT_MS + 3_600_000);
    expect(line.lostSamples).toBe(20);
    const taken = right(line.takeUntil(START_AT_MS + 2020));
    expect([taken.indexOf(1), taken.length]).toEqual([2000, 2020]);
  });

  it('gives each sample once and at its place, however the taking is cut up', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 60 }), (steps) => {
        const line = create();
        const taken: number[] = [];
        let putMs = 0;
        let nowMs = 0;
        for (const step of steps) {
          nowMs += step;
          for (; putMs + 20 <= nowMs; putMs += 20) line.put('left', piece((putMs / 20) % 100, 20), START_AT_MS + putMs);
          taken.push(...left(line.takeUntil(START_AT_MS + nowMs - line.holdMs)));
        }
        expect(taken).toEqual(Array.from({ length: taken.length }, (_, index) => Math.floor(index / 20) % 100));
        expect(line.lostSamples).toBe(0);
      }),
    );
  });
});
