// Any AI SDK 7 language model as the session's `ReplyModel`. Left out until sessions have them: tools.

import { type LanguageModel, type ModelMessage, streamText } from 'ai';

import { type Clock, systemClock } from '../lib/clock.ts';
import type { Message } from '../turns/history.ts';
import { modelError, wordlessEnd } from './model-error.ts';
import type { ReplyModel } from './port.ts';

export interface LanguageModelRepliesOptions {
  /** A model object of an AI SDK provider, or the id of one for the AI SDK's default provider. */
  readonly model: LanguageModel;
  /** The system prompt. Keep it the same during a conversation: services cache the beginning of a prompt. */
  readonly instructions?: string;
  /** Bound of one reply. No default: the model's own. */
  readonly maxOutputTokens?: number;
  /** 0 to 2 for most models. No default: the model's own. */
  readonly temperature?: number;
  /** How much a reasoning model thinks before its first word, all of it heard as silence. No default: the model's own. */
  readonly reasoning?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  /** The model's name for people, in errors. Default: provider and id. */
  readonly name?: string;
  /** Where the model's key is, for errors: `OPENAI_API_KEY`. */
  readonly keyName?: string;
  readonly clock?: Clock;
}

/** What a model reads at the end of a reply that the caller cut off. */
const INTERRUPTED = '[the caller interrupted here and heard nothing beyond this point]';

/**
 * Streams replies of `model`. Nothing is logged or retained here. A history that only grows makes prompts that only grow:
 * each begins with the bytes of the one before, so that prompt caches hit.
 */
export function languageModelReplies(options: LanguageModelRepliesOptions): ReplyModel {
  const { model, instructions, maxOutputTokens, temperature, reasoning, clock = systemClock } = options;
  const { keyName = 'the key of this provider' } = options;
  const name = options.name ?? (typeof model === 'string' ? model : `${model.provider} ${model.modelId}`);
  const context = () => ({ name, keyName, epochMs: clock.epochMs() });
  return {
    name,
    async *reply(messages, { signal }) {
      if (signal.aborted) return;
      // The AI SDK goes on reading when its reader leaves: only an abort ends the request.
      const leaving = new AbortController();
      const { stream } = streamText({
        model,
        messages: messages.map(modelMessage),
        abortSignal: AbortSignal.any([signal, leaving.signal]),
        // The session tries again, and knows how long somebody waits at the phone.
        maxRetries: 0,
        // Errors arrive as stream parts too; without this the AI SDK prints them.
        onError: () => undefined,
        ...(instructions !== undefined && { instructions }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
        ...(temperature !== undefined && { temperature }),
        ...(reasoning !== undefined && { reasoning }),
      });
      let wordless = true;
      try {
        for await (const part of stream) {
          if (signal.aborted || part.type === 'abort') return;
          if (part.type === 'error') throw part.error;
          if (part.type === 'text-delta' && part.text !== '') {
            wordless = false;
            yield part.text;
          }
          if (part.type !== 'finish' || !wordless) continue;
          const end = part.finishReason;
          if (end === 'content-filter' || end === 'length' || end === 'tool-calls') throw wordlessEnd(end, context());
        }
      } catch (error) {
        if (signal.aborted) return;
        throw modelError(error, context());
      } finally {
        leaving.abort();
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
