import { describe, expect, it } from 'vitest';
import { isDoubtful } from './doubt.ts';

function words(...fits: readonly number[]): { startSample: number; endSample: number; fit: number }[] {
  return fits.map((fit, index) => ({ startSample: index * 1600, endSample: (index + 1) * 1600, fit }));
}

describe('isDoubtful', () => {
  it('believes words that fit, and nothing at all', () => {
    expect(isDoubtful(words(0.9, 0.85, 0.95))).toBe(false);
    expect(isDoubtful([])).toBe(false);
  });

  it('doubts a sentence with a word that was hardly said', () => {
    expect(isDoubtful(words(0.95, 0.6, 0.95))).toBe(true);
  });

  it('asks more of a long sentence than of a short one', () => {
    expect(isDoubtful(words(0.85, 0.85, 0.85, 0.85))).toBe(false);
    expect(isDoubtful(words(0.85, 0.85, 0.85, 0.85, 0.85, 0.85))).toBe(true);
  });
});
