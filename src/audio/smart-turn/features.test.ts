import { describe, expect, it } from 'vitest';
import { referenceFrames, referenceMean } from '../../../test/fixtures/smart-turn-features.ts';
import { readFixtureWav } from '../../../test/fixtures/wav.ts';
import { FRAME_COUNT, HEARD_SAMPLES, MEL_COUNT, smartTurnFeatures } from './features.ts';

const speech = readFixtureWav('speech/librivox-sense-0880.wav');

function greatestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Array.from(one).reduce((greatest, value, n) => Math.max(greatest, Math.abs(value - (other[n] ?? NaN))), 0);
}

describe('features of Smart Turn', () => {
  it('agree with the extractor that the model was made for', () => {
    const features = smartTurnFeatures(speech);
    expect(features).toHaveLength(MEL_COUNT * FRAME_COUNT);
    for (const { frame, mels } of referenceFrames) {
      const ours = mels.map((_, mel) => features[mel * FRAME_COUNT + frame] ?? Number.NaN);
      expect(greatestDifference(ours, mels)).toBeLessThan(2e-5);
    }
    const mean = features.reduce((sum, value) => sum + value, 0) / features.length;
    expect(mean).toBeCloseTo(referenceMean, 5);
  });

  it.each([1, 160, 200, 321, 12_345, HEARD_SAMPLES - 1])(
    'of %i samples are those of the same audio after digital silence',
    (count) => {
      const padded = new Int16Array(HEARD_SAMPLES);
      const short = speech.subarray(5000, 5000 + count);
      padded.set(short, HEARD_SAMPLES - short.length);
      expect(greatestDifference(smartTurnFeatures(short), smartTurnFeatures(padded))).toBe(0);
    },
  );

  it('are those of the last 8 s', () => {
    const long = new Int16Array(HEARD_SAMPLES + 5000).map((_, n) => Math.round(9000 * Math.sin(n * n * 1e-6)));
    expect(smartTurnFeatures(long)).toEqual(smartTurnFeatures(long.subarray(5000)));
  });

  it('of silence are finite', () => {
    expect(smartTurnFeatures(new Int16Array(0)).every(Number.isFinite)).toBe(true);
  });
});
