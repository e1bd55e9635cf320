// Discrete Fourier transform of a power of two, in place, radix 2 with decimation in time. Pure.

export class FourierTransform {
  readonly #size: number;
  readonly #cosine: Float64Array;
  readonly #sine: Float64Array;
  readonly #reversed: Uint16Array;

  /** `size` is a power of two, 2 to 65536. */
  constructor(size: number) {
    const bits = Math.log2(size);
    if (!Number.isInteger(bits) || bits < 1 || bits > 16) throw new RangeError(`not a power of two: ${size}`);
    this.#size = size;
    this.#cosine = Float64Array.from({ length: size / 2 }, (_, n) => Math.cos((2 * Math.PI * n) / size));
    this.#sine = Float64Array.from({ length: size / 2 }, (_, n) => -Math.sin((2 * Math.PI * n) / size));
    this.#reversed = Uint16Array.from({ length: size }, (_, n) => {
      let mirrored = 0;
      for (let bit = 0; bit < bits; bit += 1) mirrored |= ((n >> bit) & 1) << (bits - 1 - bit);
      return mirrored;
    });
  }

  /** X(k) = Σ x(n)·e^(−2πikn/size). Its own inverse, times `size`, with `re` and `im` given in each other's place. */
  transform(re: Float64Array, im: Float64Array): void {
    this.#permute(re);
    this.#permute(im);
    for (let half = 1; half < this.#size; half *= 2) {
      const step = this.#size / (2 * half);
      for (let start = 0; start < this.#size; start += 2 * half) {
        for (let n = 0; n < half; n += 1) {
          const a = start + n;
          const b = a + half;
          const c = this.#cosine[n * step] ?? 0;
          const s = this.#sine[n * step] ?? 0;
          const reB = (re[b] ?? 0) * c - (im[b] ?? 0) * s;
          const imB = (re[b] ?? 0) * s + (im[b] ?? 0) * c;
          const reA = re[a] ?? 0;
          const imA = im[a] ?? 0;
          re[a] = reA + reB;
          im[a] = imA + imB;
          re[b] = reA - reB;
          im[b] = imA - imB;
        }
      }
    }
  }

  #permute(values: Float64Array): void {
    for (let n = 0; n < this.#size; n += 1) {
      const mirrored = this.#reversed[n] ?? 0;
      if (mirrored <= n) continue;
      const value = values[n] ?? 0;
      values[n] = values[mirrored] ?? 0;
      values[mirrored] = value;
    }
  }
}
