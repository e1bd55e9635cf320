import { describe, expect, it } from 'vitest';

import { draftAccount, type DraftRecord } from './draft-account.ts';

const miss: DraftRecord = {
  kind: 'draft',
  outcome: 'discarded',
  tokens: 112,
  tokenBasis: 'counted',
  spokenCharacters: 40,
};
const hit: DraftRecord = { ...miss, outcome: 'committed', tokens: 117, tokenBasis: 'estimated' };

describe('draftAccount', () => {
  it('counts what was used as saved and what was not as wasted', () => {
    expect(draftAccount([miss, miss, hit], 420)).toEqual({
      outcome: 'hit',
      prepared: 3,
      savedMs: 420,
      wastedTokens: 224,
      wastedTokenBasis: 'counted',
      wastedCharacters: 80,
    });
  });

  it('saves nothing where nothing was used', () => {
    expect(draftAccount([miss], 420)).toMatchObject({ outcome: 'miss', savedMs: 0, wastedTokens: 112 });
    expect(draftAccount([], 0)).toMatchObject({ outcome: 'none', prepared: 0, wastedTokens: 0 });
  });

  it('says where some of what was wasted is an estimate', () => {
    const aborted = { ...miss, tokens: 100, tokenBasis: 'estimated' } as const;
    expect(draftAccount([miss, aborted], 0)).toMatchObject({ wastedTokens: 212, wastedTokenBasis: 'estimated' });
  });
});
