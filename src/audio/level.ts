// Levels of PCM, relative to digital full scale: 0 dBFS is a square wave at full scale, the overload point of RFC 6464 (dBov).

const FULL_SCALE = 32_768;
/** RFC 6464 section 3: 127 stands for digital silence. */
const SILENCE_DBOV = 127;

/** RMS level in dBFS, 0 or less, of the samples in [start, end); −Infinity for digital silence. */
export function levelDbfs(samples: Int16Array, start = 0, end: number = samples.length): number {
  let sum = 0;
  for (let n = start; n < end; n += 1) {
    const sample = samples[n] ?? 0;
    sum += sample * sample;
  }
  return 10 * Math.log10(sum / Math.max(1, end - start) / FULL_SCALE ** 2);
}

/** The level as RFC 6464 sends it: −dBov, 0 (loudest) to 127 (silence). */
export function audioLevelDbov(samples: Int16Array): number {
  return Math.min(SILENCE_DBOV, Math.max(0, Math.round(-levelDbfs(samples))));
}

/** DESIGN: a window is audible above −40 dBFS. */
const AUDIBLE_DBFS = -40;
export const AUDIBLE_WINDOW_MS = 10;

/** Finds the first audible sound of a stream: the first of two consecutive 10 ms windows above −40 dBFS. */
export class AudibleOnset {
  readonly #windowSamples: number;
  /** The window before was audible. */
  #isCandidate = false;
  #found = false;

  constructor(sampleRateHz: number) {
    this.#windowSamples = (sampleRateHz * AUDIBLE_WINDOW_MS) / 1000;
  }

  /**
   * Takes the next frame, whole windows. Answers once: with the start of the first audible window, in milliseconds from the
   * start of this frame. It is −10 where that window was the last one of the frame before.
   */
  observe(samples: Int16Array): number | undefined {
    if (this.#found) return undefined;
    for (let start = 0; start < samples.length; start += this.#windowSamples) {
      const isAudible = levelDbfs(samples, start, start + this.#windowSamples) > AUDIBLE_DBFS;
      if (isAudible && this.#isCandidate) {
        this.#found = true;
        return (start / this.#windowSamples - 1) * AUDIBLE_WINDOW_MS;
      }
      this.#isCandidate = isAudible;
    }
    return undefined;
  }
}

/** Where the last audible window of a frame begins, in milliseconds from its start; undefined where none is audible. */
export function lastAudibleWindowMs(samples: Int16Array, sampleRateHz: number): number | undefined {
  const windowSamples = (sampleRateHz * AUDIBLE_WINDOW_MS) / 1000;
  for (let start = samples.length - windowSamples; start >= 0; start -= windowSamples) {
    if (levelDbfs(samples, start, start + windowSamples) > AUDIBLE_DBFS)
      return (start / windowSamples) * AUDIBLE_WINDOW_MS;
  }
  return undefined;
}
