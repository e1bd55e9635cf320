// One reply on its way to the caller's ear: model → speakable chunks → voice → playout, all at once, under one AbortSignal.

import type { Playout, Speech } from '../audio/playout.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { prefetch } from '../lib/prefetch.ts';
import type { ReplyModel } from '../llm/port.ts';
import type { TextToSpeech } from '../tts/port.ts';
import type { Reply, ReplyContent, TurnEvent } from '../turns/events.ts';
import { heardText } from '../turns/heard-text.ts';
import { speakableChunks } from '../turns/speakable-chunks.ts';

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
  readonly tts: TextToSpeech;
  readonly playout: Playout;
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
  #text = '';
  #ended = false;
  #marks: ReplyMarks = { firstChunkAtMs: undefined, firstAudioAtMs: undefined, audibleSentAtMs: undefined };

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.reply = options.reply;
    this.#speech = options.playout.begin({
      onAudible: ({ sentAtMs }) => {
        this.#marks = { ...this.#marks, audibleSentAtMs: sentAtMs };
        options.onEvent({ type: 'replyAudible', replyId: this.reply.id });
      },
      onFinished: () => this.#end('replyFinished'),
    });
    void this.#run(AbortSignal.any([options.signal, this.#cancelling.signal]));
  }

  get marks(): ReplyMarks {
    return this.#marks;
  }

  /** What the caller has heard so far, in whole words. */
  get heardText(): string {
    return heardText(this.#text, this.#speech.heardCharacters());
  }

  /** Silences the reply and cancels everything upstream, synchronously. Idempotent; does nothing once the reply has ended. */
  stop(): void {
    if (this.#ended) return;
    this.#speech.stop();
    this.#end('replyStopped');
    this.#cancelling.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { tts, clock, log } = this.#options;
    try {
      const chunks = this.#markChunks(speakableChunks(prefetch(this.#generate(signal), TEXT_AHEAD, { signal })));
      for await (const audio of prefetch(tts.speak(chunks, { signal }), AUDIO_AHEAD, { signal })) {
        if (this.#marks.firstAudioAtMs === undefined) this.#marks = { ...this.#marks, firstAudioAtMs: clock.nowMs() };
        await this.#speech.write(audio, { signal });
      }
      if (!signal.aborted) this.#speech.end();
    } catch (error) {
      if (this.#ended || signal.aborted) return;
      log.error('reply failed', { reply: this.reply.id, kind: this.reply.kind, error });
      this.#speech.stop();
      this.#end('replyFailed');
      this.#cancelling.abort();
    }
  }

  async *#generate(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { content, model } = this.#options;
    if (content.type === 'text') {
      yield content.text;
      return;
    }
    yield* model.reply(content.messages, { signal });
  }

  /** The text that is spoken is the text that can be heard: the characters of all chunks, joined. */
  async *#markChunks(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
    for await (const chunk of chunks) {
      if (this.#marks.firstChunkAtMs === undefined) {
        this.#marks = { ...this.#marks, firstChunkAtMs: this.#options.clock.nowMs() };
      }
      this.#text += chunk;
      yield chunk;
    }
  }

  #end(type: 'replyFinished' | 'replyStopped' | 'replyFailed'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEvent({ type, replyId: this.reply.id, heardText: this.heardText });
  }
}
