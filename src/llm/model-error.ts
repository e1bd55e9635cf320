// What an error of the AI SDK means for a conversation: one StageError that says what to do about it.

import { APICallError, LoadAPIKeyError, RetryError, StreamProviderError } from 'ai';
import { z } from 'zod';

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

/** `error`: whatever was thrown, by the AI SDK or by `fetch`, or came as an error part of the stream. */
export function modelError(error: unknown, context: ModelErrorContext): StageError {
  const { name, keyName } = context;
  if (error instanceof StageError) return error;
  if (RetryError.isInstance(error)) return modelError(error.lastError, context);
  if (LoadAPIKeyError.isInstance(error)) {
    return new StageError('LLM', `No key for ${name}: ${saidBy(error)}. Set ${keyName}.`, { cause: error });
  }
  if (isUnanswered(error)) return refusal(undefined, saidBy(innermost(error)), error, context);
  // A status of success: the answer began well, and then broke.
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 300) {
    return refusal(error.statusCode, saidBy(error), error, context);
  }
  // An error in mid-stream may have the status that the answer's head could no longer have.
  if (StreamProviderError.isInstance(error) && error.statusCode !== undefined) {
    return refusal(error.statusCode, saidBy(error), error, context);
  }
  const isOver = lastingFault(error) !== undefined;
  const advice = isOver ? 'Trying again will not help.' : 'Try again; if it stays so, check the base URL.';
  return new StageError('LLM', `${name} broke off its reply: ${saidBy(innermost(error))}. ${advice}`, {
    retryable: !isOver,
    cause: error,
  });
}

function refusal(
  status: number | undefined,
  said: string,
  cause: unknown,
  { name, keyName, epochMs }: ModelErrorContext,
): StageError {
  const retryAfter = APICallError.isInstance(cause) ? retryAfterOf(cause.responseHeaders) : undefined;
  const code = lastingFault(cause);
  const refused = serviceError(
    { stage: 'LLM', service: name, status, said, code, retryAfter, keyName, cause },
    epochMs,
  );
  if (code === undefined || !refused.retryable) return refused;
  return new StageError('LLM', refused.message, { cause });
}

/** No answer at all, as the AI SDK puts it and as `fetch` does. */
function isUnanswered(error: unknown): boolean {
  if (APICallError.isInstance(error)) return error.statusCode === undefined;
  return error instanceof TypeError && error.message === 'fetch failed';
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

/** Of a reply that called tools in each of its `stepCount` steps. */
export function endlessSteps(stepCount: number, { name }: ModelErrorContext): StageError {
  const advice = 'Raise maxSteps, or make clear what the results of the tools mean.';
  return new StageError('LLM', `${name} asked for tools ${stepCount} times in a row, and gave no answer. ${advice}`);
}

/** `type` or `code` of what no repetition can change; `insufficient_quota` comes as a 429, or in mid-stream. */
const FOR_GOOD = ['invalid_request_error', 'insufficient_quota', 'context_length_exceeded'];

const errorBody = z.object({ error: z.object({ type: z.unknown(), code: z.unknown() }) });

/** Which of them an error is, if any. */
function lastingFault(error: unknown): string | undefined {
  const told = APICallError.isInstance(error) ? errorBody.safeParse(error.data).data?.error : error;
  if (typeof told !== 'object' || told === null) return undefined;
  const names = ['type' in told && told.type, 'code' in told && told.code];
  return FOR_GOOD.find((fault) => names.some((name) => String(name) === fault));
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
