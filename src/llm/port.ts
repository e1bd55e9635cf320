// The language model as a session sees it: a history in, a stream of text out.

export type Message =
  | { readonly role: 'user'; readonly text: string }
  /** Only what the caller heard. `interrupted`: the caller spoke before the reply had ended. */
  | { readonly role: 'assistant'; readonly text: string; readonly interrupted: boolean };

/** What a session says for a caller whose words could not be recognised. */
export const UNINTELLIGIBLE = '(unintelligible)';

export interface ReplyModel {
  readonly name: string;
  /**
   * Streams the reply to the last message. Throws a `StageError` with code LLM when the model failed;
   * ends early, without throwing, once the signal is aborted.
   */
  reply(messages: readonly Message[], options: { readonly signal: AbortSignal }): AsyncIterable<string>;
}
