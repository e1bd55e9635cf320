import { describe, expect, it } from 'vitest';

import { readWavHeader } from '../../../src/audio/wav.ts';
import { CallRecording } from './call-recording.ts';

const minute = 60 * 16_000;
const constant = (length: number, value: number): Int16Array => new Int16Array(length).fill(value);

describe('a recording of the call', () => {
  it('is a stereo WAV file with the caller left and the agent right', () => {
    const recording = new CallRecording();
    recording.push(Int16Array.of(1, 2), Int16Array.of(-1, -2));
    const bytes = Buffer.concat(recording.wav());
    expect(readWavHeader(bytes)).toMatchObject({ channelCount: 2, sampleRateHz: 16_000, bitsPerSample: 16 });
    expect(bytes.readUInt32LE(40)).toBe(8);
    expect([44, 46, 48, 50].map((at) => bytes.readInt16LE(at))).toEqual([1, -1, 2, -2]);
    expect(bytes).toHaveLength(52);
  });

  it('is none before anything was heard', () => {
    expect(new CallRecording().wav()).toEqual([]);
    expect(new CallRecording().durationMs).toBe(0);
  });

  it('holds the last ten minutes at most', () => {
    const recording = new CallRecording();
    for (let one = 1; one <= 12; one += 1) recording.push(constant(minute, one), constant(minute, -one));
    recording.push(constant(16_000, 13), constant(16_000, -13));
    expect(recording.durationMs).toBe((9 * 60 + 1) * 1000);
    const bytes = Buffer.concat(recording.wav());
    expect(bytes.readInt16LE(44)).toBe(4);
    expect(bytes.readInt16LE(bytes.length - 2)).toBe(-13);
    expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
  });
});
