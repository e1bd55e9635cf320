// What a loudspeaker, a room and a telephone make of the agent's voice: a delay, a gain per band, and a tail.

import { BAND_COUNT, SILENCE_DB } from './band-levels.ts';
import type { LevelHistory } from './level-history.ts';

/** The delay is known to a cell, and a device's buffers move it by as much: what came 20 ms around it counts. */
const EARLIER_CELLS = 2;
const LATER_CELLS = 2;
/** A room of 0.5 s reverberation time loses 60 dB in 50 cells; the tail begins some dB below the direct sound. */
const TAIL_FALL_DB = 1.2;
const TAIL_START_DB = 4;
/** Of the echo's loudest band, what loudspeakers and codecs spread over all others. */
const DISTORTION_DB = 36;
/** Gains move by this part of a surprise, and by no more than the limit (dB per cell). */
const GAIN_RATE = 0.03;
const GAIN_STEP_DB = 0.15;
/** Played levels this far below the loudest of their cell come back drowned in the tail of others. */
const TEACHING_RANGE_DB = 30;
/** Cells from which a band's gain is taken; with fewer the other bands' gain stands in. */
const MINIMUM_SAMPLES = 6;

export class EchoPath {
  /** In cells of 10 ms. */
  delay: number;
  /** dB, per band. */
  readonly gains = new Float32Array(BAND_COUNT);
  /** dB of the echo that is to be expected in the cell last predicted. */
  readonly predicted = new Float32Array(BAND_COUNT).fill(SILENCE_DB);
  readonly #direct = new Float32Array(BAND_COUNT);
  readonly #tail = new Float32Array(BAND_COUNT).fill(SILENCE_DB);
  /** The loudest of `predicted`. */
  #loudest = SILENCE_DB;

  constructor(delay: number) {
    this.delay = delay;
  }

  get loudestDb(): number {
    return this.#loudest;
  }

  get meanGainDb(): number {
    return this.gains.reduce((sum, gain) => sum + gain, 0) / BAND_COUNT;
  }

  /** The echo to be expected in a band of the cell last predicted, without the tail of what came before. */
  directDb(band: number): number {
    return (this.#direct[band] ?? 0) + (this.gains[band] ?? 0);
  }

  /** Takes the gains from what was played and heard in the `cells` before `end`. */
  learn(played: LevelHistory, heard: LevelHistory, end: number, cells: number): void {
    const ratios: number[][] = Array.from({ length: BAND_COUNT }, () => []);
    for (let at = Math.max(0, end - cells); at < end; at += 1) {
      if (!heard.has(at)) continue;
      const reach = loudestOf(this.#directAt(played, at)) - TEACHING_RANGE_DB;
      const levels = heard.cell(at).levels;
      ratios.forEach((list, band) => {
        const direct = this.#direct[band] ?? 0;
        if (direct > reach && direct > SILENCE_DB + 20) list.push((levels[band] ?? 0) - direct);
      });
    }
    const all = median(ratios.flat()) ?? -30;
    ratios.forEach((list, band) => {
      this.gains[band] = (list.length >= MINIMUM_SAMPLES ? median(list) : undefined) ?? all;
    });
  }

  /** Works out `predicted` for the heard cell `at`. To be called for each cell in order. */
  predict(played: LevelHistory, at: number): void {
    const direct = this.#directAt(played, at);
    let loudest = SILENCE_DB;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const level = (direct[band] ?? 0) + (this.gains[band] ?? 0);
      const tail = Math.max(level - TAIL_START_DB, (this.#tail[band] ?? 0) - TAIL_FALL_DB, SILENCE_DB);
      this.#tail[band] = tail;
      this.predicted[band] = Math.max(level, tail);
      loudest = Math.max(loudest, level, tail);
    }
    for (let band = 0; band < BAND_COUNT; band += 1) {
      this.predicted[band] = Math.max(this.predicted[band] ?? 0, loudest - DISTORTION_DB);
    }
    this.#loudest = loudest;
  }

  /** Corrects the gains by a cell (the last predicted) that held nothing but echo. */
  adapt(heard: Float32Array, floor: Float32Array): void {
    const reach = loudestOf(this.#direct) - TEACHING_RANGE_DB;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const direct = this.#direct[band] ?? 0;
      const expected = direct + (this.gains[band] ?? 0);
      if (direct < reach || direct < SILENCE_DB + 20) continue;
      const surprise = (heard[band] ?? 0) - expected;
      // Where only noise is heard the gain is known to be no higher, and its true value doesn't matter.
      if (expected < (floor[band] ?? 0) && surprise > 0) continue;
      const step = Math.max(-GAIN_STEP_DB, Math.min(GAIN_STEP_DB, GAIN_RATE * surprise));
      this.gains[band] = (this.gains[band] ?? 0) + step;
    }
  }

  /** The loudest that was played around `delay` before the heard cell `at`. */
  #directAt(played: LevelHistory, at: number): Float32Array {
    const direct = this.#direct.fill(SILENCE_DB);
    for (let source = at - this.delay - LATER_CELLS; source <= at - this.delay + EARLIER_CELLS; source += 1) {
      if (!played.has(source)) continue;
      const { levels } = played.cell(source);
      for (let band = 0; band < BAND_COUNT; band += 1) {
        direct[band] = Math.max(direct[band] ?? 0, levels[band] ?? 0);
      }
    }
    return direct;
  }
}

function loudestOf(levels: Float32Array): number {
  let loudest = SILENCE_DB;
  for (const level of levels) loudest = Math.max(loudest, level);
  return loudest;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
