// Silence around a voice's audio: where it begins and ends to sound, whole or as it streams. Pure.
// Voices lead with 75 to 340 ms of silence, which the caller would hear as a slow answer.

/** RMS of −50 dBFS: 10 dB below what counts as audible, so that a soft onset stays. */
const QUIET_RMS = 32_768 * 10 ** (-50 / 20);
const WINDOW_MS = 5;
/** Left before the first sound: its onset may begin within the window before. */
const LEAD_MS = 5;

/** Samples [start, end). */
export interface SampleSpan {
  readonly start: number;
  readonly end: number;
}

/** From at most 10 ms before the first sound to the last one; undefined where nothing sounds. */
export function audibleSpan(samples: Int16Array, sampleRateHz: number): SampleSpan | undefined {
  const windowSamples = samplesOf(WINDOW_MS, sampleRateHz);
  let start: number | undefined;
  let end = 0;
  for (let at = 0; at + windowSamples <= samples.length; at += windowSamples) {
    if (!sounds(samples.subarray(at, at + windowSamples))) continue;
    start ??= at;
    end = at + windowSamples;
  }
  return start === undefined ? undefined : { start: Math.max(0, start - samplesOf(LEAD_MS, sampleRateHz)), end };
}

/** Drops the silence that a stream of audio begins with; from 10 ms before the first sound on, everything passes. */
export class LeadingSilence {
  /** Samples dropped so far: how much later a sample comes in the voice's own audio than in what is played. */
  droppedSamples = 0;
  /** Whether something has sounded: everything passes. */
  hasSounded = false;
  readonly #windowSamples: number;
  readonly #leadSamples: number;
  #held: Int16Array = new Int16Array(0);
  /** How many of the held samples, from their start, were found silent. */
  #silentSamples = 0;

  constructor(sampleRateHz: number) {
    this.#windowSamples = samplesOf(WINDOW_MS, sampleRateHz);
    this.#leadSamples = samplesOf(LEAD_MS, sampleRateHz);
  }

  /** Takes the next samples of any number; returns those that are to be played, possibly none. */
  trim(samples: Int16Array): Int16Array {
    if (this.hasSounded) return samples;
    const all = joined(this.#held, samples);
    let at = this.#silentSamples;
    while (at + this.#windowSamples <= all.length && !this.hasSounded) {
      this.hasSounded = sounds(all.subarray(at, at + this.#windowSamples));
      if (!this.hasSounded) at += this.#windowSamples;
    }
    const start = Math.max(0, at - this.#leadSamples);
    this.droppedSamples += start;
    this.#held = this.hasSounded ? new Int16Array(0) : all.slice(start);
    this.#silentSamples = at - start;
    return this.hasSounded ? all.subarray(start) : this.#held.subarray(0, 0);
  }
}

function samplesOf(ms: number, sampleRateHz: number): number {
  return Math.round((ms * sampleRateHz) / 1000);
}

function sounds(window: Int16Array): boolean {
  let energy = 0;
  for (const sample of window) energy += sample * sample;
  return energy >= QUIET_RMS * QUIET_RMS * window.length;
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  if (first.length === 0) return second;
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
