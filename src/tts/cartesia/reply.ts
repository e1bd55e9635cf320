// One reply: text goes out as it comes, in one context while text and audio keep flowing and in a further one after a pause,
// since contexts expire 1 s after their last audio (https://docs.cartesia.ai/use-the-api/tts-websocket/contexts). The audio
// of the contexts is read one after the other, so that nobody hears where they meet.

import type { SpokenAudio } from '../../audio/spoken.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { StageError, unreachable } from '../../lib/errors.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import type { CartesiaConnection, ContextListener, ContextMessage, ContextSender } from './connection.ts';
import { ContextSpeech } from './context-speech.ts';
import type { VoiceRequest } from './protocol.ts';

/**
 * After that long without audio or text a context is ended by us, well before the service lets it expire at 1000 ms, so
 * that no text is sent to one that is just expiring: half of it is left for the way there and back.
 */
const REST_MS = 500;
/**
 * Audio that waits for its reader; the service makes it faster than it is played. Longer than any reply that people listen
 * to, 14 MB at 24 kHz.
 */
const MAX_PENDING_MS = 5 * 60_000;
const SPEAKABLE = /[\p{L}\p{N}]/u;

export interface ReplyOptions {
  readonly connect: () => Promise<CartesiaConnection>;
  readonly request: VoiceRequest;
  readonly sampleRateHz: number;
  readonly speed: number;
  readonly nextId: () => string;
  readonly clock: Clock;
}

/** Open: takes text. Ended: was told that no more comes. Done: has given all its audio. */
interface Context {
  state: 'open' | 'ended' | 'done';
  readonly speech: ContextSpeech;
  readonly sender: ContextSender;
}

