import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { responseAccount } from './response-account.ts';

describe('responseAccount', () => {
  it('names what was waited for', () => {
    const account = responseAccount({
      speechEndArrivedAtMs: 1000,
      decidedAtMs: 1560,
      committedAtMs: 1580,
      draft: undefined,
      firstChunkAtMs: 1930,
      firstAudioAtMs: 2080,
      audibleSentAtMs: 2081,
    });
    expect(account.responseMs).toBe(1081);
    expect(account.spans.map(({ name, ms }) => [name, ms])).toEqual([
      ['decision', 560],
      ['recognition', 20],
      ['generation', 350],
      ['synthesis', 150],
      ['playout queue', 1],
    ]);
  });

  it('sums to the response time, in whatever order the work was done', () => {
    const instant = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(instant, fc.tuple(instant, instant, instant, instant, instant), (speechEndArrivedAtMs, ends) => {
        const [decidedAtMs, committedAtMs, firstChunkAtMs, firstAudioAtMs, audibleSentAtMs] = ends;
        const marks = {
          speechEndArrivedAtMs,
          decidedAtMs,
          committedAtMs,
          draft: undefined,
          firstChunkAtMs,
          firstAudioAtMs,
          audibleSentAtMs,
        };
        const { responseMs, spans } = responseAccount(marks);
        expect(spans.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(responseMs, 6);
        expect(spans.every(({ ms }) => ms >= 0)).toBe(true);
        expect(responseMs).toBe(Math.max(0, ...ends.map((end) => end - speechEndArrivedAtMs)));
      }),
    );
  });

  const draft = { speechEndArrivedAtMs: 1000, decidedAtMs: 1500, committedAtMs: 1750, audibleSentAtMs: 1760 };

  it('of a draft that was ready late: the turn waited for it', () => {
    const marks = {
      ...draft,
      draft: { startedAtMs: 1150, releasedAtMs: 1750 },
      firstChunkAtMs: 1600,
      firstAudioAtMs: 1750,
    };
    expect(responseAccount(marks)).toEqual({
      responseMs: 760,
      spans: [
        { name: 'recognition', ms: 150 },
        { name: 'generation', ms: 450 },
        { name: 'synthesis', ms: 150 },
        { name: 'playout queue', ms: 10 },
      ],
    });
  });

  it('of a draft that was ready early: it waited for the decision', () => {
    const marks = {
      ...draft,
      draft: { startedAtMs: 1100, releasedAtMs: 1750 },
      firstChunkAtMs: 1200,
      firstAudioAtMs: 1300,
    };
    expect(responseAccount(marks).spans).toEqual([
      { name: 'recognition', ms: 100 },
      { name: 'generation', ms: 100 },
      { name: 'synthesis', ms: 100 },
      { name: 'decision', ms: 450 },
      { name: 'playout queue', ms: 10 },
    ]);
  });

  it('of a draft that was decided before it was ready: the rest is generation and synthesis', () => {
    const marks = {
      ...draft,
      draft: { startedAtMs: 1200, releasedAtMs: 1300 },
      firstChunkAtMs: 1500,
      firstAudioAtMs: 1700,
    };
    expect(responseAccount(marks).spans).toEqual([
      { name: 'recognition', ms: 200 },
      { name: 'generation', ms: 100 },
      { name: 'generation', ms: 200 },
      { name: 'synthesis', ms: 200 },
      { name: 'playout queue', ms: 60 },
    ]);
  });
});
