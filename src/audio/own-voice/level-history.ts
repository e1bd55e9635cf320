// The last seconds of one stream's band levels, by 10 ms cells of monotonic time.

import { BAND_COUNT, SILENCE_DB } from './band-levels.ts';

export interface LevelCell {
  /** dB of each band. */
  readonly levels: Float32Array;
  /** The levels less their running mean: the movement that a delay is found by. */
  readonly movement: Float32Array;
  /** Whether a band was within reach of this stream's usual loudness. */
  sounding: boolean;
}

/** A level counts down to this far below the loudest of its band: what lies deeper drowns in noise on the way back. */
const RANGE_DB = 30;
/** The loudest level is forgotten at 3 dB a second. */
const PEAK_FALL_DB = 0.03;
/** The running mean follows within 0.4 s: long against syllables' edges, short against changes of loudness. */
const MEAN_RATE = 1 / 40;
/** Sounding is what comes this near to the loudest. */
const SOUNDING_RANGE_DB = 24;
/** Streams quieter than this in a band (dB) have nothing in it. */
const LOWEST_PEAK_DB = -85;

const SILENT_LEVELS = new Float32Array(BAND_COUNT).fill(SILENCE_DB);

export class LevelHistory {
  /** The movements of all cells, one after the other, from `indexOf(at) * BAND_COUNT` on: for who looks at many of them. */
  readonly movements: Float32Array;
  /** The sum of the squares of each cell's movement, at `indexOf(at)`. */
  readonly energies: Float64Array;
  readonly #cells: readonly LevelCell[];
  readonly #means = new Float32Array(BAND_COUNT).fill(Number.NaN);
  readonly #peaks = new Float32Array(BAND_COUNT).fill(LOWEST_PEAK_DB);
  /** Cells before this one are known. */
  #end = 0;

  constructor(cellCount: number) {
    const levels = new Float32Array(cellCount * BAND_COUNT).fill(SILENCE_DB);
    this.energies = new Float64Array(cellCount);
    this.movements = new Float32Array(cellCount * BAND_COUNT);
    this.#cells = Array.from({ length: cellCount }, (_, place) => ({
      levels: levels.subarray(place * BAND_COUNT, (place + 1) * BAND_COUNT),
      movement: this.movements.subarray(place * BAND_COUNT, (place + 1) * BAND_COUNT),
      sounding: false,
    }));
  }

  /** The cell after the last one. */
  get end(): number {
    return this.#end;
  }

  /** Whether `at` is still, or already, known. */
  has(at: number): boolean {
    return at >= 0 && at < this.#end && at >= this.#end - this.#cells.length;
  }

  /** The cell at `at`, which must be known or come next; its contents are overwritten as time goes by. */
  cell(at: number): LevelCell {
    const cell = this.#cells[at % this.#cells.length];
    if (cell === undefined) throw new RangeError(`no cell ${at}`);
    return cell;
  }

  /** Where the cell at `at` is kept. */
  indexOf(at: number): number {
    return at % this.#cells.length;
  }

  /** Fills time that nothing was heard of with silence, up to `at`. */
  skipTo(at: number): void {
    if (at - this.#end > this.#cells.length) this.#end = at - this.#cells.length;
    while (this.#end < at) this.append(SILENT_LEVELS);
  }

  append(levels: Float32Array): void {
    const cell = this.cell(this.#end);
    const index = this.indexOf(this.#end);
    this.#end += 1;
    cell.levels.set(levels);
    cell.sounding = false;
    let energy = 0;
    for (let band = 0; band < BAND_COUNT; band += 1) {
      const level = levels[band] ?? 0;
      const peak = Math.max(level, (this.#peaks[band] ?? 0) - PEAK_FALL_DB, LOWEST_PEAK_DB);
      this.#peaks[band] = peak;
      const clipped = Math.max(level, peak - RANGE_DB);
      if (level > peak - SOUNDING_RANGE_DB && level > LOWEST_PEAK_DB) cell.sounding = true;
      const mean = this.#means[band] ?? 0;
      const nextMean = Number.isNaN(mean) ? clipped : mean + MEAN_RATE * (clipped - mean);
      this.#means[band] = nextMean;
      const movement = clipped - nextMean;
      cell.movement[band] = movement;
      energy += movement * movement;
    }
    this.energies[index] = energy;
  }
}
