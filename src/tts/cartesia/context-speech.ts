// One context: what it was given to speak, the audio that came of it, and the characters each piece of it speaks. Pure: no
// socket, no clock. Audio never waits for word times: a piece gets its characters when it is read, by what is known then;
// what comes later corrects the pieces after it.

import type { SpokenAudio } from '../../audio/spoken.ts';
import { LeadingSilence } from '../trim.ts';
import { TextTimeline, type TimedWord } from './text-timeline.ts';
import { tokensOf } from './word-alignment.ts';

/** Held back until one knows whether more follows: the last piece must end with the text, and hold samples. */
const TAIL_MS = 10;
/** Words at the end of a context that may have no times of their own though they were spoken: normalised ones. */
const UNTIMED_WORDS = 2;

export interface ContextSpeechOptions {
  readonly sampleRateHz: number;
  /** Of the voice, 1 is usual. */
  readonly speed: number;
  /** Characters of the reply before this context's text. */
  readonly offset: number;
}

/** A part of the text, and how much audio had come when it was sent. */
interface Sending {
  readonly start: number;
  readonly receivedSamples: number;
}

export class ContextSpeech {
  readonly #options: ContextSpeechOptions;
  readonly #timeline: TextTimeline;
  readonly #silence: LeadingSilence;
  readonly #sendings: Sending[] = [];
  readonly #chunks: Int16Array[] = [];
  /** Audio before the first of each flush, in case times are counted from there. */
  readonly #flushStartMs = new Map<number, number>();
  #lastWordEndMs = 0;
  #flushOffsetMs = 0;
  #receivedSamples = 0;
  #pendingSamples = 0;
  #readSamples = 0;
  #characters = 0;
  /** The end of the text that was flushed. */
  #flushEnd: number | undefined;
  #isComplete = false;

  constructor(options: ContextSpeechOptions) {
    this.#options = options;
    this.#timeline = new TextTimeline(options.speed);
    this.#silence = new LeadingSilence(options.sampleRateHz);
  }

  /** Audio that came and was not read yet. */
  get pendingSamples(): number {
    return this.#pendingSamples;
  }

  get hasAudio(): boolean {
    return this.#receivedSamples > 0;
  }

  /** Notes text that was sent to the context; `flush`: and is spoken without waiting for more. */
  give(text: string, { flush }: { readonly flush: boolean }): void {
    this.#sendings.push({ start: this.#timeline.text.length, receivedSamples: this.#receivedSamples });
    this.#timeline.append(text);
    if (flush) this.#flushEnd = this.#timeline.text.length;
  }

