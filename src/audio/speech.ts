// One reply in the playout: what its writer, its listener and the pacing see of it.

import { FRAME_MS } from '../rtp/packet.ts';
import { AudibleOnset } from './level.ts';
import { SpeechQueue, type SpeechFrame } from './speech-queue.ts';
import type { SpokenAudio } from './spoken.ts';

/** When a packet was handed to the transport (monotonic), and the 32 bit RTP timestamp, as on the wire, of what is meant. */
export interface SentAt {
  readonly sentAtMs: number;
  readonly rtpTimestamp: number;
}

/** Called synchronously while packets go out: keep it short. */
export interface SpeechListener {
  onFirstPacket?(at: SentAt): void;
  /**
   * The first packet with audible sound went out: the first of two consecutive 10 ms windows above −40 dBFS. The timestamp is
   * that of the window.
   */
  onAudible?(at: SentAt): void;
  /** The last packet went out. Not called after `stop`. */
  onFinished?(result: { readonly heardCharacters: number }): void;
}

/** A reply that plays, or will. */
export interface Speech {
  /**
   * Queues a piece of audio; the first frame goes out before the call returns. Resolves once fewer than `bufferFrames` are
   * queued, or once the speech is over: what is written after `stop` is ignored. Rejects with the signal's reason.
   * One call at a time, and none after `end`.
   */
  write(audio: SpokenAudio, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Nothing more will be written; what is queued still plays, the last frame padded with silence. */
  end(): void;
  /**
   * Silences the reply, synchronously: nothing queued goes out any more, except a fade made of what would have come next
   * (60 ms unless told). Returns the characters heard. Idempotent.
   */
  stop(options?: { readonly fadeMs?: number }): number;
  /**
   * How many characters of the reply's text had been sent, the position inside a piece being linear. A fade is not counted.
   */
  heardCharacters(): number;
}

export interface QueuedSpeechOptions {
  readonly sampleRateHz: number;
  readonly bufferFrames: number;
  readonly listener: SpeechListener;
  /** There is more to send, or nothing more will come. */
  readonly onChange: () => void;
  /** Takes over the fade, once. */
  readonly onStop: (fade: readonly Int16Array[]) => void;
}

const DEFAULT_FADE_MS = 60;

export class QueuedSpeech implements Speech {
  readonly #options: QueuedSpeechOptions;
  readonly #queue: SpeechQueue;
  readonly #onset: AudibleOnset;
  /** `open` takes audio, `ended` plays what it has, `over` has finished or was stopped. */
  #state: 'open' | 'ended' | 'over' = 'open';
  #started = false;
  #lastSent: SentAt | undefined;
  #heardCharacters = 0;
  #wakeWriter: (() => void) | undefined;

  constructor(options: QueuedSpeechOptions) {
    this.#options = options;
    this.#queue = new SpeechQueue((options.sampleRateHz * FRAME_MS) / 1000);
    this.#onset = new AudibleOnset(options.sampleRateHz);
  }

  get queuedFrames(): number {
    return this.#queue.length;
  }

  /** Some of it was played, and more is to come. */
  get isPlaying(): boolean {
    return this.#started && this.#state !== 'over';
  }

  async write(audio: SpokenAudio, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    if (this.#state === 'ended') throw new Error('a speech takes no audio after its end');
    if (this.#state === 'over') return;
    this.#queue.push(audio);
    this.#options.onChange();
    while (!this.#hasRoom()) {
      await this.#waitForRoom(signal);
      signal.throwIfAborted();
    }
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#queue.finish();
    this.finishIfPlayed();
    this.#options.onChange();
  }

  stop({ fadeMs = DEFAULT_FADE_MS }: { readonly fadeMs?: number } = {}): number {
    if (this.#state === 'over') return this.#heardCharacters;
    const fadeFrames = this.isPlaying ? Math.ceil(fadeMs / FRAME_MS) : 0;
    this.#state = 'over';
    this.#options.onStop(this.#queue.stop(fadeFrames));
    this.#wakeWriter?.();
    return this.#heardCharacters;
  }

  heardCharacters(): number {
    return this.#heardCharacters;
  }

  takeFrame(): SpeechFrame | undefined {
    this.#started = true;
    const frame = this.#queue.shift();
    if (this.#hasRoom()) this.#wakeWriter?.();
    return frame;
  }

  /** A frame went out; `rtpTimestampAt` says the timestamp of an instant so many milliseconds after the frame's beginning. */
  noteSent(frame: SpeechFrame, sentAtMs: number, rtpTimestampAt: (offsetMs: number) => number): void {
    const { listener } = this.#options;
    const previous = this.#lastSent;
    const at = { sentAtMs, rtpTimestamp: rtpTimestampAt(0) };
    this.#lastSent = at;
    this.#heardCharacters = frame.characters;
    if (previous === undefined) listener.onFirstPacket?.(at);
    const audibleAfterMs = this.#onset.observe(frame.samples);
    if (audibleAfterMs === undefined) return;
    const carrier = audibleAfterMs < 0 ? (previous ?? at) : at;
    listener.onAudible?.({ sentAtMs: carrier.sentAtMs, rtpTimestamp: rtpTimestampAt(audibleAfterMs) });
  }

  /** Tells the end once there is nothing left to play; to be called after each frame taken, whether it was sent or not. */
  finishIfPlayed(): void {
    if (this.#state !== 'ended' || this.#queue.length > 0) return;
    this.#state = 'over';
    this.#options.listener.onFinished?.({ heardCharacters: this.#heardCharacters });
  }

  #hasRoom(): boolean {
    return this.#state === 'over' || this.#queue.length < this.#options.bufferFrames;
  }

  #waitForRoom(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#wakeWriter = undefined;
        resolve();
      };
      this.#wakeWriter = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
