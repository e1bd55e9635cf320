// The language model as a session sees it: a history in, a stream of text out.

import type { Message } from '../turns/history.ts';

export { UNINTELLIGIBLE } from '../turns/history.ts';

export interface ReplyModel {
  readonly name: string;
  /**
   * Streams the reply to the last message; nothing where the model has nothing to say. Throws a `StageError` with code
   * LLM when the model failed; ends early, without throwing, once the signal is aborted. Never tries again by itself.
   */
  reply(messages: readonly Message[], options: { readonly signal: AbortSignal }): AsyncIterable<string>;
  /**
   * Opens the connection for the next reply, at no cost, within 5 s. Worth calling whenever a reply may come soon:
   * nothing is asked while a connection is open. Rejects with a `StageError` that is worth a line in the log: the
   * service can't be reached, or refuses the key. Resolves early, without throwing, once the signal is aborted.
   */
  warmUp?(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Closes idle connections. Replies that are under way go on. Idempotent. */
  close?(): Promise<void>;
}
