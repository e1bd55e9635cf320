// What the agent has just asked.

import type { Asked } from './language.ts';
import type { Rules } from './rules.ts';
import { wordsOf } from './words.ts';

export interface Question {
  readonly words: readonly string[];
  /** Answered by yes or no. */
  readonly isYesNo: boolean;
  readonly asks: ReadonlySet<Asked>;
}

/** Longer than any question: of a long reply only the end is looked at. */
const MAX_CHARACTERS = 300;

/** The last question of what the agent said; undefined where it asked nothing. */
export function questionOf(said: string | undefined, rules: Rules): Question | undefined {
  if (said === undefined) return undefined;
  const sentences = said.slice(-MAX_CHARACTERS).match(/[^.?!]+(?:[.?!](?!\s|$)[^.?!]*)*[.?!]*/gu) ?? [];
  const last = sentences.findLast((sentence) => sentence.trim() !== '') ?? '';
  const words = wordsOf(last);
  const asks = new Set(rules.asks.filter(({ cues }) => cues.last(words) !== undefined).map(({ asked }) => asked));
  const isQuestion = /\?\s*$/u.test(last);
  if (!isQuestion && asks.size === 0) return undefined;
  const start = afterLeadIns(words, rules);
  // "Can I have your name?" wants the name.
  const opens = rules.yesNoOpenings.at(words, start) !== undefined || rules.yesNoClosings.atEnd(words) !== undefined;
  return { words, isYesNo: isQuestion && opens && asks.size === 0, asks };
}

/** Index of the first word that is more than a lead-in; the number of words where there is none. */
export function afterLeadIns(words: readonly string[], { leadIns }: Rules): number {
  let start = 0;
  for (let found = leadIns.at(words, start); found !== undefined; found = leadIns.at(words, start)) {
    start += found.length;
  }
  return start;
}
