// What a reply says, as it is written: a known text, or what the model makes of the history, going on from the opener.

import type { AgentSettings } from '../agent.ts';
import { withAttempts } from '../lib/attempts.ts';
import type { Clock } from '../lib/clock.ts';
import { StageError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { type ReplyModel, type ReplyPart, textOf } from '../llm/port.ts';
import type { ReplyContent } from '../turns/events.ts';
import { withinBudget } from '../turns/history.ts';
import { Continuation } from '../turns/opener.ts';
import type { ReplyTools } from './reply-tools.ts';

export interface ReplyWritingOptions {
  readonly content: ReplyContent;
  /** What the reply begins with, with the white space after it; no part of what is written here. */
  readonly opener: string | undefined;
  readonly model: ReplyModel;
  readonly tools: ReplyTools;
  readonly settings: Pick<AgentSettings, 'llm'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Throws the `StageError` of the last attempt; ends quietly when aborted. */
export async function* writtenReply(options: ReplyWritingOptions): AsyncGenerator<ReplyPart, void, undefined> {
  const { content, opener, model, tools, settings, clock, log, signal } = options;
  if (content.type === 'text') {
    yield content.text;
    return;
  }
  const { firstTokenDeadlineMs, stallDeadlineMs, historyTokens } = settings.llm;
  const messages = withinBudget(content.messages, { maxTokens: historyTokens });
  const ask = (attempt: AbortSignal): AsyncIterable<ReplyPart> => {
    const asked = { signal: attempt, tools, ...(opener !== undefined && { begun: opener }) };
    const parts = model.reply([...messages, ...tools.exchanges], asked);
    return notEmpty(model, opener === undefined ? parts : continued(parts, opener), attempt);
  };
  yield* withAttempts(ask, {
    clock,
    signal,
    firstDeadlineMs: firstTokenDeadlineMs,
    stallDeadlineMs,
    isStarved: () => tools.haveWorkedWithin(stallDeadlineMs),
    late: (waitedMs) => new StageError('LLM', `${model.name} wrote nothing for ${waitedMs} ms.`, { retryable: true }),
    onRetry: (error, delayMs) => log.warn('the model failed; trying again', { model: model.name, error, delayMs }),
  });
}

/** Without the opener, where the model has written it again. */
async function* continued(parts: AsyncIterable<ReplyPart>, opener: string): AsyncGenerator<ReplyPart, void, undefined> {
  const continuation = new Continuation(opener);
  for await (const part of parts) {
    const text = typeof part === 'string' ? continuation.push(part) : continuation.flush();
    if (text !== '') yield text;
    if (typeof part !== 'string') yield part;
  }
  const rest = continuation.flush();
  if (rest !== '') yield rest;
}

/** A caller who asked something can't do anything with an empty reply. */
async function* notEmpty(
  model: ReplyModel,
  parts: AsyncIterable<ReplyPart>,
  signal: AbortSignal,
): AsyncGenerator<ReplyPart, void, undefined> {
  let empty = true;
  for await (const part of parts) {
    empty &&= textOf(part).trim() === '';
    yield part;
  }
  if (empty && !signal.aborted) throw new StageError('LLM', `${model.name} replied with nothing.`, { retryable: true });
}
