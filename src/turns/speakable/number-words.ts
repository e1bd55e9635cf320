// Numbers as words, from the digits as they are written: grouping, decimals, digit by digit.

import type { CountedNoun, Language } from './language.ts';
import { escaped } from './rule.ts';

/** More digits than this are nothing that one counts in. */
const MAX_CARDINAL_DIGITS = 15;
const FRACTIONS: Readonly<Record<string, readonly [number, number]>> = {
  '½': [1, 2],
  '⅓': [1, 3],
  '⅔': [2, 3],
  '¼': [1, 4],
  '¾': [3, 4],
  '⅕': [1, 5],
  '⅛': [1, 8],
};

/** Numbers of one language. `pattern` matches one as it is written, without its sign; it has no groups of its own. */
export class NumberWords {
  readonly pattern: string;
  readonly #language: Language;

  constructor(language: Language) {
    const [group, decimal] = [escaped(language.groupMark), escaped(language.decimalMark)];
    this.#language = language;
    this.pattern = String.raw`(?:\d{1,3}(?:${group}\d{3})+(?![\d])|\d+)(?:${decimal}\d+)?`;
  }

  /** "1,234.5" → one thousand two hundred thirty-four point five. */
  number(written: string): string {
    const [whole = '', decimals] = written.replaceAll(this.#language.groupMark, '').split(this.#language.decimalMark);
    const words = this.whole(whole);
    return decimals === undefined ? words : `${words} ${this.#language.words.point} ${this.digits(decimals)}`;
  }

  whole(digits: string): string {
    const isCode = digits.length > MAX_CARDINAL_DIGITS || /^0\d/u.test(digits);
    return isCode ? this.digits(digits) : this.#language.cardinal(digits);
  }

  /** One by one, with a pause after each group of `groupSize`; what isn't a digit is left out. */
  digits(written: string, groupSize = Infinity): string {
    const names = Array.from(written)
      .map((digit) => this.#language.digits[Number(digit)])
      .filter((name) => name !== undefined);
    return names.reduce((said, name, index) => `${said}${index % groupSize === 0 ? ',' : ''} ${name}`);
  }

  /** A number of things: "1" takes the singular. */
  counted(written: string, noun: CountedNoun, multiplier?: string): string {
    if (multiplier !== undefined) return `${this.number(written)} ${multiplier} ${noun.many}`;
    return written === '1' ? noun.one : `${this.number(written)} ${noun.many}`;
  }

  fractionSign(sign: string): string | undefined {
    const [numerator = 0, denominator = 0] = FRACTIONS[sign] ?? [];
    return this.#language.fraction(numerator, denominator);
  }
}

export const FRACTION_SIGNS = `[${Object.keys(FRACTIONS).join('')}]`;
