// What Smart Turn hears: the log-mel spectrogram of Whisper (Radford et al. 2022, section 2.2: 80 mels, windows of 25 ms
// every 10 ms) of the last 8 s, brought to zero mean and unit variance before, as the model was trained. Pure.

import { LISTENING_RATE_HZ } from '../frame.ts';
import { complex, MixedRadixTransform } from './fourier.ts';
import { melFilters } from './mel.ts';

/** 8 s at 16 kHz: what the model hears at once. */
export const HEARD_SAMPLES = 8 * LISTENING_RATE_HZ;
export const MEL_COUNT = 80;
export const FRAME_COUNT = 800;

const WINDOW_SAMPLES = 400;
const HOP_SAMPLES = HEARD_SAMPLES / FRAME_COUNT;
const BINS = WINDOW_SAMPLES / 2 + 1;
const FULL_SCALE = 32_768;
/** Digital silence has a variance of 0. */
const LEAST_VARIANCE = 1e-7;
const LEAST_POWER = 1e-10;
/** Whisper's scaling: 80 dB below the loudest at most, and about −1 to 1. */
const RANGE_LOG10 = 8;
const SCALE_LOG10 = 4;

const hann = Float64Array.from(
  { length: WINDOW_SAMPLES },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW_SAMPLES),
);
const filters = melFilters(MEL_COUNT, WINDOW_SAMPLES, LISTENING_RATE_HZ);
const none = new Float64Array(0);
const fourier = new MixedRadixTransform(WINDOW_SAMPLES);
// Scratch of the process: the transform is synchronous and leaves nothing in it.
const windowed = complex(WINDOW_SAMPLES);
const spectrum = complex(WINDOW_SAMPLES);
const power = new Float64Array(BINS);
const nextPower = new Float64Array(BINS);

/**
 * The features [mel][frame] of the last 8 s of `samples` (16 kHz mono). Shorter audio is preceded by digital silence.
 * Up to 25 ms of work: not for a thread that has audio to keep up with.
 */
export function smartTurnFeatures(samples: Int16Array): Float32Array<ArrayBuffer> {
  const heard = normalised(samples);
  const features = new Float32Array(MEL_COUNT * FRAME_COUNT);
  let loudest = -Infinity;
  const silentCount = silentFrames(samples.length);
  // Two real frames share one complex transform.
  for (let frame = 0; frame < FRAME_COUNT; frame = frame < silentCount ? Math.max(2, silentCount) : frame + 2) {
    powersOfTwo(heard, frame);
    loudest = Math.max(loudest, writeLevels(power, features, frame), writeLevels(nextPower, features, frame + 1));
  }
  for (let mel = 0; mel < MEL_COUNT; mel += 1) {
    const row = features.subarray(mel * FRAME_COUNT, (mel + 1) * FRAME_COUNT);
    row.fill(row[0] ?? 0, 0, silentCount);
  }
  const least = loudest - RANGE_LOG10;
  return features.map((level) => (Math.max(level, least) + SCALE_LOG10) / SCALE_LOG10);
}

/** How many frames lie wholly in the silence before short audio; they all look the same. Even: frames come in pairs. */
function silentFrames(sampleCount: number): number {
  const silence = Math.max(0, HEARD_SAMPLES - sampleCount);
  return 2 * Math.floor(Math.max(0, (silence - WINDOW_SAMPLES / 2) / HOP_SAMPLES + 1) / 2);
}

/** The logarithm of the power in each mel band, to the column of `frame`. Returns the greatest. */
function writeLevels(bins: Float64Array, features: Float32Array, frame: number): number {
  let loudest = -Infinity;
  for (let mel = 0; mel < MEL_COUNT; mel += 1) {
    const { firstBin = 0, weights = none } = filters[mel] ?? {};
    let sum = 0;
    for (let n = 0; n < weights.length; n += 1) sum += (weights[n] ?? 0) * (bins[firstBin + n] ?? 0);
    const level = Math.log10(Math.max(LEAST_POWER, sum));
    loudest = Math.max(loudest, level);
    features[mel * FRAME_COUNT + frame] = level;
  }
  return loudest;
}

/** The last 8 s, silence in front, half a window mirrored at both ends: the first and the last window are centred there. */
function normalised(samples: Int16Array): Float64Array {
  const margin = WINDOW_SAMPLES / 2;
  const padded = new Float64Array(HEARD_SAMPLES + 2 * margin);
  const heard = padded.subarray(margin, margin + HEARD_SAMPLES);
  const last = samples.subarray(-HEARD_SAMPLES);
  for (const [n, sample] of last.entries()) heard[HEARD_SAMPLES - last.length + n] = sample / FULL_SCALE;
  let sum = 0;
  for (const value of heard) sum += value;
  const mean = sum / HEARD_SAMPLES;
  let squares = 0;
  for (const value of heard) squares += (value - mean) * (value - mean);
  const scale = 1 / Math.sqrt(squares / HEARD_SAMPLES + LEAST_VARIANCE);
  for (let n = 0; n < HEARD_SAMPLES; n += 1) heard[n] = ((heard[n] ?? 0) - mean) * scale;
  for (let n = 1; n <= margin; n += 1) {
    padded[margin - n] = heard[n] ?? 0;
    padded[margin + HEARD_SAMPLES - 1 + n] = heard[HEARD_SAMPLES - 1 - n] ?? 0;
  }
  return padded;
}

/** The power spectra of a frame and of the next one, to `power` and `nextPower`. */
function powersOfTwo(padded: Float64Array, frame: number): void {
  const at = frame * HOP_SAMPLES;
  for (let n = 0; n < WINDOW_SAMPLES; n += 1) {
    const weight = hann[n] ?? 0;
    windowed.re[n] = (padded[at + n] ?? 0) * weight;
    windowed.im[n] = (padded[at + HOP_SAMPLES + n] ?? 0) * weight;
  }
  fourier.transform(windowed, spectrum);
  for (let k = 0; k < BINS; k += 1) {
    const mirror = (WINDOW_SAMPLES - k) % WINDOW_SAMPLES;
    const reK = spectrum.re[k] ?? 0;
    const imK = spectrum.im[k] ?? 0;
    const reM = spectrum.re[mirror] ?? 0;
    const imM = spectrum.im[mirror] ?? 0;
    power[k] = squareOf(reK + reM, imK - imM) / 4;
    nextPower[k] = squareOf(imK + imM, reM - reK) / 4;
  }
}

function squareOf(x: number, y: number): number {
  return x * x + y * y;
}
