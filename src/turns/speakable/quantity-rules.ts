// Money, percentages and measures.

import type { Currency, Language } from './language.ts';
import { FRACTION_SIGNS, NumberWords } from './number-words.ts';
import { anyOf, keepingFullStop, numberRule, type Rule } from './rule.ts';

const START = String.raw`(?<![\p{L}\p{N}]|\d[.,])`;

export function quantityRules(language: Language): Rule[] {
  const numbers = new NumberWords(language);
  return [...moneyRules(numbers, language), ...measureRules(numbers, language)];
}

function moneyRules(numbers: NumberWords, language: Language): Rule[] {
  const { currencies, multipliers, words, decimalMark } = language;
  const currency = `(${anyOf(Object.keys(currencies))})`;
  const multiplier = String.raw`(?:\s?(${anyOf(Object.keys(multipliers))})(?![\p{L}\p{N}]))?`;
  const amount = `(${numbers.pattern})`;
  const say = (written: string, sign: string, scale: string | undefined): string | undefined => {
    const found = currencies[sign];
    if (found === undefined) return undefined;
    const scaled = scale === undefined ? undefined : multipliers[scale.toLowerCase()];
    return scaled === undefined ? money(written, found) : numbers.counted(written, found, scaled);
  };
  const money = (written: string, found: Currency): string => {
    const [whole = '', cents] = written.split(decimalMark);
    if (found.minor === undefined || cents?.length !== 2) return numbers.counted(written, found);
    if (Number(cents) === 0) return numbers.counted(whole, found);
    if (whole === '0') return numbers.counted(String(Number(cents)), found.minor);
    return language.withCents(numbers.counted(whole, found), Number(cents), found.minor);
  };
  const sign = String.raw`(?<![^\s([{"'])(?:([-−–]))?`;
  return [
    // $5–10: the sign counts for both.
    numberRule(
      new RegExp(
        String.raw`(?<![\p{L}\p{N}])${currency}\s?${amount}\s?[-–—]\s?(?:${anyOf(Object.keys(currencies))})?\s?${amount}${multiplier}`,
        'uy',
      ),
      ([, mark = '', from = '', to = '', scale]) => {
        const upper = say(to, mark, scale);
        return upper === undefined ? undefined : `${numbers.number(from)} ${words.to} ${upper}`;
      },
    ),
    numberRule(
      new RegExp(String.raw`(?:${sign}|(?<![\p{L}\p{N}]))${currency}\s?${amount}${multiplier}`, 'iuy'),
      ([, minus, mark = '', written = '', scale]) => {
        const said = say(written, mark.toUpperCase(), scale);
        return said === undefined || minus === undefined ? said : `${words.minus} ${said}`;
      },
    ),
    numberRule(
      new RegExp(String.raw`${START}${amount}${multiplier}\s?${currency}(?![\p{L}\p{N}])`, 'iuy'),
      ([, written = '', scale, mark = '']) => say(written, mark, scale) ?? say(written, mark.toUpperCase(), scale),
    ),
  ];
}

const FRACTION = new RegExp(String.raw`(?:\d\/\d+|${FRACTION_SIGNS})$`, 'u');
const MIXED_FRACTION = new RegExp(String.raw`(?:\d\s\d+\/\d+|\d\s?${FRACTION_SIGNS})$`, 'u');

function measureRules(numbers: NumberWords, { units, multipliers, words }: Language): Rule[] {
  // "5 m" is a length, "5M" a million.
  const scales = Object.keys(multipliers).filter((key) => !(key in units) || !(key.toUpperCase() in units));
  return [
    // Behind a fraction, which is less than one where no whole number precedes.
    numberRule(
      new RegExp(String.raw`\s?(${anyOf(Object.keys(units))})(?![\p{L}\p{N}])`, 'uy'),
      ([, unit = ''], { before, afterNumber }) => {
        const noun = units[unit];
        if (!afterNumber || noun === undefined || !FRACTION.test(before)) return undefined;
        return ` ${MIXED_FRACTION.test(before) ? noun.many : noun.one.replace(/^\S+\s/u, '')}`;
      },
    ),
    // "€3.50/kg"
    numberRule(
      new RegExp(String.raw`\s?\/\s?(${anyOf(Object.keys(units))})(?![\p{L}\p{N}])`, 'uy'),
      ([, unit = ''], { afterNumber }) => {
        const noun = units[unit];
        return !afterNumber || noun === undefined ? undefined : ` ${words.per} ${noun.one.replace(/^\S+\s/u, '')}`;
      },
    ),
    numberRule(
      new RegExp(String.raw`(${numbers.pattern})\s?%`, 'uy'),
      ([, written = '']) => `${numbers.number(written)} ${words.percent}`,
    ),
    numberRule(
      new RegExp(String.raw`${START}(${numbers.pattern})\s?(${anyOf(Object.keys(units))})(?![\p{L}\p{N}])`, 'uy'),
      ([match, written = '', unit = ''], place) => {
        const noun = units[unit];
        return noun === undefined ? undefined : keepingFullStop(numbers.counted(written, noun), match, place);
      },
    ),
    numberRule(
      new RegExp(String.raw`${START}(${numbers.pattern})\s?(${anyOf(scales)})(?![\p{L}\p{N}])`, 'iuy'),
      ([match, written = '', scale = ''], place) => {
        const scaled = multipliers[scale.toLowerCase()];
        return scaled === undefined ? undefined : keepingFullStop(`${numbers.number(written)} ${scaled}`, match, place);
      },
    ),
  ];
}
