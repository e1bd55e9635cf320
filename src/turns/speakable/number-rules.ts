// Numbers that are neither dates nor quantities: telephone numbers, codes, versions, fractions, ordinals, ranges, years.

import type { Language } from './language.ts';
import { FRACTION_SIGNS, NumberWords } from './number-words.ts';
import { escaped, numberRule, rule, wordsBefore, type Place, type Rule } from './rule.ts';

/** No letter, digit or decimal mark directly before. */
const START = String.raw`(?<![\p{L}\p{N}]|\d[.,])`;
const END = String.raw`(?![\p{L}\p{N}])`;
/** How far before a number the word may stand that makes it a code: "your code is 1234". */
const CODE_WORD_REACH = 3;
const MIN_CODE_DIGITS = 4;
const MIN_DIALLED_DIGITS = 3;
/** A number of so many digits without grouping is read, not counted. */
const MIN_UNGROUPED_DIGITS = 7;

export function numberRules(language: Language): Rule[] {
  const numbers = new NumberWords(language);
  return [
    ...telephoneRules(numbers, language),
    ...fractionRules(numbers, language),
    ...ordinalRules(language),
    ...joiningRules(language),
    ...yearRules(language),
    ...plainRules(numbers, language),
  ];
}

function telephoneRules(numbers: NumberWords, { words }: Language): Rule[] {
  const grouped = (written: string): string =>
    (written.match(/\d+/gu) ?? []).map((group) => numbers.digits(group, group.length > 5 ? 3 : Infinity)).join(', ');
  return [
    rule(/\+\d(?:[\d\s()./-]{6,}\d)/uy, ([match]) => `${words.plus} ${grouped(match)}`),
    rule(new RegExp(String.raw`${START}(?:1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}${END}`, 'uy'), ([match]) =>
      grouped(match),
    ),
    rule(
      new RegExp(
        String.raw`${START}(?:\d{3}-\d{4}|\d{5}-\d{4}|\d+(?:-\d+){2,}|0\d{1,4}[\s/-]\d{3,}(?:[\s-]\d+)*)${END}`,
        'uy',
      ),
      ([match]) => grouped(match),
    ),
  ];
}

function fractionRules(numbers: NumberWords, { fraction, words }: Language): Rule[] {
  return [
    numberRule(
      new RegExp(String.raw`${START}(?:(\d+)\s)?(\d{1,2})\/(\d{1,2})(?![\d/])`, 'uy'),
      ([, whole, above = '', below = '']) => {
        const part = fraction(Number(above), Number(below));
        if (part === undefined)
          return whole === undefined ? `${numbers.whole(above)} ${numbers.whole(below)}` : undefined;
        return whole === undefined ? part : `${numbers.whole(whole)} ${words.and} ${withArticle(part)}`;
      },
    ),
    numberRule(new RegExp(String.raw`(\d+)?\s?(${FRACTION_SIGNS})`, 'uy'), ([, whole, sign = '']) => {
      const part = numbers.fractionSign(sign);
      return part === undefined || whole === undefined
        ? part
        : `${numbers.whole(whole)} ${words.and} ${withArticle(part)}`;
    }),
  ];
}

/** "one and a half", not "one and one half". */
function withArticle(part: string): string {
  return part.replace(/^one (?=half|quarter|third)/u, 'a ');
}

function ordinalRules({ ordinal, ordinalMark }: Language): Rule[] {
  const isDot = ordinalMark === '\\.';
  return [
    // A full stop makes an ordinal only between an article or a preposition and a word.
    rule(
      new RegExp(String.raw`${START}(\d{1,6})(?:${ordinalMark})${isDot ? '$' : END}`, 'uy'),
      ([, digits = ''], place) => {
        const isOrdinal = !isDot || (/\p{L}/u.test(place.next) && ARTICLE.test(place.before));
        return isOrdinal && Number(digits) > 0 ? ordinal(Number(digits), place.before) : undefined;
      },
    ),
  ];
}

const ARTICLE = /(?:^|\s)(?:am|im|vom|zum|zur|beim|der|die|das|dem|den|des|jede[rnms]?|ein|eine[rnms]?)\s$/iu;

function between(pattern: RegExp, say: (place: Place) => string): Rule {
  return numberRule(pattern, (_, place) => (place.afterNumber ? ` ${say(place)} ` : undefined));
}

