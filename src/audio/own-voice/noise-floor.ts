// The level of what always sounds on a line, per band: about the lower sixth of the levels of the last seconds.

import { BAND_COUNT, SILENCE_DB } from './band-levels.ts';

/** dB per cell of 10 ms. Speech leaves each band quiet more than a sixth of the time, so that it doesn't raise the floor. */
const RISE_DB = 0.03;
const FALL_DB = 0.15;

export class NoiseFloor {
  /** dB; before anything was heard a quiet line. */
  readonly levels = new Float32Array(BAND_COUNT).fill(-80);
  #observed = 0;

  observe(levels: Float32Array): void {
    if (isDigitalSilence(levels)) return;
    this.#observed += 1;
    // The beginning counts for more: after n cells the step is 1/n of the first one (6 dB up, 30 dB down), so that a noisy
    // line is known after 0.3 s, and a line that begins with speech after its first syllables.
    const haste = Math.max(1, 200 / this.#observed);
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const floor = this.levels[band] ?? 0;
      const level = levels[band] ?? 0;
      this.levels[band] =
        level > floor ? Math.min(level, floor + haste * RISE_DB) : Math.max(level, floor - haste * FALL_DB);
    }
  }
}

/** A sender that leaves silence out (DTX, mute) says nothing about the noise that comes with the next sound. */
function isDigitalSilence(levels: Float32Array): boolean {
  for (const level of levels) if (level > SILENCE_DB + 5) return false;
  return true;
}
