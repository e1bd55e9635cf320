// The ear for one call: begins as soon as the browser has it ready, finds the answer of each account among what it hears, and
// shows its measurements to whoever wants to check (docs/latency.md). The call does not depend on it.

import { AcousticTurns, type TimedOnset } from './acoustic-turns.ts';
import type { CallRecording } from './call-recording.ts';
import { Ear, type HeardOnset, prepareEars } from './ear.ts';
import { middleMs } from './instants.ts';

/** What the ear heard of a turn. */
export interface AcousticGap {
  /** From the end of the caller's speech to the first audible sample of the answer. */
  readonly ms: number;
  /** How far that may be off, by the windows of both detectors and what browsers buffer between a track and the ear. */
  readonly errorMs: number;
  /** Both ends by `performance.now()`: when the ear had them. */
  readonly speechEndAtMs: number;
  readonly audibleAtMs: number;
}

/** The agent's voice became audible after a silence, whatever it said. */
interface PlacedOnset extends TimedOnset {
  readonly heard: HeardOnset;
  readonly gap: AcousticGap | undefined;
}

/** Read-only, for tests and the curious: `repartee.acoustic` in the page's console. */
export interface AcousticHandle {
  /** Of the `AudioContext`; undefined where this browser gives the page no ear. */
  readonly sampleRateHz: number | undefined;
  /** By `replyId`, as the agent's accounts have it. Filled in about 0.4 s after an answer became audible. */
  readonly turns: readonly (AcousticGap & { readonly replyId: number })[];
  /** Each time that the agent's voice began after a silence. `heard` has instants in milliseconds of the context's time. */
  readonly onsets: readonly PlacedOnset[];
}

/**
 * Between a track and the ear, browsers hold audio back: a block of 10 ms waits for the ones before it, and up to another is in
 * the conversion to the rate of the context. By so much the caller's way to the ear may be longer or shorter than the agent's.
 */
const bufferingErrorMs = 20;
const maxOnsets = 200;

export class CallEar implements AcousticHandle {
  readonly #onTurn: (replyId: number, gap: AcousticGap) => void;
  readonly #answers = new AcousticTurns<PlacedOnset>();
  readonly #gaps = new Map<number, AcousticGap>();
  #onsets: readonly PlacedOnset[] = [];
  #ear: Ear | undefined;
  #callerTrack: MediaStreamTrack | undefined;
  #agentTrack: MediaStreamTrack | undefined;
  #closed = false;

  /** `onTurn` is called when the answer of an account was heard, and again where another onset fits better. */
  constructor(context: AudioContext, onTurn: (replyId: number, gap: AcousticGap) => void) {
    this.#onTurn = onTurn;
    prepareEars(context)
      .then(() => this.#begin(context))
      .catch((error: unknown) => console.warn('the page has no ear of its own', error));
  }

  get sampleRateHz(): number | undefined {
    return this.#ear?.sampleRateHz;
  }

  get turns(): AcousticHandle['turns'] {
    return [...this.#gaps].map(([replyId, gap]) => ({ replyId, ...gap }));
  }

  get onsets(): AcousticHandle['onsets'] {
    return this.#onsets;
  }

  /** Undefined where there is no ear. */
  get recording(): CallRecording | undefined {
    return this.#ear?.recording;
  }

  /** The caller's microphone as it is published; undefined while there is none, or it is muted. */
  followCaller(track: MediaStreamTrack | undefined): void {
    this.#callerTrack = track;
    this.#ear?.followCaller(track);
  }

  /** The agent's voice as it is rendered. */
  followAgent(track: MediaStreamTrack | undefined): void {
    this.#agentTrack = track;
    this.#ear?.followAgent(track);
  }

  /** An account of an answer has come, by `performance.now()`. */
  told(replyId: number, atMs: number): void {
    this.#measured(replyId, this.#answers.told(replyId, atMs));
  }

  /** Hears no more; what was heard stays. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ear?.close();
  }

  #begin(context: AudioContext): void {
    if (this.#closed) return;
    this.#ear = new Ear(context, (heard) => this.#hear(heard));
    this.#ear.followCaller(this.#callerTrack);
    this.#ear.followAgent(this.#agentTrack);
  }

  #hear(heard: HeardOnset): void {
    const clock = this.#ear?.clock;
    const atMs = clock?.toPageMs(middleMs(heard.audible));
    if (clock === undefined || atMs === undefined) return;
    const onset = { heard, atMs, gap: acousticGap(heard, (earMs) => clock.toPageMs(earMs) ?? atMs) };
    this.#onsets = [...this.#onsets, onset].slice(-maxOnsets);
    const replyId = this.#answers.heard(onset);
    if (replyId !== undefined) this.#measured(replyId, onset);
  }

  #measured(replyId: number, onset: PlacedOnset | undefined): void {
    if (onset?.gap === undefined) return;
    this.#gaps.set(replyId, onset.gap);
    this.#onTurn(replyId, onset.gap);
  }
}

function acousticGap({ audible, gap }: HeardOnset, toPageMs: (earMs: number) => number): AcousticGap | undefined {
  if (gap.type !== 'measured') return undefined;
  return {
    ms: gap.ms,
    errorMs: gap.errorMs + bufferingErrorMs,
    speechEndAtMs: toPageMs(middleMs(gap.speechEnd)),
    audibleAtMs: toPageMs(middleMs(audible)),
  };
}
