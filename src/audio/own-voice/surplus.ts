// What a cell holds beyond the echo that was to be expected and the noise of the line; sums it up until it must be a voice.

import { BAND_COUNT } from './band-levels.ts';

/** Rooms and codecs move a band of 10 ms by up to this much around what is expected (dB, 95 of 100 cells). */
const TOLERANCE_DB = 5;
/** Noise swings so far above its floor. */
const NOISE_MARGIN_DB = 6;
/** More than this doesn't make a band more telling. */
const MOST_DB = 12;
/** Quieter bands than this hold no voice that anyone could use. */
const LOWEST_DB = -82;
/**
 * A cell of echo alone surprises by up to 0.5 dB in the mean over the bands (99.5 of 100 cells, in a live room); an equally
 * loud voice by 3 dB and more while it sounds.
 */
const EXPECTED_DB = 0.5;
/** dB × cells: twice what echo alone reached in ten minutes; an equally loud voice gets there within two or three cells. */
const VOICE = 2;
/** The sum is capped, so that a voice that fell silent is forgotten within 0.2 s. */
const MOST = VOICE + 8;

export class Surplus {
  #sum = 0;
  #isVoice = false;

  /** Whether there is more than echo. */
  get isVoice(): boolean {
    return this.#isVoice;
  }

  /** `doubt`: what the path is not yet known to (dB, 0 or more). Returns the power, linear, beyond what was expected. */
  observe(heard: Float32Array, predicted: Float32Array, floor: Float32Array, doubt: number): number {
    let surplusDb = 0;
    let residual = 0;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const noise = power(Math.max((floor[band] ?? 0) + NOISE_MARGIN_DB, LOWEST_DB));
      const expected = power(predicted[band] ?? 0) + noise;
      const level = heard[band] ?? 0;
      const beyond = level - 10 * Math.log10(expected) - TOLERANCE_DB - doubt;
      if (beyond <= 0) continue;
      surplusDb += Math.min(MOST_DB, beyond);
      residual += power(level) - expected;
    }
    this.#sum = Math.min(MOST, Math.max(0, this.#sum + surplusDb / BAND_COUNT - EXPECTED_DB));
    if (this.#sum >= VOICE) this.#isVoice = true;
    else if (this.#sum === 0) this.#isVoice = false;
    return residual;
  }

  clear(): void {
    this.#sum = 0;
    this.#isVoice = false;
  }
}

function power(db: number): number {
  return 10 ** (db / 10);
}
