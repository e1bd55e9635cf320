// Discrete Fourier transform of any size made of small primes (400 = 2⁴ · 5²), by decimation in time
// (Cooley and Tukey 1965). Pure.

/** Real and imaginary parts of one signal or spectrum. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function complex(size: number): Complex {
  return { re: new Float64Array(size), im: new Float64Array(size) };
}

/** Synchronous; its scratch is shared by all calls of one instance. */
export class MixedRadixTransform {
  readonly size: number;
  readonly #radices: readonly number[];
  /** Where each value of the input goes: its number read backwards, digit by digit. */
  readonly #places: Uint32Array;
  /** e^(−2πin/size). */
  readonly #roots: Complex;
  readonly #gathered: Complex;

  constructor(size: number) {
    this.size = size;
    this.#radices = primeFactors(size);
    this.#places = Uint32Array.from({ length: size }, (_, n) => reversedDigits(n, this.#radices));
    this.#roots = complex(size);
    for (let n = 0; n < size; n += 1) {
      this.#roots.re[n] = Math.cos((2 * Math.PI * n) / size);
      this.#roots.im[n] = -Math.sin((2 * Math.PI * n) / size);
    }
    this.#gathered = complex(Math.max(...this.#radices));
  }

  /** X(k) = Σ x(n)·e^(−2πikn/size), from `from` to `to`, which must be two different pairs of arrays. */
  transform(from: Complex, to: Complex): void {
    for (let n = 0; n < this.size; n += 1) {
      const place = this.#places[n] ?? 0;
      to.re[place] = from.re[n] ?? 0;
      to.im[place] = from.im[n] ?? 0;
    }
    let length = 1;
    for (const radix of this.#radices) {
      const joined = length * radix;
      const turn = this.size / joined;
      for (let start = 0; start < this.size; start += joined) {
        for (let k = 0; k < length; k += 1) this.#butterfly(to, start + k, length, radix, k * turn);
      }
      length = joined;
    }
  }

  /** Joins `radix` values, `distance` apart; the one of number q is turned by q · `turn` first. */
  #butterfly({ re, im }: Complex, at: number, distance: number, radix: number, turn: number): void {
    const roots = this.#roots;
    const gathered = this.#gathered;
    for (let q = 0; q < radix; q += 1) {
      const c = roots.re[q * turn] ?? 0;
      const s = roots.im[q * turn] ?? 0;
      const x = re[at + q * distance] ?? 0;
      const y = im[at + q * distance] ?? 0;
      gathered.re[q] = x * c - y * s;
      gathered.im[q] = x * s + y * c;
    }
    const step = this.size / radix;
    for (let k = 0; k < radix; k += 1) {
      let sumRe = 0;
      let sumIm = 0;
      for (let q = 0; q < radix; q += 1) {
        const root = ((q * k) % radix) * step;
        const c = roots.re[root] ?? 0;
        const s = roots.im[root] ?? 0;
        const x = gathered.re[q] ?? 0;
        const y = gathered.im[q] ?? 0;
        sumRe += x * c - y * s;
        sumIm += x * s + y * c;
      }
      re[at + k * distance] = sumRe;
      im[at + k * distance] = sumIm;
    }
  }
}

function primeFactors(size: number): number[] {
  if (!Number.isInteger(size) || size < 2) throw new RangeError(`not a size of a transform: ${size}`);
  const factors: number[] = [];
  let rest = size;
  for (let prime = 2; rest > 1; prime += 1) {
    for (; rest % prime === 0; rest /= prime) factors.push(prime);
  }
  return factors;
}

/** `n` in the mixed number system of `radices`, first digit the coarsest, read from the other end. */
function reversedDigits(n: number, radices: readonly number[]): number {
  let rest = n;
  let reversed = 0;
  for (const radix of radices.toReversed()) {
    reversed = reversed * radix + (rest % radix);
    rest = Math.floor(rest / radix);
  }
  return reversed;
}
