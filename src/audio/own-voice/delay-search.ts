// Finds how late one stream comes back in another: normalised correlation of their levels' movements at each delay.

import { BAND_COUNT } from './band-levels.ts';
import type { LevelHistory } from './level-history.ts';

/** Longest delay, in cells of 10 ms: 0.8 s. */
export const LONGEST_DELAY = 80;

export interface Correlation {
  /** In cells. */
  readonly delay: number;
  /** −1 to 1. */
  readonly coherence: number;
}

export class DelaySearch {
  /** What is kept of the sums from cell to cell. */
  readonly #memory: number;
  readonly #products = new Float64Array(LONGEST_DELAY);
  readonly #playedEnergy = new Float64Array(LONGEST_DELAY);
  #heardEnergy = 0;

  /** `memoryCells`: time constant of the sums, in cells of 10 ms. */
  constructor(memoryCells: number) {
    this.#memory = 1 - 1 / memoryCells;
  }

  /** Takes the heard cell `at` into account. */
  observe(played: LevelHistory, heard: LevelHistory, at: number): void {
    const { movement } = heard.cell(at);
    const { movements, energies } = played;
    const memory = this.#memory;
    const products = this.#products;
    const playedEnergies = this.#playedEnergy;
    this.#heardEnergy = this.#heardEnergy * memory + (heard.energies[heard.indexOf(at)] ?? 0);
    for (let delay = 0; delay < LONGEST_DELAY; delay += 1) {
      let product = 0;
      const index = played.indexOf(at - delay);
      const playedEnergy = played.has(at - delay) ? (energies[index] ?? 0) : 0;
      if (playedEnergy > 0) {
        const place = index * BAND_COUNT;
        for (let band = 0; band < BAND_COUNT; band += 1) {
          product += (movement[band] ?? 0) * (movements[place + band] ?? 0);
        }
      }
      products[delay] = (products[delay] ?? 0) * memory + product;
      playedEnergies[delay] = (playedEnergies[delay] ?? 0) * memory + playedEnergy;
    }
  }

  coherenceAt(delay: number): number {
    const energy = (this.#playedEnergy[delay] ?? 0) * this.#heardEnergy;
    return energy > 1 ? (this.#products[delay] ?? 0) / Math.sqrt(energy) : 0;
  }

  best(): Correlation {
    let best: Correlation = { delay: 0, coherence: -1 };
    for (let delay = 0; delay < LONGEST_DELAY; delay += 1) {
      const value = this.coherenceAt(delay);
      if (value > best.coherence) best = { delay, coherence: value };
    }
    return best;
  }

  clear(): void {
    this.#products.fill(0);
    this.#playedEnergy.fill(0);
    this.#heardEnergy = 0;
  }
}

/** Of the `cells` heard before `end` with what was played `delay` earlier: −1 to 1. */
export function coherence(
  played: LevelHistory,
  heard: LevelHistory,
  end: number,
  delay: number,
  cells: number,
): number {
  let product = 0;
  let heardEnergy = 0;
  let playedEnergy = 0;
  for (let at = end - cells; at < end; at += 1) {
    if (!heard.has(at) || !played.has(at - delay)) continue;
    const returned = heard.cell(at);
    const source = played.cell(at - delay);
    heardEnergy += heard.energies[heard.indexOf(at)] ?? 0;
    playedEnergy += played.energies[played.indexOf(at - delay)] ?? 0;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      product += (returned.movement[band] ?? 0) * (source.movement[band] ?? 0);
    }
  }
  const energy = heardEnergy * playedEnergy;
  return energy > 1 ? product / Math.sqrt(energy) : 0;
}

/**
 * The same without what all bands do at once: two voices that begin at the same time rise together, but not in the same
 * bands.
 */
export function shapeCoherence(
  played: LevelHistory,
  heard: LevelHistory,
  end: number,
  delay: number,
  cells: number,
): number {
  let product = 0;
  let heardEnergy = 0;
  let playedEnergy = 0;
  for (let at = end - cells; at < end; at += 1) {
    if (!heard.has(at) || !played.has(at - delay)) continue;
    const returned = heard.cell(at).movement;
    const source = played.cell(at - delay).movement;
    const returnedMean = mean(returned);
    const sourceMean = mean(source);
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const one = (returned[band] ?? 0) - returnedMean;
      const other = (source[band] ?? 0) - sourceMean;
      heardEnergy += one * one;
      playedEnergy += other * other;
      product += one * other;
    }
  }
  const energy = heardEnergy * playedEnergy;
  return energy > 1 ? product / Math.sqrt(energy) : 0;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
