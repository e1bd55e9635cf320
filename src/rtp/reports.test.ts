import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { middleOfNtp, ntpTimestamp } from './ntp.ts';
import { receptionReport, type ReportBlock } from './reports.ts';

const block: ReportBlock = { fractionLost: 64, packetsLost: 7, jitter: 480, lastReport: 0, delaySinceLastReport: 0 };

describe('receptionReport', () => {
  it('reads loss and jitter in their units', () => {
    expect(receptionReport(block, { atMs: 5, epochMs: 1e12 })).toEqual({
      fractionLost: 0.25,
      packetsLost: 7,
      interarrivalJitterMs: 10,
      roundTripMs: undefined,
      arrivedAtMs: 5,
    });
  });

  it('reads a negative loss, which duplicates make', () => {
    expect(receptionReport({ ...block, packetsLost: 0xff_ffff }, { atMs: 0, epochMs: 1e12 }).packetsLost).toBe(-1);
  });

  it('takes from the time since our report what the other side kept it, through every wrap', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.7e12, max: 2e12, noNaN: true }),
        fc.double({ min: 0, max: 2000, noNaN: true }),
        fc.double({ min: 0, max: 6000, noNaN: true }),
        (sentEpochMs, wayMs, keptMs) => {
          const answer: ReportBlock = {
            ...block,
            lastReport: Math.max(1, middleOfNtp(ntpTimestamp(sentEpochMs))),
            delaySinceLastReport: Math.floor(keptMs * 65.536),
          };
          const { roundTripMs } = receptionReport(answer, { atMs: 0, epochMs: sentEpochMs + wayMs + keptMs });
          expect(Math.abs((roundTripMs ?? NaN) - wayMs)).toBeLessThan(0.05);
        },
      ),
    );
  });
});
