import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { responseAccount } from './response-account.ts';

describe('responseAccount', () => {
  it('names what was waited for', () => {
    const account = responseAccount({
      speechEndArrivedAtMs: 1000,
      decidedAtMs: 1560,
      committedAtMs: 1580,
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
});
