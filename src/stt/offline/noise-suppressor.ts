// Takes steady noise out of what the recogniser hears: short-time spectra whose bins are scaled by how much of them is
// speech. Gain: Ephraim & Malah, log-spectral amplitude estimator (IEEE TASSP 33-2, 1985), with the decision-directed
// a-priori SNR of their 1984 paper. Noise: by the probability of speech, Gerkmann & Hendriks (IEEE TASLP 20-4, 2012).

import { LISTENING_RATE_HZ } from '../../audio/frame.ts';
import { FourierTransform } from './fourier.ts';

/** 32 ms, as long as speech stands still. */
const WINDOW_SAMPLES = 512;
/** Three quarters overlap: the square-root Hann windows of analysis and synthesis sum to a constant. */
const HOP_SAMPLES = 128;
const BINS = WINDOW_SAMPLES / 2 + 1;
const HOP_S = HOP_SAMPLES / LISTENING_RATE_HZ;

/** How much later a sample comes out than it went in: 32 ms. */
export const SUPPRESSOR_DELAY_SAMPLES = WINDOW_SAMPLES;

/** Nothing is attenuated by more: −14 dB. Deeper holes between the words sound like nothing the model was trained on. */
const LOWEST_GAIN = 0.2;
/** Weight of the previous frame in the a-priori SNR; higher leaves less musical noise and smears onsets. */
const DECISION_WEIGHT = 0.96;
const LOWEST_PRIOR_SNR = 10 ** -2.5;

/** SNR that speech is expected to have where it is present: 15 dB. */
const PRESENT_SNR = 10 ** 1.5;
const PRESENCE_SMOOTHING = Math.exp(-HOP_S / 0.15);
const NOISE_SMOOTHING = Math.exp(-HOP_S / 0.07);
/** A bin that seems to be speech for ever is noise that grew. */
const HIGHEST_PRESENCE = 0.99;
/** The noise at first is the mean of this many hops: nobody speaks within 0.1 s of joining. */
const SETTLING_HOPS = 12;
/** Below the rounding of 16 bits there is no noise: 0.1 LSB² in each sample, times the energy of the window. */
const LOWEST_NOISE = 0.1 * (WINDOW_SAMPLES / 2);
/** No phone holds a bin up for this long, so the least power within it is noise: how noise that rose is caught up with. */
const MINIMUM_HOPS = Math.round(0.8 / HOP_S);
const POWER_SMOOTHING = 0.8;
/** Silence to the last bit is a mute or a gap, which says nothing about the noise. */
const DIGITAL_SILENCE = 1e-3;
/** After as many hops of digital silence nothing of the sound before is left in the windows: from there on it costs nothing. */
const DRAINED_HOPS = (2 * WINDOW_SAMPLES) / HOP_SAMPLES;

const FULL_SCALE = 32_767;

const fourier = new FourierTransform(WINDOW_SAMPLES);
const window = Float64Array.from({ length: WINDOW_SAMPLES }, (_, n) =>
  Math.sin((Math.PI * (n + 0.5)) / WINDOW_SAMPLES),
);
/** Sum of the squared windows at any sample. */
const OVERLAP_SUM = WINDOW_SAMPLES / HOP_SAMPLES / 2;
/** ½·E₁(v) in steps of 0.01 for v up to 8; beyond, it is 0. */
const TABLE_STEPS_PER_UNIT = 100;
const halfExpint = Float64Array.from(
  { length: 8 * TABLE_STEPS_PER_UNIT },
  (_, step) => 0.5 * expint((step + 0.5) / TABLE_STEPS_PER_UNIT),
);

