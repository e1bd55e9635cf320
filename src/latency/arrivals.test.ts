import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { Arrivals } from './arrivals.ts';

const SSRC = 5;

function at(mediaMs: number, base = 2 ** 32 - 48_000): number {
  return wrapSerial(base + Math.round(mediaMs * TICKS_PER_MS), 32);
}

describe('Arrivals', () => {
  it('says when the fastest packet around would have come', () => {
    const arrivals = new Arrivals();
    for (let mediaMs = 0; mediaMs < 2000; mediaMs += 20) {
      const delayMs = mediaMs === 1000 ? 30 : 30 + (mediaMs % 70);
      arrivals.observe({ ssrc: SSRC, rtpTimestamp: at(mediaMs), arrivedAtMs: mediaMs + delayMs }, false);
    }
    const fastest = arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(1040) });
    expect(Math.abs((fastest?.low ?? NaN) - 1070)).toBeLessThan(1);
    expect(Math.abs((fastest?.high ?? NaN) - 1070)).toBeLessThan(1);
  });

  it('knows nothing of other sources, nor of times far from any packet', () => {
    const arrivals = new Arrivals();
    arrivals.observe({ ssrc: SSRC, rtpTimestamp: at(0), arrivedAtMs: 30 }, false);
    expect(arrivals.fastestFor({ ssrc: 6, rtpTimestamp: at(0) })).toBeUndefined();
    expect(arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(4100) })).toBeUndefined();
    expect(arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(3900) })).toBeDefined();
  });

  it('keeps apart what came before the sender stood still and after', () => {
    const arrivals = new Arrivals();
    arrivals.observe({ ssrc: SSRC, rtpTimestamp: at(1000), arrivedAtMs: 1030 }, false);
    arrivals.observe({ ssrc: SSRC, rtpTimestamp: at(1020), arrivedAtMs: 3050 }, true);
    expect(arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(1000) })?.high).toBeCloseTo(1030, 6);
    expect(arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(1040) })?.high).toBeCloseTo(3070, 0);
  });

  it('covers the least delay of the seconds around, for any drift and jitter', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -490, max: 490, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.nat(299),
        (driftPpm, jitterMs, pick) => {
          const arrivals = new Arrivals();
          const sentAt = (mediaMs: number): number => 500 + mediaMs * (1 + driftPpm / 1e6);
          jitterMs.forEach((ms, index) =>
            arrivals.observe({ ssrc: SSRC, rtpTimestamp: at(index * 20), arrivedAtMs: sentAt(index * 20) + ms }, false),
          );
          const mediaMs = (pick % jitterMs.length) * 20;
          const near = jitterMs.filter((_, index) => Math.abs(index * 20 - mediaMs) <= 3500);
          const fastest = arrivals.fastestFor({ ssrc: SSRC, rtpTimestamp: at(mediaMs) });
          expect(fastest?.high).toBeGreaterThanOrEqual(sentAt(mediaMs) - 0.03);
          expect(fastest?.low).toBeLessThanOrEqual(sentAt(mediaMs) + Math.min(...near) + 0.03);
          expect((fastest?.high ?? NaN) - (fastest?.low ?? NaN)).toBeLessThanOrEqual(4.1);
        },
      ),
    );
  });
});
