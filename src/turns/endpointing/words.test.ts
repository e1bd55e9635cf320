import { describe, expect, it } from 'vitest';

import { alternatives, Phrases, wordsOf } from './words.ts';

describe('the words of a transcript', () => {
  it.each([
    ["I'd like two, please.", ["i'd", 'like', 'two', 'please']],
    ['I’m here…', ["i'm", 'here']],
    ['At 7:30 p.m. or 555-1234', ['at', '7:30', 'pm', 'or', '555-1234']],
    ['+1 415', ['+1', '415']],
    ['ann.lee@example.org,', ['ann.lee@example.org']],
    ['S-M-I-', ['s-m-i']],
    ['Größe ähm', ['größe', 'ähm']],
    ['— "quoted" (aside)', ['quoted', 'aside']],
    ['?!', []],
  ])('%s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

describe('phrases', () => {
  it('are written out with all their alternatives, an empty one leaves no gap', () => {
    expect(alternatives('(do|did) you (|really) know')).toEqual([
      'do you know',
      'do you really know',
      'did you know',
      'did you really know',
    ]);
  });

  const phrases = new Phrases({ open: ['so', '(i|you) want'], closed: ['(i|we) think so', 'i want'] });

  it('the longest one at the end decides', () => {
    expect(phrases.atEnd(['well', 'i', 'think', 'so'])).toEqual({ meaning: 'closed', start: 1, length: 3 });
    expect(phrases.atEnd(['and', 'so'])).toEqual({ meaning: 'open', start: 1, length: 1 });
    expect(phrases.atEnd(['so', 'what'])).toBeUndefined();
    expect(phrases.atEnd([])).toBeUndefined();
  });

  it('one that is listed twice has its first meaning', () => {
    expect(phrases.whole(['i', 'want'])).toBe('open');
  });

  it('the last one is found before an index', () => {
    const words = ['so', 'you', 'want', 'so'];
    expect(phrases.last(words)?.start).toBe(3);
    expect(phrases.last(words, 3)).toEqual({ meaning: 'open', start: 1, length: 2 });
    expect(phrases.last(words, 1)?.start).toBe(0);
    expect(phrases.last(words, 3, 2)).toBeUndefined();
  });
});
