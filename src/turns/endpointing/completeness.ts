// How probably a turn is complete, by its words: what is being dictated, how the words end, what clause they make, and
// whether they answer what the agent has asked. Word by word, without a grammar: what is told apart is only what matters
// for a pause.

import { dictated, digitsAtEnd } from './dictation.ts';
import type { Ending, WholeTurn } from './language.ts';
import { afterLeadIns } from './question.ts';
import type { Question } from './question.ts';
import type { Rules } from './rules.ts';
import { withGaps } from './gaps.ts';
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
  const all = withGaps(wordsOf(said), rules);
  if (all.length === 0) return NEUTRAL;
  const whole = rules.whole.whole(all);
  if (whole !== undefined) return WHOLE[whole][question?.isYesNo === true ? 'asked' : 'alone'];
  const dictation = dictated(all, question, rules);
  if (dictation !== undefined) return dictation;
  const words = withGaps(wordsOf(lastSentence(said)), rules);
  const wholeSentence = rules.whole.whole(words);
  if (wholeSentence !== undefined) return WHOLE[wholeSentence].alone;
  const ended = byEnding(words, rules);
  // "Yes, I did."
  const isAnswer =
    ended === ENDINGS.closed && question?.isYesNo === true && rules.whole.whole(all.slice(0, 1)) === 'answer';
  return isAnswer ? WHOLE.answer.asked : (ended ?? bySyntax(words, question, rules));
}

/** What follows the last full stop that has words behind it. "St." counts as one: then less is looked at. */
function lastSentence(text: string): string {
  const ends = [...text.matchAll(/[.?!。？！]+\s+(?=\S*[\p{L}\p{N}])/gu)];
  const last = ends.at(-1);
  return last === undefined ? text : text.slice(last.index + last[0].length);
}

function byEnding(words: readonly string[], rules: Rules): number | undefined {
  const found = rules.endings.atEnd(words);
  if (found !== undefined) {
    const probability = filled(found, words, rules) ?? ENDINGS[meaningOf(found)];
    // "when I try to log in": the clause may be complete, the sentence isn't.
    const isHalf = probability > NEUTRAL && lacksMainClause(words, afterLeadIns(words, rules), rules);
    return isHalf ? undefined : probability;
  }
  // "I am looking for a coat that"
  const isRelative =
    rules.relatives.has(words.at(-1) ?? '') && rules.determiners.at(words, words.length - 3) !== undefined;
  if (isRelative) return 0.1;
  const isAdjective = words.length > 1 && rules.adjectives.whole(words.slice(-1)) !== undefined;
  return isAdjective && rules.determiners.whole(words.slice(-2, -1)) !== undefined ? 0.15 : undefined;
}

/** Words between the one that stands for what is missing and the ending: "which one do you want", "what the price is". */
const MIN_BETWEEN = { needsObject: 1, needsComplement: 2 } as const;
/** Farther apart they belong to different clauses. */
const MAX_BETWEEN = 5;

function filled({ meaning, start }: Found<Ending>, words: readonly string[], rules: Rules): number | undefined {
  if (meaning !== 'needsObject' && meaning !== 'needsComplement') return undefined;
  const found = rules.fronted.last(words, start);
  if (found === undefined) return undefined;
  const end = found.start + found.length;
  if (start - end < MIN_BETWEEN[meaning] || start - end > MAX_BETWEEN) return undefined;
  // "what is the reason my transfer was": the question has its verb already.
  if (meaning === 'needsComplement' && rules.questions.at(words, end) !== undefined) return undefined;
  // "where is the tracking number for" may go on, "what is this for" hardly.
  const endsInNoun = [start - 2, start - 3].some((at) => rules.determiners.at(words, at)?.length === 1);
  return endsInNoun && meaning === 'needsObject' ? 0.4 : 0.75;
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
  if (lacksVerb(words, start, rules)) return 0.2;
  const asked = rules.questions.last(words, words.length, start);
  if (asked !== undefined) {
    const behind = words.slice(asked.start + asked.length);
    // "why are there"
    if (behind.length === 0 && asked.length > 1) return 0.1;
    // "what cards"
    const isFragment = asked.length === 1 && behind.length === 1 && !hasClause(words, asked.start, rules);
    if (behind.length > 0) return isFragment ? 0.4 : 0.9;
  }
  return byClause(words, start, question, rules);
}

