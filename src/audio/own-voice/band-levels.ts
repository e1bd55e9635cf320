// Levels of speech in bands a critical band wide, every 10 ms: what survives codecs, rooms and telephone lines.

import { magnitudesOfTwo, TRANSFORM_SAMPLES } from '../silero/spectrum.ts';

/** Bins of 62.5 Hz (256 samples at 16 kHz) at which bands begin: 125 Hz to 7.5 kHz, narrow below 1 kHz, then wider in proportion. */
const EDGES = [2, 4, 6, 8, 10, 12, 14, 16, 19, 22, 26, 30, 35, 41, 48, 56, 65, 76, 88, 102, 120];

export const BAND_COUNT = EDGES.length - 1;
/** Samples at 16 kHz from one set of levels to the next: 10 ms. */
export const HOP_SAMPLES = 160;
export const HOP_MS = 10;
/** Of digital silence. Opus and 16 bit samples leave nothing of interest below. */
export const SILENCE_DB = -100;

const FULL_SCALE = 32_768;
/** A sine at full scale gives 0 dB in its band: Hann of 256 samples has a mean of one half. */
const POWER_SCALE = (4 / TRANSFORM_SAMPLES) ** 2;
const SILENT_POWER = 10 ** (SILENCE_DB / 10);
const DB_PER_NEPER_OF_POWER = 10 / Math.LN10;

/** Analyses one stream: 20 ms in, two sets of levels out. */
export class BandLevels {
  /** The samples before the frame that its first window reaches back to, and the frame. */
  readonly #samples = new Float32Array(TRANSFORM_SAMPLES + HOP_SAMPLES);
  readonly #magnitudes = new Float64Array(TRANSFORM_SAMPLES / 2 + 1);
  readonly #nextMagnitudes = new Float64Array(TRANSFORM_SAMPLES / 2 + 1);

  /** Takes 20 ms at 16 kHz (320 samples); writes the dB of each band in its first and its second half. */
  analyse(frame: Int16Array, first: Float32Array, second: Float32Array): void {
    const samples = this.#samples;
    const kept = samples.length - 2 * HOP_SAMPLES;
    samples.copyWithin(0, 2 * HOP_SAMPLES);
    for (let n = 0; n < 2 * HOP_SAMPLES; n += 1) samples[kept + n] = (frame[n] ?? 0) / FULL_SCALE;
    magnitudesOfTwo(samples, 0, this.#magnitudes, HOP_SAMPLES, this.#nextMagnitudes);
    levels(this.#magnitudes, first);
    levels(this.#nextMagnitudes, second);
  }
}

function levels(magnitudes: Float64Array, out: Float32Array): void {
  for (let band = 0; band < BAND_COUNT; band += 1) {
    const end = EDGES[band + 1] ?? 0;
    let power = 0;
    for (let bin = EDGES[band] ?? 0; bin < end; bin += 1) {
      const magnitude = magnitudes[bin] ?? 0;
      power += magnitude * magnitude;
    }
    out[band] = DB_PER_NEPER_OF_POWER * Math.log(power * POWER_SCALE + SILENT_POWER);
  }
}
