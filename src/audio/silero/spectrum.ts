// Magnitude spectra of 256 samples under a periodic Hann window: the first layer of Silero VAD, whose stored basis is exactly
// this transform. Two real frames share one complex FFT (radix 2, decimation in time).

export const TRANSFORM_SAMPLES = 256;
const BITS = 8;
const HALF = TRANSFORM_SAMPLES / 2;

const hann = Float64Array.from(
  { length: TRANSFORM_SAMPLES },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / TRANSFORM_SAMPLES),
);
const cosine = Float64Array.from({ length: HALF }, (_, n) => Math.cos((2 * Math.PI * n) / TRANSFORM_SAMPLES));
const sine = Float64Array.from({ length: HALF }, (_, n) => -Math.sin((2 * Math.PI * n) / TRANSFORM_SAMPLES));
const reversed = Uint8Array.from({ length: TRANSFORM_SAMPLES }, (_, n) => {
  let mirrored = 0;
  for (let bit = 0; bit < BITS; bit += 1) mirrored |= ((n >> bit) & 1) << (BITS - 1 - bit);
  return mirrored;
});

// Scratch of the process: the transform is synchronous and leaves nothing in it.
const re = new Float64Array(TRANSFORM_SAMPLES);
const im = new Float64Array(TRANSFORM_SAMPLES);

/** Writes the 129 magnitudes of the frame that starts at `at` in `samples` to `out`, and those of the one at `nextAt` to `nextOut`. */
export function magnitudesOfTwo(
  samples: Float32Array,
  at: number,
  out: Float64Array,
  nextAt: number,
  nextOut: Float64Array,
): void {
  for (let n = 0; n < TRANSFORM_SAMPLES; n += 1) {
    const place = reversed[n] ?? 0;
    const weight = hann[n] ?? 0;
    re[place] = (samples[at + n] ?? 0) * weight;
    im[place] = (samples[nextAt + n] ?? 0) * weight;
  }
  transform();
  for (let k = 0; k <= HALF; k += 1) {
    const mirror = (TRANSFORM_SAMPLES - k) % TRANSFORM_SAMPLES;
    const reK = re[k] ?? 0;
    const imK = im[k] ?? 0;
    const reM = re[mirror] ?? 0;
    const imM = im[mirror] ?? 0;
    out[k] = 0.5 * magnitude(reK + reM, imK - imM);
    nextOut[k] = 0.5 * magnitude(imK + imM, reM - reK);
  }
}

/** Products: `**` is a call into the C library until V8 has optimised the function. */
function magnitude(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** In place on `re` and `im`, whose input is in bit-reversed order. */
function transform(): void {
  for (let half = 1; half < TRANSFORM_SAMPLES; half *= 2) {
    const step = HALF / half;
    for (let start = 0; start < TRANSFORM_SAMPLES; start += 2 * half) {
      for (let n = 0; n < half; n += 1) {
        const a = start + n;
        const b = a + half;
        const c = cosine[n * step] ?? 0;
        const s = sine[n * step] ?? 0;
        const reB = re[b] ?? 0;
        const imB = im[b] ?? 0;
        const reT = reB * c - imB * s;
        const imT = reB * s + imB * c;
        const reA = re[a] ?? 0;
        const imA = im[a] ?? 0;
        re[a] = reA + reT;
        im[a] = imA + imT;
        re[b] = reA - reT;
        im[b] = imA - imT;
      }
    }
  }
}
