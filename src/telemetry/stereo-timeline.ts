// Two channels on one time line: pieces of audio come with the instant of their first sample, in any order within a few
// seconds, and leave interleaved, in order, silence where there was nothing. Pure; memory is bounded.

export type Channel = 'left' | 'right';

export interface StereoTimelineOptions {
  readonly sampleRateHz: number;
  /** Where it begins (monotonic). */
  readonly startAtMs: number;
}

/** How far into the past and the future pieces may lie: late packets after a stall, audio ahead in a receiver's buffer. */
const HOLD_MS = 3000;
const AHEAD_MS = 2000;
/**
 * Pieces that follow each other within this are taken for one stream: what is known of a clock changes by less from one
 * packet to the next, and a step in the middle of a word is heard.
 */
const SEAM_MS = 20;

export class StereoTimeline {
  /** What lies further back than this has been taken. */
  readonly holdMs = HOLD_MS;
  readonly #samplesPerMs: number;
  readonly #startAtMs: number;
  /** A ring of interleaved moments. */
  readonly #ring: Int16Array;
  readonly #momentCount: number;
  /** The first moment that has not been taken, counted from the beginning. */
  #taken = 0;
  /** Where the next piece of a channel belongs if it follows the last one. */
  readonly #next: Record<Channel, number | undefined> = { left: undefined, right: undefined };
  #lostSamples = 0;

  constructor({ sampleRateHz, startAtMs }: StereoTimelineOptions) {
    this.#samplesPerMs = sampleRateHz / 1000;
    this.#startAtMs = startAtMs;
    this.#momentCount = Math.ceil((2 * HOLD_MS + AHEAD_MS) * this.#samplesPerMs);
    this.#ring = new Int16Array(2 * this.#momentCount);
  }

  /** Samples that lay too far back, or ahead. */
  get lostSamples(): number {
    return this.#lostSamples;
  }

  put(channel: Channel, samples: Int16Array, atMs: number): void {
    const given = this.#momentAt(atMs);
    const expected = this.#next[channel];
    const follows = expected !== undefined && Math.abs(given - expected) <= SEAM_MS * this.#samplesPerMs;
    const start = follows ? expected : given;
    this.#next[channel] = start + samples.length;
    const offset = channel === 'left' ? 0 : 1;
    for (let index = 0; index < samples.length; index += 1) {
      const moment = start + index;
      if (moment < this.#taken || moment >= this.#taken + this.#momentCount) this.#lostSamples += 1;
      else this.#ring[2 * (moment % this.#momentCount) + offset] = samples[index] ?? 0;
    }
  }

  /** Everything up to an instant, interleaved, left first; what comes later for it is lost. */
  takeUntil(atMs: number): Int16Array {
    const count = Math.min(this.#momentCount, Math.max(0, this.#momentAt(atMs) - this.#taken));
    const taken = new Int16Array(2 * count);
    for (let index = 0; index < taken.length; index += 1) {
      const at = (2 * this.#taken + index) % this.#ring.length;
      taken[index] = this.#ring[at] ?? 0;
      this.#ring[at] = 0;
    }
    this.#taken += count;
    return taken;
  }

  /** All that there is, at least up to `nowMs`. */
  takeAll(nowMs: number): Int16Array {
    const { left = 0, right = 0 } = this.#next;
    return this.takeUntil(Math.max(nowMs, this.#startAtMs + Math.max(left, right) / this.#samplesPerMs));
  }

  #momentAt(atMs: number): number {
    return Math.round((atMs - this.#startAtMs) * this.#samplesPerMs);
  }
}
