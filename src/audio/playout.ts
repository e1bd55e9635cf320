// Paced playout of replies: a packet each 20 ms, drift-free, the first one at once; a stop that takes effect before it returns.
// RFC 3551 section 4.1 (marker), RFC 7587 section 3.1.3 (a packet each 400 ms in silence).
// Leaves out: a cushion against underruns that adapts to the voice.

import type { Clock, Timer } from '../lib/clock.ts';
import type { OpusCodec } from '../opus/port.ts';
import { FRAME_MS } from '../rtp/packet.ts';
import { LatenessStatistics, type Lateness } from './lateness.ts';
import { OutgoingTrack, type SendPacket } from './outgoing-track.ts';
import { QueuedSpeech, type Speech, type SpeechListener } from './speech.ts';

export type { SentAt, Speech, SpeechListener } from './speech.ts';

export interface PlayoutOptions {
  readonly clock: Clock;
  readonly codec: OpusCodec;
  /** Of the voice; one that Opus can encode. */
  readonly sampleRateHz: number;
  readonly send: SendPacket;
  /**
   * Told of each frame that the transport took, as it sounds, with the instant where it belongs: of speech, or of what fades of
   * a reply that was silenced before.
   */
  readonly onSent?: (samples: Int16Array, atMs: number, rtpTimestamp: number, of: 'speech' | 'fade') => void;
  /** How many frames of 20 ms may be queued before `write` holds its caller back. */
  readonly bufferFrames?: number;
}

export interface PlayoutStatistics extends Lateness {
  /** Of speech and fades; silence is not counted. */
  readonly framesSent: number;
  /** Of those, the ones that the transport did not take. */
  readonly framesUnsent: number;
  /** Times a reply ran dry before its end. */
  readonly underruns: number;
}

/** One second: enough for any voice's hiccups, little enough that a stopped reply has not been synthesised in vain. */
const DEFAULT_BUFFER_FRAMES = 50;
/** RFC 7587 section 3.1.3; keeps the path open and the receiver's clock in step. */
const SILENCE_PERIOD_MS = 400;
/** They flush the decoder's look-ahead and keep its concealment from droning on. */
const CLOSING_FRAMES = 2;
/** After a delay of the event loop, audio up to this old is sent in one go; what is older shifts the rest of the reply. */
const LONGEST_CATCH_UP_MS = 100;
/** Timers round to a millisecond and may fire this much early; sending then is nearer to the truth than waiting again. */
const EARLY_MS = 1;

/** What comes next, and where it belongs in time. */
interface Upcoming {
  readonly kind: 'audio' | 'underrun' | 'silence';
  readonly dueAtMs: number;
}

/** One track for a whole call; replies play on it one after another. */
export class Playout {
  readonly #options: PlayoutOptions;
  readonly #track: OutgoingTrack;
  readonly #silence: Int16Array;
  readonly #lateness = new LatenessStatistics();
  readonly #counts = { framesSent: 0, framesUnsent: 0, underruns: 0 };
  /** What is left of a reply that fell silent. */
  readonly #fade: Int16Array[] = [];
  #speech: QueuedSpeech | undefined;
  /** Where the last packet belongs in time. */
  #lastDueAtMs: number;
  /** Audio went out, and what follows belongs 20 ms after it. */
  #inTalkspurt = false;
  /** Frames of silence still to be sent right after speech. */
  #closingFrames = 0;
  #timer: Timer | undefined;
  #closed = false;

  /** Sends silence from the next turn of the event loop on, so that receivers know the track before the first reply. */
  constructor(options: PlayoutOptions) {
    const { clock, codec, sampleRateHz, send } = options;
    this.#options = options;
    this.#silence = new Int16Array((sampleRateHz * FRAME_MS) / 1000);
    this.#lastDueAtMs = clock.nowMs() - SILENCE_PERIOD_MS;
    this.#track = new OutgoingTrack(codec.createEncoder({ sampleRateHz }), send, clock.nowMs());
    this.#timer = clock.after(0, () => this.#pump());
  }

