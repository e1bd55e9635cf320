import { describe, expect, it } from 'vitest';

import { sessionStatistics } from './session-statistics.ts';

describe('statistics of a call', () => {
  it('keep apart what was reported and what was estimated', () => {
    expect(
      sessionStatistics([
        { kind: 'reply', glassToGlassMs: 400, basis: 'reported', responseMs: 300, drafts: { outcome: 'hit' } },
        { kind: 'reply', glassToGlassMs: 900, basis: 'estimated', responseMs: 700, drafts: { outcome: 'miss' } },
        { kind: 'reply', basis: 'unknown', responseMs: 500, drafts: { outcome: 'none' } },
        { kind: 'greeting' },
        { kind: 'cutIn' },
      ]),
    ).toEqual({
      turns: { reply: 3, greeting: 1, cutIn: 1 },
      glassToGlassMs: { count: 1, p50: 400, p95: 400 },
      estimatedGlassToGlassMs: { count: 1, p50: 900, p95: 900 },
      responseMs: { count: 3, p50: 500, p95: 700 },
      drafts: { hit: 1, miss: 1 },
    });
  });

  it('of a call without answers hold no figure', () => {
    expect(sessionStatistics([{ kind: 'greeting' }])).toEqual({ turns: { greeting: 1 } });
  });
});
