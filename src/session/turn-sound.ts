// The sound of one caller's turns: the last seconds are kept, and a model judges in each pause whether they end one.

import type { AudioFrame } from '../audio/frame.ts';
import { LISTENING_RATE_HZ } from '../audio/frame.ts';
import { RecentAudio } from '../audio/recent-audio.ts';
import type { SoundModel } from '../audio/sound-model.ts';
import type { Logger } from '../lib/log.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';

/** What models of it hear at most. */
const KEPT_SAMPLES = 8 * LISTENING_RATE_HZ;
/** Voices begin before they are detected: breath, and soft consonants. */
const BEFORE_VOICE_MS = 500;

export interface TurnSoundOptions {
  readonly model: SoundModel;
  readonly onEvent: (event: TurnEvent) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export class TurnSound {
  readonly #options: TurnSoundOptions;
  readonly #recent = new RecentAudio(KEPT_SAMPLES);
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: TurnSoundOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
  }

  write(frame: AudioFrame): void {
    this.#recent.write(frame);
  }

  /** Answers by `soundJudged`, or not at all. */
  judge(pause: Extract<TurnCommand, { type: 'judgeSound' }>): void {
    const heard = this.#recent.since(pause.fromTimestamp - BEFORE_VOICE_MS * TICKS_PER_MS);
    void this.#answer(heard, pause.voiceEndedAt);
  }

  close(): void {
    this.#closing.abort();
  }

  async #answer(heard: Int16Array, voiceEndedAt: number): Promise<void> {
    const { model, onEvent, log } = this.#options;
    try {
      const complete = await model.judge(heard, { signal: this.#signal });
      log.debug('the sound of a pause was judged', { complete, heardMs: (1000 * heard.length) / LISTENING_RATE_HZ });
      if (complete !== undefined && !this.#signal.aborted) onEvent({ type: 'soundJudged', voiceEndedAt, complete });
    } catch (error) {
      if (!this.#signal.aborted) log.error('a pause could not be judged', { soundModel: model.name, error });
    }
  }
}
