// How probably a turn is complete, by its words: what is being dictated, how the words end, what clause they make, and
// whether they answer what the agent has asked. Word by word, without a grammar: what is told apart is only what matters
// for a pause.

import { dictated, digitsAtEnd } from './dictation.ts';
import type { Ending, WholeTurn } from './language.ts';
import { afterLeadIns } from './question.ts';
import type { Question } from './question.ts';
import type { Rules } from './rules.ts';
import { wordsOf } from './words.ts';
import type { Found } from './words.ts';

/** Nothing is known. */
export const NEUTRAL = 0.5;

const ENDINGS: Readonly<Record<Exclude<Ending, 'needsObject' | 'needsComplement'>, number>> = {
  open: 0.06,
  filler: 0.03,
  hesitant: 0.25,
  closed: 0.9,
  farewell: 0.94,
};

/** Without a question of the agent's, and as an answer to one by yes or no. */
const WHOLE: Readonly<Record<WholeTurn, { readonly alone: number; readonly asked: number }>> = {
  answer: { alone: 0.9, asked: 0.98 },
  acknowledgement: { alone: 0.8, asked: 0.97 },
  greeting: { alone: 0.5, asked: 0.5 },
  wait: { alone: 0.02, asked: 0.02 },
  ellipsis: { alone: 0.3, asked: 0.95 },
  closed: { alone: 0.85, asked: 0.9 },
};

/** Clauses are told by their last words; of a long turn no more than these are looked at. */
const MAX_CHARACTERS = 240;

export function completenessOf(text: string, question: Question | undefined, rules: Rules): number {
  const said = text.slice(-MAX_CHARACTERS);
  const all = wordsOf(said);
  if (all.length === 0) return NEUTRAL;
  const whole = rules.whole.whole(all);
  if (whole !== undefined) return WHOLE[whole][question?.isYesNo === true ? 'asked' : 'alone'];
  const dictation = dictated(all, question, rules);
  if (dictation !== undefined) return dictation;
  const words = wordsOf(lastSentence(said));
  return byEnding(words, rules) ?? bySyntax(words, question, rules);
}

/** Full stops of "St." and "7.30" end none, and what follows one has to have words. */
function lastSentence(text: string): string {
  const ends = [...text.matchAll(/[.?!。？！]+\s+(?=\S*[\p{L}\p{N}])/gu)];
  const last = ends.at(-1);
  return last === undefined ? text : text.slice(last.index + last[0].length);
}

function byEnding(words: readonly string[], rules: Rules): number | undefined {
  const found = rules.endings.atEnd(words);
  if (found !== undefined) {
    const probability = isFilled(found, words, rules) ? 0.75 : ENDINGS[meaningOf(found)];
    // "when I try to log in": the clause may be complete, the sentence isn't.
    const isHalf = probability > NEUTRAL && lacksMainClause(words, afterLeadIns(words, rules), rules);
    return isHalf ? undefined : probability;
  }
  const isAdjective = words.length > 1 && rules.adjectives.whole(words.slice(-1)) !== undefined;
  return isAdjective && rules.determiners.whole(words.slice(-2, -1)) !== undefined ? 0.15 : undefined;
}

/** Words between the one that stands for what is missing and the ending: "which one do you want", "what the price is". */
const MIN_BETWEEN = { needsObject: 1, needsComplement: 2 } as const;

function isFilled({ meaning, start }: Found<Ending>, words: readonly string[], { fronted }: Rules): boolean {
  if (meaning !== 'needsObject' && meaning !== 'needsComplement') return false;
  const found = fronted.last(words, start);
  return found !== undefined && start - (found.start + found.length) >= MIN_BETWEEN[meaning];
}

function meaningOf({ meaning }: Found<Ending>): keyof typeof ENDINGS {
  return meaning === 'needsObject' || meaning === 'needsComplement' ? 'open' : meaning;
}

function bySyntax(words: readonly string[], question: Question | undefined, rules: Rules): number {
  const start = afterLeadIns(words, rules);
  if (start === words.length) return 0.6;
  const answered = byAnswer(words, start, question, rules);
  if (answered !== undefined) return answered;
  if (lacksMainClause(words, start, rules)) return bySubordinateClause(words, start, question, rules);
  if (lacksVerb(words, rules)) return 0.2;
  const asked = rules.questions.last(words, words.length - 1, start);
  if (asked !== undefined && words.length - asked.start > asked.length) return 0.9;
  return byClause(words, start, question, rules);
}

/** "if I cancel the booking" */
function lacksMainClause(words: readonly string[], start: number, { subordinators, mainClauses }: Rules): boolean {
  if (subordinators.at(words, start) === undefined) return false;
  return mainClauses.last(words, words.length, start + 3) === undefined;
}

/** "because it is too expensive" is the whole answer to a question. */
function bySubordinateClause(
  words: readonly string[],
  start: number,
  question: Question | undefined,
  { subordinateVerb }: Rules,
): number {
  const isWhole = subordinateVerb === undefined || subordinateVerb.test(words.at(-1) ?? '');
  return question !== undefined && !question.isYesNo && isWhole && words.length - start > 3 ? 0.8 : 0.15;
}

/** "können Sie mir bitte die Rechnung": the auxiliary's verb has not come. */
function lacksVerb(words: readonly string[], { bracket }: Rules): boolean {
  if (bracket === undefined) return false;
  const opening = bracket.openings.last(words);
  if (opening === undefined) return false;
  const behind = words.slice(opening.start + opening.length);
  return behind.length > 0 && !behind.some((word, index) => index > 0 && bracket.verb.test(word));
}

/** Whether the words are what the agent has asked for. */
function byAnswer(
  words: readonly string[],
  start: number,
  question: Question | undefined,
  rules: Rules,
): number | undefined {
  if (question === undefined) return undefined;
  const { asks } = question;
  const last = words.at(-1) ?? '';
  const isNumber = rules.isNumber(last);
  const isDate = rules.dates.atEnd(words) !== undefined;
  const isTime = rules.times.atEnd(words) !== undefined || /^\d{1,2}[:.]\d\d$/u.test(last);
  if (asks.has('birthDate') && (isDate || isNumber)) return digitsAtEnd(words, rules).digitCount >= 4 ? 0.88 : 0.25;
  if (asks.has('address')) return 0.4;
  if (asks.has('date') && isDate) return 0.93;
  if (asks.has('time') && isTime) return 0.95;
  // Perhaps "seven thirty".
  if (asks.has('time') && isNumber) return rules.digits.has(last) ? 0.8 : 0.93;
  if (asks.has('count') && words.length - start <= 4 && words.some((word) => rules.isNumber(word))) return 0.93;
  if (asks.has('name') && words.length - start <= 5) return words.length - start >= 2 ? 0.85 : 0.65;
  return undefined;
}

function byClause(words: readonly string[], start: number, question: Question | undefined, rules: Rules): number {
  const count = words.length - start;
  const isRequest = count > 1 && rules.requests.last(words, Math.max(1, start + 1)) !== undefined;
  const hasClause =
    count > 1 &&
    (rules.clauseWords.last(words, words.length - 1, start) !== undefined ||
      words.some((word, index) => index > start && rules.finiteVerb?.test(word) === true));
  if (hasClause || isRequest) return 0.87;
  return question === undefined ? 0.6 : 0.75;
}
