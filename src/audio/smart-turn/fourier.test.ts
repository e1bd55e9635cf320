import { describe, expect, it } from 'vitest';
import { complex, MixedRadixTransform } from './fourier.ts';

/** By definition. */
function naive(re: Float64Array, im: Float64Array, k: number): readonly [number, number] {
  let [sumRe, sumIm] = [0, 0];
  for (const [n, x] of re.entries()) {
    const angle = (-2 * Math.PI * k * n) / re.length;
    sumRe += x * Math.cos(angle) - (im[n] ?? 0) * Math.sin(angle);
    sumIm += x * Math.sin(angle) + (im[n] ?? 0) * Math.cos(angle);
  }
  return [sumRe, sumIm];
}

describe('MixedRadixTransform', () => {
  it.each([2, 3, 5, 6, 12, 49, 60, 400])('agrees with the definition for %i values', (size) => {
    const from = complex(size);
    for (let n = 0; n < size; n += 1) {
      from.re[n] = Math.sin(n * n + 1);
      from.im[n] = Math.cos(3 * n);
    }
    const to = complex(size);
    new MixedRadixTransform(size).transform(from, to);
    for (let k = 0; k < size; k += 1) {
      const [re, im] = naive(from.re, from.im, k);
      expect(to.re[k]).toBeCloseTo(re, 9);
      expect(to.im[k]).toBeCloseTo(im, 9);
    }
  });

  it.each([0, 1, 2.5, -4])('refuses the size %d', (size) => {
    expect(() => new MixedRadixTransform(size)).toThrow(RangeError);
  });
});
