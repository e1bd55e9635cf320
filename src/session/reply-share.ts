// What one reply takes of the limits that the calls of a process share: its requests to the model, its tokens, its contexts
// of the voice. A reply that is held takes what is left, and all it wants once somebody waits for it.

import { StageError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { resolvedOrAborted } from '../lib/until-aborted.ts';
import { type ReplyModel, type ReplyModelOptions, type ReplyPart, textOf } from '../llm/port.ts';
import type { SpokenAudio, TextToSpeech } from '../tts/port.ts';
import { estimatedTokens, historyTokens, type Message } from '../turns/history.ts';
import { CountedAttempt, type CountedTokens, tokensOf } from './token-count.ts';
import type { Service, ServiceUse, SpeculationLimits, SpeculativeUrgency, Urgency } from './speculation.ts';

export interface ReplyShareOptions {
  readonly limits: SpeculationLimits;
  readonly urgency: Urgency;
  /** Of the instructions, which each request begins with. */
  readonly instructionTokens: number;
  /** Its place is needed by others: to be stopped. */
  readonly onGivenUp: () => void;
  readonly log: Logger;
}

/** A limit was reached, and nobody waits for the work: it is not tried again before somebody does. */
class PutOff extends Error {}

export class ReplyShare {
  readonly #options: ReplyShareOptions;
  readonly #committed = Promise.withResolvers<void>();
  readonly #uses = new Map<Service, ServiceUse>();
  readonly #attempts: CountedAttempt[] = [];
  #urgency: Urgency;

  constructor(options: ReplyShareOptions) {
    this.#options = options;
    this.#urgency = options.urgency;
    if (this.#urgency === 'committed') this.#committed.resolve();
  }

  /** What its requests to the model have cost so far; undefined where nothing was asked. */
  get tokens(): CountedTokens | undefined {
    return tokensOf(this.#attempts);
  }

  /** Takes the place for its first request; false where there is none. `messages`: what the model is to be shown. */
  begin(messages: readonly Message[]): boolean {
    return this.#take('llm', this.#promptTokens(messages));
  }

  /** Somebody waits for the reply from now on. */
  commit(): void {
    this.#urgency = 'committed';
    for (const use of this.#uses.values()) use.commit();
    this.#committed.resolve();
  }

  /** Whatever it still takes is free. Idempotent. */
  end(): void {
    this.#leave('llm');
    this.#leave('tts');
  }

  /** `model`, with its requests counted. */
  model(model: ReplyModel): ReplyModel {
    const reply = this.#reply.bind(this, model);
    return { name: model.name, reply };
  }

  /** `voice`, with its contexts counted. */
  voice(voice: TextToSpeech): TextToSpeech {
    const { name, sampleRateHz, takesTokens } = voice;
    return {
      name,
      sampleRateHz,
      ...(takesTokens !== undefined && { takesTokens }),
      speak: this.#speak.bind(this, voice),
      warmUp: () => voice.warmUp(),
      close: () => voice.close(),
    };
  }

  /**
   * What `say` says, once there is a place for it, at the latest when somebody waits for it. `onPutOff`: it has to wait.
   * Ends quietly when aborted.
   */
  async *spoken(
    say: () => AsyncIterable<SpokenAudio>,
    { signal, onPutOff }: { readonly signal: AbortSignal; readonly onPutOff: () => void },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    try {
      await this.#place(signal, onPutOff);
      if (!signal.aborted) yield* say();
    } catch (error) {
      if (!(error instanceof PutOff)) throw error;
      this.#leave('tts');
      onPutOff();
      await resolvedOrAborted(this.#committed.promise, signal);
      if (!signal.aborted) yield* say();
    } finally {
      this.#leave('tts');
    }
  }

  /** Waits for the place of a context. */
  async #place(signal: AbortSignal, onPutOff: () => void): Promise<void> {
    const urgency = this.#urgency;
    if (this.#take('tts') || urgency === 'committed') return;
    onPutOff();
    const { limits, onGivenUp } = this.#options;
    const free = Promise.withResolvers<void>();
    const onFree = (use: ServiceUse): void => {
      this.#uses.set('tts', use);
      // The commit may have come first, and not have been noticed here yet.
      if (this.#urgency === 'committed') use.commit();
      free.resolve();
    };
    const leaveQueue = limits.whenFree('tts', urgency, { onGivenUp, onFree });
    await resolvedOrAborted(Promise.race([free.promise, this.#committed.promise]), signal);
    leaveQueue();
    if (!signal.aborted) this.#take('tts');
  }

  async *#reply(
    model: ReplyModel,
    messages: readonly Message[],
    options: ReplyModelOptions,
  ): AsyncGenerator<ReplyPart, void, undefined> {
    const { limits } = this.#options;
    const tokens = this.#promptTokens(messages);
    if (!this.#take('llm', tokens)) throw new PutOff('The limits leave no room for another attempt.');
    limits.spend(tokens);
    const attempt = new CountedAttempt(tokens);
    this.#attempts.push(attempt);
    let written = '';
    try {
      for await (const part of model.reply(messages, { ...options, onUsage: (usage) => attempt.counted(usage) })) {
        written += textOf(part);
        if (typeof part === 'string') attempt.wrote(part);
        yield part;
      }
    } catch (error) {
      attempt.failed();
      throw this.#told('llm', error);
    } finally {
      limits.spend(estimatedTokens(written));
      this.#leave('llm');
    }
  }

  async *#speak(
    voice: TextToSpeech,
    chunks: AsyncIterable<string>,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    let begun = false;
    try {
      for await (const piece of voice.speak(chunks, options)) {
        begun = true;
        yield piece;
      }
    } catch (error) {
      const told = this.#told('tts', error);
      // What has begun can't be said again.
      throw begun ? error : told;
    }
  }

  #take(service: Service, tokens = 0): boolean {
    if (this.#uses.has(service)) return true;
    const { limits, onGivenUp } = this.#options;
    const urgency = this.#urgency;
    const use =
      urgency === 'committed' ? limits.commit(service) : limits.tryBegin(service, urgency, { tokens, onGivenUp });
    if (use !== undefined) this.#uses.set(service, use);
    return use !== undefined;
  }

  #leave(service: Service): void {
    this.#uses.get(service)?.end();
    this.#uses.delete(service);
  }

  #told(service: Service, error: unknown): unknown {
    if (!(error instanceof StageError) || !error.limitReached) return error;
    const { limits, log } = this.#options;
    log.warn('a limit of the account is reached: nothing is prepared for a while', { error });
    limits.limitReached(service, error, this.#urgency);
    return this.#urgency === 'committed' ? error : new PutOff(error.message, { cause: error });
  }

  #promptTokens(messages: readonly Message[]): number {
    return this.#options.instructionTokens + historyTokens(messages);
  }
}

export interface SpeculativeRequest extends Omit<ReplyShareOptions, 'onGivenUp'> {
  readonly model: ReplyModel;
  readonly urgency: SpeculativeUrgency;
  /** What the model is to be shown. */
  readonly messages: readonly Message[];
  readonly signal: AbortSignal;
}

/**
 * What `read` makes of a request that is no reply and that nobody waits for. Undefined where the limits leave no room for it,
 * the service refuses for a limit, others need its place, or it is aborted. Throws what the model throws else.
 */
export async function requestWithinLimits<T>(
  { model, messages, signal, ...options }: SpeculativeRequest,
  read: (model: ReplyModel, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const givenUp = new AbortController();
  const share = new ReplyShare({ ...options, onGivenUp: () => givenUp.abort() });
  const over = AbortSignal.any([signal, givenUp.signal]);
  try {
    if (!share.begin(messages)) return undefined;
    const told = await read(share.model(model), over);
    return over.aborted ? undefined : told;
  } catch (error) {
    if (error instanceof PutOff) return undefined;
    throw error;
  } finally {
    share.end();
  }
}
