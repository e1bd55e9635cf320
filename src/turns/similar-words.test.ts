import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { similarWords } from './similar-words.ts';

const english = similarWords('en-GB');
const german = similarWords('de');

describe('texts that mean the same', () => {
  it.each([
    ['yes', 'Uh, yes please.'],
    ['yes', 'yeah sure'],
    ['Yes, please.', 'Yes.'],
    ['No, thank you.', 'nope'],
    ['no thanks', 'No.'],
    ["No, that's all.", 'no that is all thank you'],
    ['window', 'The window, please.'],
    ['by card', 'um by card please'],
    ["I'd like a table", 'well I would like a table please'],
    ['can we come', 'can can we come'],
    ['every day', 'everyday'],
  ])('%s: %s', (one, other) => {
    expect(english(one, other)).toBe(true);
    expect(english(other, one)).toBe(true);
  });

  it('are known in German', () => {
    expect(german('Ja, bitte.', 'ähm ja gerne')).toBe(true);
    expect(german('Nein, danke.', 'nö')).toBe(true);
    expect(german('Fenster', 'Fenster bitte')).toBe(true);
  });

  it('are those of all languages where any may be spoken, and the same words in one without lists', () => {
    const any = similarWords('multi');
    expect([any('ja', 'ja gerne'), any('yes', 'yeah'), any('ja', 'no')]).toEqual([true, true, false]);
    const finnish = similarWords('fi');
    expect([finnish('kyllä', 'Kyllä.'), finnish('kyllä', 'kyllä kiitos')]).toEqual([true, false]);
  });
});

describe('texts that may mean something else', () => {
  it.each([
    ['yes', 'no'],
    ['yes', 'not yet'],
    ['yes', 'yes but'],
    ['no', 'no no'],
    ['no', 'no yes'],
    ['no', 'no I do not'],
    ['the window', 'not the window'],
    ["I don't know", 'I know'],
    ['I can go', "I can't go"],
    ['two', 'two two'],
    ['at seven', 'at eleven'],
    ['on Friday', 'on Monday'],
    ['with Ann', 'with Ben'],
    ['my name is', 'my name is Please'],
    ['b a t h', 'b t h'],
    ['to Rome', 'from Rome'],
    ['please', 'thanks'],
    ['uh', ''],
    ['I think so', 'I think'],
  ])('%s: %s', (one, other) => {
    expect(english(one, other)).toBe(false);
    expect(english(other, one)).toBe(false);
  });

  it('in German', () => {
    expect(german('Ja.', 'Ja, aber nicht heute.')).toBe(false);
    expect(german('das stimmt', 'das stimmt nicht')).toBe(false);
    expect(german('ein Bier', 'zwei Bier')).toBe(false);
    expect(german('mit', 'mit Gerne')).toBe(false);
  });
});

/** Words that must never be bridged, as they may be written in the middle of a sentence. */
const decisive = {
  en: [
    'no',
    'not',
    'never',
    "don't",
    'nope',
    'none',
    'without',
    'two',
    '2',
    '7:30',
    'eleven',
    'Ann',
    'Sure',
    'Friday',
    'May',
  ],
  de: ['nein', 'nicht', 'nie', 'kein', 'keine', 'ohne', 'zwei', '2', 'elf', 'Anna', 'Klar', 'Freitag'],
} as const;
const ordinary = {
  en: [
    'yes',
    'uh',
    'please',
    'the',
    'i',
    'do',
    'sure',
    'well',
    'that',
    'is',
    'right',
    'no',
    'not',
    'two',
    'go',
    'ahead',
  ],
  de: [
    'ja',
    'äh',
    'bitte',
    'gerne',
    'das',
    'stimmt',
    'nein',
    'nicht',
    'danke',
    'gut',
    'zwei',
    'ich',
    'auf',
    'jeden',
    'fall',
  ],
} as const;

describe.each(['en', 'de'] as const)('in any text (%s)', (language) => {
  const similar = similarWords(language);
  const words = fc.array(fc.constantFrom(...ordinary[language]), { maxLength: 6 });

  it('a negation, number, name or date more or less is never bridged', () => {
    const places = fc.tuple(words, words, fc.constantFrom(...decisive[language]));
    fc.assert(
      fc.property(places, ([before, behind, word]) => {
        // In the middle: at the beginning of a sentence nobody can tell a name by its capital.
        const isName = /^\p{Lu}/u.test(word);
        const start = isName && before.length === 0 ? ['say'] : before;
        const without = [...start, ...behind].join(' ');
        const having = [...start, word, ...behind].join(' ');
        expect(similar(without, having)).toBe(false);
        expect(similar(having, without)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('the same is similar to itself, and similarity has no direction', () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        expect(similar(one.join(' '), one.join(' '))).toBe(true);
        expect(similar(one.join(' '), other.join(' '))).toBe(similar(other.join(' '), one.join(' ')));
      }),
    );
  });
});
