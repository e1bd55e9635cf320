import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FourierTransform } from './fourier.ts';

describe('FourierTransform', () => {
  it('finds a tone in its bin and the mirror of it', () => {
    const re = Float64Array.from({ length: 64 }, (_, n) => Math.cos((2 * Math.PI * 5 * n) / 64));
    const im = new Float64Array(64);
    new FourierTransform(64).transform(re, im);
    for (const [k, value] of re.entries()) {
      expect(value).toBeCloseTo(k === 5 || k === 59 ? 32 : 0, 9);
      expect(im[k]).toBeCloseTo(0, 9);
    }
  });

  it('gives the signal back when real and imaginary part change places', () => {
    const part = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(part, part, (real, imaginary) => {
        const fourier = new FourierTransform(16);
        const re = Float64Array.from(real);
        const im = Float64Array.from(imaginary);
        fourier.transform(re, im);
        fourier.transform(im, re);
        for (const [n, value] of real.entries()) expect(re[n]).toBeCloseTo(16 * value, 9);
        for (const [n, value] of imaginary.entries()) expect(im[n]).toBeCloseTo(16 * value, 9);
      }),
    );
  });

  it('refuses a size that is no power of two', () => {
    expect(() => new FourierTransform(48)).toThrow(RangeError);
  });
});
