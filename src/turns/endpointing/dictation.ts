// Numbers, spelled words and e-mail addresses are dictated in groups, with pauses that mean nothing: whether one of them
// is under way at the end of the words, and how probably it is complete. Punctuation says nothing here.

import type { DictatedNumber } from './language.ts';
import type { Question } from './question.ts';
import { TOP_LEVEL_DOMAINS } from './rules.ts';
import type { Rules } from './rules.ts';

/** Probability that what is being dictated is complete; undefined where nothing is. */
export function dictated(words: readonly string[], question: Question | undefined, rules: Rules): number | undefined {
  return mailAddress(words, question, rules) ?? spelling(words, question, rules) ?? number(words, question, rules);
}

const UNFINISHED = 0.05;
const FINISHED = 0.9;
/**
 * As long as such things are, and nobody knows how long this one is: some 800 ms. Longer than the pauses between groups
 * that are read out; whoever looks for the next group is longer about it than anybody would wait after the last one.
 */
const PERHAPS_FINISHED = 0.36;
/** A number that begins with the trunk prefix 0 (ITU-T E.123) has an area code and a subscriber's number behind it. */
const LEAST_NATIONAL_DIGITS = 9;
/** Words that an address may have when it is said: "a underscore miller at web dash mail dot co dot uk". */
const MAX_ADDRESS_WORDS = 14;

function mailAddress(words: readonly string[], question: Question | undefined, rules: Rules): number | undefined {
  const { mailSigns, mailCues } = rules;
  const last = words.at(-1) ?? '';
  if (last.includes('@')) return /@[^.@]+(?:\.[^.@]+)*\.\p{L}{2,}$/u.test(last) ? FINISHED : UNFINISHED;
  const tail = words.slice(-MAX_ADDRESS_WORDS);
  const signs = tail.map((word) => (word === '@' ? 'at' : mailSigns.whole([word])));
  const cue = mailCues.last(tail);
  const isAsked = question?.asks.has('email') === true;
  // "my email is …", not "I sent an email at nine"
  const announced = cue === undefined ? tail : tail.slice(cue.start + cue.length);
  const isTold = rules.clauseWords.whole(announced.slice(0, 1)) !== undefined;
  const isExpected = isAsked || (cue !== undefined && isTold);
  const dot = signs.lastIndexOf('dot');
  const at = signs.lastIndexOf('at');
  const isSpoken = isExpected || dot > 0 || /[._]/u.test(tail[at - 1] ?? '');
  if (at > 0 && isSpoken) return afterAt(signs.slice(at + 1), last);
  const isAddress = isExpected || tail.length <= 4;
  if (isAddress && (signs.at(-1) === 'sign' || (dot > 0 && dot === tail.length - 1))) return UNFINISHED;
  if (dot > 0 && dot >= tail.length - 3 && dot < tail.length - 1 && !rules.isNumber(last)) {
    return TOP_LEVEL_DOMAINS.has(last) ? FINISHED : UNFINISHED;
  }
  const name = isTold ? announced.slice(1) : announced;
  return isExpected && isLocalPart(name, rules) ? UNFINISHED : undefined;
}

/** Only the name before the @ yet, and no sentence about addresses. */
function isLocalPart(words: readonly string[], { clauseWords, whole, endings }: Rules): boolean {
  if (words.length === 0 || words.length > 4 || clauseWords.last(words) !== undefined) return false;
  return whole.whole(words) === undefined && endings.atEnd(words) === undefined;
}

/** Behind the @: complete with a top-level domain. */
function afterAt(signs: readonly (string | undefined)[], last: string): number {
  const dot = signs.lastIndexOf('dot');
  const endsInDomain = dot > 0 && dot === signs.length - 2 && /^\p{L}{2,}$/u.test(last);
  const isWritten = signs.length > 0 && /\.\p{L}{2,}$/u.test(last);
  if (!endsInDomain && !isWritten) return UNFINISHED;
  // co dot uk
  return /(?:^|\.)co$/u.test(last) ? 0.3 : FINISHED;
}

function spelling(words: readonly string[], question: Question | undefined, rules: Rules): number | undefined {
  const { letters, start } = spelledAtEnd(words, rules);
  if (letters === '' || rules.abbreviations.whole(words.slice(start)) !== undefined) return undefined;
  const isAsked = question?.asks.has('spelling') === true;
  const isAnnounced = isAsked || rules.spellingCues.last(words.slice(Math.max(0, start - 4), start)) !== undefined;
  if (letters.length === 1 && !isAnnounced && start + 1 === words.length) return undefined;
  const before = words.slice(0, start);
  if (letters.length > 2 && before.some((word) => word.replaceAll(/[^\p{L}]/gu, '') === letters)) return FINISHED;
  // Where it ends nobody knows: names have five to eight letters.
  return letters.length >= 5 ? PERHAPS_FINISHED : UNFINISHED;
}

