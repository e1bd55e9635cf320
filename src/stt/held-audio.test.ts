import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFrame } from '../audio/frame.ts';
import { HeldAudio } from './held-audio.ts';

const FRAME_TICKS = 960;

/** Frames of 20 ms, one for each sign: `#` sounds, `.` is silent; timestamps begin at `first`. */
function frames(pattern: string, first = 0): AudioFrame[] {
  return Array.from(pattern, (sign, index) => ({
    samples: new Int16Array(320).fill(sign === '#' ? 8000 : 0),
    timestamp: first + index * FRAME_TICKS,
    origin: 'received' as const,
    arrivedAtMs: 0,
  }));
}

function held(pattern: string): { pattern: string; audio: HeldAudio; firsts: number[] } {
  const audio = new HeldAudio();
  const firsts: number[] = [];
  for (const [index, frame] of frames(pattern).entries()) if (audio.write(frame)) firsts.push(index);
  return { pattern, audio, firsts };
}

/** Which frames of the pattern are in the turn, as `[from, to)`. */
function ranges(audio: HeldAudio): number[][] {
  const list: number[][] = [];
  for (const { timestamp } of audio.take().frames) {
    const index = timestamp / FRAME_TICKS;
    const last = list.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else list.push([index, index + 1]);
  }
  return list;
}

const quiet = (ms: number): string => '.'.repeat(ms / 20);
const sound = (ms: number): string => '#'.repeat(ms / 20);

describe('HeldAudio', () => {
  it('holds a turn from half a second before its first sound on', () => {
    const { audio, firsts } = held(quiet(2000) + sound(400) + quiet(300));
    expect(firsts).toEqual([100]);
    expect(ranges(audio)).toEqual([[75, 135]]);
  });

  it('holds nothing of silence, yet says how far it was heard', () => {
    const { audio } = held(quiet(2000));
    expect(audio.take()).toEqual({ frames: [], soundingMs: 0, droppedMs: 0, endTimestamp: 100 * FRAME_TICKS });
  });

  it('cuts long pauses down to what is around the sounds', () => {
    const { audio } = held(sound(400) + quiet(10_000) + sound(400) + quiet(10_000));
    expect(ranges(audio)).toEqual([
      [0, 120],
      [495, 640],
    ]);
  });

  it('keeps pauses as they are that people make while they speak', () => {
    expect(ranges(held(sound(400) + quiet(2500) + sound(400)).audio)).toEqual([[0, 165]]);
  });

  it('forgets a click, and not a word', () => {
    expect(held(sound(40) + quiet(2000)).audio.take().soundingMs).toBe(0);
    expect(held(sound(60) + quiet(2000)).audio.take().soundingMs).toBe(60);
  });

  it('begins each turn anew, with the silence before it', () => {
    const { audio } = held(sound(400) + quiet(3000));
    audio.take();
    for (const frame of frames(sound(100), 170 * FRAME_TICKS)) audio.write(frame);
    expect(ranges(audio)).toEqual([[145, 175]]);
  });

  it('drops the oldest of more than a minute', () => {
    const { audio } = held((sound(200) + quiet(100)).repeat(210));
    expect(audio.take()).toMatchObject({ droppedMs: 3000, soundingMs: 42_000 });
  });

  it('hands out each sounding frame exactly once, in order, whenever turns are taken', () => {
    const run = fc.record({ sounds: fc.boolean(), count: fc.integer({ min: 4, max: 60 }), take: fc.boolean() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
        const audio = new HeldAudio();
        const given: number[] = [];
        const got: AudioFrame[] = [];
        let at = 0;
        for (const { sounds, count, take } of runs) {
          for (const frame of frames((sounds ? '#' : '.').repeat(count), at)) {
            audio.write(frame);
            if (sounds) given.push(frame.timestamp);
          }
          at += count * FRAME_TICKS;
          if (take) got.push(...audio.take().frames);
        }
        got.push(...audio.take().frames);
        const timestamps = got.map(({ timestamp }) => timestamp);
        expect(timestamps).toEqual(Array.from(new Set(timestamps)).toSorted((a, b) => a - b));
        expect(got.filter(({ samples }) => samples[0] !== 0).map(({ timestamp }) => timestamp)).toEqual(given);
      }),
    );
  });
});
