// Sound at another rate: a windowed sinc, one set of taps for each place that an output sample can have between two inputs.
// Digital silence stays digital silence (others dither), so that DTX works for what was resampled.

import type { Pcm } from './pcm.ts';

/** Zero crossings of the sinc on each side: pass band to 0.9 of the lower Nyquist rate. */
const CROSSINGS = 24;

/** The same sound at another rate; lasts as long to half a sample. */
export function resample(pcm: Pcm, sampleRateHz: number): Pcm {
  if (pcm.sampleRateHz === sampleRateHz) return pcm;
  const divisor = greatestCommonDivisor(pcm.sampleRateHz, sampleRateHz);
  const [inputStep, phaseCount] = [pcm.sampleRateHz / divisor, sampleRateHz / divisor];
  const cutoff = Math.min(1, sampleRateHz / pcm.sampleRateHz);
  const reach = Math.ceil(CROSSINGS / cutoff);
  const phases = Array.from({ length: phaseCount }, (_, phase) => taps(phase / phaseCount, cutoff, reach));
  const samples = new Int16Array(Math.round((pcm.samples.length * phaseCount) / inputStep));
  for (let index = 0; index < samples.length; index += 1) {
    const position = index * inputStep;
    const kernel = phases[position % phaseCount] ?? new Float64Array();
    const first = Math.floor(position / phaseCount) - reach + 1;
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap += 1) sum += (kernel[tap] ?? 0) * (pcm.samples[first + tap] ?? 0);
    samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return { samples, sampleRateHz };
}

/** Weights of the inputs from `1 - reach` to `reach` around a place that lies `fraction` after input 0. */
function taps(fraction: number, cutoff: number, reach: number): Float64Array {
  return Float64Array.from({ length: 2 * reach }, (_, index) => {
    const distance = index - reach + 1 - fraction;
    const hann = Math.abs(distance) < reach ? 0.5 + 0.5 * Math.cos((Math.PI * distance) / reach) : 0;
    return cutoff * sinc(cutoff * distance) * hann;
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
