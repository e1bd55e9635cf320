// The first convolution of Silero VAD, more than half of all its products: each weight is read once for all four spectra, whose
// sums stay in registers. Sizes are constants of this file, so that they are constants of the compiled loop, which makes it
// half as long.

import type { SpectraWeights } from './weights.ts';

/** Bins of a spectrum of 256 samples. */
export const SPECTRUM_BINS = 129;
/** Spectra in one window. */
export const SPECTRA = 4;
/** Channels that it makes of each. */
export const SPECTRA_CHANNELS = 128;

/** Weights of one output: three taps, one after the other. */
const ROW = 3 * SPECTRUM_BINS;
const SECOND = SPECTRUM_BINS;
const THIRD = 2 * SPECTRUM_BINS;
const FOURTH = 3 * SPECTRUM_BINS;

/** Numbers in `spectra`: a step of zeros, the four spectra, a step of zeros. */
export const PADDED_SPECTRA = (SPECTRA + 2) * SPECTRUM_BINS;

/** Three taps around each of the four spectra, then ReLU; `made`: four steps of 128 channels. */
export function convolveSpectra(
  { bias, rows }: SpectraWeights,
  spectra: Float64Array,
  made: readonly [Float64Array, Float64Array, Float64Array, Float64Array],
): void {
  const [first, second, third, fourth] = made;
  for (let channel = 0; channel < SPECTRA_CHANNELS; channel += 1) {
    const row = channel * ROW;
    let a = bias[channel] ?? 0;
    let b = a;
    let c = a;
    let d = a;
    for (let n = 0; n < ROW; n += 1) {
      const weight = rows[row + n] ?? 0;
      a += weight * (spectra[n] ?? 0);
      b += weight * (spectra[n + SECOND] ?? 0);
      c += weight * (spectra[n + THIRD] ?? 0);
      d += weight * (spectra[n + FOURTH] ?? 0);
    }
    first[channel] = Math.max(0, a);
    second[channel] = Math.max(0, b);
    third[channel] = Math.max(0, c);
    fourth[channel] = Math.max(0, d);
  }
}
