import { describe, expect, it } from 'vitest';
import { AudibleOnset, audioLevelDbov, lastAudibleWindowMs, levelDbfs } from './level.ts';

const frame = (...windows: Int16Array[]): Int16Array => Int16Array.from(windows.flatMap((window) => [...window]));
const constant = (length: number, value: number): Int16Array => new Int16Array(length).fill(value);

describe('levelDbfs', () => {
  it('is 0 for a square wave at full scale and 3 dB less for a sine', () => {
    expect(levelDbfs(constant(100, -32_768))).toBe(0);
    const sine = Int16Array.from({ length: 1600 }, (_, n) => 32_767 * Math.sin((2 * Math.PI * n) / 16));
    expect(levelDbfs(sine)).toBeCloseTo(-3.01, 2);
    expect(levelDbfs(constant(100, 0))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('looks at the window it is given', () => {
    const samples = Int16Array.of(0, 0, 3277, 3277);
    expect(levelDbfs(samples, 2, 4)).toBeCloseTo(-20, 1);
    expect(levelDbfs(samples, 0, 2)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('audioLevelDbov', () => {
  it.each([
    [-32_768, 0],
    [3277, 20],
    [1, 90],
    [0, 127],
  ])('of samples of %i is %i', (value, level) => {
    expect(audioLevelDbov(constant(320, value))).toBe(level);
  });
});

describe('AudibleOnset', () => {
  const quiet = constant(160, 300);
  const loud = constant(160, 400);
  it('is the first of two loud windows in a row, told once', () => {
    const onset = new AudibleOnset(16_000);
    expect(onset.observe(frame(quiet, quiet))).toBeUndefined();
    expect(onset.observe(frame(loud, loud))).toBe(0);
    expect(onset.observe(frame(loud, loud))).toBeUndefined();
  });

  it('reaches back into the frame before', () => {
    const onset = new AudibleOnset(16_000);
    expect(onset.observe(frame(quiet, loud))).toBeUndefined();
    expect(onset.observe(frame(loud, quiet))).toBe(-10);
  });

  it('is not a click of one window', () => {
    const onset = new AudibleOnset(16_000);
    for (let n = 0; n < 5; n += 1) expect(onset.observe(frame(quiet, loud, quiet))).toBeUndefined();
  });
});

describe('lastAudibleWindowMs', () => {
  const quiet = constant(160, 300);
  const loud = constant(160, 400);
  it.each([
    ['the whole', [loud, loud], 10],
    ['the first half', [loud, quiet], 0],
    ['nothing', [quiet, quiet], undefined],
  ])('of a frame of which %s is audible', (_name, windows, expected) => {
    expect(lastAudibleWindowMs(frame(...windows), 16_000)).toBe(expected);
  });
});
