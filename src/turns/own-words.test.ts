import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesOwnWords } from './own-words.ts';

const SPOKEN =
  'Good morning, this is the Harbour Hotel. I have a table for four at half past eight. Your reservation number is ' +
  'seven four two nine one three, and it comes to forty three pounds. Thank you very much, okay? We are open from 7:30.';

describe('matchesOwnWords', () => {
  it.each([
    ['a sentence, word by word', 'I have a table for four at half past eight'],
    ['a part of one', 'table for four at half'],
    ['a part that begins in one sentence and ends in the next', 'past eight your reservation number'],
    ['a name of two words', 'harbour hotel'],
    ['digits', 'seven four two nine'],
    ['digits in figures', '742913'],
    ['a number in figures', 'comes to 43 pounds'],
    ['figures in words', 'open from seven thirty'],
    ['one misheard word', 'your conversation number is seven four two'],
    ['words that the recogniser left out', 'have table four half past eight'],
    ['a word that it put in', 'this is the uh harbour hotel'],
  ])('takes %s for its own: %j', (_what, transcript) => {
    expect(matchesOwnWords(transcript, SPOKEN)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a common word', 'yes'],
    ['another', 'okay'],
    ['several common words', 'okay thank you'],
    ['one of its words', 'reservation'],
    ['a corrected number', 'I have a table for five at half past eight'],
    ['a corrected time', 'at half past nine'],
    ['a negation', 'no your reservation number is seven four two'],
    ['one inside', "I haven't a table for four at half past eight"],
    ['an objection after its words', 'half past eight is too late for us'],
    ['its words in another order', 'number reservation morning table'],
    ['words from far apart', 'morning reservation pounds'],
    ['something else', 'can I bring my dog'],
  ])('leaves %s to the caller: %j', (_what, transcript) => {
    expect(matchesOwnWords(transcript, SPOKEN)).toBe(false);
  });

  it('works on words in any language', () => {
    const spoken = 'Wir haben einen Tisch für vier Personen am Fenster.';
    expect(matchesOwnWords('einen Tisch für vier Personen', spoken)).toBe(true);
    expect(matchesOwnWords('keinen Tisch für vier Personen', spoken)).toBe(false);
  });

  it('finds any run of three different telling words, wherever it lies', () => {
    const word = fc.stringMatching(/^[b-df-hj-np-tv-z]{4,8}$/);
    fc.assert(
      fc.property(
        fc
          .uniqueArray(word, { minLength: 3, maxLength: 40 })
          .chain((words) => fc.tuple(fc.constant(words), fc.integer({ min: 0, max: words.length - 3 }))),
        ([words, start]) => {
          expect(matchesOwnWords(words.slice(start, start + 3).join(' '), words.join(' '))).toBe(true);
          expect(matchesOwnWords(words.map((each) => `${each}xx`).join(' '), words.join(' '))).toBe(false);
        },
      ),
    );
  });
});
