// The language model as a session sees it: a history in, a stream of text out.

import type { Message } from '../turns/history.ts';

export { UNINTELLIGIBLE } from '../turns/history.ts';

export interface ReplyModel {
  readonly name: string;
  /**
   * Streams the reply to the last message. Throws a `StageError` with code LLM when the model failed;
   * ends early, without throwing, once the signal is aborted.
   */
  reply(messages: readonly Message[], options: { readonly signal: AbortSignal }): AsyncIterable<string>;
}
