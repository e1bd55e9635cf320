import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bargeInAccount, type BargeInMarks } from './barge-in-account.ts';
import { OPUS_LOOK_AHEAD_MS } from './turn-account.ts';

const marks: BargeInMarks = {
  onset: { atMs: 1006.5, errorMs: 4 },
  onsetArrivedAtMs: 1040,
  onsetDecodedAtMs: 1045,
  voiceDetectedAtMs: 1109,
  stoppedAtMs: 1309,
  lastAudibleSentAtMs: 1349,
  heard: {
    delivered: { atMs: 1384, errorMs: 2 },
    played: { atMs: 1409, errorMs: 3 },
    basis: 'reported',
  },
};

function figures(account: ReturnType<typeof bargeInAccount>): readonly (readonly [string, number])[] {
  return (account?.spans ?? []).map(({ name, ms }) => [name, Math.round(ms * 10) / 10]);
}

describe('bargeInAccount', () => {
  it("counts from the caller's first sample to the last one they hear", () => {
    const account = bargeInAccount(marks);
    expect(account?.bargeInMs).toBeCloseTo(415.5, 6);
    expect(account?.errorMs).toBeCloseTo(7 - Math.sqrt(0.2 * 3 * 4));
    expect(account?.basis).toBe('reported');
    expect(figures(account)).toEqual([
      ['codec look-ahead', 6.5],
      ['uplink', 33.5],
      ['jitter buffer', 5],
      ['detection', 64],
      ['evidence', 200],
      ['fade', 40],
      ['downlink', 35],
      ['receiver', 25],
      ['codec look-ahead', 6.5],
    ]);
  });

  it('claims no figure where an end is unknown, and tells what we saw', () => {
    const account = bargeInAccount({ ...marks, onset: undefined, heard: undefined });
    expect(account?.bargeInMs).toBeUndefined();
    expect(account?.basis).toBe('unknown');
    expect(figures(account)).toEqual([
      ['jitter buffer', 5],
      ['detection', 64],
      ['evidence', 200],
      ['fade', 40],
    ]);
  });

  it('is none where the reply had fallen silent before', () => {
    expect(bargeInAccount({ ...marks, lastAudibleSentAtMs: 900, heard: undefined, onset: undefined })).toBeUndefined();
  });

  it('sums to the whole, contiguous, with nothing below zero, in any order of events', () => {
    const instant = fc.double({ min: -5000, max: 10_000, noNaN: true });
    const bounded = fc.record({ atMs: instant, errorMs: fc.double({ min: 0, max: 50, noNaN: true }) });
    const anyMarks: fc.Arbitrary<BargeInMarks> = fc.record({
      onset: fc.option(bounded, { nil: undefined }),
      onsetArrivedAtMs: instant,
      onsetDecodedAtMs: instant,
      voiceDetectedAtMs: instant,
      stoppedAtMs: instant,
      lastAudibleSentAtMs: instant,
      heard: fc.option(
        fc.record({
          delivered: fc.option(bounded, { nil: undefined }),
          played: bounded,
          basis: fc.constantFrom('reported', 'estimated'),
        }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(anyMarks, (any) => {
        const account = bargeInAccount(any);
        const fromMs = any.onset === undefined ? any.onsetArrivedAtMs : any.onset.atMs - OPUS_LOOK_AHEAD_MS;
        const toMs = any.heard === undefined ? any.lastAudibleSentAtMs : any.heard.played.atMs + OPUS_LOOK_AHEAD_MS;
        expect(account === undefined).toBe(toMs < fromMs);
        let reachedMs = fromMs;
        for (const { startAtMs, ms } of account?.spans ?? []) {
          expect(startAtMs).toBeCloseTo(reachedMs, 6);
          expect(ms).toBeGreaterThan(0);
          reachedMs = startAtMs + ms;
        }
        expect(account === undefined ? toMs : reachedMs).toBeCloseTo(toMs, 6);
        expect(account?.bargeInMs ?? toMs - fromMs).toBeCloseTo(toMs - fromMs, 6);
      }),
      { numRuns: 1000 },
    );
  });
});
