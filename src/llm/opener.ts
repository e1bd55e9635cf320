// First words of an answer, from a model that has heard only the beginning of what the caller says.

import { type History, withinBudget } from '../turns/history.ts';
import { type ReplyModel, textOf } from './port.ts';

/** What was said just before; it is asked for several times a turn, and each time costs its prompt. */
const HISTORY_TOKENS = 400;
/** About two seconds of speech. */
const MOST_WORDS = 8;

const INSTRUCTION =
  '[the caller is still speaking. Write only the first words of your answer, two to six of them, which are spoken while you ' +
  'think about the rest: such as "Let me look that up," or "A table on Friday," in the language of the caller. They must ' +
  'fit whatever else the caller says: no fact, no number, no yes or no, no promise, no question. Where there are no such ' +
  'words, write NONE]';
const NONE = /^\W*none\b/iu;

/**
 * Words that end with a clause, if the model has found any. Throws the `StageError` of the model; nothing once the signal is
 * aborted.
 */
export async function firstWords(
  model: ReplyModel,
  { heard, history, signal }: { readonly heard: string; readonly history: History; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const before = withinBudget(history, { maxTokens: HISTORY_TOKENS });
  const messages = [...before, { role: 'user', text: `${heard} …\n\n${INSTRUCTION}` } as const];
  const enough = new AbortController();
  const over = AbortSignal.any([signal, enough.signal]);
  let written = '';
  for await (const part of model.reply(messages, { signal: over, tools: 'none' })) {
    written += textOf(part);
    // The model may go on with the whole answer: nobody waits for that.
    if (clauseIn(written) !== undefined || written.split(/\s+/).length > MOST_WORDS) break;
  }
  enough.abort();
  if (signal.aborted || NONE.test(written)) return undefined;
  const clause = clauseIn(`${written} `);
  return clause === undefined || /\p{N}/u.test(clause) ? undefined : clause;
}

/** Up to the first comma or full stop that is followed by a white space. */
function clauseIn(text: string): string | undefined {
  const clause = /^[\s"“'‘]*(?<words>[^\n]*?[.,;:!?…–—])["”'’]*\s/u.exec(text)?.groups?.['words'];
  return clause === undefined || clause.split(/\s+/).length > MOST_WORDS ? undefined : clause;
}
