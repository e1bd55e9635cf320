import { describe, expect, it } from 'vitest';
import { normalise, numberInWords } from './normalise.ts';

describe('normalise', () => {
  it.each([
    ["I'd like a table, please!", 'i would like a table please'],
    ['7:30 PM', 'seven thirty p m'],
    ['at 7 p.m.', 'at seven p m'],
    ['19:05', 'seven oh five p m'],
    ['12:00', 'twelve'],
    ['for 4 people', 'for four people'],
    ['5551234', 'five five five one two three four'],
    ['Don’t you have Wi-Fi?', 'do not you have wifi'],
    ["What's today's special?", "what is today's special"],
    ['I am one of those who am', 'i am one of those who am'],
    ['seven am', 'seven a m'],
    ['  …  ', ''],
  ])('%s', (text, words) => {
    expect(normalise(text).join(' ')).toBe(words);
  });

  it('leaves its own output as it is', () => {
    const words = normalise("We'll come at 8:45pm, can't we?");
    expect(normalise(words.join(' '))).toEqual(words);
  });
});

describe('numberInWords', () => {
  it.each([
    [0, 'zero'],
    [12, 'twelve'],
    [19, 'nineteen'],
    [20, 'twenty'],
    [99, 'ninety nine'],
  ])('%i', (value, words) => {
    expect(numberInWords(value)).toBe(words);
  });
});
