// Whether a draft is a reply to the words that were said after all.

import { withoutKeys } from './keys.ts';
import { sameWords } from './same-words.ts';
import type { TurnSettings } from './settings.ts';
import type { AgentState, Unconfirmed } from './state.ts';

/** What a draft was made for. */
export type Draft = Pick<Extract<AgentState, { kind: 'drafting' }>, 'text' | 'anticipated'>;

/** Whether the words so far are still those that it was made for. */
export function fits({ text, anticipated }: Draft, words: string, { drafts, similar }: TurnSettings): boolean {
  // What was foreseen is seldom said to the letter.
  return anticipated || drafts.policy === 'ifSimilar' ? similar(text, words) : sameWords(text, words);
}

/** Whether it answers a turn of these words. What was only foreseen does so in no case that is not certain. */
export function answersTurn(draft: Draft, words: string, settings: TurnSettings): boolean {
  return (settings.drafts.policy === 'always' && !draft.anticipated) || fits(draft, words, settings);
}

/** Whether what was answered without its final needs no other answer, now that the final has told the `words`. */
export function stands({ turn, draft }: Unconfirmed, words: string, settings: TurnSettings): boolean {
  const said = withoutKeys(words);
  const answered = withoutKeys(turn.text);
  if (sameWords(answered, said)) return true;
  return draft === undefined
    ? fits({ text: answered, anticipated: false }, said, settings)
    : answersTurn({ ...draft, text: withoutKeys(draft.text) }, said, settings);
}
