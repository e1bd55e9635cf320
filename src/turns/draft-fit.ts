// Whether a draft is a reply to the words that were said after all.

import { sameWords } from './same-words.ts';
import type { TurnSettings } from './settings.ts';
import type { AgentState } from './state.ts';

type Draft = Extract<AgentState, { kind: 'drafting' }>;

/** Whether the words so far are still those that it was made for. */
export function fits({ text, anticipated }: Draft, words: string, { drafts, similar }: TurnSettings): boolean {
  // What was foreseen is seldom said to the letter.
  return anticipated || drafts.policy === 'ifSimilar' ? similar(text, words) : sameWords(text, words);
}

/** Whether it answers a turn of these words. What was only foreseen does so in no case that is not certain. */
export function answersTurn(draft: Draft, words: string, settings: TurnSettings): boolean {
  return (settings.drafts.policy === 'always' && !draft.anticipated) || fits(draft, words, settings);
}