/** The letters that the words end with: "s m i", "s-m-i", "b as in bravo", "double l". */
function spelledAtEnd(words: readonly string[], rules: Rules): { letters: string; start: number } {
  let letters = '';
  let start = words.length;
  while (start > 0) {
    const word = words[start - 1] ?? '';
    const example = rules.examples.atEnd(words.slice(Math.max(0, start - 4), start - 1));
    const exampleStart = example === undefined ? -1 : start - 1 - example.length - 1;
    const spelled = words[exampleStart] ?? '';
    // "I like ice" spells nothing.
    if (isLetter(spelled) && word.startsWith(spelled) && rules.clauseWords.whole([spelled]) === undefined) {
      letters = spelled + letters;
      start = exampleStart;
    } else if (isLetter(word) || /^\p{L}(?:-\p{L})+-?$/u.test(word) || isLetterPair(words, start - 1)) {
      letters = word.replaceAll('-', '') + letters;
      start -= 1;
    } else if (rules.letterNames.has(word)) {
      letters = word.charAt(0) + letters;
      start -= 1;
    } else if (letters !== '' && rules.repetitions.has(word)) {
      letters = letters.charAt(0) + letters;
      start -= 1;
    } else break;
  }
  return { letters, start };
}

/** Two letters that the recogniser has joined, among letters: "f i s c h er", "p at e l". */
function isLetterPair(words: readonly string[], index: number): boolean {
  const among = [index - 2, index - 1, index + 1].filter((beside) => isLetter(words[beside] ?? ''));
  return among.length >= 2 && isLetter(words[index - 1] ?? '') && /^\p{L}{2}$/u.test(words[index] ?? '');
}

function isLetter(word: string): boolean {
  return /^\p{L}$/u.test(word);
}

function number(words: readonly string[], question: Question | undefined, rules: Rules): number | undefined {
  const { digitCount, wordCount, isDictated } = digitsAtEnd(words, rules);
  // "I don't have one"
  const isPronoun = wordCount === 1 && rules.endings.atEnd(words)?.meaning === 'closed';
  if (digitCount === 0 || isPronoun || isQuantity(question)) return undefined;
  const before = words.slice(0, words.length - wordCount);
  // A house number, and no street yet.
  if (rules.addressCues.atEnd(before) !== undefined) return UNFINISHED;
  // A year.
  if (rules.dates.atEnd(before) !== undefined) return undefined;
  const expected = expectedNumber(before, question, rules);
  if (expected !== undefined) return byLength(digitCount, expected);
  if (!isDictated) return undefined;
  // As long as a telephone number, and perhaps one.
  if (digitCount >= 10) return 0.75;
  if (digitCount < LEAST_NATIONAL_DIGITS && beginsWithZero(words[words.length - wordCount] ?? '', rules)) return 0.15;
  return digitCount >= 6 ? PERHAPS_FINISHED : 0.1;
}

function beginsWithZero(word: string, { zeros }: Rules): boolean {
  return word.startsWith('0') || zeros.has(word);
}

function isQuantity(question: Question | undefined): boolean {
  return (['count', 'date', 'time', 'birthDate'] as const).some((asked) => question?.asks.has(asked) === true);
}

function byLength(digitCount: number, { digitCounts, probability }: DictatedNumber): number {
  if (digitCounts.length === 0) return digitCount < 6 ? 0.1 : probability;
  if (digitCounts.includes(digitCount)) return probability;
  return digitCount > Math.max(...digitCounts) ? 0.8 : UNFINISHED;
}

/** The nearest cue before the number; otherwise the agent's. */
function expectedNumber(
  before: readonly string[],
  question: Question | undefined,
  { dictated: kinds }: Rules,
): DictatedNumber | undefined {
  for (const words of [before.slice(-8), question?.words ?? []]) {
    const found = kinds.find(({ cues }) => cues.last(words) !== undefined);
    if (found !== undefined) return found.number;
  }
  return undefined;
}

/** The run of numbers that the words end with; dictated where it looks like no quantity or time of day. */
export function digitsAtEnd(
  words: readonly string[],
  rules: Rules,
): { readonly digitCount: number; readonly wordCount: number; readonly isDictated: boolean } {
  let digitCount = 0;
  let wordCount = 0;
  let singleCount = 0;
  let isWrittenGroup = false;
  for (let index = words.length - 1; index >= 0; index -= 1, wordCount += 1) {
    const word = words[index] ?? '';
    if (/^\+?\d[\d/.-]*$/u.test(word)) {
      const digits = word.replaceAll(/\D/gu, '').length;
      digitCount += digits;
      if (digits === 1) singleCount += 1;
      isWrittenGroup ||= /^\+|^0\d|\d-\d/u.test(word) || digits > 5 || (digits > 1 && wordCount > 0);
    } else if (rules.digits.has(word)) {
      digitCount += 1;
      singleCount += 1;
    } else if (rules.numbers.has(word)) {
      // Twenty-five has two digits.
      const isTens = wordCount > 0 && rules.digits.has(words[index + 1] ?? '');
      digitCount += isTens ? 1 : 2;
      if (isTens) singleCount -= 1;
    } else if (wordCount > 0 && rules.repetitions.has(word)) {
      digitCount += (rules.repetitions.get(word) ?? 1) - 1;
      singleCount += 1;
    } else break;
  }
  return { digitCount, wordCount, isDictated: singleCount >= 2 || (isWrittenGroup && wordCount > 0) };
}
