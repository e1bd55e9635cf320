import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignWords, comparable, tokensOf } from './word-alignment.ts';

/** For each word the token it was found at; a replaced one in brackets. */
function aligned(words: string, text: string): string[] {
  const tokens = tokensOf(text).map(({ start, end }) => text.slice(start, end));
  const pairs = alignWords(words.split(' ').map(comparable), tokens.map(comparable));
  return pairs.map((pair) => {
    if (pair === undefined) return '-';
    const token = tokens[pair.token] ?? '?';
    return pair.isSame ? token : `[${token}]`;
  });
}

describe('tokensOf', () => {
  it('takes words with what is attached to them, and passes over what nobody speaks', () => {
    const text = ' “Oh”, said 1 — of $20!  ';
    expect(tokensOf(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      '“Oh”,',
      'said',
      '1',
      'of',
      '$20!',
    ]);
  });

  it('takes scripts without spaces by the character', () => {
    expect(tokensOf('你好 Bob。')).toHaveLength(3);
  });
});

describe('alignWords', () => {
  it('finds the same words whatever their case, accents and punctuation', () => {
    expect(aligned('cafe is OPEN', 'Café is open!')).toEqual(['Café', 'is', 'open!']);
  });

  it('gives a replaced word the place of the one it replaces', () => {
    expect(aligned('it costs five dollars today', 'It costs $5 today.')).toEqual([
      'It',
      'costs',
      '[$5]',
      '-',
      'today.',
    ]);
  });

  it('passes over words of the text that were not reported', () => {
    expect(aligned('we are open', 'We, the team, are open.')).toEqual(['We,', 'are', 'open.']);
  });

  it('is not led astray by a common word further on', () => {
    expect(aligned('call the', 'Call 5 people in Rome for the tickets')).toEqual(['Call', '-']);
  });

  it('tells repeated words apart by their order', () => {
    const words = alignWords(['no', 'no', 'yes'], ['no', 'no', 'no', 'yes']);
    expect(words.map((word) => word?.token)).toEqual([0, 1, 3]);
  });

  it('gives strictly increasing tokens that exist, whatever words come', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd', '');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.array(word, { maxLength: 30 }), (words, tokens) => {
        const pairs = alignWords(words, tokens);
        expect(pairs).toHaveLength(words.length);
        const found = pairs.flatMap((pair) => (pair === undefined ? [] : [pair.token]));
        expect(found).toEqual(Array.from(new Set(found)).sort((a, b) => a - b));
        expect(found.every((token) => token >= 0 && token < tokens.length)).toBe(true);
      }),
    );
  });

  it('finds every word of the text itself', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 }), (words) => {
        expect(alignWords(words, words).map((pair) => pair?.token)).toEqual(words.map((_, index) => index));
      }),
    );
  });
});
