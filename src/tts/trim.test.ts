import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audibleSpan, LeadingSilence } from './trim.ts';

const RATES_HZ = [16_000, 22_050, 24_000, 44_100];

function silenceThenSound(silentSamples: number, loudSamples: number): Int16Array {
  return new Int16Array(silentSamples + loudSamples).fill(8000, silentSamples);
}

describe('audibleSpan', () => {
  it('begins at most 10 ms before the first sound and ends with the last', () => {
    const samples = new Int16Array(16_000).fill(8000, 4000, 8000);
    expect(audibleSpan(samples, 16_000)).toEqual({ start: 3920, end: 8000 });
  });

  it('is undefined where nothing sounds', () => {
    expect(audibleSpan(new Int16Array(1000), 16_000)).toBeUndefined();
  });
});

describe('LeadingSilence', () => {
  it('leaves at most 10 ms of it and loses nothing after it, however the audio is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES_HZ),
        fc.nat(6000),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }),
        (rateHz, silentSamples, cuts) => {
          const whole = silenceThenSound(silentSamples, 2000);
          const silence = new LeadingSilence(rateHz);
          const played: number[] = [];
          let at = 0;
          for (let cut = 0; at < whole.length; cut += 1) {
            const length = cuts[cut % cuts.length] ?? 1;
            played.push(...silence.trim(whole.subarray(at, at + length)));
            at += length;
          }
          expect(silence.droppedSamples + played.length).toBe(whole.length);
          expect(played).toEqual(Array.from(whole.subarray(silence.droppedSamples)));
          expect(silentSamples - silence.droppedSamples).toBeLessThanOrEqual(Math.ceil(rateHz / 100));
          expect(silence.droppedSamples).toBeLessThanOrEqual(silentSamples);
        },
      ),
    );
  });

  it('passes later pauses on', () => {
    const silence = new LeadingSilence(16_000);
    silence.trim(silenceThenSound(800, 800));
    expect(silence.trim(new Int16Array(500))).toHaveLength(500);
  });

  it('plays nothing of audio that never sounds', () => {
    const silence = new LeadingSilence(16_000);
    expect([1, 79, 4000].map((length) => silence.trim(new Int16Array(length)).length)).toEqual([0, 0, 0]);
    expect(silence.hasSounded).toBe(false);
  });
});
