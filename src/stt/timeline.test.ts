import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleTimeline } from './timeline.ts';

describe('SampleTimeline', () => {
  it('counts three ticks of 48 kHz for a sample of 16 kHz', () => {
    const timeline = new SampleTimeline();
    timeline.append(1000, 320);
    expect(timeline.startOf(100)).toBe(1300);
  });

  it('tells the end before a jump from the start after it', () => {
    const timeline = new SampleTimeline();
    timeline.append(0, 320);
    timeline.append(20_160, 320);
    expect(timeline.endOf(320)).toBe(960);
    expect(timeline.startOf(320)).toBe(20_160);
  });

  it('gives every sample the timestamp that its frame came with', () => {
    const frames = fc.array(fc.record({ jump: fc.nat(100_000), length: fc.integer({ min: 1, max: 960 }) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(frames, fc.constantFrom(0, 65_530, 2 ** 32 - 480), (list, start) => {
        const timeline = new SampleTimeline();
        let timestamp = start;
        let sample = 0;
        const expected: [number, number, number][] = [];
        for (const { jump, length } of list) {
          timestamp += jump;
          timeline.append(timestamp, length);
          expected.push([sample, length, timestamp]);
          sample += length;
          timestamp += length * 3;
        }
        expect(timeline.sampleCount).toBe(sample);
        for (const [first, length, at] of expected) {
          expect(timeline.startOf(first)).toBe(at);
          expect(timeline.endOf(first + length)).toBe(at + length * 3);
        }
      }),
    );
  });

  it('forgets what lies before a sample, and nothing from it on', () => {
    const timeline = new SampleTimeline();
    for (let frame = 0; frame < 1000; frame += 1) timeline.append(frame * 20_000, 320);
    const instants = (): number[][] =>
      [900, 901, 999].map((frame) => [timeline.endOf(frame * 320), timeline.startOf(frame * 320)]);
    const before = instants();
    timeline.forgetBefore(900 * 320);
    expect(instants()).toEqual(before);
    expect(timeline.stretchCount).toBe(101);
    expect(timeline.sampleCount).toBe(320_000);
    timeline.append(50_000_000, 320);
    expect(timeline.startOf(320_000)).toBe(50_000_000);
  });

  it('begins anew after clear', () => {
    const timeline = new SampleTimeline();
    timeline.append(0, 320);
    timeline.clear();
    timeline.append(96_000, 320);
    expect(timeline.startOf(0)).toBe(96_000);
  });
});
