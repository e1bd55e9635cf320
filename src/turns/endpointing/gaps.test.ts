import { describe, expect, it } from 'vitest';

import { withGaps } from './gaps.ts';
import { rulesFor } from './rules.ts';
import { wordsOf } from './words.ts';

function said(text: string, language: string): string {
  const rules = rulesFor(language);
  return rules === undefined ? text : withGaps(wordsOf(text), rules).join(' ');
}

describe('gaps of a recogniser', () => {
  it.each([
    ['zerothree nine fiveplease', 'zero three nine five please', 'en'],
    ['it isthree', 'it is three', 'en'],
    ['ann at webdot de', 'ann at web dot de', 'en'],
    ['if that is poss ible', 'if that is possible', 'en'],
    ['nullsieben vierzwei', 'null sieben vier zwei', 'de'],
    ['anna ät webpunkt de', 'anna ät web punkt de', 'de'],
  ])('are put back: %s', (heard, words, language) => {
    expect(said(heard, language)).toBe(words);
  });

  it.each([
    ['my phone is often alone on the island someone fourteen', 'en'],
    ['a cheap flight every day', 'en'],
    ['the height and weight of an anecdote', 'en'],
    ['ist das vorbei ich bin allein im verein dabei', 'de'],
    ['vierzehn klaviere und ein revier', 'de'],
  ])('are left out where one word is one: %s', (text, language) => {
    expect(said(text, language)).toBe(text);
  });
});
