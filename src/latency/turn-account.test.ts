import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type HeardMarks, OPUS_LOOK_AHEAD_MS, turnAccount, type TurnAccount, type TurnMarks } from './turn-account.ts';

/** A caller who ends at 1000 + 6.5 ms on the way, whose audio takes 40 ms to us and ours 60 ms to them, 25 of it in a buffer. */
const way = {
  speechEnd: { atMs: 1000 + OPUS_LOOK_AHEAD_MS, errorMs: 4 },
  speechEndArrivedAtMs: 1040,
  speechEndDecodedAtMs: 1045,
} as const;

function heardAfter(sentAtMs: number): HeardMarks {
  return {
    delivered: { atMs: sentAtMs + 35, errorMs: 2 },
    played: { atMs: sentAtMs + 60, errorMs: 3 },
    basis: 'reported',
  };
}

function figures(account: TurnAccount | undefined): readonly (readonly [string, number])[] {
  return (account?.spans ?? []).map(({ name, ms }) => [name, Math.round(ms * 10) / 10]);
}

function sum(account: TurnAccount | undefined): number {
  return (account?.spans ?? []).reduce((total, { ms }) => total + ms, 0);
}

const batch: TurnMarks = {
  ...way,
  couldDecideAtMs: 1745,
  decidedBy: 'silence',
  transcriptAtMs: 2045,
  transcribed: 'onDecision',
  prepared: 'onDecision',
  requestedAtMs: 2050,
  firstChunkAtMs: 2650,
  readyAtMs: 2950,
  audibleSentAtMs: 2960,
  heard: heardAfter(2960),
};

const lateDraft: TurnMarks = {
  ...way,
  couldDecideAtMs: 1345,
  decidedBy: 'silence',
  transcriptAtMs: 1245,
  transcribed: 'asSpoken',
  prepared: 'draft',
  requestedAtMs: 1255,
  firstChunkAtMs: 1555,
  readyAtMs: 1705,
  audibleSentAtMs: 1706,
  heard: heardAfter(1706),
};

const slowDecision: TurnMarks = {
  ...lateDraft,
  couldDecideAtMs: 2045,
  audibleSentAtMs: 2047,
  heard: heardAfter(2047),
};

const anticipated: TurnMarks = {
  ...way,
  couldDecideAtMs: 1260,
  decidedBy: 'words',
  transcriptAtMs: 1255,
  transcribed: 'asSpoken',
  prepared: 'anticipated',
  requestedAtMs: -2000,
  firstChunkAtMs: -1500,
  readyAtMs: -1300,
  audibleSentAtMs: 1262,
  heard: heardAfter(1262),
};

