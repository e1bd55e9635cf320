// Pieces of synthesised speech, cut into frames of 20 ms, each with how far in the text one is once it has been played.
// What was played last is kept, so that a reply can go back to the beginning of a word.

import { fadeOut } from './fade.ts';
import type { Gain } from './fade.ts';
import type { SpokenAudio } from './spoken.ts';

export interface SpeechFrame {
  readonly samples: Int16Array;
  /** Where in the text this frame ends, in characters; inside a piece the position grows linearly. */
  readonly position: number;
}

/** Two seconds: longer than any word but a spelled one takes. */
const KEPT_FRAMES = 100;

/** FIFO of frames; unbounded itself, its writer is held back. */
export class SpeechQueue {
  readonly #frameSamples: number;
  readonly #frames: SpeechFrame[] = [];
  /** The last ones that were taken, for `rewind`. */
  readonly #taken: SpeechFrame[] = [];
  /** The frame that is being filled. */
  #partial: Int16Array;
  #partialSamples = 0;
  /** At the end of what was pushed. */
  #position = 0;

  constructor(frameSamples: number) {
    this.#frameSamples = frameSamples;
    this.#partial = new Int16Array(frameSamples);
  }

  /** Whole frames. */
  get length(): number {
    return this.#frames.length;
  }

  /** Appends a piece. */
  push({ samples, characterStart, characterEnd }: SpokenAudio): void {
    for (let taken = 0; taken < samples.length;) {
      const count = Math.min(samples.length - taken, this.#frameSamples - this.#partialSamples);
      this.#partial.set(samples.subarray(taken, taken + count), this.#partialSamples);
      this.#partialSamples += count;
      taken += count;
      this.#position = characterStart + ((characterEnd - characterStart) * taken) / samples.length;
      if (this.#partialSamples === this.#frameSamples) this.#completeFrame();
    }
  }

  /** Nothing follows: pads what is left to a whole frame. */
  finish(): void {
    if (this.#partialSamples > 0) this.#completeFrame();
  }

  shift(): SpeechFrame | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#taken.push(frame);
    if (this.#taken.length > KEPT_FRAMES) this.#taken.shift();
    return frame;
  }

  /** Puts back what was taken after this position in the text, as far as it is kept. */
  rewind(position: number): void {
    const from = this.#taken.findLastIndex((frame) => frame.position <= position) + 1;
    this.#frames.unshift(...this.#taken.splice(from));
  }

  /** What comes next, at most `frameCount` frames, faded out; it stays in the queue. */
  fadedOut(frameCount: number, gain: Gain): Int16Array[] {
    const next = this.#frames.slice(0, frameCount);
    const whole = new Int16Array(next.length * this.#frameSamples);
    next.forEach(({ samples }, index) => whole.set(gain.apply(samples), index * this.#frameSamples));
    fadeOut(whole);
    return next.map((_, index) => whole.subarray(index * this.#frameSamples, (index + 1) * this.#frameSamples));
  }

  clear(): void {
    this.#frames.length = 0;
    this.#taken.length = 0;
    this.#partialSamples = 0;
  }

  #completeFrame(): void {
    this.#frames.push({ samples: this.#partial, position: this.#position });
    this.#partial = new Int16Array(this.#frameSamples);
    this.#partialSamples = 0;
  }
}
