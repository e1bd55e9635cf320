import { describe, expect, it } from 'vitest';
import { PhraseBook, wordsOf } from './phrases.ts';

const book = new PhraseBook({ day: 'monday | sunday', when: 'on <day>', digit: 'one | two' });

function ends(phrase: string, text: string): number[] {
  return Array.from(book.matcher(phrase)(text.split(' '), 0), ({ end }) => end);
}

describe('PhraseBook', () => {
  it.each([
    ['a [b] c', 'a c', [2]],
    ['a [b] c', 'a b c', [3]],
    ['(a | b c) d', 'b c d', [3]],
    ['a | a b', 'a b', [1, 2]],
    ['<digit>+', 'one two one', [3, 2, 1]],
    ["i'd go", 'i would go', [3]],
    ['a b', 'a c', []],
  ])('%s matches the beginning of: %s', (phrase, text, expected) => {
    expect(ends(phrase, text)).toEqual(expected);
  });

  it('says what each rule stands for, the inner ones first', () => {
    const [match] = book.matcher('open <when>')(['open', 'on', 'sunday'], 0);
    expect(match?.slots).toEqual([
      { name: 'day', text: 'sunday' },
      { name: 'when', text: 'on sunday' },
    ]);
  });

  it.each(['(a', 'a)', 'a ] b', 'a ! b', '(a | b'])('refuses a slip in the notation: %s', (phrase) => {
    expect(() => book.matcher(phrase)).toThrow(/phrase/);
  });

  it('refuses a rule that nobody defined', () => {
    expect(() => ends('<nobody>', 'a')).toThrow(/nobody/);
  });
});

describe('wordsOf', () => {
  it('lists the words without the rules', () => {
    expect(wordsOf("[can i] see <day> (what's | it)")).toEqual(['can', 'i', 'see', "what's", 'it']);
  });
});