describe('turnAccount', () => {
  it('batch: one after another, each waited for', () => {
    const account = turnAccount(batch);
    expect(account?.glassToGlassMs).toBeCloseTo(2960 + 60 + 6.5 - 1000, 6);
    expect(account?.errorMs).toBeCloseTo(7 - Math.sqrt(0.2 * 3 * 4));
    expect(figures(account)).toEqual([
      ['codec look-ahead', 6.5],
      ['uplink', 33.5],
      ['jitter buffer', 5],
      ['decision', 700],
      ['recognition', 300],
      ['draft wait', 5],
      ['generation', 600],
      ['synthesis', 300],
      ['playout queue', 10],
      ['downlink', 35],
      ['receiver', 25],
      ['codec look-ahead', 6.5],
    ]);
    expect(account?.hidden).toEqual([]);
    expect(account?.savedMs).toBe(0);
  });

  it('late draft: the turn waited for it, and the decision was made meanwhile', () => {
    const account = turnAccount(lateDraft);
    expect(figures(account)).toEqual([
      ['codec look-ahead', 6.5],
      ['uplink', 33.5],
      ['jitter buffer', 5],
      ['recognition', 200],
      ['draft wait', 10],
      ['generation', 300],
      ['synthesis', 150],
      ['playout queue', 1],
      ['downlink', 35],
      ['receiver', 25],
      ['codec look-ahead', 6.5],
    ]);
    expect(account?.hidden).toEqual([{ name: 'decision', startAtMs: 1045, ms: 300 }]);
    // Begun at the decision, the same 450 ms would have ended at 1795 instead of 1705.
    expect(account?.savedMs).toBe(90);
  });

  it('ready draft with slow decision: only the decision was waited for, all else was done beside it', () => {
    const account = turnAccount(slowDecision);
    expect(figures(account)).toEqual([
      ['codec look-ahead', 6.5],
      ['uplink', 33.5],
      ['jitter buffer', 5],
      ['decision', 1000],
      ['playout queue', 2],
      ['downlink', 35],
      ['receiver', 25],
      ['codec look-ahead', 6.5],
    ]);
    expect(account?.hidden).toEqual([
      { name: 'synthesis', startAtMs: 1555, ms: 150 },
      { name: 'generation', startAtMs: 1255, ms: 300 },
      { name: 'draft wait', startAtMs: 1245, ms: 10 },
      { name: 'recognition', startAtMs: 1045, ms: 200 },
    ]);
    expect(account?.savedMs).toBe(450);
  });

  it('anticipated: the words and the decision were waited for, the answer was there before they were spoken', () => {
    const account = turnAccount(anticipated);
    expect(figures(account)).toEqual([
      ['codec look-ahead', 6.5],
      ['uplink', 33.5],
      ['jitter buffer', 5],
      ['recognition', 210],
      ['decision', 5],
      ['playout queue', 2],
      ['downlink', 35],
      ['receiver', 25],
      ['codec look-ahead', 6.5],
    ]);
    expect(account?.hidden).toEqual([
      { name: 'synthesis', startAtMs: -1500, ms: 200 },
      { name: 'generation', startAtMs: -2000, ms: 500 },
    ]);
    expect(account?.savedMs).toBe(700);
  });

  it('a draft begun on words before the end of speech: what lies before is hidden', () => {
    const account = turnAccount({ ...lateDraft, transcriptAtMs: 900, requestedAtMs: 950, readyAtMs: 1705 });
    expect(figures(account).slice(0, 2)).toEqual([
      ['generation', 555],
      ['synthesis', 150],
    ]);
    expect(account?.hidden).toContainEqual({ name: 'generation', startAtMs: 950, ms: 50 });
    expect(account?.hidden).toContainEqual({ name: 'draft wait', startAtMs: 900, ms: 50 });
    expect(sum(account)).toBeCloseTo(account?.glassToGlassMs ?? NaN, 6);
  });

  it.each([
    ['uplink', { ...batch, speechEnd: undefined }, ['uplink'], 1040, 2960 + 66.5],
    ['the way back', { ...batch, heard: undefined }, ['downlink', 'receiver'], 1000, 2960],
    ['both ways', { ...batch, speechEnd: undefined, heard: undefined }, ['uplink', 'downlink', 'receiver'], 1040, 2960],
  ] as const)('leaves out what is unknown of %s, and claims no gap', (_name, marks, unknown, fromMs, toMs) => {
    const account = turnAccount(marks);
    expect(account?.glassToGlassMs).toBeUndefined();
    expect(account?.errorMs).toBeUndefined();
    expect(account?.basis).toBe('unknown');
    expect(account?.unknown).toEqual(unknown);
    expect(account?.responseMs).toBe(1920);
    expect(sum(account)).toBeCloseTo(toMs - fromMs, 6);
    expect(account?.spans[0]?.startAtMs).toBeCloseTo(fromMs, 6);
  });

  it('without the moment of delivery the way back is one span', () => {
    const account = turnAccount({
      ...batch,
      heard: { delivered: undefined, played: { atMs: 3020, errorMs: 20 }, basis: 'estimated' },
    });
    expect(figures(account).slice(-2)).toEqual([
      ['downlink', 60],
      ['codec look-ahead', 6.5],
    ]);
    expect(account?.basis).toBe('estimated');
  });

  it('has no gap where the answer was audible before the end of speech', () => {
    expect(turnAccount({ ...batch, heard: heardAfter(900) })).toBeUndefined();
  });

  it.each([
    ['uplink', batch, { speechEnd: { atMs: 906.5, errorMs: 4 } }, { uplink: 100 }],
    [
      'generation, waited for',
      lateDraft,
      later(lateDraft, ['firstChunkAtMs', 'readyAtMs', 'audibleSentAtMs']),
      { generation: 100 },
    ],
    ['generation, hidden', slowDecision, later(slowDecision, ['firstChunkAtMs', 'readyAtMs']), {}],
    [
      'decision, waited for',
      slowDecision,
      later(slowDecision, ['couldDecideAtMs', 'audibleSentAtMs']),
      { decision: 100 },
    ],
    ['decision, hidden', lateDraft, later(lateDraft, ['couldDecideAtMs']), {}],
    ['receiver', batch, { heard: { ...heardAfter(2960), played: { atMs: 3120, errorMs: 3 } } }, { receiver: 100 }],
  ] as const)('100 ms more of %s move that alone, or what is saved', (_name, marks, change, moved) => {
    const before = totals(turnAccount(marks));
    const after = totals(turnAccount({ ...marks, ...change }));
    const differences = [...new Set([...before.keys(), ...after.keys()])]
      .map((name) => [name, Math.round((after.get(name) ?? 0) - (before.get(name) ?? 0))] as const)
      .filter(([, ms]) => ms !== 0);
    expect(Object.fromEntries(differences)).toEqual(moved);
  });

  it('sums to the gap, contiguous, with nothing below zero, in any order of events', () => {
    const instant = fc.double({ min: -5000, max: 10_000, noNaN: true });
    const bounded = fc.record({ atMs: instant, errorMs: fc.double({ min: 0, max: 50, noNaN: true }) });
    const anyMarks: fc.Arbitrary<TurnMarks> = fc.record({
      speechEnd: fc.option(bounded, { nil: undefined }),
      speechEndArrivedAtMs: instant,
      speechEndDecodedAtMs: instant,
      couldDecideAtMs: instant,
      decidedBy: fc.constantFrom('silence', 'words'),
      transcriptAtMs: instant,
      transcribed: fc.constantFrom('asSpoken', 'onDecision'),
      prepared: fc.constantFrom('draft', 'anticipated', 'onDecision'),
      requestedAtMs: instant,
      firstChunkAtMs: instant,
      readyAtMs: instant,
      audibleSentAtMs: instant,
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
      fc.property(anyMarks, (marks) => {
        const account = turnAccount(marks);
        const fromMs =
          marks.speechEnd === undefined ? marks.speechEndArrivedAtMs : marks.speechEnd.atMs - OPUS_LOOK_AHEAD_MS;
        const toMs = marks.heard === undefined ? marks.audibleSentAtMs : marks.heard.played.atMs + OPUS_LOOK_AHEAD_MS;
        expect(account === undefined).toBe(toMs < fromMs);
        if (account === undefined) return;
        expect(sum(account)).toBeCloseTo(toMs - fromMs, 6);
        expect(account.glassToGlassMs ?? toMs - fromMs).toBeCloseTo(toMs - fromMs, 6);
        let reachedMs = fromMs;
        for (const { startAtMs, ms, errorMs } of account.spans) {
          expect(startAtMs).toBeCloseTo(reachedMs, 6);
          expect(ms).toBeGreaterThan(0);
          expect(errorMs).toBeGreaterThanOrEqual(0);
          reachedMs = startAtMs + ms;
        }
        expect(account.hidden.every(({ ms }) => ms > 0)).toBe(true);
        expect(account.savedMs).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same marks with some of them 100 ms later; what goes out later is heard later. */
function later(marks: TurnMarks, names: readonly (keyof TurnMarks)[]): Partial<TurnMarks> {
  const moved = Object.fromEntries(names.map((name) => [name, Number(marks[name]) + 100]));
  return names.includes('audibleSentAtMs') ? { ...moved, heard: heardAfter(marks.audibleSentAtMs + 100) } : moved;
}

function totals(account: TurnAccount | undefined): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { name, ms } of account?.spans ?? []) sums.set(name, (sums.get(name) ?? 0) + ms);
  return sums;
}
