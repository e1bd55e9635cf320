// One reply on its way to the caller's ear: model → speakable chunks → voice → playout, all at once, under one AbortSignal.

import type { AgentSettings } from '../agent.ts';
import type { Playout, Speech } from '../audio/playout.ts';
import { withAttempts } from '../lib/attempts.ts';
import type { Clock } from '../lib/clock.ts';
import { StageError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { prefetch } from '../lib/prefetch.ts';
import type { ReplyModel } from '../llm/port.ts';
import type { TextToSpeech } from '../tts/port.ts';
import type { Reply, ReplyContent, TurnEvent } from '../turns/events.ts';
import { ReplyText } from './reply-text.ts';
import { speak } from './voice.ts';

/** Pieces of text that the model may be ahead of the voice. A long answer has some hundred words. */
const TEXT_AHEAD = 1024;
/** Pieces of audio that the voice may be ahead of the playout, which has a bound of its own. */
const AUDIO_AHEAD = 8;

/** When the stages first had something, on the monotonic clock. */
export interface ReplyMarks {
  readonly firstChunkAtMs: number | undefined;
  readonly firstAudioAtMs: number | undefined;
  readonly audibleSentAtMs: number | undefined;
}

export interface ReplyOptions {
  readonly reply: Reply;
  readonly content: ReplyContent;
  readonly model: ReplyModel;
  /** In the order of preference; at least one. All at the sample rate of the playout. */
  readonly voices: readonly TextToSpeech[];
  readonly playout: Playout;
  readonly settings: Pick<AgentSettings, 'language' | 'llm' | 'tts'>;
  readonly onEvent: (event: TurnEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Tells `replyAudible`, and then exactly one of `replyFinished`, `replyFailed` or, after `stop`, `replyStopped`. */
export class ReplyInProgress {
  readonly reply: Reply;
  readonly #options: ReplyOptions;
  readonly #cancelling = new AbortController();
  readonly #speech: Speech;
  readonly #text: ReplyText;
  #failure: Error | undefined;
  #ended = false;
  #marks: ReplyMarks = { firstChunkAtMs: undefined, firstAudioAtMs: undefined, audibleSentAtMs: undefined };

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.reply = options.reply;
    this.#text = new ReplyText({
      takesTokens: options.voices.every(({ takesTokens = false }) => takesTokens),
    });
    this.#speech = options.playout.begin({
      onAudible: ({ sentAtMs }) => {
        this.#marks = { ...this.#marks, audibleSentAtMs: sentAtMs };
        options.onEvent({ type: 'replyAudible', replyId: this.reply.id });
      },
      onFinished: () => this.#end(this.#failure === undefined ? 'replyFinished' : 'replyFailed'),
    });
    void this.#run(AbortSignal.any([options.signal, this.#cancelling.signal]));
  }

  get marks(): ReplyMarks {
    return this.#marks;
  }

  /** What the caller has heard so far, in whole words. */
  get heardText(): string {
    return this.#text.heard(this.#speech.heardCharacters());
  }

  /** What the model has written so far. */
  get writtenText(): string {
    return this.#text.written;
  }

  /** Why the reply failed, if it did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Silences the reply and cancels everything upstream, synchronously. Idempotent; does nothing once the reply has ended. */
  stop(): void {
    if (this.#ended) return;
    this.#speech.stop();
    this.#end('replyStopped');
    this.#cancelling.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { voices, settings, clock, log } = this.#options;
    try {
      const text = prefetch(this.#write(signal), TEXT_AHEAD, { signal });
      const chunks = this.#markFirst(this.#text.chunks(text), 'firstChunkAtMs');
      const audio = speak(chunks, { voices, deadlines: settings.tts, clock, log, signal });
      for await (const piece of prefetch(this.#markFirst(audio, 'firstAudioAtMs'), AUDIO_AHEAD, { signal })) {
        await this.#speech.write(piece, { signal });
      }
    } catch (error) {
      if (this.#ended || signal.aborted) return;
      log.error('reply failed', { reply: this.reply.id, kind: this.reply.kind, error });
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#cancelling.abort();
    }
    // What was synthesised before a fault is still played: half an answer is more than a cut word.
    if (!this.#options.signal.aborted) this.#speech.end();
  }

  /** What is to be said, as it is written. */
  async *#write(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { content, model, settings, clock, log } = this.#options;
    if (content.type === 'text') {
      yield content.text;
      return;
    }
    const { firstTokenDeadlineMs, stallDeadlineMs } = settings.llm;
    yield* withAttempts((attempt) => notEmpty(model, model.reply(content.messages, { signal: attempt }), attempt), {
      clock,
      signal,
      firstDeadlineMs: firstTokenDeadlineMs,
      stallDeadlineMs,
      late: (waitedMs) => new StageError('LLM', `${model.name} wrote nothing for ${waitedMs} ms.`, { retryable: true }),
      onRetry: (error, delayMs) => log.warn('the model failed; trying again', { model: model.name, error, delayMs }),
    });
  }

  async *#markFirst<T>(
    items: AsyncIterable<T>,
    mark: 'firstChunkAtMs' | 'firstAudioAtMs',
  ): AsyncGenerator<T, void, undefined> {
    for await (const item of items) {
      if (this.#marks[mark] === undefined) this.#marks = { ...this.#marks, [mark]: this.#options.clock.nowMs() };
      yield item;
    }
  }

  #end(type: 'replyFinished' | 'replyStopped' | 'replyFailed'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEvent({ type, replyId: this.reply.id, heardText: this.heardText });
  }
}

/** A caller who asked something can't do anything with an empty reply. */
async function* notEmpty(
  model: ReplyModel,
  tokens: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  let empty = true;
  for await (const token of tokens) {
    empty &&= token.trim() === '';
    yield token;
  }
  if (empty && !signal.aborted) throw new StageError('LLM', `${model.name} replied with nothing.`, { retryable: true });
}
