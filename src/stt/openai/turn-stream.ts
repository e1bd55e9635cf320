// One caller's stream for a recogniser that takes a turn whole: one request for each final that is asked for, answered
// in the order in which they were asked.

import type { AudioFrame } from '../../audio/frame.ts';
import { StageError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { BoundedQueue } from '../../lib/queue.ts';
import { HeldAudio, type HeldTurn } from '../held-audio.ts';
import type { SttEvent, SttStream, SttWord } from '../port.ts';
import { SampleTimeline } from '../timeline.ts';

/** What was said in a stretch of samples. */
export interface Transcript {
  readonly text: string;
  /** In order; empty where the recogniser can't tell. */
  readonly words: readonly { readonly text: string; readonly startSample: number; readonly endSample: number }[];
}

/** Recognises 16 kHz samples. Rejects with a StageError, or the signal's reason. */
export type TranscribeTurn = (samples: Int16Array, signal: AbortSignal) => Promise<Transcript>;

export interface TurnStreamOptions {
  readonly transcribe: TranscribeTurn;
  /** Opens a connection ahead of the request. Rejects with a StageError; one that isn't retryable ends the stream. */
  readonly warm: (signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** Events a reader may leave unread. */
const EVENT_BACKLOG = 1024;
/**
 * Less sound than this is a click or a breath. Models of Whisper's kind put words into what has none ("Thank you for
 * watching"), so it isn't sent.
 */
const SHORTEST_VOICE_MS = 100;
const NOTHING: Transcript = { text: '', words: [] };

export class TurnStream implements SttStream {
  readonly #options: TurnStreamOptions;
  readonly #held = new HeldAudio();
  readonly #events = new BoundedQueue<SttEvent>(EVENT_BACKLOG);
  readonly #closing = new AbortController();
  #isWarming = false;
  #lastAnswer: Promise<void> = Promise.resolve();

  constructor(options: TurnStreamOptions) {
    this.#options = options;
    void this.#warm();
  }

  get events(): AsyncIterable<SttEvent> {
    return this.#events;
  }

  write(frame: AudioFrame): void {
    if (this.#closing.signal.aborted) return;
    // The connection may have been closed while nobody spoke.
    if (this.#held.write(frame)) void this.#warm();
  }

  finalize(): void {
    if (this.#closing.signal.aborted) return;
    const turn = this.#held.take();
    if (turn.droppedMs > 0) {
      this.#options.log.warn('a turn was too long to be recognised whole', { droppedMs: turn.droppedMs });
    }
    this.#lastAnswer = this.#answer(turn, this.#lastAnswer);
  }

  close(): void {
    this.#closing.abort();
    this.#events.close();
  }

  async #answer(turn: HeldTurn, before: Promise<void>): Promise<void> {
    try {
      const event = await this.#recognise(turn);
      await before;
      this.#events.push(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #recognise({ frames, soundingMs, endTimestamp }: HeldTurn): Promise<SttEvent> {
    const { transcribe } = this.#options;
    const hasVoice = soundingMs >= SHORTEST_VOICE_MS;
    const { text, words } = hasVoice ? await transcribe(joined(frames), this.#closing.signal) : NOTHING;
    const timed = timedWords(words, frames);
    return { type: 'final', text, words: timed, endTimestamp, rejected: false, answersFinalize: true };
  }

  async #warm(): Promise<void> {
    if (this.#isWarming) return;
    this.#isWarming = true;
    try {
      await this.#options.warm(this.#closing.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      if (error instanceof StageError && !error.retryable) this.#fail(error);
      else this.#options.log.warn('no connection ahead of the first words', { error });
    } finally {
      this.#isWarming = false;
    }
  }

  /** Does nothing once closed. */
  #fail(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#events.fail(error);
    this.#closing.abort();
  }
}

function joined(frames: readonly AudioFrame[]): Int16Array {
  const samples = new Int16Array(frames.reduce((sum, frame) => sum + frame.samples.length, 0));
  let at = 0;
  for (const frame of frames) {
    samples.set(frame.samples, at);
    at += frame.samples.length;
  }
  return samples;
}

/** Puts words onto the caller's time line. Times beyond the audio, and backwards ones, are brought into it. */
function timedWords(words: Transcript['words'], frames: readonly AudioFrame[]): readonly SttWord[] {
  const timeline = new SampleTimeline();
  for (const { timestamp, samples } of frames) timeline.append(timestamp, samples.length);
  let reached = 0;
  return words.map(({ text, startSample, endSample }) => {
    const start = Math.min(Math.max(startSample, reached), timeline.sampleCount);
    const end = Math.min(Math.max(endSample, start), timeline.sampleCount);
    reached = end;
    return {
      text,
      startTimestamp: timeline.startOf(start),
      endTimestamp: Math.max(timeline.endOf(end), timeline.startOf(start)),
    };
  });
}
