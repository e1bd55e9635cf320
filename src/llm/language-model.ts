// Any AI SDK 7 language model as the session's `ReplyModel`. Left out until sessions have them: tools.

import { APICallError, type LanguageModel, LoadAPIKeyError, type ModelMessage, streamText } from 'ai';
import { StageError } from '../lib/errors.ts';
import type { Message } from '../turns/history.ts';
import type { ReplyModel } from './port.ts';

export interface LanguageModelRepliesOptions {
  /** A model object of an AI SDK provider, or the id of one for the AI SDK's default provider. */
  readonly model: LanguageModel;
  /** The system prompt. */
  readonly instructions?: string;
  /** Bound of one reply. No default: the model's own. */
  readonly maxOutputTokens?: number;
  /** 0 to 2 for most models. No default: the model's own. */
  readonly temperature?: number;
  /**
   * How often the AI SDK repeats a request that failed before its first token. Default 1: its first wait is 2 s, and
   * nobody stays on the phone for a second one.
   */
  readonly maxRetries?: number;
}

/** What a model reads at the end of a reply that the caller cut off. */
const INTERRUPTED = '[the caller interrupted here and heard nothing beyond this point]';

/** Streams replies of `model`. Nothing is logged or retained here. */
export function languageModelReplies(options: LanguageModelRepliesOptions): ReplyModel {
  const { model, instructions, maxOutputTokens, temperature, maxRetries = 1 } = options;
  const name = typeof model === 'string' ? model : `${model.provider} ${model.modelId}`;
  return {
    name,
    async *reply(messages, { signal }) {
      if (signal.aborted) return;
      const { stream } = streamText({
        model,
        messages: messages.map(modelMessage),
        abortSignal: signal,
        maxRetries,
        // Errors arrive as stream parts too; without this the AI SDK prints them.
        onError: () => undefined,
        ...(instructions !== undefined && { instructions }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
        ...(temperature !== undefined && { temperature }),
      });
      try {
        for await (const part of stream) {
          if (signal.aborted || part.type === 'abort') return;
          if (part.type === 'error') throw part.error;
          if (part.type === 'text-delta' && part.text !== '') yield part.text;
        }
      } catch (error) {
        if (signal.aborted) return;
        throw stageError(name, error);
      }
    },
  };
}

function modelMessage(message: Message): ModelMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant': {
      const content = message.interrupted ? `${message.text} ${INTERRUPTED}`.trimStart() : message.text;
      return { role: 'assistant', content };
    }
  }
}

/** Says what failed and what to do about it, by the kind of error the AI SDK gives. */
function stageError(name: string, error: unknown): StageError {
  if (error instanceof StageError) return error;
  // The AI SDK wraps what it retried; the last error is the one that counts.
  const cause = error instanceof Error && 'lastError' in error ? error.lastError : error;
  const said = cause instanceof Error ? cause.message : String(cause);
  if (LoadAPIKeyError.isInstance(cause)) {
    return new StageError('LLM', `No key for ${name}: ${said}`, { cause });
  }
  if (!APICallError.isInstance(cause)) {
    return new StageError('LLM', `${name} failed: ${said}`, { retryable: true, cause });
  }
  return new StageError('LLM', `${name} failed: ${said}. ${advice(cause.statusCode)}`, {
    retryable: cause.isRetryable,
    cause,
  });
}

function advice(statusCode: number | undefined): string {
  switch (statusCode) {
    case undefined:
      return 'Check that the address is right and the service can be reached.';
    case 401:
    case 403:
      return 'Check the key of this provider.';
    case 404:
      return "Check the model's name and the address.";
    case 429:
      return 'The rate limit or the quota is used up: wait, or ask the provider for more.';
    default:
      return statusCode >= 500 ? 'The service has a fault: try again.' : 'Check the settings of the model.';
  }
}
