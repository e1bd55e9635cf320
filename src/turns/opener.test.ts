import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Continuation, fitsOpener, wantsOpener } from './opener.ts';

const rules = { minWords: 4, perTurn: 3 };

describe('an opener is asked for', () => {
  it('once there are words enough', () => {
    expect(wantsOpener('I would like', [], rules)).toBe(false);
    expect(wantsOpener('I would like to', [], rules)).toBe(true);
  });

  it('again when as many words have come, or others', () => {
    const asked = ['I would like to'];
    expect(wantsOpener('I would like to book a table', asked, rules)).toBe(false);
    expect(wantsOpener('I would like to book a table for', asked, rules)).toBe(true);
    expect(wantsOpener('we would like to', asked, rules)).toBe(true);
  });

  it('no more often than it may', () => {
    expect(wantsOpener('something else is said here', ['a b c d', 'e f g h', 'i j k l'], rules)).toBe(false);
  });
});

describe('an opener fits', () => {
  it.each([
    { text: 'when do you open on', fits: true, why: 'the same words' },
    { text: 'When do you open on Saturday, please?', fits: true, why: 'the caller went on' },
    { text: 'when do you open only', fits: true, why: 'the last word was half a word' },
    { text: 'when do you close on', fits: false, why: 'another word' },
    { text: 'when do you', fits: false, why: 'words were taken back' },
    {
      text: 'when do you open on saturday no wait I want to book a table for four',
      fits: false,
      why: 'the caller went on for long',
    },
  ])('"$text": $fits, $why', ({ text, fits }) => {
    expect(fitsOpener('when do you open on', text)).toBe(fits);
  });
});

function continued(opener: string, tokens: readonly string[]): string {
  const continuation = new Continuation(opener);
  return [...tokens.map((token) => continuation.push(token)), continuation.flush()].join('');
}

describe('the continuation', () => {
  it.each([
    { said: 'We open at nine.', text: 'We open at nine.' },
    { said: 'Let me look that up, we open at nine.', text: 'we open at nine.' },
    { said: '"Let me look that up" — we open at nine.', text: 'we open at nine.' },
    { said: 'let me look that up... $12.', text: '$12.' },
    { said: 'Let me see.', text: 'Let me see.' },
    { said: 'Let me look that upside down.', text: 'Let me look that upside down.' },
    { said: 'Let me look that up.', text: '' },
    { said: ' yes, of course.', text: 'yes, of course.' },
  ])('of "Let me look that up," as "$said" is "$text", however it comes', ({ said, text }) => {
    expect(continued('Let me look that up, ', [said])).toBe(text);
    expect(continued('Let me look that up, ', said.split(''))).toBe(text);
    expect(continued('Let me look that up, ', said.match(/\s*\S+/g) ?? [])).toBe(text);
  });

  it('comes at once where it is new', () => {
    const continuation = new Continuation('Well, ');
    expect(continuation.push('W')).toBe('');
    expect(continuation.push('e open')).toBe('We open');
    expect(continuation.push(' at')).toBe(' at');
  });

  it('loses nothing that is not the opener', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tokens) => {
        const said = tokens.join('');
        fc.pre(!/^\W*quite/iu.test(said));
        expect(continued('Quite right, ', tokens)).toBe(said.trimStart());
      }),
    );
  });
});
