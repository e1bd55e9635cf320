import { describe, expect, it } from 'vitest';
import { fadeOut } from './fade.ts';

describe('fadeOut', () => {
  it('goes from full to nothing without a step', () => {
    const samples = new Int16Array(960).fill(20_000);
    fadeOut(samples);
    expect(samples[0]).toBeGreaterThan(19_990);
    expect(samples[479]).toBeCloseTo(10_000, -2);
    expect(samples[959]).toBe(0);
    const steps = [...samples.subarray(1)].map((sample, n) => (samples[n] ?? 0) - sample);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(40);
  });

  it('has nothing to do without samples', () => {
    expect(() => fadeOut(new Int16Array())).not.toThrow();
  });
});
