import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { heardText, wholeWordsUntil } from './heard-text.ts';

describe('heardText', () => {
  it.each([
    ['Good morning to you.', 0, ''],
    ['Good morning to you.', 2, ''],
    ['Good morning to you.', 4, 'Good'],
    ['Good morning to you.', 5, 'Good'],
    ['Good morning to you.', 9, 'Good'],
    ['Good morning to you.', 20, 'Good morning to you.'],
    ['Good morning to you.', 99, 'Good morning to you.'],
  ])('of %j after %i characters is %j', (text, characters, heard) => {
    expect(heardText(text, characters)).toBe(heard);
  });

  it('grows by whole words and is always a beginning of the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let before = '';
        for (let characters = 0; characters <= text.length; characters += 1) {
          const heard = heardText(text, characters);
          expect(text.startsWith(heard)).toBe(true);
          expect(heard.startsWith(before)).toBe(true);
          before = heard;
        }
        expect(before).toBe(text.trimEnd());
      }),
    );
  });

  it('grows also with a text that is still being written', () => {
    expect(heardText('One moment. ', 12)).toBe('One moment.');
    expect(heardText('One moment. Here', 12)).toBe('One moment.');
  });
});

describe('the beginning of a broken word', () => {
  it.each([
    ['Good morning to you.', 0, 0],
    ['Good morning to you.', 2, 0],
    ['Good morning to you.', 4, 4],
    ['Good morning to you.', 5, 5],
    ['Good morning to you.', 9, 5],
    ['Good morning to you.', 99, 20],
  ])('in %j after %i characters is at %i', (text, characters, start) => {
    expect(wholeWordsUntil(text, characters)).toBe(start);
  });
});
