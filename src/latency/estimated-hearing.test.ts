import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { estimatedHearing } from './estimated-hearing.ts';

const ms = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('estimatedHearing', () => {
  it('says that it is an estimate, and is no surer than that', () => {
    const { basis, played } = estimatedHearing(1000, { roundTripMs: 4, spreadMs: 0 });
    expect(basis).toBe('estimated');
    expect(played.errorMs).toBeGreaterThan(50);
    expect(played.errorMs).toBeLessThan(100);
  });

  it('covers every way that a round trip allows, and every delay that a receiver aims at', () => {
    fc.assert(
      fc.property(
        ms(0, 500),
        ms(0, 1),
        ms(0, 300),
        ms(0, 1),
        ms(0, 1),
        (roundTripMs, partOfWay, spreadMs, late, partOfDelay) => {
          const sentAtMs = 5000;
          const { delivered, played } = estimatedHearing(sentAtMs, { roundTripMs, spreadMs });
          const wayMs = partOfWay * roundTripMs;
          const arrivedAtMs = sentAtMs + wayMs + late * spreadMs;
          expect(Math.abs((delivered?.atMs ?? NaN) - arrivedAtMs)).toBeLessThanOrEqual(
            (delivered?.errorMs ?? NaN) + 1e-6,
          );
          // By the fastest packets: one that comes late waits less.
          const aimMs = Math.max(80, spreadMs + 20) + 50;
          const playedAtMs = Math.max(arrivedAtMs, sentAtMs + wayMs + partOfDelay * aimMs) + 10;
          expect(Math.abs(played.atMs - playedAtMs)).toBeLessThanOrEqual(played.errorMs + 1e-6);
          expect(played.atMs).toBeGreaterThanOrEqual(delivered?.atMs ?? NaN);
        },
      ),
    );
  });
});
