// Words, signs and punctuation: pronunciations, abbreviations, smileys, signs that have names, repeated marks.

import type { Expansion, Language } from './language.ts';
import { anyOf, escaped, rule, setOff, type Place, type Rule } from './rule.ts';

/** A whole word begins here and ends there. */
const WORD_START = String.raw`(?<![\p{L}\p{N}])`;
const WORD_END = String.raw`(?![\p{L}\p{N}])`;

/** Entries with an upper case letter match as they are written, the others in any case. */
export function pronunciationRules(pronunciations: Readonly<Record<string, string>>): Rule[] {
  const keys = Object.keys(pronunciations)
    .filter((key) => key.trim() !== '')
    .toSorted((one, other) => other.length - one.length);
  return keys.map((key) => {
    const pattern = key
      .trim()
      .split(/\s+/u)
      .map((word) => escaped(word))
      .join(String.raw`\s+`);
    const flags = /\p{Lu}/u.test(key) ? 'uy' : 'iuy';
    return rule(new RegExp(`${WORD_START}${pattern}${WORD_END}`, flags), () => pronunciations[key]);
  });
}

const IN_WORD = /^[\p{L}\p{N}]{2}$/u;
const SMILEY = /(?:(?<!\S)(?:[:;=8][-o']?[()DPp/|*3]|[xX]D|<3|\^_?\^|¯.*\/¯)(?=[.,!?]?(?:\s|$)))/uy;

export const SMILEY_RULE = rule(SMILEY, () => '');

/** What is the same in every language. */
export const PUNCTUATION_RULES: readonly Rule[] = [
  rule(/[!?]{2,}/uy, ([marks]) => (marks.includes('?') ? '?' : '!')),
  rule(/\.{4,}/uy, () => '...'),
  rule(/([,;:])\1+/uy, ([, mark]) => mark),
  rule(/(?<!\S)\|(?!\S)/uy, () => ','),
  // snake_case, and what is left of emphasis around it.
  rule(/[_*~^|\\]+/uy, ([marks], { phrase, at }) =>
    IN_WORD.test(phrase.slice(Math.max(0, at - 1), at) + phrase.slice(at + marks.length, at + marks.length + 1))
      ? ' '
      : '',
  ),
  rule(/#(?=\p{L})/uy, () => ''),
];

export function languageWordRules(language: Language): Rule[] {
  return [...abbreviationRules(language), ...signRules(language)];
}

function abbreviationRules({ abbreviations }: Language): Rule[] {
  return Object.entries(abbreviations)
    .toSorted(([one], [other]) => other.length - one.length)
    .map(([key, expansion]) => {
      const pattern = escaped(key).replaceAll(/\\\.(?=.)/gu, String.raw`\.\s?`);
      const end = /[./]$/u.test(key) ? '' : String.raw`(?![\p{L}\p{N}.])`;
      const isCased = /\p{Lu}/u.test(key) && !key.includes('.');
      return rule(new RegExp(`${WORD_START}${pattern}${end}`, isCased ? 'uy' : 'iuy'), ([match], place) => {
        const text = expanded(expansion, match, place);
        return /^\p{Lu}/u.test(match) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
      });
    });
}

/** In an address, what stands before is the name: "12 Main St. Open daily". */
const STREET_NAME = /\d\p{L}*\s(?:\p{Lu}\p{L}*\s)*$/u;

function expanded(expansion: Expansion, match: string, place: Place): string {
  if (typeof expansion === 'string') return expansion;
  const isLast = place.at + match.length === place.phrase.length;
  const isNameNext = isLast && /\p{Lu}/u.test(place.next);
  const mayEnd = isLast && (place.next === '' || isNameNext);
  if ('text' in expansion) return mayEnd ? `${expansion.text}.` : expansion.text;
  const { beforeName, afterName } = expansion;
  if (isNameNext && (beforeName === afterName || !STREET_NAME.test(place.before))) return beforeName;
  return mayEnd ? `${afterName}.` : afterName;
}

function signRules({ symbols, words }: Language): Rule[] {
  const signs = Object.keys(symbols);
  return [
    rule(/[-=]+>/uy, ([match], place) => setOff(words.to, match, place)),
    rule(new RegExp(anyOf(signs), 'uy'), ([match], place) => {
      const word = symbols[match];
      return word === undefined ? undefined : setOff(word, match, place);
    }),
    // and/or, his/her
    rule(/(?<=[\p{L})])\/(?=\p{L})/uy, () => ' '),
  ];
}
