// From Deepgram's results to the port's events: seconds of audio sent become RTP time, and each `finalize` gets its answer.
// https://developers.deepgram.com/docs/finalize, https://developers.deepgram.com/docs/interim-results,
// https://developers.deepgram.com/docs/audio-keep-alive (word times count the audio that was sent, nothing else). No I/O.

import { type AudioFrame, LISTENING_RATE_HZ } from '../../audio/frame.ts';
import type { SttEvent, SttWord } from '../port.ts';
import { SampleTimeline, TICKS_PER_SAMPLE } from '../timeline.ts';
import type { Results } from './messages.ts';

const samplesOf = (ms: number): number => (ms * LISTENING_RATE_HZ) / 1000;

/** A final that ends so shortly before the last sound holds all of it: a frame of the recogniser's, or rounding. */
const FINAL_TOLERANCE_SAMPLES = samplesOf(20);
/** Results come at least once in a second of audio. Whoever is further back than this is not silent but slow. */
const LARGEST_LAG_SAMPLES = samplesOf(2000);

/** A call of `finalize` that has no answer yet. Positions count samples that were sent. */
export interface PendingFinalize {
  readonly askedAtMs: number;
  /** Where the audio ended. */
  readonly atSample: number;
  /** Where the last sound before that ended: finals up to here say all there is to say. */
  readonly soundEndSample: number;
  /** After the last frame, whether it was sent or not. */
  readonly endTimestamp: number;
}

interface Told {
  readonly text: string;
  readonly words: readonly SttWord[];
  /** Where the last word ends; what is being said after it isn't told yet. */
  readonly wordsEndSample: number;
  readonly endSample: number;
}

export class LiveTranscript {
  readonly #emit: (event: SttEvent) => void;
  readonly #timeline: SampleTimeline;
  readonly #pending: PendingFinalize[] = [];
  /** Where the audio ended when Deepgram was asked to flush, while it may still answer. */
  #flushes: number[] = [];
  #writtenTimestamp = 0;
  #soundEndSample = 0;
  /** Up to where Deepgram will not revise anything. */
  #finalEndSample = 0;
  /** Up to where results of any kind have come. */
  #heardEndSample = 0;
  /** Up to where words were told as final although Deepgram had not finished them. */
  #toldEndSample = 0;
  /** Words that may still be revised. */
  #interim: Told | undefined;

  constructor(emit: (event: SttEvent) => void, timeline: SampleTimeline = new SampleTimeline()) {
    this.#emit = emit;
    this.#timeline = timeline;
  }

  /** Takes note of a frame that is sent; `mayBeSpeech`: there may be words in it. */
  sent(frame: AudioFrame, mayBeSpeech: boolean): void {
    this.#timeline.append(frame.timestamp, frame.samples.length);
    if (mayBeSpeech) this.#soundEndSample = this.#timeline.sampleCount;
    this.withheld(frame);
  }

  /** Takes note of silence that is not sent. */
  withheld(frame: AudioFrame): void {
    this.#writtenTimestamp = frame.timestamp + frame.samples.length * TICKS_PER_SAMPLE;
  }

  /** Whether Deepgram may have something to say that it has not said as final. */
  get isUnsettled(): boolean {
    const settledSample = Math.max(this.#finalEndSample, this.#toldEndSample) + FINAL_TOLERANCE_SAMPLES;
    return this.#interim !== undefined || settledSample < this.#soundEndSample;
  }

  /** The oldest call of `finalize` without an answer. */
  get oldestPending(): PendingFinalize | undefined {
    return this.#pending[0];
  }

  /** Answers at once where all sound is final; otherwise Deepgram has to be asked, and true is returned. */
  finalize(nowMs: number): boolean {
    const asked: PendingFinalize = {
      askedAtMs: nowMs,
      atSample: this.#timeline.sampleCount,
      soundEndSample: this.#soundEndSample,
      endTimestamp: this.#writtenTimestamp,
    };
    if (this.#pending.length === 0 && !this.isUnsettled) {
      this.#answer(asked, undefined);
      return false;
    }
    this.#pending.push(asked);
    this.flushed();
    return true;
  }

  /** Takes note that Deepgram is asked to flush, by a call of `finalize` or without one. */
  flushed(): void {
    this.#flushes.push(this.#timeline.sampleCount);
  }

  /** Whether results are so far back that the oldest `finalize` can't be answered without them. */
  get isBehind(): boolean {
    const needed = this.#pending[0]?.soundEndSample ?? 0;
    return this.#heardEndSample + LARGEST_LAG_SAMPLES < needed;
  }

  /** Answers the oldest `finalize` with the words there are; Deepgram's own, when they come late, are not told twice. */
  answerUnaided(): void {
    const pending = this.#pending.shift();
    if (pending === undefined) return;
    const words = this.#interim;
    this.#interim = undefined;
    this.#toldEndSample = words?.wordsEndSample ?? this.#toldEndSample;
    this.#answer(pending, words);
  }

  onResults(results: Results): void {
    const told = this.#locate(results);
    this.#heardEndSample = Math.max(this.#heardEndSample, told.endSample);
    if (results.isFinal) this.#onFinal(told, results.fromFinalize);
    else this.#onInterim(told);
  }

  #onInterim(told: Told): void {
    const hadWords = this.#interim !== undefined;
    this.#interim = told.text === '' ? undefined : told;
    if (hadWords || told.text !== '') this.#tellInterim(told);
  }

