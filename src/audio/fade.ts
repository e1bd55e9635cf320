// Changes of level that no ear hears as a click: half a period of a cosine.

/** Fades the samples out in place: full at the first, nothing after the last. Squared: it is below −12 dB at the middle. */
export function fadeOut(samples: Int16Array): void {
  for (let n = 0; n < samples.length; n += 1) {
    const gain = (0.5 + 0.5 * Math.cos((Math.PI * (n + 0.5)) / samples.length)) ** 2;
    samples[n] = Math.round((samples[n] ?? 0) * gain);
  }
}

/** The gain of one stream of samples; it changes in ramps. Linear: 1 leaves the samples as they are, 0 is silence. */
export class Gain {
  #from = 1;
  #target = 1;
  #rampSamples = 0;
  #rampedSamples = 0;

  /** Goes from where the gain is to `target` within the next `rampSamples` samples. */
  rampTo(target: number, rampSamples: number): void {
    this.#from = this.#at(this.#rampedSamples);
    this.#target = target;
    this.#rampSamples = rampSamples;
    this.#rampedSamples = 0;
  }

  /** Starts from silence, and is where it was going to after `rampSamples`. */
  fadeIn(rampSamples: number): void {
    this.#from = 0;
    this.#rampSamples = rampSamples;
    this.#rampedSamples = 0;
  }

  /** The next samples of the stream with the gain; a copy, unless nothing changes. */
  apply(samples: Int16Array): Int16Array {
    const offset = this.#rampedSamples;
    this.#rampedSamples = Math.min(this.#rampSamples, offset + samples.length);
    if (this.#target === 1 && offset >= this.#rampSamples) return samples;
    return samples.map((sample, n) => Math.round(sample * this.#at(offset + n)));
  }

  #at(rampedSamples: number): number {
    if (rampedSamples >= this.#rampSamples) return this.#target;
    const part = 0.5 - 0.5 * Math.cos((Math.PI * (rampedSamples + 0.5)) / this.#rampSamples);
    return this.#from + (this.#target - this.#from) * part;
  }
}