/** What stands between two numbers. */
function joiningRules({ words }: Language): Rule[] {
  return [
    between(/\s?[-–—]\s?(?=[$€£(]?\d)/uy, ({ phrase }) => (phrase.includes('=') ? words.minus : words.to)),
    between(/\s?[*×]\s?(?=\d)/uy, () => words.times),
    between(/\s?x\s?(?=\d)/uy, () => words.by),
    between(/\s?[/÷]\s?(?=\d.*=)/uy, () => words.dividedBy),
    between(/:(?=\d)/uy, () => words.to),
    between(/\s?\+\s?(?=\d)/uy, () => words.plus),
    between(/\s?\/\s?(?=\p{L})/uy, () => words.per),
  ];
}

function yearRules({ year, yearWords, words }: Language): Rule[] {
  const context = new Set(yearWords);
  const digits = String.raw`(1[1-9]\d\d|20\d\d)`;
  return [
    rule(
      new RegExp(String.raw`${START}${digits}\s?[-–]\s?${digits}${END}`, 'uy'),
      ([, from, to]) => `${year(Number(from))} ${words.to} ${year(Number(to))}`,
    ),
    rule(new RegExp(String.raw`${START}${digits}(?![\p{L}\p{N}]|[.,:]\d)`, 'uy'), ([match], place) => {
      const [previous] = wordsBefore(place);
      const isBracketed = place.before.endsWith('(') || place.before.endsWith('©');
      const isYear =
        isBracketed ||
        (previous === undefined
          ? place.before.trim() === '' || /[.!?\n]\s*$/u.test(place.before)
          : isAdjacent(place) && context.has(previous));
      return isYear ? year(Number(match)) : undefined;
    }),
  ];
}

/** Nothing but white space between the last word and the place. */
function isAdjacent({ before }: Place): boolean {
  return /\p{L}\s+$/u.test(before);
}

const GROUPED = /^\d{1,3}(?:\.\d{3})+$/u;

function plainRules(numbers: NumberWords, language: Language): Rule[] {
  const { words, codeWords, dialWords } = language;
  const codes = new Set(codeWords);
  const dials = new Set(dialWords);
  const isCode = (digits: string, place: Place): boolean =>
    digits.length >= MIN_UNGROUPED_DIGITS
      ? !digits.endsWith('000')
      : digits.length >= MIN_CODE_DIGITS &&
        wordsBefore(place)
          .slice(0, CODE_WORD_REACH)
          .some((word) => codes.has(word));
  const isDialled = (digits: string, place: Place): boolean =>
    digits.length >= MIN_DIALLED_DIGITS && dials.has(wordsBefore(place)[0] ?? '');
  return [
    rule(new RegExp(String.raw`(?:[vV](?=\d+\.\d))?(?<![\p{L}\p{N}][vV]?)\d+(?:\.\d+){2,}`, 'uy'), ([match]) => {
      if (language.groupMark === '.' && GROUPED.test(match)) return undefined;
      const parts = match
        .replace(/^v/iu, '')
        .split('.')
        .map((part) => numbers.whole(part));
      const dot = language.decimalMark === '.' ? words.point : words.dot;
      return `${/^v/iu.test(match) ? `${words.version} ` : ''}${parts.join(` ${dot} `)}`;
    }),
    rule(/(?<![\p{L}\p{N}])[vV](?=\d)/uy, () => words.version),
    rule(/(?<![\p{L}\p{N}])No\.\s?(?=\d)/uy, () => `${words.number} `),
    rule(/#(?=\d)/uy, () => `${words.number} `),
    rule(/(?<![\p{L}\p{N}])~\s?(?=[$€£]?\d)/uy, () => `${words.about} `),
    rule(/(?<![^\s([{"'])[-−–](?=[$€£]?\.?\d)/uy, () => `${words.minus} `),
    rule(/(?<![^\s([{"'])\+(?=\d)/uy, () => `${words.plus} `),
    numberRule(new RegExp(String.raw`(?<!\d)\d+(?!\d|[.,]\d)`, 'uy'), ([digits], place) =>
      [isCode, isDialled, isPostcode, isMixed].some((reads) => reads(digits, place))
        ? apart(numbers.digits(digits, digits.length > 6 ? 3 : Infinity), digits, place)
        : undefined,
    ),
    // .5
    numberRule(
      new RegExp(String.raw`(?<![^\s([{"'-])${escaped(language.decimalMark)}(\d+)`, 'uy'),
      ([, digits = '']) => `${words.point} ${numbers.digits(digits)}`,
    ),
    numberRule(new RegExp(numbers.pattern, 'uy'), ([match], place) => apart(numbers.number(match), match, place)),
  ];
}

/** Behind the two letters of a state: Washington, DC 20500. */
function isPostcode(digits: string, { before }: Place): boolean {
  return digits.length === 5 && /\p{Lu}{2}\s$/u.test(before);
}

/** "AB1234": letters and three digits or more are a code. */
function isMixed(digits: string, { phrase, at }: Place): boolean {
  return (
    digits.length >= 3 &&
    /\p{L}/u.test(phrase.slice(at + digits.length, at + digits.length + 1) + phrase.slice(Math.max(0, at - 1), at))
  );
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

/** Set off from letters directly beside it: MP3, 5G. */
function apart(words: string, match: string, { phrase, at }: Place): string {
  return `${isLetter(phrase.charAt(at - 1)) ? ' ' : ''}${words}${isLetter(phrase.charAt(at + match.length)) ? ' ' : ''}`;
}