  #onFinal(told: Told, fromFinalize: boolean): void {
    this.#finalEndSample = Math.max(this.#finalEndSample, told.endSample);
    const hadWords = this.#interim !== undefined;
    this.#interim = undefined;
    const answered = this.#takeAnswered(told.endSample, fromFinalize);
    if (answered.length > 0) {
      for (const [index, pending] of answered.entries()) this.#answer(pending, index === 0 ? told : undefined);
    } else if (told.text !== '') {
      this.#tellFinal(told, this.#timeline.endOf(told.endSample), false);
    } else if (hadWords) {
      this.#tellInterim(told);
    }
    this.#timeline.forgetBefore(this.#finalEndSample);
  }

  /**
   * The calls that a final up to `endSample` answers: those before which no sound lies behind it, flushed or not, since
   * Deepgram may leave a `Finalize` unanswered where nothing noteworthy is buffered; and those of the flush it belongs to.
   */
  #takeAnswered(endSample: number, fromFinalize: boolean): PendingFinalize[] {
    const reachedSample = endSample + FINAL_TOLERANCE_SAMPLES;
    // Only the place tells whether it answers this call or, late, an earlier one.
    const flush = fromFinalize ? nearest(this.#flushes, endSample) : -1;
    const firstOpen = this.#pending.findIndex(
      ({ soundEndSample, atSample }) => soundEndSample > reachedSample && atSample > flush,
    );
    // Results come in order: what was asked before this place has its answer, or gets none.
    this.#flushes = this.#flushes.filter((atSample) => atSample > reachedSample && atSample > flush);
    return this.#pending.splice(0, firstOpen === -1 ? this.#pending.length : firstOpen);
  }

  #locate({ startSeconds, endSeconds, transcript, words }: Results): Told {
    const isNew = (word: Results['words'][number]): boolean =>
      (this.#sampleAt(word.startSeconds) + this.#sampleAt(word.endSeconds)) / 2 >= this.#toldEndSample;
    const fresh = this.#sampleAt(startSeconds) < this.#toldEndSample ? words.filter(isNew) : words;
    return {
      text: fresh.length === words.length ? transcript : fresh.map(({ text }) => text).join(' '),
      words: fresh.map((word) => {
        const startTimestamp = this.#timeline.startOf(this.#sampleAt(word.startSeconds));
        const endTimestamp = this.#timeline.endOf(this.#sampleAt(word.endSeconds));
        return { text: word.text, startTimestamp, endTimestamp: Math.max(startTimestamp, endTimestamp) };
      }),
      wordsEndSample: this.#sampleAt(fresh.at(-1)?.endSeconds ?? endSeconds),
      endSample: this.#sampleAt(endSeconds),
    };
  }

  #sampleAt(seconds: number): number {
    return Math.min(this.#timeline.sampleCount, Math.round(seconds * LISTENING_RATE_HZ));
  }

  #answer({ endTimestamp }: PendingFinalize, told: Told | undefined): void {
    this.#tellFinal(told ?? { text: '', words: [] }, endTimestamp, true);
  }

  #tellFinal({ text, words }: Pick<Told, 'text' | 'words'>, endTimestamp: number, answersFinalize: boolean): void {
    this.#emit({ type: 'final', text, words, endTimestamp, rejected: false, answersFinalize });
  }

  #tellInterim({ text, words, endSample }: Told): void {
    this.#emit({ type: 'interim', text, words, endTimestamp: this.#timeline.endOf(endSample) });
  }
}

/** The number nearest to `target`; −1 where there is none. */
function nearest(numbers: readonly number[], target: number): number {
  return numbers.reduce((best, number) => (Math.abs(number - target) < Math.abs(best - target) ? number : best), -1);
}