  get statistics(): PlayoutStatistics {
    return { ...this.#counts, ...this.#lateness.summary() };
  }

  /** Begins a reply. One that still plays is stopped, with its fade. */
  begin(listener: SpeechListener): Speech {
    if (this.#closed) throw new Error('the playout is closed');
    this.#speech?.stop();
    this.#speech = new QueuedSpeech({
      sampleRateHz: this.#options.sampleRateHz,
      bufferFrames: this.#options.bufferFrames ?? DEFAULT_BUFFER_FRAMES,
      listener,
      onChange: () => this.#pump(),
      onFade: (fade) => {
        this.#fade.push(...fade);
        this.#pump();
      },
    });
    return this.#speech;
  }

  /** Silences everything at once and frees the encoder; what is still written is ignored. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#speech?.stop();
    this.#track.close();
  }

  /** Does what is due, and sets the timer for what comes next. May be called at any time. */
  #pump(): void {
    const nowMs = this.#options.clock.nowMs();
    for (;;) {
      if (this.#closed) return;
      if (this.#inTalkspurt && !this.#expectsAudio()) this.#endTalkspurt();
      const upcoming = this.#upcoming(nowMs);
      if (upcoming.dueAtMs - nowMs >= EARLY_MS) {
        this.#timer?.cancel();
        this.#timer = this.#options.clock.after(upcoming.dueAtMs - nowMs, () => {
          this.#timer = undefined;
          this.#pump();
        });
        return;
      }
      this.#carryOut(upcoming, nowMs);
    }
  }

  #upcoming(nowMs: number): Upcoming {
    const followsAtMs = this.#lastDueAtMs + FRAME_MS;
    const catchUpFromMs = this.#track.tickAtOrBefore(nowMs - LONGEST_CATCH_UP_MS);
    if (this.#fade.length > 0 || (this.#speech?.queuedFrames ?? 0) > 0) {
      // Where less than a frame is missing, a contiguous time line serves the receiver better than a hole.
      const isContiguous = this.#inTalkspurt || nowMs - followsAtMs < FRAME_MS;
      const startAtMs = isContiguous ? catchUpFromMs : this.#track.tickAtOrBefore(nowMs);
      return { kind: 'audio', dueAtMs: Math.max(followsAtMs, startAtMs) };
    }
    if (this.#inTalkspurt) return { kind: 'underrun', dueAtMs: followsAtMs };
    const periodMs = this.#closingFrames > 0 ? FRAME_MS : SILENCE_PERIOD_MS;
    return { kind: 'silence', dueAtMs: Math.max(this.#lastDueAtMs + periodMs, catchUpFromMs) };
  }

  #carryOut({ kind, dueAtMs }: Upcoming, nowMs: number): void {
    switch (kind) {
      case 'underrun':
        this.#counts.underruns += 1;
        this.#inTalkspurt = false;
        break;
      case 'silence':
        this.#closingFrames = Math.max(0, this.#closingFrames - 1);
        this.#lastDueAtMs = dueAtMs;
        this.#track.send(this.#silence, dueAtMs, false);
        break;
      case 'audio':
        this.#sendAudio(dueAtMs, nowMs);
        break;
    }
  }

  #sendAudio(dueAtMs: number, nowMs: number): void {
    const marker = !this.#inTalkspurt;
    this.#lastDueAtMs = dueAtMs;
    this.#inTalkspurt = true;
    this.#lateness.observe(nowMs - dueAtMs);
    const faded = this.#fade.shift();
    if (faded !== undefined) {
      this.#send(faded, dueAtMs, marker, 'fade');
      return;
    }
    const speech = this.#speech;
    const frame = speech?.takeFrame();
    if (speech === undefined || frame === undefined) return;
    const sent = this.#send(frame.samples, dueAtMs, marker, 'speech');
    if (sent) speech.noteSent(frame, nowMs, (offsetMs) => this.#track.rtpTimestampAt(dueAtMs + offsetMs));
    speech.finishIfPlayed();
  }

  #send(samples: Int16Array, dueAtMs: number, marker: boolean, of: 'speech' | 'fade'): boolean {
    const sent = this.#track.send(samples, dueAtMs, marker);
    this.#counts[sent ? 'framesSent' : 'framesUnsent'] += 1;
    if (sent) this.#options.onSent?.(samples, dueAtMs, this.#track.rtpTimestampAt(dueAtMs), of);
    return sent;
  }

  #expectsAudio(): boolean {
    return this.#fade.length > 0 || this.#speech?.isPlaying === true;
  }

  #endTalkspurt(): void {
    this.#inTalkspurt = false;
    this.#closingFrames = CLOSING_FRAMES;
  }
}
