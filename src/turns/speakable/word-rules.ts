// Words, signs and punctuation: pronunciations, abbreviations, smileys, signs that have names, repeated marks.

import type { Expansion, Language } from './language.ts';
import { anyOf, escaped, rule, setOff, type Place, type Rule } from './rule.ts';

/** A whole word begins here and ends there. */
const WORD_START = String.raw`(?<![\p{L}\p{N}])`;
const WORD_END = String.raw`(?![\p{L}\p{N}])`;

/** Entries with an upper case letter match as they are written, the others in any case; the longest first. */
export function pronunciationRule(pronunciations: Readonly<Record<string, string>>): Rule {
  const entries = new Map(Object.entries(pronunciations).map(([key, said]) => [withSingleSpaces(key), said] as const));
  entries.delete('');
  if (entries.size === 0) return () => undefined;
  const pattern = new RegExp(
    `${WORD_START}(?:${anyOf([...entries.keys()]).replaceAll(' ', String.raw`\s+`)})${WORD_END}`,
    'iuy',
  );
  return rule(pattern, ([match]) => {
    const key = withSingleSpaces(match);
    return entries.get(key) ?? entries.get(key.toLowerCase());
  });
}

function withSingleSpaces(text: string): string {
  return text.trim().replaceAll(/\s+/gu, ' ');
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
  return [abbreviationRule(language), ...signRules(language)];
}

/** Keys without a full stop match as they are written where they have upper case letters. */
function abbreviationRule({ abbreviations }: Language): Rule {
  const entries = new Map(
    Object.entries(abbreviations).map(
      ([key, expansion]) => [key.includes('.') ? key.toLowerCase() : key, expansion] as const,
    ),
  );
  const patterns = [...entries.keys()]
    .toSorted((one, other) => other.length - one.length)
    .map((key) => {
      const end = /[./]$/u.test(key) ? '' : String.raw`(?![\p{L}\p{N}.])`;
      return escaped(key).replaceAll(/\\\.(?=.)/gu, String.raw`\.\s?`) + end;
    });
  return rule(new RegExp(`${WORD_START}(?:${patterns.join('|')})`, 'iuy'), ([match], place) => {
    const key = match.replaceAll(/\s/gu, '');
    const expansion = entries.get(key) ?? entries.get(key.toLowerCase());
    if (expansion === undefined) return undefined;
    const text = expanded(expansion, match, place);
    return /^\p{Lu}/u.test(match) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
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
