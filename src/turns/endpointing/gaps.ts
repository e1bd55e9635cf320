// Recognisers lose a gap between words now and then ("twofour", "dotcom"), or put one in ("poss ible"). A number is counted
// by its words, and phrases are found by theirs: gaps are put back where what is known of the language leaves no doubt.
// Leaves out: any other two words that were joined. Most long words can be taken apart somehow ("vorbei", "online").

import type { Rules } from './rules.ts';

/** A part of a word that is this long is hardly there by chance; "ein" and "one" are ("allein", "phone"). */
const MIN_PART_LETTERS = 4;
/** The same for a word of two pieces. */
const MIN_WORD_LETTERS = 6;
const MIN_PIECE_LETTERS = 2;

export function withGaps(words: readonly string[], rules: Rules): readonly string[] {
  const said: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const next = words[index + 1] ?? '';
    if (isOneWord(word, next, rules)) {
      said.push(word + next);
      index += 1;
    } else said.push(...apart(word, next, rules));
  }
  return said;
}

/** "poss ible": no two words, but a known one. */
function isOneWord(word: string, next: string, { vocabulary }: Rules): boolean {
  if (word.length < MIN_PIECE_LETTERS || next.length < MIN_PIECE_LETTERS) return false;
  if (word.length + next.length < MIN_WORD_LETTERS || !vocabulary.has(word + next)) return false;
  return !vocabulary.has(word) || !vocabulary.has(next);
}

/** "twofour", "isthree", "webdot" before "com"; a word that is known stays whole. */
function apart(word: string, next: string, rules: Rules): readonly string[] {
  const { vocabulary, dictationWords, mailSigns } = rules;
  if (vocabulary.has(word) || dictationWords.has(word)) return [word];
  for (let end = MIN_PIECE_LETTERS; end <= word.length - MIN_PIECE_LETTERS; end += 1) {
    const parts = [word.slice(0, end), word.slice(end)] as const;
    const [first, second] = parts;
    const isDictation = dictationWords.has(first) && dictationWords.has(second);
    const isDomain = mailSigns.whole([second]) === 'dot' && dictationWords.has(next) && !rules.isNumber(next);
    if (isDictation || isDomain || isBesideNumber(first, second, rules)) return parts;
  }
  return [word];
}

/** "isthree", "sevenplease" */
function isBesideNumber(first: string, second: string, { vocabulary, digits }: Rules): boolean {
  const isLongDigit = (part: string): boolean => part.length >= MIN_PART_LETTERS && digits.has(part);
  return (isLongDigit(first) && vocabulary.has(second)) || (isLongDigit(second) && vocabulary.has(first));
}
