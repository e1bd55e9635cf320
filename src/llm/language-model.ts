// Any AI SDK 7 language model as the session's `ReplyModel`. Its tools are run here, not by the AI SDK, which starts them as
// soon as they are called: a draft must not.

import { type LanguageModel, type LanguageModelUsage, type ModelMessage, streamText } from 'ai';

import { type Clock, systemClock } from '../lib/clock.ts';
import { endlessSteps, modelError, type ModelErrorContext, wordlessEnd } from './model-error.ts';
import { type ReplyModel, type ReplyPart, textOf, type TokenUsage } from './port.ts';
import { promptOf, resultMessage } from './prompt.ts';
import { type AgentTools, type ModelToolCall, Toolbox, unattended } from './tools.ts';

export interface LanguageModelRepliesOptions {
  /** A model object of an AI SDK provider, or the id of one for the AI SDK's default provider. */
  readonly model: LanguageModel;
  /** The system prompt. Keep it the same during a conversation: services cache the beginning of a prompt. */
  readonly instructions?: string;
  /** By the names that the model calls them. */
  readonly tools?: AgentTools;
  /** Requests for one reply, at most; in the last one the model must answer without tools. From 1; default 5. */
  readonly maxSteps?: number;
  /** Bound of one step of a reply. No default: the model's own. */
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

/** Streams replies of `model`. Nothing is logged or retained here. Throws a `ConfigurationError` for tools that do nothing. */
export function languageModelReplies(options: LanguageModelRepliesOptions): ReplyModel {
  const { model, maxSteps = 5, clock = systemClock, keyName = 'the key of this provider' } = options;
  const name = options.name ?? (typeof model === 'string' ? model : `${model.provider} ${model.modelId}`);
  const toolbox = new Toolbox(options.tools ?? {}, clock);
  const context = (): ModelErrorContext => ({ name, keyName, epochMs: clock.epochMs() });
  return {
    name,
    async *reply(messages, { signal, tools = unattended, begun, onUsage }) {
      if (signal.aborted) return;
      // The AI SDK goes on reading when its reader leaves: only an abort ends the request.
      const leaving = new AbortController();
      const over = AbortSignal.any([signal, leaving.signal]);
      const prompt = promptOf(messages, { begun });
      let afterCharacters = begun?.length ?? 0;
      const counted = (part: ReplyPart): ReplyPart => {
        afterCharacters += textOf(part).length;
        return part;
      };
      try {
        for (let step = 1; step <= maxSteps; step += 1) {
          const isLast = step === maxSteps || tools === 'none';
          const stream = new StepStream(options, { toolbox, prompt, isLast, signal: over, context, onUsage });
          for await (const text of stream.text()) yield counted(text);
          if (signal.aborted || stream.calls.length === 0 || tools === 'none') return;
          if (isLast) throw endlessSteps(maxSteps, context());
          if (stream.said) yield counted({ type: 'pause', text: ' ' });
          const running = toolbox.run(stream.calls, {
            host: tools,
            messages: [...prompt],
            afterCharacters,
            signal: over,
          });
          let next = await running.next();
          for (; next.done !== true; next = await running.next()) yield counted(next.value);
          if (signal.aborted) return;
          prompt.push(...(await stream.messages()), resultMessage(next.value));
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

interface StepOptions {
  readonly toolbox: Toolbox;
  readonly prompt: ModelMessage[];
  /** It must be an answer. */
  readonly isLast: boolean;
  readonly signal: AbortSignal;
  readonly context: () => ModelErrorContext;
  readonly onUsage: ((usage: TokenUsage) => void) | undefined;
}

/** One request: the text that the model writes, and the tools that it calls after it. */
class StepStream {
  readonly calls: ModelToolCall[] = [];
  said = false;
  readonly #result: ReturnType<typeof streamText>;
  readonly #options: StepOptions;

  constructor(
    { model, instructions, maxOutputTokens, temperature, reasoning }: LanguageModelRepliesOptions,
    options: StepOptions,
  ) {
    this.#options = options;
    const { toolbox, prompt, isLast, signal } = options;
    this.#result = streamText({
      model,
      messages: [...prompt],
      abortSignal: signal,
      // The session tries again, and knows how long somebody waits at the phone.
      maxRetries: 0,
      // Errors arrive as stream parts too; without this the AI SDK prints them.
      onError: () => undefined,
      ...(!toolbox.isEmpty && { tools: toolbox.declarations, toolChoice: isLast ? 'none' : 'auto' }),
      ...(instructions !== undefined && { instructions }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(reasoning !== undefined && { reasoning }),
    });
  }

  /** Ends where the request was aborted; throws what the AI SDK throws, and for a model that said nothing for a reason. */
  async *text(): AsyncGenerator<string, void, undefined> {
    const { signal, toolbox, context } = this.#options;
    for await (const part of this.#result.stream) {
      if (signal.aborted || part.type === 'abort') return;
      if (part.type === 'error') throw part.error;
      if (part.type === 'tool-call' && !toolbox.isEmpty) this.calls.push(part);
      if (part.type === 'text-delta' && part.text !== '') {
        this.said = true;
        yield part.text;
      }
      if (part.type === 'finish') this.#tellUsage(part.totalUsage);
      if (part.type !== 'finish' || this.said || this.calls.length > 0) continue;
      const end = part.finishReason;
      if (end === 'content-filter' || end === 'length' || end === 'tool-calls') throw wordlessEnd(end, context());
    }
  }

  #tellUsage({ inputTokens, outputTokens }: LanguageModelUsage): void {
    if (inputTokens === undefined || outputTokens === undefined) return;
    this.#options.onUsage?.({ inputTokens, outputTokens });
  }

  /** What the model wrote, as it must be sent back: with its thoughts, where it wants them. The results are not among it. */
  async messages(): Promise<ModelMessage[]> {
    const messages = await this.#result.responseMessages;
    return messages.filter(({ role }) => role === 'assistant');
  }
}
