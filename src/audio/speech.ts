// One reply in the playout: what its writer, its listener and the pacing see of it.

import { FRAME_MS } from '../rtp/packet.ts';
import { Gain } from './fade.ts';
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
   * Silences the reply like `stop`, but once so many characters have been heard, or all there are; one that is suspended at
   * once. What is written after it is ignored. Told as `onFinished`.
   */
  stopAt(characters: number): void;
  /** Plays what has not been sent at this gain (dB, 0 or less), after a ramp of `rampMs` that begins with the next frame. */
  setGain(gainDb: number, options: { readonly rampMs: number }): void;
  /**
   * Silences the reply like `stop`, but keeps everything that was not heard: writing goes on, up to `bufferFrames`. Returns
   * the characters heard. Idempotent.
   */
  suspend(options?: { readonly fadeMs?: number }): number;
  /**
   * Plays on after `suspend`, at once, from this place in the text, which may lie up to two seconds before what was heard.
   * Nothing where the reply isn't suspended.
   */
  resume(options: { readonly fromCharacters: number }): void;
  /** Calls `onAudible` once, as the listener's, for the sound of what follows this place in the text. One place at a time. */
  watchOnset(fromCharacters: number, onAudible: (at: SentAt) => void): void;
  /**
   * How many characters of the reply's text had been sent, the position inside a piece being linear. A fade is not counted;
   * what is played twice is counted once.
   */
  heardCharacters(): number;
}

export interface QueuedSpeechOptions {
  readonly sampleRateHz: number;
  readonly bufferFrames: number;
  readonly listener: SpeechListener;
  /** There is more to send, or nothing more will come. */
  readonly onChange: () => void;
  /** The reply falls silent: takes over the fade. */
  readonly onFade: (fade: readonly Int16Array[]) => void;
}

const DEFAULT_FADE_MS = 60;
/** A reply comes back as fast as a voice begins, and with no click. */
const FADE_IN_MS = 10;

export class QueuedSpeech implements Speech {
  readonly #options: QueuedSpeechOptions;
  readonly #queue: SpeechQueue;
  readonly #onset: AudibleOnset;
  readonly #gain = new Gain();
  /** `open` takes audio, `ended` plays what it has, `over` has finished or was stopped. */
  #state: 'open' | 'ended' | 'over' = 'open';
  #started = false;
  #suspended = false;
  #lastSent: SentAt | undefined;
  #watched: { readonly from: number; readonly onset: AudibleOnset; readonly tell: (at: SentAt) => void } | undefined;
  #heardCharacters = 0;
  /** Nothing beyond is wanted. */
  #lastCharacter = Infinity;
  #wakeWriter: (() => void) | undefined;

  constructor(options: QueuedSpeechOptions) {
    this.#options = options;
    this.#queue = new SpeechQueue((options.sampleRateHz * FRAME_MS) / 1000);
    this.#onset = new AudibleOnset(options.sampleRateHz);
  }

  /** Frames that may be sent. */
  get queuedFrames(): number {
    return this.#suspended ? 0 : this.#queue.length;
  }

  /** Some of it was played, and more is to come. */
  get isPlaying(): boolean {
    return this.#started && !this.#suspended && this.#state !== 'over';
  }

  async write(audio: SpokenAudio, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    if (this.#lastCharacter !== Infinity) return;
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
    this.#queue.finish();
    const fade = this.#fadedOut(fadeMs);
    this.#state = 'over';
    this.#queue.clear();
    this.#options.onFade(fade);
    this.#wakeWriter?.();
    return this.#heardCharacters;
  }

  stopAt(characters: number): void {
    if (this.#state === 'over') return;
    this.#lastCharacter = this.#suspended ? 0 : characters;
    this.end();
    this.finishIfPlayed();
  }

  setGain(gainDb: number, { rampMs }: { readonly rampMs: number }): void {
    this.#gain.rampTo(10 ** (gainDb / 20), this.#samplesIn(rampMs));
  }

  suspend({ fadeMs = DEFAULT_FADE_MS }: { readonly fadeMs?: number } = {}): number {
    if (this.#state === 'over' || this.#suspended) return this.#heardCharacters;
    const fade = this.#fadedOut(fadeMs);
    this.#suspended = true;
    this.#options.onFade(fade);
    return this.#heardCharacters;
  }

  resume({ fromCharacters }: { readonly fromCharacters: number }): void {
    if (this.#state === 'over' || !this.#suspended) return;
    this.#suspended = false;
    this.#queue.rewind(fromCharacters);
    this.#gain.fadeIn(this.#samplesIn(FADE_IN_MS));
    this.finishIfPlayed();
    this.#options.onChange();
  }

  watchOnset(fromCharacters: number, onAudible: (at: SentAt) => void): void {
    this.#watched = { from: fromCharacters, onset: new AudibleOnset(this.#options.sampleRateHz), tell: onAudible };
  }

  heardCharacters(): number {
    return this.#heardCharacters;
  }

  takeFrame(): SpeechFrame | undefined {
    this.#started = true;
    const frame = this.#queue.shift();
    if (this.#hasRoom()) this.#wakeWriter?.();
    return frame && { ...frame, samples: this.#gain.apply(frame.samples) };
  }

  /** A frame went out; `rtpTimestampAt` says the timestamp of an instant so many milliseconds after the frame's beginning. */
  noteSent(frame: SpeechFrame, sentAtMs: number, rtpTimestampAt: (offsetMs: number) => number): void {
    const { listener } = this.#options;
    const previous = this.#lastSent;
    const at = { sentAtMs, rtpTimestamp: rtpTimestampAt(0) };
    this.#lastSent = at;
    this.#heardCharacters = Math.max(this.#heardCharacters, Math.floor(frame.position));
    if (previous === undefined) listener.onFirstPacket?.(at);
    const tell = (onset: AudibleOnset, audible: ((at: SentAt) => void) | undefined): void => {
      const afterMs = onset.observe(frame.samples);
      if (afterMs === undefined) return;
      const carrier = afterMs < 0 ? (previous ?? at) : at;
      audible?.({ sentAtMs: carrier.sentAtMs, rtpTimestamp: rtpTimestampAt(afterMs) });
    };
    tell(this.#onset, listener.onAudible?.bind(listener));
    const watched = this.#watched;
    if (watched !== undefined && frame.position > watched.from) tell(watched.onset, watched.tell);
  }

  /** Tells the end once there is nothing left to play, or nothing that is wanted; to be called after each frame taken, whether it was sent or not. */
  finishIfPlayed(): void {
    if (this.#state !== 'ended') return;
    if (this.#heardCharacters >= this.#lastCharacter) this.stop();
    else if (this.#suspended || this.#queue.length > 0) return;
    this.#state = 'over';
    this.#options.listener.onFinished?.({ heardCharacters: this.#heardCharacters });
  }

  #fadedOut(fadeMs: number): readonly Int16Array[] {
    return this.isPlaying ? this.#queue.fadedOut(Math.ceil(fadeMs / FRAME_MS), this.#gain) : [];
  }

  #samplesIn(durationMs: number): number {
    return Math.round((this.#options.sampleRateHz * durationMs) / 1000);
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
