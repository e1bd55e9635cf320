// The language model as a session sees it: a history in, a stream of text out, with pauses where tools are at work.

import type { Message, ToolExchange } from '../turns/history.ts';

export { UNINTELLIGIBLE } from '../turns/history.ts';

export interface ReplyModel {
  readonly name: string;
  /**
   * Streams the reply to the last message; nothing where the model has nothing to say. Throws a `StageError` with code
   * LLM when the model failed; ends early, without throwing, once the signal is aborted. Never tries again by itself.
   */
  reply(messages: readonly Message[], options: ReplyModelOptions): AsyncIterable<ReplyPart>;
  /**
   * Opens the connection for the next reply, at no cost, within 5 s. Worth calling whenever a reply may come soon:
   * nothing is asked while a connection is open. Rejects with a `StageError` that is worth a line in the log: the
   * service can't be reached, or refuses the key. Resolves early, without throwing, once the signal is aborted.
   */
  warmUp?(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Closes idle connections. Replies that are under way go on. Idempotent. */
  close?(): Promise<void>;
}

export interface ReplyModelOptions {
  readonly signal: AbortSignal;
  /** Absent: tools run at once, and nobody is told. `none`: the model must do without. */
  readonly tools?: ToolHost | 'none';
  /** Called once for each request that the service counted, when it is done; a reply with tools makes several. */
  readonly onUsage?: (usage: TokenUsage) => void;
  /** What of the reply has been said already, and counts as its text: the model goes on from there. */
  readonly begun?: string;
}

/** As the service counted them. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** Thoughts included. */
  readonly outputTokens: number;
}

/** Text, as it is written; all of a reply's parts joined are what it says. */
export type ReplyPart = string | ToolPause;

/** No text comes while tools are at work: what came before is to be spoken to its end. */
export interface ToolPause {
  readonly type: 'pause';
  /** What to say in the meantime, or only a white space. */
  readonly text: string;
}

export function textOf(part: ReplyPart): string {
  return typeof part === 'string' ? part : part.text;
}

/** Whoever the reply is for: says when its tools may run, and learns what they did. */
export interface ToolHost {
  /** Resolves when the reply is no draft any more: from now on somebody waits, and is told so where a tool is slow. */
  readonly committed: Promise<void>;
  /**
   * Called when the reply has got to a tool with effects and can't go on without it. Resolves once the tool may run: the reply
   * is the answer for certain. Never, where it is stopped before.
   */
  settled(): Promise<void>;
  /**
   * A tool was started, and again, with the same `callId`, when it has ended: also after the reply was stopped.
   * `afterCharacters`: how much text the reply had given before the call.
   */
  onCall(exchange: ToolExchange, afterCharacters: number): void;
}
