import { describe, expect, it } from 'vitest';

import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { VoiceMovement } from './voice-movement.ts';

const FRAME_SAMPLES = 320;
const speech = readFixtureWav('speech/librivox-sense-0880.wav');

/** A voice of 120 Hz whose harmonics are strongest at the frequencies of `formants`. */
function voiced(ms: number, formants: (atMs: number) => readonly number[]): Int16Array {
  return Int16Array.from({ length: ms * 16 }, (_, n) => {
    const peaks = formants(n / 16);
    let value = 0;
    for (let harmonic = 1; harmonic <= 30; harmonic += 1) {
      const hz = 120 * harmonic;
      const weight = peaks.reduce((sum, peak) => sum + 1 / (1 + ((hz - peak) / 100) ** 2), 0.01);
      value += weight * Math.sin((2 * Math.PI * hz * n) / 16_000);
    }
    return Math.round(2000 * value);
  });
}

function movementOf(samples: Int16Array, pieceSamples = FRAME_SAMPLES): number | undefined {
  const movement = new VoiceMovement();
  for (let start = 0; start < samples.length; start += pieceSamples) {
    movement.observe(samples.subarray(start, start + pieceSamples));
  }
  return movement.dbPer100Ms;
}

describe('VoiceMovement', () => {
  it('is little in a hum, whatever its loudness does', () => {
    const hum = voiced(300, () => [250]);
    const swelling = hum.map((sample, n) => Math.round(sample * (0.3 + (0.7 * n) / hum.length)));
    expect(movementOf(hum)).toBeLessThan(5);
    expect(movementOf(swelling)).toBeLessThan(5);
  });

  it('is much where the formants move as in words', () => {
    const vowels = [
      [300, 2300],
      [700, 1200],
      [350, 800],
    ] as const;
    const words = voiced(300, (atMs) => vowels[Math.floor(atMs / 80) % 3] ?? [500]);
    expect(movementOf(words)).toBeGreaterThan(12);
  });

  it('in read speech is above that of words half of the time', () => {
    const movement = new VoiceMovement();
    const seen: number[] = [];
    for (let start = 0; start + FRAME_SAMPLES <= speech.length; start += FRAME_SAMPLES) {
      movement.observe(speech.subarray(start, start + FRAME_SAMPLES));
      if (start > 6400) seen.push(movement.dbPer100Ms ?? 0);
    }
    expect(seen.filter((db) => db > 13.5).length).toBeGreaterThan(seen.length / 2);
  });

  it('is unknown where next to nothing is loud, and after a gap', () => {
    expect(movementOf(new Int16Array(4800))).toBeUndefined();
    expect(movementOf(voiced(40, () => [250]))).toBeUndefined();
    const movement = new VoiceMovement();
    movement.observe(voiced(300, () => [250]));
    movement.reset();
    expect(movement.dbPer100Ms).toBeUndefined();
  });

  it('is the same however the samples are cut', () => {
    const samples = voiced(320, (atMs) => [300 + atMs]);
    expect(movementOf(samples, 77)).toBeCloseTo(movementOf(samples) ?? NaN, 10);
  });
});
