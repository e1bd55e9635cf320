import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { phaseCount, type PhasedWindow, PhasedWindows } from './phased-windows.ts';

function windowsOf(sampleRateHz: number, pieces: readonly Int16Array[]): PhasedWindow[] {
  const found: PhasedWindow[] = [];
  const windows = new PhasedWindows(sampleRateHz, (window) =>
    found.push({ ...window, samples: Int16Array.from(window.samples) }),
  );
  for (const piece of pieces) windows.push(piece);
  return found.toSorted((one, other) => one.phase - other.phase || one.startMs - other.startMs);
}

describe('phased windows', () => {
  it('cover the stream ten times, each phase 1 ms after the one before', () => {
    const ramp = Int16Array.from({ length: 1920 }, (_, index) => index);
    const windows = windowsOf(48_000, [ramp]);
    expect(windows.filter(({ phase }) => phase === 0).map(({ startMs }) => startMs)).toEqual([0, 10, 20, 30]);
    expect(windows.filter(({ phase }) => phase === 3).map(({ startMs }) => startMs)).toEqual([3, 13, 23]);
    for (const { startMs, samples } of windows) {
      expect(samples).toHaveLength(480);
      expect(samples[0]).toBe(startMs * 48);
    }
  });

  it('are the same whatever pieces the audio comes in, at any rate', () => {
    assert(
      property(
        constantFrom(16_000, 44_100, 48_000),
        array(integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
        (sampleRateHz, lengths) => {
          const total = lengths.reduce((sum, length) => sum + length, 0);
          const whole = Int16Array.from({ length: total }, (_, index) => (index * 7919) % 30_000);
          let at = 0;
          const pieces = lengths.map((length) => whole.subarray(at, (at += length)));
          expect(windowsOf(sampleRateHz, pieces)).toEqual(windowsOf(sampleRateHz, [whole]));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('begin within the first 10 ms', () => {
    const starts = windowsOf(44_100, [new Int16Array(882)]);
    const first = Array.from({ length: phaseCount }, (_, wanted) => starts.find(({ phase }) => phase === wanted));
    first.forEach((window, phase) => expect(Math.abs((window?.startMs ?? 99) - phase)).toBeLessThan(0.02));
  });
});
