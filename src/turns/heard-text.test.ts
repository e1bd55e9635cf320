import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { heardText } from './heard-text.ts';

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
        expect(before).toBe(text);
      }),
    );
  });
});