  /** Takes the next samples, and which flush they belong to. */
  receive(samples: Int16Array, flushId?: number): void {
    if (flushId !== undefined && !this.#flushStartMs.has(flushId)) this.#flushStartMs.set(flushId, this.#receivedMs);
    this.#receivedSamples += samples.length;
    const audible = this.#silence.trim(samples);
    if (audible.length === 0) return;
    this.#chunks.push(audible);
    this.#pendingSamples += audible.length;
  }

  /** Takes word times. Where a flush counts them from its own beginning, they are moved to where its audio begins. */
  time(words: readonly TimedWord[], flushId?: number): void {
    const [first] = words;
    if (first === undefined) return;
    const flushStartMs = flushId === undefined ? 0 : (this.#flushStartMs.get(flushId) ?? this.#receivedMs);
    if (first.startMs + this.#flushOffsetMs < this.#lastWordEndMs && flushStartMs >= this.#lastWordEndMs) {
      this.#flushOffsetMs = flushStartMs;
    }
    const offsetMs = this.#flushOffsetMs;
    const moved = words.map(({ word, startMs, endMs }) => ({
      word,
      startMs: startMs + offsetMs,
      endMs: endMs + offsetMs,
    }));
    this.#timeline.addWords(moved);
    this.#lastWordEndMs = moved.at(-1)?.endMs ?? this.#lastWordEndMs;
  }

  /** The text that was flushed has been spoken. */
  completeFlush(): void {
    if (this.#flushEnd !== undefined) this.#timeline.mark(this.#receivedMs, this.#flushEnd);
  }

  /**
   * No more audio will come. Returns the end of the text, if it was left unspoken: it is this context's no longer.
   * `closedBy`: the service by itself, or we, who had said that no more text follows.
   */
  finish(closedBy: 'service' | 'us'): string {
    const { text } = this.#timeline;
    const spokenEnd = this.#spokenEnd(closedBy);
    this.#timeline.cut(spokenEnd);
    this.finishWhole();
    return text.slice(spokenEnd);
  }

  /** No more audio will come, and all text counts as spoken. */
  finishWhole(): '' {
    this.#timeline.mark(this.#receivedMs, this.#timeline.text.length);
    this.#isComplete = true;
    return '';
  }

  /** It was broken off: what has come is all there is, and the text is spoken as far as is known. */
  stop(): void {
    this.#isComplete = true;
  }

  /**
   * What can be played: the oldest audio, in pieces of at most a word. Empty when there is none now.
   * `claimed`: characters of the reply that pieces of earlier contexts were said to speak, maybe too many.
   */
  read(claimed = 0): SpokenAudio[] {
    const [chunk] = this.#chunks;
    if (chunk === undefined) return [];
    this.#characters = Math.max(this.#characters, claimed - this.#options.offset);
    const tail = this.#chunks.length > 1 || this.#isComplete ? 0 : this.#samplesOf(TAIL_MS);
    const count = Math.max(0, chunk.length - tail);
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    return count === 0 ? [] : this.#pieces(chunk.subarray(0, count));
  }

  #pieces(samples: Int16Array): SpokenAudio[] {
    const start = this.#silence.droppedSamples + this.#readSamples;
    this.#pendingSamples -= samples.length;
    this.#readSamples += samples.length;
    const cuts = this.#timeline
      .boundariesMs(this.#msOf(start), this.#msOf(start + samples.length))
      .map((ms) => this.#samplesOf(ms) - start);
    const ends = new Set([...cuts.filter((cut) => cut > 0 && cut < samples.length), samples.length]);
    let from = 0;
    return Array.from(ends, (end) => {
      const piece = this.#piece(samples.subarray(from, end), start + end);
      from = end;
      return piece;
    });
  }

  #piece(samples: Int16Array, endSample: number): SpokenAudio {
    const { offset } = this.#options;
    const characterStart = this.#characters;
    this.#characters = Math.max(characterStart, this.#timeline.charactersAt(this.#msOf(endSample)));
    return { samples, characterStart: offset + characterStart, characterEnd: offset + this.#characters };
  }

  /**
   * What was sent last and had no audio since was not spoken. Nor was, where the service closed by itself, what follows the
   * timed words, if that is much.
   */
  #spokenEnd(closedBy: 'service' | 'us'): number {
    const { text, alignedEnd } = this.#timeline;
    const unanswered = this.#sendings.find(({ receivedSamples }) => receivedSamples === this.#receivedSamples);
    const end = Math.min(
      unanswered?.start ?? text.length,
      closedBy === 'service' && alignedEnd > 0 ? this.#timedEnd(alignedEnd) : text.length,
    );
    return tokensOf(text.slice(end)).length === 0 ? text.length : end;
  }

  #timedEnd(alignedEnd: number): number {
    const { text } = this.#timeline;
    const untimed = tokensOf(text.slice(alignedEnd));
    const [first] = untimed;
    return first === undefined || untimed.length <= UNTIMED_WORDS ? text.length : alignedEnd + first.start;
  }

  get #receivedMs(): number {
    return this.#msOf(this.#receivedSamples);
  }

  #msOf(samples: number): number {
    return (samples * 1000) / this.#options.sampleRateHz;
  }

  #samplesOf(ms: number): number {
    return Math.round((ms * this.#options.sampleRateHz) / 1000);
  }
}
