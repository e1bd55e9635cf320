import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Resampler } from './resampler.ts';

const RATES = [8000, 16_000, 22_050, 24_000, 48_000];

function sine(frequencyHz: number, rateHz: number, length: number): Int16Array {
  return Int16Array.from({ length }, (_, n) => Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * n) / rateHz)));
}

function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const resampler = new Resampler(fromHz, toHz);
  return Int16Array.from([...resampler.push(samples), ...resampler.flush()]);
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
}

describe('Resampler', () => {
  it.each([
    [16_000, 24_000],
    [8000, 24_000],
    [22_050, 24_000],
    [48_000, 16_000],
  ])('keeps a tone and its place in time from %i to %i Hz', (fromHz, toHz) => {
    const output = resample(sine(1000, fromHz, fromHz / 2), fromHz, toHz);
    const wanted = sine(1000, toHz, toHz / 2);
    expect(Math.abs(output.length - wanted.length)).toBeLessThanOrEqual(1);
    // The ends, where the filter sees the silence around the tone, are left out.
    const edge = Math.ceil(toHz / 200);
    const difference = wanted.map((sample, n) => sample - (output[n] ?? 0)).subarray(edge, -edge);
    expect(rms(difference)).toBeLessThan(rms(wanted) / 100);
  });

  it('removes what the lower rate cannot hold', () => {
    const output = resample(sine(7000, 16_000, 8000), 16_000, 8000);
    expect(rms(output.subarray(100, -100))).toBeLessThan(30);
  });

  it('gives the same whatever pieces the audio comes in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES),
        fc.constantFrom(...RATES),
        fc.array(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 50 }), { maxLength: 12 }),
        (fromHz, toHz, pieces) => {
          const resampler = new Resampler(fromHz, toHz);
          const parts = pieces.map((piece) => [...resampler.push(Int16Array.from(piece))]);
          const output = [...parts.flat(), ...resampler.flush()];
          const whole = resample(Int16Array.from(pieces.flat()), fromHz, toHz);
          expect(output).toEqual([...whole]);
        },
      ),
    );
  });
});
