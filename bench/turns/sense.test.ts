import { describe, expect, it } from 'vitest';

import { isSameSense } from './sense.ts';

describe('two answers', () => {
  it.each([
    ['yes', 'Yes, please.'],
    ['yeah sure', 'Yes.'],
    ['no thanks', 'No, thank you.'],
    ["that's all thank you", 'No, that is all.'],
    ['a window seat please', 'window'],
    ['in the morning', 'The morning, please.'],
    ['for two', 'two'],
  ])('mean the same: %s, %s', (one, other) => expect(isSameSense(one, other)).toBe(true));

  it.each([
    ['yes', 'no'],
    ['yes', 'not yet'],
    ['yes', 'yes but not before Thursday'],
    ['yes please', 'yes for three'],
    ['no', 'no I do not know'],
    ['the morning', 'not the morning'],
    ['two', 'twenty two'],
    ['window', 'two windows'],
    ['it is Miller', 'it is Meyer'],
  ])('do not mean the same: %s, %s', (one, other) => expect(isSameSense(one, other)).toBe(false));
});
