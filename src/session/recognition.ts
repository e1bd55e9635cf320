// One caller's recognition: a stream of the STT that is opened while audio already comes, read, and opened again after a
// fault, with the audio since the last final given to it again. To the turn engine it looks like one that never fails.

import type { AudioFrame } from '../audio/frame.ts';
import { pause } from '../lib/attempts.ts';
import type { Clock } from '../lib/clock.ts';
import { ReparteeError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import { FRAME_TICKS } from '../rtp/packet.ts';
import type { SpeechToText, SttEvent, SttStream } from '../stt/port.ts';

/**
 * Waits before the stream is opened again, by the faults since the recogniser last said something; the last one repeats.
 * Half to one and a half of it, so that the calls of a process that lost their streams together don't come back in step.
 */
const REOPEN_DELAYS_MS = [0, 500, 1000, 2000, 5000] as const;
/** After a refusal that only a person can lift (a wrong key, an empty account), in case one does. */
const REFUSED_DELAY_MS = 30_000;
/** Of the waits that services ask for: a call whose caller isn't heard for longer is over. */
const LONGEST_WISH_MS = 60_000;

export interface RecognitionOptions {
  readonly stt: SpeechToText;
  readonly onEvent: (event: SttEvent) => void;
  /** Tells that nothing can be recognised for the time being, and when it can be again. */
  readonly onDeaf: (deaf: boolean) => void;
  /** How much audio is kept for a stream that is being opened; the oldest is dropped. */
  readonly bufferFrames: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 to 1. */
  readonly random?: () => number;
  readonly signal: AbortSignal;
}

export class Recognition {
  readonly #options: RecognitionOptions;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  /** What no final covers yet. */
  readonly #kept: AudioFrame[] = [];
  #stream: SttStream | undefined;
  /** Finals that were asked for and have not come. */
  #pendingFinalizes = 0;
  /** Words up to here have been told. */
  #toldTimestamp = -Infinity;
  #faults = 0;
  #deaf = false;
  #droppedFrames = 0;

  constructor(options: RecognitionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    void this.#run();
  }

  /** Frames that came while no stream was open, for longer than `bufferFrames`. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  write(frame: AudioFrame): void {
    this.#kept.push(frame);
    if (this.#kept.length > this.#options.bufferFrames) {
      this.#kept.shift();
      if (this.#stream === undefined) this.#droppedFrames += 1;
    }
    this.#stream?.write(frame);
  }

  /** Exactly one final that answers it follows; an empty one at once where nothing can be recognised for the time being. */
  finalize(): void {
    this.#pendingFinalizes += 1;
    if (this.#deaf) {
      const endTimestamp = (this.#kept.at(-1)?.timestamp ?? 0) + FRAME_TICKS;
      this.#take({ type: 'final', text: '', words: [], endTimestamp, rejected: false, answersFinalize: true });
      return;
    }
    this.#stream?.finalize();
  }

  close(): void {
    this.#closing.abort();
    this.#stream?.close();
    this.#stream = undefined;
  }

  async #run(): Promise<void> {
    const { stt, clock, log } = this.#options;
    while (!this.#signal.aborted) {
      try {
        const stream = await stt.open({ signal: this.#signal });
        await this.#read(stream);
        if (!this.#signal.aborted) throw new Error(`${stt.name} ended the stream`);
      } catch (error) {
        this.#stream = undefined;
        if (this.#signal.aborted) return;
        const delayMs = this.#reopenDelayMs(error);
        log.error('speech recognition failed; opening it again', { stt: stt.name, error, delayMs });
        this.#faults += 1;
        if (delayMs > 0) this.#setDeaf(true);
        await pause(clock, delayMs, this.#signal);
      }
    }
  }

  #reopenDelayMs(error: unknown): number {
    const { random = Math.random } = this.#options;
    const stepMs = REOPEN_DELAYS_MS[Math.min(this.#faults, REOPEN_DELAYS_MS.length - 1)] ?? 0;
    const { retryable, retryAfterMs = 0 } = error instanceof ReparteeError ? error : { retryable: true };
    const delayMs = (retryable ? stepMs : REFUSED_DELAY_MS) * (0.5 + random());
    return Math.max(delayMs, Math.min(retryAfterMs, LONGEST_WISH_MS));
  }

  async #read(stream: SttStream): Promise<void> {
    if (this.#signal.aborted) {
      stream.close();
      return;
    }
    this.#stream = stream;
    this.#setDeaf(false);
    for (const frame of this.#kept) stream.write(frame);
    for (let owed = this.#pendingFinalizes; owed > 0; owed -= 1) stream.finalize();
    for await (const event of stream.events) {
      this.#faults = 0;
      if (!this.#signal.aborted) this.#take(event);
    }
  }

  #take(event: SttEvent): void {
    if (event.type === 'final') {
      if (event.answersFinalize) this.#pendingFinalizes -= 1;
      const uncovered = this.#kept.findIndex(({ timestamp }) => timestamp + FRAME_TICKS > event.endTimestamp);
      this.#kept.splice(0, uncovered === -1 ? this.#kept.length : uncovered);
    } else if (event.endTimestamp < this.#toldTimestamp) {
      // A new stream is catching up: it would take back words that the old one has told.
      return;
    }
    this.#toldTimestamp = Math.max(this.#toldTimestamp, event.endTimestamp);
    this.#options.onEvent(event);
  }

  #setDeaf(deaf: boolean): void {
    if (deaf === this.#deaf) return;
    this.#deaf = deaf;
    this.#options.onDeaf(deaf);
  }
}
