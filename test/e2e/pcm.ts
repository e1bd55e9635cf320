// Sound as the tests carry it: mono 16 bit PCM. Lengths, levels, rates, cutting and joining.

import { resample } from './resample.ts';

export interface Pcm {
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
}

/** A window is this long wherever a level is asked for (DESIGN: first audible, end of speech). */
export const WINDOW_MS = 10;

export function durationMs({ samples, sampleRateHz }: Pcm): number {
  return (samples.length / sampleRateHz) * 1000;
}

/** RMS of the samples relative to full scale; −Infinity for digital silence. */
export function levelDbfs(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return 10 * Math.log10(energy / Math.max(1, samples.length) / 32_768 ** 2);
}

export function silence(forMs: number, sampleRateHz: number): Pcm {
  return { samples: new Int16Array(Math.round((forMs * sampleRateHz) / 1000)), sampleRateHz };
}

/** One after another; all at the rate of the first. */
export function concatenate(...parts: readonly [Pcm, ...Pcm[]]): Pcm {
  const { sampleRateHz } = parts[0];
  const pieces = parts.map((part) => resample(part, sampleRateHz).samples);
  const samples = new Int16Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    samples.set(piece, position);
    position += piece.length;
  }
  return { samples, sampleRateHz };
}

/** Cuts what is quiet at both ends, but for `keepMs` before the first of two audible windows and after the last. */
export function trimmed({ samples, sampleRateHz }: Pcm, { thresholdDbfs = -40, keepMs = 50 } = {}): Pcm {
  const windowSamples = (sampleRateHz * WINDOW_MS) / 1000;
  const keepSamples = Math.round((sampleRateHz * keepMs) / 1000);
  const isAudible = (index: number): boolean =>
    levelDbfs(samples.subarray(index * windowSamples, (index + 1) * windowSamples)) > thresholdDbfs;
  const windows = Array.from({ length: Math.floor(samples.length / windowSamples) }, (_, index) => isAudible(index));
  const first = windows.findIndex((audible, index) => audible && windows[index + 1] === true);
  const end = windows.lastIndexOf(true) + 1;
  const start = Math.max(0, Math.max(0, first) * windowSamples - keepSamples);
  return { samples: samples.slice(start, end * windowSamples + keepSamples), sampleRateHz };
}
