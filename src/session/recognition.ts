// One caller's recognition: a stream of the STT that is opened while audio already comes, read, and opened again after a fault.

import type { AudioFrame } from '../audio/frame.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { SpeechToText, SttEvent, SttStream } from '../stt/port.ts';
import { FRAME_MS } from '../rtp/packet.ts';

/** Audio that is kept while the stream is being opened: five seconds. */
const HELD_FRAMES = 5000 / FRAME_MS;
/** Waits before the stream is opened again; the last one repeats. */
const REOPEN_DELAYS_MS = [0, 500, 1000, 2000, 5000] as const;

export interface RecognitionOptions {
  readonly stt: SpeechToText;
  readonly onEvent: (event: SttEvent) => void;
  /** The stream was lost and another one is open: finals asked of the old one will not come. */
  readonly onReopened: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export class Recognition {
  readonly #options: RecognitionOptions;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #held: AudioFrame[] = [];
  #stream: SttStream | undefined;
  /** Faults since the recogniser last said something. */
  #faults = 0;

  constructor(options: RecognitionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    void this.#run();
  }

  write(frame: AudioFrame): void {
    if (this.#stream !== undefined) {
      this.#stream.write(frame);
      return;
    }
    this.#held.push(frame);
    if (this.#held.length > HELD_FRAMES) this.#held.shift();
  }

  finalize(): void {
    this.#stream?.finalize();
  }

  close(): void {
    this.#closing.abort();
    this.#stream?.close();
    this.#stream = undefined;
  }

  async #run(): Promise<void> {
    const { stt, log, onReopened } = this.#options;
    for (let isFirst = true; !this.#signal.aborted; isFirst = false) {
      try {
        const stream = await stt.open({ signal: this.#signal });
        if (!isFirst) onReopened();
        await this.#read(stream);
        if (!this.#signal.aborted) throw new Error(`${stt.name} ended the stream`);
      } catch (error) {
        this.#stream = undefined;
        if (this.#signal.aborted) return;
        log.error('speech recognition failed; opening it again', { stt: stt.name, error });
        await this.#pause(REOPEN_DELAYS_MS[Math.min(this.#faults, REOPEN_DELAYS_MS.length - 1)] ?? 0);
        this.#faults += 1;
      }
    }
  }

  async #read(stream: SttStream): Promise<void> {
    if (this.#signal.aborted) {
      stream.close();
      return;
    }
    this.#stream = stream;
    for (const frame of this.#held.splice(0)) stream.write(frame);
    for await (const event of stream.events) {
      this.#faults = 0;
      if (!this.#signal.aborted) this.#options.onEvent(event);
    }
  }

  async #pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#options.clock.after(delayMs, done);
      this.#signal.addEventListener('abort', done, { once: true });
    });
  }
}