/** One caller's audio. As many samples come out as went in, `SUPPRESSOR_DELAY_SAMPLES` late. */
export class NoiseSuppressor {
  readonly #input = new Float64Array(WINDOW_SAMPLES);
  readonly #overlap = new Float64Array(WINDOW_SAMPLES);
  readonly #output = new Int16Array(HOP_SAMPLES);
  readonly #re = new Float64Array(WINDOW_SAMPLES);
  readonly #im = new Float64Array(WINDOW_SAMPLES);
  readonly #noise = new Float64Array(BINS);
  readonly #presence = new Float64Array(BINS).fill(0.5);
  readonly #smoothed = new Float64Array(BINS);
  /** Least smoothed power in this stretch of `MINIMUM_HOPS`, and in the one before. */
  readonly #minimum = new Float64Array(BINS);
  readonly #minimumBefore = new Float64Array(BINS);
  /** Power of the clean speech that was estimated for the previous frame. */
  readonly #cleanPower = new Float64Array(BINS);
  #hopCount = 0;
  #silentHops = 0;
  #filled = 0;

  /** Takes samples of any number and returns as many. */
  process(samples: Int16Array): Int16Array<ArrayBuffer> {
    const result = new Int16Array(samples.length);
    let done = 0;
    while (done < samples.length) {
      const chunk = samples.subarray(done, done + HOP_SAMPLES - this.#filled);
      result.set(this.#output.subarray(this.#filled, this.#filled + chunk.length), done);
      this.#input.set(chunk, WINDOW_SAMPLES - HOP_SAMPLES + this.#filled);
      this.#filled += chunk.length;
      done += chunk.length;
      if (this.#filled === HOP_SAMPLES) this.#hop();
    }
    return result;
  }

  /** What is held back, as it comes out where digital silence follows. Nothing changes: the sound may as well go on. */
  held(): Int16Array<ArrayBuffer> {
    return this.#copy().process(new Int16Array(SUPPRESSOR_DELAY_SAMPLES));
  }

  #copy(): NoiseSuppressor {
    const copy = new NoiseSuppressor();
    copy.#input.set(this.#input);
    copy.#overlap.set(this.#overlap);
    copy.#output.set(this.#output);
    copy.#noise.set(this.#noise);
    copy.#presence.set(this.#presence);
    copy.#smoothed.set(this.#smoothed);
    copy.#minimum.set(this.#minimum);
    copy.#minimumBefore.set(this.#minimumBefore);
    copy.#cleanPower.set(this.#cleanPower);
    copy.#hopCount = this.#hopCount;
    copy.#silentHops = this.#silentHops;
    copy.#filled = this.#filled;
    return copy;
  }

  #hop(): void {
    this.#filled = 0;
    this.#hopCount += 1;
    const newest = this.#input.subarray(WINDOW_SAMPLES - HOP_SAMPLES);
    this.#silentHops = newest.some((sample) => sample !== 0) ? 0 : this.#silentHops + 1;
    if (this.#silentHops > DRAINED_HOPS) return;
    if (this.#silentHops === DRAINED_HOPS) this.#forgetLevels();
    else this.#addWindow();
    for (let n = 0; n < HOP_SAMPLES; n += 1) {
      this.#output[n] = Math.max(-FULL_SCALE - 1, Math.min(FULL_SCALE, Math.round(this.#overlap[n] ?? 0)));
    }
    this.#overlap.copyWithin(0, HOP_SAMPLES);
    this.#overlap.fill(0, WINDOW_SAMPLES - HOP_SAMPLES);
    this.#input.copyWithin(0, HOP_SAMPLES);
    if (this.#hopCount % MINIMUM_HOPS === 0) {
      this.#minimumBefore.set(this.#minimum);
      this.#minimum.set(this.#smoothed);
    }
  }

  /** The noise after a mute may be another: what its estimate can't fall below is found anew. */
  #forgetLevels(): void {
    this.#smoothed.fill(0);
    this.#minimum.fill(0);
    this.#minimumBefore.fill(0);
    this.#cleanPower.fill(0);
  }

  /** Adds what is left of the latest window to the overlap. */
  #addWindow(): void {
    for (let n = 0; n < WINDOW_SAMPLES; n += 1) this.#re[n] = (this.#input[n] ?? 0) * (window[n] ?? 0);
    this.#im.fill(0);
    fourier.transform(this.#re, this.#im);
    for (let k = 0; k < BINS; k += 1) this.#scale(k);
    fourier.transform(this.#im, this.#re);
    const scale = 1 / (WINDOW_SAMPLES * OVERLAP_SUM);
    for (let n = 0; n < WINDOW_SAMPLES; n += 1) {
      this.#overlap[n] = (this.#overlap[n] ?? 0) + (this.#re[n] ?? 0) * (window[n] ?? 0) * scale;
    }
  }

  /** Scales one bin and its mirror. */
  #scale(k: number): void {
    const re = this.#re[k] ?? 0;
    const im = this.#im[k] ?? 0;
    const power = re * re + im * im;
    const noise = Math.max(LOWEST_NOISE, this.#track(k, power));
    const posterior = Math.min(1e4, power / noise);
    const prior = Math.max(
      LOWEST_PRIOR_SNR,
      (DECISION_WEIGHT * (this.#cleanPower[k] ?? 0)) / noise + (1 - DECISION_WEIGHT) * Math.max(0, posterior - 1),
    );
    const gain = Math.max(LOWEST_GAIN, logSpectralGain(prior, posterior));
    this.#cleanPower[k] = gain * gain * power;
    this.#re[k] = re * gain;
    this.#im[k] = im * gain;
    if (k === 0 || k === BINS - 1) return;
    this.#re[WINDOW_SAMPLES - k] = re * gain;
    this.#im[WINDOW_SAMPLES - k] = -im * gain;
  }

  /** The noise's power in bin `k` as of this frame. */
  #track(k: number, power: number): number {
    const before = this.#noise[k] ?? 0;
    const smoothed = POWER_SMOOTHING * (this.#smoothed[k] ?? 0) + (1 - POWER_SMOOTHING) * power;
    this.#smoothed[k] = smoothed;
    this.#minimum[k] = Math.min(this.#minimum[k] ?? 0, smoothed);
    if (power < DIGITAL_SILENCE) return before;
    if (this.#hopCount <= SETTLING_HOPS) {
      const mean = before + (power - before) / this.#hopCount;
      this.#noise[k] = mean;
      return mean;
    }
    const floor = Math.max(LOWEST_NOISE, before);
    const exponent = Math.min(50, (power / floor) * (PRESENT_SNR / (1 + PRESENT_SNR)));
    let presence = 1 / (1 + (1 + PRESENT_SNR) * Math.exp(-exponent));
    const longTerm = PRESENCE_SMOOTHING * (this.#presence[k] ?? 0) + (1 - PRESENCE_SMOOTHING) * presence;
    this.#presence[k] = longTerm;
    if (longTerm > HIGHEST_PRESENCE) presence = Math.min(presence, HIGHEST_PRESENCE);
    const estimate = presence * before + (1 - presence) * power;
    const least = Math.min(this.#minimum[k] ?? 0, this.#minimumBefore[k] ?? 0);
    const after = Math.max(least, NOISE_SMOOTHING * before + (1 - NOISE_SMOOTHING) * estimate);
    this.#noise[k] = after;
    return after;
  }
}

/** ξ/(1+ξ)·e^(½·E₁(v)), v = γ·ξ/(1+ξ): at most 1. */
function logSpectralGain(prior: number, posterior: number): number {
  const wiener = prior / (1 + prior);
  const step = Math.floor(wiener * posterior * TABLE_STEPS_PER_UNIT);
  return Math.min(1, wiener * Math.exp(halfExpint[step] ?? 0));
}

/** E₁(x) = ∫ₓ^∞ e⁻ᵗ/t dt for x > 0: Abramowitz & Stegun, 5.1.53 and 5.1.56 (error below 5e-5). */
function expint(x: number): number {
  if (x <= 1) {
    const series = [-0.577_215_66, 0.999_991_93, -0.249_910_55, 0.055_199_68, -0.009_760_04, 0.001_078_57];
    return series.reduceRight((sum, coefficient) => sum * x + coefficient, 0) - Math.log(x);
  }
  const above = x * x + 2.334_733 * x + 0.250_621;
  const below = x * x + 3.330_657 * x + 1.681_534;
  return (Math.exp(-x) / x) * (above / below);
}
