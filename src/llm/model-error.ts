// What an error of the AI SDK means for a conversation: one StageError that says what to do about it.

import { APICallError, LoadAPIKeyError, RetryError, StreamProviderError } from 'ai';

import { StageError } from '../lib/errors.ts';
import { serviceError } from '../lib/service-error.ts';

export interface ModelErrorContext {
  /** The model's name for people. */
  readonly name: string;
  /** Where the key is: `OPENAI_API_KEY`. */
  readonly keyName: string;
  /** Wall time, for a `retry-after` that is a date. */
  readonly epochMs: number;
}

/** Of a reply that ended without a word. An empty reply on purpose (`stop`) is none of these, and no error. */
export type WordlessEnd = 'content-filter' | 'length' | 'tool-calls';

/** `error`: whatever was thrown, or came as an error part of the stream. */
export function modelError(error: unknown, context: ModelErrorContext): StageError {
  const { name, keyName, epochMs } = context;
  if (error instanceof StageError) return error;
  if (RetryError.isInstance(error)) return modelError(error.lastError, context);
  if (LoadAPIKeyError.isInstance(error)) {
    return new StageError('LLM', `No key for ${name}: ${saidBy(error)}. Set ${keyName}.`, { cause: error });
  }
  if (APICallError.isInstance(error) && (error.statusCode === undefined || error.statusCode >= 300)) {
    const { statusCode: status, responseHeaders } = error;
    const said = status === undefined ? saidBy(innermost(error)) : saidBy(error);
    const retryAfter = retryAfterOf(responseHeaders);
    return serviceError({ stage: 'LLM', service: name, status, said, retryAfter, keyName, cause: error }, epochMs);
  }
  // An error in mid-stream may have the status that the answer's head could no longer have.
  if (StreamProviderError.isInstance(error) && error.statusCode !== undefined) {
    const status = error.statusCode;
    return serviceError({ stage: 'LLM', service: name, status, said: saidBy(error), keyName, cause: error }, epochMs);
  }
  const isOver = isForGood(error);
  const advice = isOver ? 'Trying again will not help.' : 'Try again; if it stays so, check the base URL.';
  return new StageError('LLM', `${name} broke off its reply: ${saidBy(innermost(error))}. ${advice}`, {
    retryable: !isOver,
    cause: error,
  });
}

export function wordlessEnd(end: WordlessEnd, { name }: ModelErrorContext): StageError {
  switch (end) {
    case 'content-filter':
      return new StageError('LLM', `${name} withheld its reply (content filter). Check the instructions.`);
    case 'length':
      return new StageError(
        'LLM',
        `${name} used all its output tokens before its first word. Raise maxOutputTokens, or let it reason less.`,
      );
    case 'tool-calls':
      return new StageError('LLM', `${name} called a tool that it was not given, and said nothing. Try again.`, {
        retryable: true,
      });
  }
}

/** `type` or `code` of the errors in mid-stream that no repetition can change. */
const FOR_GOOD: readonly unknown[] = ['invalid_request_error', 'insufficient_quota', 'context_length_exceeded'];

function isForGood(error: unknown): boolean {
  return StreamProviderError.isInstance(error) && (FOR_GOOD.includes(error.type) || FOR_GOOD.includes(error.code));
}

/** OpenAI also gives milliseconds, in a header of its own that it prefers: openai/openai-node, src/client.ts. */
function retryAfterOf(headers: Readonly<Record<string, string>> | undefined): string | undefined {
  const ms = Number(headers?.['retry-after-ms'] ?? Number.NaN);
  return Number.isNaN(ms) ? headers?.['retry-after'] : String(ms / 1000);
}

/** The first line of what it says. Errors of connections to several addresses say nothing, but have a code. */
function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = error.message === '' && 'code' in error ? String(error.code) : error.message;
  return said.split('\n', 1).join('').replace(/\.$/, '');
}

function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner;
}
