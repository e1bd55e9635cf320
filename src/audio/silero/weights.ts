// The weights of Silero VAD v6, 16 kHz: `silero-v6.f32`, little-endian 32 bit floats, made by scripts/extract-silero-weights.ts.
// Matrices lie input-major ([tap][input][output]), so that an input which is zero can be skipped with all its products.

import { readFileSync } from 'node:fs';

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

export interface SileroWeights {
  readonly encoder: readonly ConvolutionWeights[];
  /** Gates in the order input, forget, cell, output; the sum of both biases. */
  readonly gateBias: Float32Array;
  /** [input][gate]. */
  readonly gateInput: Float32Array;
  /** [hidden][gate]. */
  readonly gateHidden: Float32Array;
  readonly outputBias: number;
  readonly output: Float32Array;
}

/** Width of the recurrent layer. */
export const HIDDEN_SIZE = 128;
/** Bins of a spectrum of 256 samples. */
export const SPECTRUM_BINS = 129;

const ENCODER_SHAPES = [
  { inputs: SPECTRUM_BINS, outputs: 128, stride: 1 },
  { inputs: 128, outputs: 64, stride: 2 },
  { inputs: 64, outputs: 64, stride: 2 },
  { inputs: 64, outputs: 128, stride: 1 },
] as const;

let shared: SileroWeights | undefined;

/** The weights, read at the first call (1 ms, 1 MB) and shared by all detectors of the process. */
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
    return all.subarray(position - length, position);
  };
  const encoder = ENCODER_SHAPES.map((shape) => ({
    ...shape,
    bias: take(shape.outputs),
    taps: [0, 1, 2].map(() => take(shape.inputs * shape.outputs)),
  }));
  const weights = {
    encoder,
    gateBias: take(4 * HIDDEN_SIZE),
    gateInput: take(HIDDEN_SIZE * 4 * HIDDEN_SIZE),
    gateHidden: take(HIDDEN_SIZE * 4 * HIDDEN_SIZE),
    outputBias: take(1)[0] ?? Number.NaN,
    output: take(HIDDEN_SIZE),
  };
  if (position !== all.length) throw new Error(`silero-v6.f32 holds ${all.length} numbers instead of ${position}`);
  return weights;
}