export class CartesiaReply {
  readonly #options: ReplyOptions;
  readonly #cancelling = new AbortController();
  /** In the order in which they are heard; the last one may be open. */
  readonly #contexts: Context[] = [];
  /** Text that was not sent yet: nothing speakable so far, no connection yet, or left unspoken by a context. */
  #held = '';
  /** Characters of the reply before `#held`. */
  #offset = 0;
  #hasSpoken = false;
  #textEnded = false;
  #sending = false;
  #failure: { readonly error: unknown } | undefined;
  /** The text broke off; what came of it is spoken all the same. */
  #textFailure: { readonly error: unknown } | undefined;
  #restTimer: Timer | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ReplyOptions) {
    this.#options = options;
  }

  /**
   * Speaks; once. Throws a `StageError` after the audio that had come, or what `chunks` throws after all of its text was
   * spoken; ends quietly at `cancel`.
   */
  async *speak(chunks: AsyncIterable<string>): AsyncGenerator<SpokenAudio, void, undefined> {
    const { signal } = this.#cancelling;
    let claimed = 0;
    void this.#write(chunks);
    while (!signal.aborted) {
      const [context] = this.#contexts;
      const pieces = context?.speech.read(claimed) ?? [];
      for (const piece of pieces) {
        if (signal.aborted) return;
        claimed = piece.characterEnd;
        yield piece;
      }
      if (pieces.length > 0) continue;
      if (context?.state === 'done' && context.speech.pendingSamples === 0) this.#contexts.shift();
      else if (context === undefined && this.#failure !== undefined) throw this.#failure.error;
      else if (context === undefined && this.#isSpoken) break;
      else await this.#change();
    }
    if (!signal.aborted && this.#textFailure !== undefined) throw this.#textFailure.error;
  }

  /** Ends all of it at once. Idempotent. */
  cancel(): void {
    this.#cancelling.abort();
    this.#stopContexts();
    this.#contexts.length = 0;
    this.#notify();
  }

  /** All text has come and is spoken; white space and the like at its end is not. */
  get #isSpoken(): boolean {
    return this.#textEnded && !this.#sending && !SPEAKABLE.test(this.#held);
  }

  get #isOver(): boolean {
    return this.#cancelling.signal.aborted || this.#failure !== undefined;
  }

  async #write(chunks: AsyncIterable<string>): Promise<void> {
    try {
      for await (const chunk of untilAborted(chunks, this.#cancelling.signal)) {
        this.#held += chunk;
        await this.#sendHeld();
      }
    } catch (error) {
      this.#textFailure = { error };
    }
    this.#textEnded = true;
    await this.#sendHeld();
    this.#notify();
  }

  /** Sends what is held, to the open context or to a new one; at the end of the text ends that. Failures end the reply. */
  async #sendHeld(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (!this.#isOver) {
        const open = this.#open;
        if (open === undefined && SPEAKABLE.test(this.#held)) {
          const connection = await this.#options.connect();
          if (!this.#isOver) this.#begin(connection);
        } else if (open !== undefined && this.#held !== '') {
          this.#give(open);
        } else {
          break;
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#sending = false;
    }
    if (this.#textEnded && this.#open !== undefined) this.#end(this.#open);
  }

  get #open(): Context | undefined {
    const last = this.#contexts.at(-1);
    return last?.state === 'open' ? last : undefined;
  }

  #begin(connection: CartesiaConnection): void {
    const { request, sampleRateHz, speed, nextId } = this.#options;
    const listener: ContextListener = {
      onMessage: (message) => this.#receive(context, message),
      onFailed: (error) => this.#fail(error),
    };
    const context: Context = {
      state: 'open',
      speech: new ContextSpeech({ sampleRateHz, speed, offset: this.#offset }),
      sender: connection.begin(nextId(), request, listener),
    };
    this.#contexts.push(context);
  }

  /** The first chunk is speakable by itself, and awaited: the service shall not wait for more. */
  #give({ speech, sender }: Context): void {
    const text = this.#held;
    this.#held = '';
    this.#offset += text.length;
    speech.give(text, { flush: !this.#hasSpoken });
    sender.send(text, { flush: !this.#hasSpoken });
    this.#hasSpoken = true;
    if (SPEAKABLE.test(text)) this.#restTimer?.cancel();
  }

  #receive(context: Context, message: ContextMessage): void {
    const { speech } = context;
    switch (message.type) {
      case 'audio':
        speech.receive(message.samples, message.flushId);
        this.#bound();
        if (context.state === 'open') this.#rest(context);
        break;
      case 'words':
        speech.time(message.words, message.flushId);
        break;
      case 'flushed':
        speech.completeFlush();
        break;
      case 'done':
        break;
      default:
        unreachable(message);
    }
    if (message.done) this.#finish(context);
    this.#notify();
  }

  /** Ends the context once nothing has come or gone for a while. */
  #rest(context: Context): void {
    this.#restTimer?.cancel();
    this.#restTimer = this.#options.clock.after(REST_MS, () => {
      if (context.state === 'open') this.#end(context);
    });
  }

  #end(context: Context): void {
    this.#restTimer?.cancel();
    context.state = 'ended';
    context.sender.end();
  }

  /** No more comes of a context: what it left unspoken is spoken in the next one, unless that speaks already. */
  #finish(context: Context): void {
    const closedBy = context.state === 'open' ? 'service' : 'us';
    context.state = 'done';
    const isLast = context === this.#contexts.at(-1);
    if (isLast) this.#restTimer?.cancel();
    const rest = isLast ? context.speech.finish(closedBy) : context.speech.finishWhole();
    if (rest === '') return;
    if (!context.speech.hasAudio) {
      this.#fail(new StageError('TTS', 'Cartesia ended without speaking. Try again.', { retryable: true }));
      return;
    }
    this.#held = rest + this.#held;
    this.#offset -= rest.length;
    void this.#sendHeld();
  }

  #bound(): void {
    const pending = this.#contexts.reduce((sum, { speech }) => sum + speech.pendingSamples, 0);
    if (pending <= (MAX_PENDING_MS * this.#options.sampleRateHz) / 1000) return;
    const minutes = MAX_PENDING_MS / 60_000;
    this.#fail(new StageError('TTS', `More than ${minutes} minutes of Cartesia's audio wait to be played: read them.`));
  }

  /** The audio that has come is still read, then the error is thrown. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = { error };
    this.#stopContexts();
    this.#notify();
  }

  #stopContexts(): void {
    this.#restTimer?.cancel();
    for (const context of this.#contexts) {
      if (context.state === 'done') continue;
      context.state = 'done';
      context.sender.cancel();
      context.speech.stop();
    }
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
