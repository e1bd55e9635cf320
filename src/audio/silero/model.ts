// Silero VAD v6 at 16 kHz in plain TypeScript: spectrum, four convolutions, one LSTM cell, one output.
// The network is that of the published model; it agrees with onnxruntime to 1e-6. Leaves out: the 8 kHz branch.

import { accumulate } from './accumulate.ts';
import { magnitudesOfTwo } from './spectrum.ts';
import { HIDDEN_SIZE, SPECTRUM_BINS, sileroWeights, type ConvolutionWeights, type SileroWeights } from './weights.ts';

/** What the network hears at once: 32 ms. */
export const WINDOW_SAMPLES = 512;
/** Samples of the previous window that the network sees before each window. */
const CONTEXT_SAMPLES = 64;
/** The end is mirrored for the last spectrum. */
const MIRRORED_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
/** Spectra of 256 samples every 128. */
const SPECTRUM_HOP = 128;
const SPECTRA = 4;

/** One stream's detector: about 20 kB of its own, the weights are shared. Feed it consecutive windows. */
export class SileroModel {
  readonly #weights: SileroWeights = sileroWeights();
  readonly #input = new Float32Array(INPUT_SAMPLES + MIRRORED_SAMPLES);
  /** The magnitudes of each step. */
  readonly #spectra = steps(SPECTRA, SPECTRUM_BINS);
  /** What each layer of the encoder makes of them, step by step. */
  readonly #encoded: readonly (readonly Float32Array[])[];
  readonly #gates = new Float32Array(4 * HIDDEN_SIZE);
  readonly #hidden = new Float32Array(HIDDEN_SIZE);
  readonly #cell = new Float32Array(HIDDEN_SIZE);

  constructor() {
    let stepCount = SPECTRA;
    this.#encoded = this.#weights.encoder.map(({ outputs, stride }) => {
      stepCount = Math.ceil(stepCount / stride);
      return steps(stepCount, outputs);
    });
  }

  /** The probability, 0 to 1, that there is a voice in the next 512 samples (−1 to 1). */
  probability(window: Float32Array): number {
    this.#readInput(window);
    for (let step = 0; step < SPECTRA; step += 2) {
      const [magnitudes, next] = this.#spectra.slice(step, step + 2);
      if (magnitudes === undefined || next === undefined) continue;
      magnitudesOfTwo(this.#input, step * SPECTRUM_HOP, magnitudes, (step + 1) * SPECTRUM_HOP, next);
    }
    let features: readonly Float32Array[] = this.#spectra;
    for (const [index, layer] of this.#weights.encoder.entries()) {
      const made = this.#encoded[index] ?? [];
      convolve(layer, features, made);
      features = made;
    }
    for (const step of features) this.#stepCell(step);
    return this.#output();
  }

  /** Forgets what it heard: for a new stream. */
  reset(): void {
    this.#input.fill(0);
    this.#hidden.fill(0);
    this.#cell.fill(0);
  }

  #readInput(window: Float32Array): void {
    const input = this.#input;
    input.copyWithin(0, WINDOW_SAMPLES, INPUT_SAMPLES);
    input.set(window, CONTEXT_SAMPLES);
    for (let n = 0; n < MIRRORED_SAMPLES; n += 1) input[INPUT_SAMPLES + n] = input[INPUT_SAMPLES - 2 - n] ?? 0;
  }

  /** One step of an LSTM (Hochreiter & Schmidhuber 1997, with forget gate); gates in the order input, forget, cell, output. */
  #stepCell(features: Float32Array): void {
    const gates = this.#gates;
    gates.set(this.#weights.gateBias);
    accumulate(gates, features, this.#weights.gateInput);
    accumulate(gates, this.#hidden, this.#weights.gateHidden);
    for (let n = 0; n < HIDDEN_SIZE; n += 1) {
      const input = sigmoid(gates[n] ?? 0);
      const forget = sigmoid(gates[HIDDEN_SIZE + n] ?? 0);
      const candidate = Math.tanh(gates[2 * HIDDEN_SIZE + n] ?? 0);
      const output = sigmoid(gates[3 * HIDDEN_SIZE + n] ?? 0);
      const cell = forget * (this.#cell[n] ?? 0) + input * candidate;
      this.#cell[n] = cell;
      this.#hidden[n] = output * Math.tanh(cell);
    }
  }

  #output(): number {
    let sum = this.#weights.outputBias;
    for (let n = 0; n < HIDDEN_SIZE; n += 1) {
      sum += Math.max(0, this.#hidden[n] ?? 0) * (this.#weights.output[n] ?? 0);
    }
    return sigmoid(sum);
  }
}

function steps(count: number, channels: number): readonly Float32Array[] {
  return Array.from({ length: count }, () => new Float32Array(channels));
}

/** Three taps, one step of zeros on both sides, then ReLU. */
function convolve(
  { stride, bias, taps }: ConvolutionWeights,
  features: readonly Float32Array[],
  made: readonly Float32Array[],
): void {
  for (const [step, channels] of made.entries()) {
    channels.set(bias);
    for (const [tap, matrix] of taps.entries()) {
      const source = features[step * stride + tap - 1];
      if (source !== undefined) accumulate(channels, source, matrix);
    }
    for (let n = 0; n < channels.length; n += 1) channels[n] = Math.max(0, channels[n] ?? 0);
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
