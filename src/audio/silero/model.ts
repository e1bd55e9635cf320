// Silero VAD v6 at 16 kHz in plain TypeScript: spectrum, four convolutions, one LSTM cell, one output.
// The network is that of the published model; it agrees with onnxruntime to 1e-6. Leaves out: the 8 kHz branch.

import { accumulate } from './accumulate.ts';
import { HIDDEN_SIZE, LstmCell, sigmoid } from './lstm-cell.ts';
import { convolveSpectra, PADDED_SPECTRA, SPECTRA, SPECTRA_CHANNELS, SPECTRUM_BINS } from './spectra-layer.ts';
import { magnitudesOfTwo } from './spectrum.ts';
import { sileroWeights, type ConvolutionWeights, type SileroWeights } from './weights.ts';

/** What the network hears at once: 32 ms. */
export const WINDOW_SAMPLES = 512;
/** Samples of the previous window that the network sees before each window. */
const CONTEXT_SAMPLES = 64;
/** The end is mirrored for the last spectrum. */
const MIRRORED_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES;
/** Spectra of 256 samples every 128. */
const SPECTRUM_HOP = 128;

/** One stream's detector: about 20 kB of its own, the weights are shared. Feed it consecutive windows. */
export class SileroModel {
  readonly #weights: SileroWeights = sileroWeights();
  readonly #input = new Float32Array(INPUT_SAMPLES + MIRRORED_SAMPLES);
  /** The magnitudes of each step, between steps of zeros. */
  readonly #spectra = new Float64Array(PADDED_SPECTRA);
  readonly #magnitudes = [magnitudesAt(this.#spectra, 0), magnitudesAt(this.#spectra, 1)] as const;
  readonly #laterMagnitudes = [magnitudesAt(this.#spectra, 2), magnitudesAt(this.#spectra, 3)] as const;
  /** What the first layer makes of them. */
  readonly #channels = [
    new Float64Array(SPECTRA_CHANNELS),
    new Float64Array(SPECTRA_CHANNELS),
    new Float64Array(SPECTRA_CHANNELS),
    new Float64Array(SPECTRA_CHANNELS),
  ] as const;
  /** What each further layer of the encoder makes of that, step by step. */
  readonly #encoded: readonly (readonly Float64Array[])[];
  readonly #lstm = new LstmCell(this.#weights.lstm);

  constructor() {
    let stepCount = SPECTRA;
    this.#encoded = this.#weights.encoder.map(({ outputs, stride }) => {
      stepCount = Math.ceil(stepCount / stride);
      return Array.from({ length: stepCount }, () => new Float64Array(outputs));
    });
  }

  /** The probability, 0 to 1, that there is a voice in the next 512 samples (−1 to 1). */
  probability(window: Float32Array): number {
    this.#readInput(window);
    const input = this.#input;
    magnitudesOfTwo(input, 0, this.#magnitudes[0], SPECTRUM_HOP, this.#magnitudes[1]);
    magnitudesOfTwo(input, 2 * SPECTRUM_HOP, this.#laterMagnitudes[0], 3 * SPECTRUM_HOP, this.#laterMagnitudes[1]);
    convolveSpectra(this.#weights.spectra, this.#spectra, this.#channels);
    let features: readonly Float64Array[] = this.#channels;
    for (const [index, layer] of this.#weights.encoder.entries()) {
      const made = this.#encoded[index] ?? [];
      convolve(layer, features, made);
      features = made;
    }
    for (const step of features) this.#lstm.step(step);
    return this.#output();
  }

  /** Forgets what it heard: for a new stream. */
  reset(): void {
    this.#input.fill(0);
    this.#lstm.reset();
  }

  #readInput(window: Float32Array): void {
    const input = this.#input;
    input.copyWithin(0, WINDOW_SAMPLES, INPUT_SAMPLES);
    input.set(window, CONTEXT_SAMPLES);
    for (let n = 0; n < MIRRORED_SAMPLES; n += 1) input[INPUT_SAMPLES + n] = input[INPUT_SAMPLES - 2 - n] ?? 0;
  }

  #output(): number {
    const { hidden } = this.#lstm;
    let sum = this.#weights.outputBias;
    for (let n = 0; n < HIDDEN_SIZE; n += 1) {
      sum += Math.max(0, hidden[n] ?? 0) * (this.#weights.output[n] ?? 0);
    }
    return sigmoid(sum);
  }
}

/** Where a step's magnitudes lie: after one step of zeros. */
function magnitudesAt(spectra: Float64Array, step: number): Float64Array {
  return spectra.subarray((step + 1) * SPECTRUM_BINS, (step + 2) * SPECTRUM_BINS);
}

/** Three taps, one step of zeros on both sides, then ReLU. */
function convolve(
  { stride, bias, taps }: ConvolutionWeights,
  features: readonly Float64Array[],
  made: readonly Float64Array[],
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
