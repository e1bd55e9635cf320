// Places the frames of one stream on a common axis of 10 ms cells: contiguous where the stream is, however its frames arrive.

import { HOP_MS } from './band-levels.ts';

/** Frames that arrive in bursts or late belong where the stream goes on; a stream that is off by more has moved. */
const SNAP_MS = 60;
/** The axis follows the stream's own clock by this part of the difference: within a second. */
const FOLLOW_RATE = 0.02;

export class CellClock {
  #nextAtMs: number | undefined;
  #nextCell = 0;

  /** The cell at which a frame of `cells` begins that came at `atMs`. Never before the end of the frame before. */
  place(atMs: number, cells: number): number {
    const expectedAtMs = this.#nextAtMs;
    const offMs = expectedAtMs === undefined ? Infinity : atMs - expectedAtMs;
    const isContiguous = expectedAtMs !== undefined && Math.abs(offMs) <= SNAP_MS;
    const startMs = isContiguous ? expectedAtMs + FOLLOW_RATE * offMs : atMs;
    const nearest = Math.round(startMs / HOP_MS);
    // A cell is left out or doubled only where the stream is off by more than a whole one.
    const isNear = isContiguous && Math.abs(startMs / HOP_MS - this.#nextCell) < 1;
    const cell = isNear ? this.#nextCell : Math.max(this.#nextCell, nearest);
    this.#nextAtMs = startMs + cells * HOP_MS;
    this.#nextCell = cell + cells;
    return cell;
  }
}
