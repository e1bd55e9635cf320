import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { epochMsOfNtp, middleOfNtp, ntpTimestamp } from './ntp.ts';

describe('ntpTimestamp', () => {
  it.each([
    [0, 2_208_988_800n << 32n],
    [500, (2_208_988_800n << 32n) + 2n ** 31n],
    [1_700_000_000_250, (3_908_988_800n << 32n) + 2n ** 30n],
  ])('of %d ms since 1970', (epochMs, expected) => {
    expect(ntpTimestamp(epochMs)).toBe(expected);
  });

  it('grows with time, by 2³² a second', () => {
    const instant = fc.integer({ min: 0, max: 2_000_000_000_000 });
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 10_000 }), (epochMs, laterMs) => {
        const difference = ntpTimestamp(epochMs + laterMs) - ntpTimestamp(epochMs);
        expect(Math.abs(Number(difference) / 2 ** 32 - laterMs / 1000)).toBeLessThan(1e-6);
      }),
    );
  });

  it('is undone by epochMsOfNtp, fractions of a millisecond included', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2_085_978_495_999, noNaN: true }), (epochMs) => {
        expect(Math.abs(epochMsOfNtp(ntpTimestamp(epochMs)) - epochMs)).toBeLessThan(0.001);
      }),
    );
  });
});

describe('middleOfNtp', () => {
  it('is the lower half of the seconds and the upper half of the fraction', () => {
    expect(middleOfNtp(0x1234_5678_9abc_def0n)).toBe(0x5678_9abc);
  });
});
