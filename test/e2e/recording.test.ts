import { describe, expect, it } from 'vitest';

import { Changes } from './changes.ts';
import { levelDbfs, silence, trimmed } from './pcm.ts';
import { Recording } from './recording.ts';
import { resample } from './resample.ts';

const RATE_HZ = 16_000;
const WINDOW_SAMPLES = 160;

function tone(forMs: number, hz: number, sampleRateHz: number): { samples: Int16Array; sampleRateHz: number } {
  const samples = Int16Array.from({ length: (forMs * sampleRateHz) / 1000 }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / sampleRateHz)),
  );
  return { samples, sampleRateHz };
}

/** A recording of 10 ms windows, one every 10 ms from instant 0: `#` is loud, anything else quiet. */
function recordingOf(...windows: readonly string[]): Recording {
  const recording = new Recording(RATE_HZ, new Changes());
  const loud = tone(10, 1000, RATE_HZ).samples;
  for (const [index, window] of windows.join('').split('').entries()) {
    recording.push(window === '#' ? loud : new Int16Array(WINDOW_SAMPLES), index * 10);
  }
  return recording;
}

const loud = (windows: number): string => '#'.repeat(windows);
const quiet = (windows: number): string => '.'.repeat(windows);

describe('answers in a recording', () => {
  it('are found with their first and last audible instants, also right at the start', () => {
    const recording = recordingOf(quiet(3), loud(5), quiet(200));
    expect(recording.answers({ after: 0 })).toMatchObject([{ firstAudibleAtMs: 30, lastAudibleAtMs: 70 }]);
  });

  it('are one across a short pause and two across a long one', () => {
    const recording = recordingOf(quiet(20), loud(5), quiet(50), loud(5), quiet(150), loud(5));
    const firsts = recording.answers({ after: 0, quietMs: 1000 }).map(({ firstAudibleAtMs }) => firstAudibleAtMs);
    expect(firsts).toEqual([200, 2300]);
  });

  it('do not begin with a single audible window', () => {
    expect(recordingOf(quiet(20), loud(1), quiet(150)).answers({ after: 0 })).toEqual([]);
  });

  it('begin after such a click, however soon', () => {
    const recording = recordingOf(quiet(20), loud(1), quiet(4), loud(5), quiet(150));
    expect(recording.answers({ after: 0 })).toMatchObject([{ firstAudibleAtMs: 250, lastAudibleAtMs: 290 }]);
    expect(recording.answers({ after: 215 })).toMatchObject([{ firstAudibleAtMs: 250 }]);
  });

  it('leave out what was already sounding at the given instant', () => {
    const recording = recordingOf(quiet(20), loud(50), quiet(100), loud(5), quiet(150));
    expect(recording.answers({ after: 400 })).toMatchObject([{ firstAudibleAtMs: 1700 }]);
  });

  it('are waited for until they have ended', async () => {
    const recording = recordingOf(quiet(20), loud(5));
    const answer = recording.waitForAnswer({ after: 0, quietMs: 100 });
    for (let atMs = 250; atMs < 450; atMs += 10) recording.push(new Int16Array(WINDOW_SAMPLES), atMs);
    await expect(answer).resolves.toMatchObject({ firstAudibleAtMs: 200, lastAudibleAtMs: 240 });
  });

  it('are reported missing at the deadline', async () => {
    await expect(recordingOf(quiet(20)).waitForAnswer({ after: 0, timeoutMs: 1 })).rejects.toThrow('in vain');
  });
});

describe('resampling', () => {
  it.each([
    { from: 16_000, to: 48_000 },
    { from: 48_000, to: 16_000 },
    { from: 22_050, to: 16_000 },
  ])('from $from to $to Hz keeps a tone', ({ from, to }) => {
    const expected = tone(400, 1000, to).samples;
    const { samples, sampleRateHz } = resample(tone(400, 1000, from), to);
    expect(sampleRateHz).toBe(to);
    const middle = (_: number, index: number): boolean => index > to / 10 && index < to * 0.3;
    const errors = samples.map((sample, index) => sample - (expected[index] ?? 0)).filter(middle);
    expect(levelDbfs(errors)).toBeLessThan(-70);
  });

  it('removes what the lower rate cannot hold', () => {
    const { samples } = resample(tone(400, 11_000, 48_000), RATE_HZ);
    expect(levelDbfs(samples.subarray(1600, 4800))).toBeLessThan(-70);
  });

  it('keeps digital silence', () => {
    expect(levelDbfs(resample(silence(100, RATE_HZ), 48_000).samples)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('trimming', () => {
  it('keeps 50 ms around what is audible', () => {
    const samples = new Int16Array(RATE_HZ);
    samples.set(tone(200, 1000, RATE_HZ).samples, 4800);
    expect(trimmed({ samples, sampleRateHz: RATE_HZ }).samples).toEqual(samples.slice(4000, 8800));
  });
});