/** "when I press buttons": what a subordinate clause has at least before the main one can begin with its subject. */
const MIN_CLAUSE_WORDS = 4;

/** "if I cancel the booking" */
function lacksMainClause(words: readonly string[], start: number, rules: Rules): boolean {
  const { subordinators, mainClauses } = rules;
  if (subordinators.at(words, start) === undefined) return false;
  return mainClauses.last(words, words.length, start + 3) === undefined && !hasSecondSubject(words, start, rules);
}

/** "when I press the button the screen stays": a noun in the clause before has nothing that leads to this one. */
function hasSecondSubject(words: readonly string[], start: number, rules: Rules): boolean {
  return words.some((_, at) => {
    if (at < start + MIN_CLAUSE_WORDS || at > words.length - 3 || rules.articles.at(words, at)?.length !== 1)
      return false;
    const isLedTo = rules.endings.atEnd(words.slice(0, at)) !== undefined;
    return !isLedTo && rules.adjectives.at(words, at + 1) === undefined;
  });
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

/** "können Sie mir bitte die Rechnung", "ich wollte fragen, ob Sie am": the verb has not come. */
function lacksVerb(words: readonly string[], start: number, rules: Rules): boolean {
  const { bracket, subordinateVerb, subordinators, mainClauses, dates, leadIns } = rules;
  const last = words.findLast((word) => leadIns.whole([word]) === undefined) ?? '';
  const isDate = dates.whole([last]) !== undefined;
  const clause = subordinators.last(words, words.length, start);
  if (subordinateVerb !== undefined && clause !== undefined) {
    const isOver = mainClauses.last(words, words.length, clause.start + 3) !== undefined;
    return !isOver && (isDate || !subordinateVerb.test(last));
  }
  const opening = bracket?.openings.last(words);
  return bracket !== undefined && opening !== undefined && (isDate || !bracket.verb.test(last));
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
  // The number comes before the street, the postal code last.
  if (asks.has('address')) return isNumber ? (/\d{5}$/u.test(last) ? 0.85 : ENDINGS.open) : 0.4;
  if (asks.has('date') && isDate) return 0.93;
  if (asks.has('time') && isTime) return 0.95;
  // Perhaps "seven thirty".
  if (asks.has('time') && isNumber) return rules.digits.has(last) ? 0.8 : 0.93;
  if (asks.has('count') && words.length - start <= 4 && words.some((word) => rules.isNumber(word))) return 0.93;
  if (asks.has('name') && words.length - start <= 5) return words.length - start >= 2 ? 0.85 : 0.65;
  return undefined;
}

function byClause(words: readonly string[], start: number, question: Question | undefined, rules: Rules): number {
  const isRequest = words.length - start > 1 && rules.requests.last(words, Math.max(1, start + 1)) !== undefined;
  if (isRequest || (words.length - start > 1 && hasClause(words, start, rules))) return 0.87;
  if (question !== undefined) return 0.75;
  // "my transfer": what it is about, and nothing said of it yet.
  const isShort = words.length - start <= 3 && !rules.isNumber(words[start] ?? '');
  const isTopic = isShort && rules.determiners.at(words, start) !== undefined;
  return isTopic ? 0.28 : 0.6;
}

function hasClause(words: readonly string[], start: number, rules: Rules): boolean {
  return rules.clauseWords.last(words, words.length, start) !== undefined || isVerb(words, start, rules);
}

/** Behind another word, one with the form of a verb. */
function isVerb(words: readonly string[], start: number, { finiteVerb }: Rules): boolean {
  return finiteVerb !== undefined && words.some((word, index) => index > start && finiteVerb.test(word));
}
