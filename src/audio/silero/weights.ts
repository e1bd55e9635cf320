// The weights of Silero VAD v6, 16 kHz: `silero-v6.f32`, little-endian 32 bit floats, made by scripts/extract-silero-weights.ts.
// Matrices lie input-major there ([tap][input][output]). Where an input is rarely zero they are turned round, so that one
// output's sum is built at a time; the others stay, and an input that is zero is skipped with all its products.

import { readFileSync } from 'node:fs';
import { HIDDEN_SIZE } from './lstm-cell.ts';
import { SPECTRA_CHANNELS, SPECTRUM_BINS } from './spectra-layer.ts';

/** A convolution over time with three taps and one step of padding on both sides. */
export interface ConvolutionWeights {
  readonly inputs: number;
  readonly outputs: number;
  /** In steps of the input. */
  readonly stride: number;
  readonly bias: Float32Array;
  /** One matrix, [input][output], for each of the three taps: the step before, the step itself, the step after. */
  readonly taps: readonly Float32Array[];
}

/** The first convolution: the same with stride 1. */
export interface SpectraWeights {
  readonly bias: Float32Array;
  /** [output][tap][bin]. */
  readonly rows: Float32Array;
}

/** Gates in the order input, forget, cell, output. */
export interface LstmWeights {
  /** [gate][unit]: the sum of both biases. */
  readonly bias: Float32Array;
  /** [gate][unit][features, then hidden]. */
  readonly rows: Float32Array;
}

export interface SileroWeights {
  readonly spectra: SpectraWeights;
  /** The three convolutions that follow. */
  readonly encoder: readonly ConvolutionWeights[];
  readonly lstm: LstmWeights;
  readonly outputBias: number;
  readonly output: Float32Array;
}

const ENCODER_SHAPES = [
  { inputs: SPECTRA_CHANNELS, outputs: 64, stride: 2 },
  { inputs: 64, outputs: 64, stride: 2 },
  { inputs: 64, outputs: HIDDEN_SIZE, stride: 1 },
] as const;

let shared: SileroWeights | undefined;

/** The weights, read at the first call (3 ms, 1 MB) and shared by all detectors of the process. */
export function sileroWeights(): SileroWeights {
  shared ??= readWeights(readFileSync(new URL('silero-v6.f32', import.meta.url)));
  return shared;
}

function readWeights(file: Uint8Array): SileroWeights {
  // A copy of its own is aligned to four bytes, which a pooled buffer need not be.
  const all = new Float32Array(Uint8Array.from(file).buffer);
  let position = 0;
  const take = (length: number): Float32Array => {
    position += length;
    return all.slice(position - length, position);
  };
  const spectra = {
    bias: take(SPECTRA_CHANNELS),
    rows: transposed(take(3 * SPECTRUM_BINS * SPECTRA_CHANNELS), SPECTRA_CHANNELS),
  };
  const encoder = ENCODER_SHAPES.map((shape) => ({
    ...shape,
    bias: take(shape.outputs),
    taps: [0, 1, 2].map(() => take(shape.inputs * shape.outputs)),
  }));
  const gates = 4 * HIDDEN_SIZE;
  const lstm = {
    bias: take(gates),
    // The matrix of the features, then that of the hidden state, both [input][gate].
    rows: transposed(take(2 * HIDDEN_SIZE * gates), gates),
  };
  const weights = {
    spectra,
    encoder,
    lstm,
    outputBias: take(1)[0] ?? Number.NaN,
    output: take(HIDDEN_SIZE),
  };
  if (position !== all.length) throw new Error(`silero-v6.f32 holds ${all.length} numbers instead of ${position}`);
  return weights;
}

/** [input][output] to [output][input]. */
function transposed(matrix: Float32Array, outputs: number): Float32Array {
  const inputs = matrix.length / outputs;
  const turned = new Float32Array(matrix.length);
  for (let input = 0; input < inputs; input += 1) {
    for (let output = 0; output < outputs; output += 1) {
      turned[output * inputs + input] = matrix[input * outputs + output] ?? 0;
    }
  }
  return turned;
}
