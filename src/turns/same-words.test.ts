import { describe, expect, it } from 'vitest';

import { sameWords } from './same-words.ts';

describe('sameWords', () => {
  it.each([
    ['when do you open', 'When do you open?'],
    ['yes', ' Yes. '],
    ["i'd like a table", 'I’d like a table,'],
    ['well -- maybe', 'Well, maybe…'],
    ['add a café', 'Add a cafe\u0301'],
    ['every day', 'everyday'],
    ['at 7 pm', 'at 7pm'],
  ])('takes %j and %j for the same', (one, other) => {
    expect(sameWords(one, other)).toBe(true);
  });

  it.each([
    ['a table for four', 'a table for five'],
    ['I can come', "I can't come"],
    ['7.30', '730'],
    ['7 30', '730'],
    ['3 €', '3 $'],
    ['its', "it's"],
    ['', 'no'],
  ])('tells %j from %j', (one, other) => {
    expect(sameWords(one, other)).toBe(false);
  });
});
