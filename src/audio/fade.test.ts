import { describe, expect, it } from 'vitest';
import { fadeOut, Gain } from './fade.ts';

/** The largest change from one sample to the next. */
function steepest(samples: Int16Array): number {
  return Math.max(...samples.subarray(1).map((sample, n) => Math.abs((samples[n] ?? 0) - sample)));
}

describe('fadeOut', () => {
  it('goes from full to nothing without a step', () => {
    const samples = new Int16Array(960).fill(20_000);
    fadeOut(samples);
    expect(samples[0]).toBeGreaterThan(19_990);
    expect(samples[479]).toBeCloseTo(5000, -2);
    expect(samples[959]).toBe(0);
    const steps = [...samples.subarray(1)].map((sample, n) => (samples[n] ?? 0) - sample);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(60);
  });

  it('has nothing to do without samples', () => {
    expect(() => fadeOut(new Int16Array())).not.toThrow();
  });
});

const frame = (): Int16Array => new Int16Array(320).fill(20_000);

describe('Gain', () => {
  it('leaves samples as they are until it is changed', () => {
    const samples = frame();
    expect(new Gain().apply(samples)).toBe(samples);
  });

  it('reaches its target within the ramp, over frames, without a step, and leaves what it was given alone', () => {
    const gain = new Gain();
    gain.rampTo(0.1, 640);
    const samples = frame();
    const played = Int16Array.from([...gain.apply(samples), ...gain.apply(frame()), ...gain.apply(frame())]);
    expect(samples).toEqual(frame());
    expect(played[0]).toBeGreaterThan(19_900);
    expect(played[320]).toBeCloseTo(11_000, -2);
    expect([...played.subarray(640)]).toEqual(Array(320).fill(2000));
    expect(steepest(played)).toBeLessThan(60);
  });

  it('turns round in mid-ramp from where it is', () => {
    const gain = new Gain();
    gain.rampTo(0, 640);
    const down = gain.apply(frame());
    gain.rampTo(1, 640);
    const up = Int16Array.from([...gain.apply(frame()), ...gain.apply(frame())]);
    expect(up[0]).toBeCloseTo(down[319] ?? 0, -3);
    expect(steepest(Int16Array.from([...down, ...up]))).toBeLessThan(80);
    expect(up[639]).toBeGreaterThan(19_990);
  });

  it('fades in to its target from silence', () => {
    const gain = new Gain();
    gain.rampTo(0.5, 0);
    gain.fadeIn(320);
    const played = gain.apply(frame());
    expect(played[0]).toBeLessThan(10);
    expect(played[319]).toBeCloseTo(10_000, -2);
    expect(gain.apply(frame())[0]).toBe(10_000);
  });
});
