// How fast a sound changes its colour: words go from one articulation to the next some ten times a second, a hum ("mhm", "mm"),
// a drawn-out vowel and the hiss of a cough hardly do. Pure; tells words from other sounds by tendency, never for certain.
// Leaves out: whether it is a voice at all (voice-activity.ts).

import { LISTENING_RATE_HZ } from './frame.ts';
import { levelDbfs } from './level.ts';
import { BAND_COUNT, BandLevels, HOP_MS, HOP_SAMPLES } from './own-voice/band-levels.ts';

const FRAME_SAMPLES = LISTENING_RATE_HZ / 50;
/** 240 ms: a syllable, and where it came from. As much of a sound is known when a reply has to be silenced for it. */
const WINDOWS = 24;
/** Softer windows are between sounds; what changes there is how much of the noise is heard. */
const SOFT_DB = 25;
const INAUDIBLE_DBFS = -50;
/** Bands so far below the loudest one are noise. */
const FAINT_DB = 45;
/** Levels are compared over 20 ms, and averaged as long: the ripple of pitch and noise within 10 ms is no change. */
const APART = 2;
/** Fewer loud windows tell nothing. */
const FEWEST_WINDOWS = 6;
const PER_100_MS = 100 / (APART * HOP_MS);

/** Of one stream of 16 kHz audio. */
export class VoiceMovement {
  readonly #analysis = new BandLevels();
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  #filledSamples = 0;
  /** The last windows of 10 ms, the oldest first: levels by band, and of all. */
  readonly #bands: Float32Array[] = Array.from({ length: WINDOWS }, () => new Float32Array(BAND_COUNT).fill(-Infinity));
  readonly #dbfs: number[] = Array.from({ length: WINDOWS }, () => -Infinity);
  readonly #shapes = new Float64Array(WINDOWS * BAND_COUNT);

  /** Takes what follows, any number of samples. */
  observe(samples: Int16Array): void {
    for (let taken = 0; taken < samples.length;) {
      const piece = samples.subarray(taken, taken + FRAME_SAMPLES - this.#filledSamples);
      this.#frame.set(piece, this.#filledSamples);
      this.#filledSamples += piece.length;
      taken += piece.length;
      if (this.#filledSamples === FRAME_SAMPLES) this.#analyse();
    }
  }

  /** Forgets what it heard: for a new stream. */
  reset(): void {
    this.#filledSamples = 0;
    this.#dbfs.fill(-Infinity);
  }

  /**
   * Of the last 240 ms, where they are loud: the change of the spectrum's shape, in dB of the mean band per 100 ms. Loudness
   * alone doesn't count. In the clips of bench/barge-in around 20 in interruptions, 15 in backchannels and 12 in hums of people;
   * undefined where too little is loud.
   */
  get dbPer100Ms(): number | undefined {
    const count = this.#shapeLoud();
    if (count < FEWEST_WINDOWS) return undefined;
    const shapes = this.#shapes;
    const apart = APART * BAND_COUNT;
    const end = (count - 2 * APART + 1) * BAND_COUNT;
    let change = 0;
    for (let n = 0; n < end; n += 1) {
      const before = (shapes[n] ?? 0) + (shapes[n + BAND_COUNT] ?? 0);
      const after = (shapes[n + apart] ?? 0) + (shapes[n + apart + BAND_COUNT] ?? 0);
      change += Math.abs(after - before) / 2;
    }
    return (change / end) * PER_100_MS;
  }

  /**
   * Of each loud window, in their order: the levels of the bands relative to their mean, where none is taken to be fainter than
   * `FAINT_DB` below the loudest of all. Returns how many windows are loud.
   */
  #shapeLoud(): number {
    const floorDbfs = Math.max(INAUDIBLE_DBFS, Math.max(...this.#dbfs) - SOFT_DB);
    const loud = this.#bands.filter((_, index) => (this.#dbfs[index] ?? -Infinity) > floorDbfs);
    let loudest = -Infinity;
    for (const bands of loud) for (const level of bands) loudest = Math.max(loudest, level);
    let at = 0;
    for (const bands of loud) {
      let sum = 0;
      for (let band = 0; band < BAND_COUNT; band += 1) {
        const level = Math.max(bands[band] ?? 0, loudest - FAINT_DB);
        this.#shapes[at + band] = level;
        sum += level;
      }
      for (const end = at + BAND_COUNT; at < end; at += 1)
        this.#shapes[at] = (this.#shapes[at] ?? 0) - sum / BAND_COUNT;
    }
    return loud.length;
  }

  #analyse(): void {
    this.#filledSamples = 0;
    const [first, second] = this.#bands.splice(0, 2);
    if (first === undefined || second === undefined) return;
    this.#analysis.analyse(this.#frame, first, second);
    this.#bands.push(first, second);
    this.#dbfs.splice(0, 2);
    for (let start = 0; start < FRAME_SAMPLES; start += HOP_SAMPLES) {
      this.#dbfs.push(levelDbfs(this.#frame, start, start + HOP_SAMPLES));
    }
  }
}
