import { describe, expect, it } from 'vitest';

import { draftAccount, type DraftRecord } from './draft-account.ts';

const miss: DraftRecord = {
  kind: 'draft',
  outcome: 'discarded',
  promptTokens: 100,
  completionTokens: 12,
  spokenCharacters: 40,
};
const hit: DraftRecord = { ...miss, outcome: 'committed', promptTokens: 105 };

describe('draftAccount', () => {
  it('counts what was used as saved and what was not as wasted', () => {
    expect(draftAccount([miss, miss, hit], 420)).toEqual({
      outcome: 'hit',
      prepared: 3,
      savedMs: 420,
      wastedTokens: 224,
      wastedCharacters: 80,
    });
  });

  it('saves nothing where nothing was used', () => {
    expect(draftAccount([miss], 420)).toMatchObject({ outcome: 'miss', savedMs: 0, wastedTokens: 112 });
    expect(draftAccount([], 0)).toMatchObject({ outcome: 'none', prepared: 0, wastedTokens: 0 });
  });

  it('does not take uncounted tokens for none', () => {
    expect(draftAccount([miss, { ...miss, completionTokens: undefined }], 0).wastedTokens).toBeUndefined();
  });
});
