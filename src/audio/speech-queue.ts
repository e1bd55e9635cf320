// Pieces of synthesised speech, cut into frames of 20 ms, each with how far in the text one is once it has been played.

import { fadeOut } from './fade.ts';
import type { SpokenAudio } from './spoken.ts';

export interface SpeechFrame {
  readonly samples: Int16Array;
  /** Characters of the text that are spoken by the end of this frame. */
  readonly characters: number;
}

/** FIFO of frames; unbounded itself, its writer is held back. */
export class SpeechQueue {
  readonly #frameSamples: number;
  readonly #frames: SpeechFrame[] = [];
  /** The frame that is being filled. */
  #partial: Int16Array;
  #partialSamples = 0;
  /** At the end of what was pushed. */
  #characters = 0;

  constructor(frameSamples: number) {
    this.#frameSamples = frameSamples;
    this.#partial = new Int16Array(frameSamples);
  }

  /** Whole frames. */
  get length(): number {
    return this.#frames.length;
  }

  /** Appends a piece; inside it the position in the text grows linearly. */
  push({ samples, characterStart, characterEnd }: SpokenAudio): void {
    for (let taken = 0; taken < samples.length;) {
      const count = Math.min(samples.length - taken, this.#frameSamples - this.#partialSamples);
      this.#partial.set(samples.subarray(taken, taken + count), this.#partialSamples);
      this.#partialSamples += count;
      taken += count;
      this.#characters = characterStart + Math.floor(((characterEnd - characterStart) * taken) / samples.length);
      if (this.#partialSamples === this.#frameSamples) this.#completeFrame();
    }
  }

  /** Nothing follows: pads what is left to a whole frame. */
  finish(): void {
    if (this.#partialSamples > 0) this.#completeFrame();
  }

  shift(): SpeechFrame | undefined {
    return this.#frames.shift();
  }

  /** Empties the queue; what would have come next, at most `frameCount` frames, is returned faded out. */
  stop(frameCount: number): Int16Array[] {
    this.finish();
    const next = this.#frames.splice(0).slice(0, frameCount);
    const whole = new Int16Array(next.length * this.#frameSamples);
    next.forEach(({ samples }, index) => whole.set(samples, index * this.#frameSamples));
    fadeOut(whole);
    return next.map((_, index) => whole.subarray(index * this.#frameSamples, (index + 1) * this.#frameSamples));
  }

  #completeFrame(): void {
    this.#frames.push({ samples: this.#partial, characters: this.#characters });
    this.#partial = new Int16Array(this.#frameSamples);
    this.#partialSamples = 0;
  }
}
