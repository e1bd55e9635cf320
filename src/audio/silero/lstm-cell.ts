// The recurrent layer of Silero VAD: one LSTM cell (Hochreiter & Schmidhuber 1997, with forget gate). The four gates of a unit
// are summed side by side, in registers. Sizes are constants of this file for the sake of the compiled loop.

import type { LstmWeights } from './weights.ts';

/** Units, and features that each step brings. */
export const HIDDEN_SIZE = 128;

/** What a gate sees: the features, then what the units put out a step before. */
const INPUTS = 2 * HIDDEN_SIZE;
/** Weights of all units' gates of one kind. */
const GATE = HIDDEN_SIZE * INPUTS;
const FORGET = GATE;
const CANDIDATE = 2 * GATE;
const OUTPUT = 3 * GATE;

export class LstmCell {
  readonly #weights: LstmWeights;
  readonly #inputs = new Float64Array(INPUTS);
  readonly #cell = new Float64Array(HIDDEN_SIZE);
  /** What the units put out, 128 numbers; overwritten by each step. */
  readonly hidden = new Float64Array(HIDDEN_SIZE);

  constructor(weights: LstmWeights) {
    this.#weights = weights;
  }

  step(features: Float64Array): void {
    this.#inputs.set(features);
    this.#inputs.set(this.hidden, HIDDEN_SIZE);
    advance(this.#weights, this.#inputs, this.#cell, this.hidden);
  }

  reset(): void {
    this.#cell.fill(0);
    this.hidden.fill(0);
  }
}

function advance({ bias, rows }: LstmWeights, inputs: Float64Array, cell: Float64Array, hidden: Float64Array): void {
  for (let unit = 0; unit < HIDDEN_SIZE; unit += 1) {
    const row = unit * INPUTS;
    let input = bias[unit] ?? 0;
    let forget = bias[unit + HIDDEN_SIZE] ?? 0;
    let candidate = bias[unit + 2 * HIDDEN_SIZE] ?? 0;
    let output = bias[unit + 3 * HIDDEN_SIZE] ?? 0;
    for (let n = 0; n < INPUTS; n += 1) {
      const value = inputs[n] ?? 0;
      input += value * (rows[row + n] ?? 0);
      forget += value * (rows[row + n + FORGET] ?? 0);
      candidate += value * (rows[row + n + CANDIDATE] ?? 0);
      output += value * (rows[row + n + OUTPUT] ?? 0);
    }
    const state = sigmoid(forget) * (cell[unit] ?? 0) + sigmoid(input) * Math.tanh(candidate);
    cell[unit] = state;
    hidden[unit] = sigmoid(output) * Math.tanh(state);
  }
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
