import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixtureWav } from '../../test/fixtures/wav.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../rtp/packet.ts';
import type { AudioFrame, FrameOrigin } from './frame.ts';
import { VoiceActivity, type VoiceEvent } from './voice-activity.ts';

const FRAME_SAMPLES = 320;
const START = 123_456;
const speech = readFixtureWav('speech/librivox-sense-0880.wav');
const speechTicks = speech.length * 3;

/** Frames of 20 ms, one after another, from `timestamp` on. */
function frames(samples: Int16Array, timestamp: number, origin: FrameOrigin = 'received'): AudioFrame[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, index) => ({
    samples: samples.slice(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
    timestamp: timestamp + index * FRAME_TICKS,
    origin,
    arrivedAtMs: 0,
  }));
}

function silence(milliseconds: number, timestamp: number, origin: FrameOrigin = 'silence'): AudioFrame[] {
  return frames(new Int16Array(milliseconds * 16), timestamp, origin);
}

const processAll = (activity: VoiceActivity, list: readonly AudioFrame[]): VoiceEvent[] =>
  list.flatMap((frame) => [...activity.process(frame)]);

describe('VoiceActivity', () => {
  it('hears one person speak, from shortly after the onset to the end of the voice', () => {
    const activity = new VoiceActivity();
    const lead = silence(1000, START);
    const spokenAt = START + 1000 * TICKS_PER_MS;
    const tail = silence(1000, spokenAt + speechTicks);
    const events = processAll(activity, [...lead, ...frames(speech, spokenAt), ...tail]);
    expect(events[0]?.type).toBe('voiceStarted');
    expect(events.at(-1)?.type).toBe('voiceEnded');
    expect(((events[0]?.timestamp ?? 0) - spokenAt) / TICKS_PER_MS).toBeLessThan(400);
    expect((events.at(-1)?.timestamp ?? 0) - spokenAt).toBeLessThanOrEqual(speechTicks + 40 * TICKS_PER_MS);
    expect((events.at(-1)?.timestamp ?? 0) - spokenAt).toBeGreaterThan(speechTicks - 700 * TICKS_PER_MS);
    expect(activity.speaking).toBe(false);
  });

  it('says that a voice has ended after 96 ms without it, not at the first window', () => {
    const activity = new VoiceActivity();
    processAll(activity, frames(speech.subarray(0, 16_000), START));
    expect(activity.speaking).toBe(true);
    const after = silence(400, START + 48_000, 'received');
    const endedIn = after.findIndex((frame) => activity.process(frame).length > 0);
    expect(endedIn * 20).toBeGreaterThanOrEqual(80);
    expect(endedIn * 20).toBeLessThanOrEqual(240);
  });

  it('tells of what may be the beginning of a voice before that is certain', () => {
    const activity = new VoiceActivity();
    processAll(activity, silence(400, START, 'received'));
    expect(activity.doubt).toBeUndefined();
    const seen = frames(speech.subarray(0, 16_000), START + 400 * TICKS_PER_MS).map((frame) => {
      const began = activity.process(frame).length > 0;
      return began ? 'began' : activity.doubt;
    });
    expect(seen.indexOf('began')).toBeGreaterThan(0);
    expect(seen[seen.indexOf('began') - 1]).toBe('mayHaveBegun');
  });

  it('doubts a voice before its end is certain, and seldom while it goes on', () => {
    const activity = new VoiceActivity();
    const doubts = frames(speech.subarray(0, 16_000), START).map((frame) => {
      activity.process(frame);
      return activity.doubt === 'mayHaveEnded';
    });
    expect(doubts.slice(-10)).toEqual(Array(10).fill(false));
    const after = silence(400, START + 48_000, 'received').map((frame) => {
      const ended = activity.process(frame).length > 0;
      return ended ? 'ended' : (activity.doubt ?? 'voice');
    });
    expect(after.indexOf('mayHaveEnded') * 20).toBeLessThanOrEqual(80);
    expect((after.indexOf('ended') - after.indexOf('mayHaveEnded')) * 20).toBeGreaterThanOrEqual(60);
    expect(activity.doubt).toBeUndefined();
  });

  it.each<[string, (n: number) => number]>([
    ['silence', () => 0],
    ['noise', (n) => ((Math.sin(n * 12.9898) * 43_758.5453) % 1) * 0.5],
    ['a tone', (n) => 0.3 * Math.sin((2 * Math.PI * 440 * n) / 16_000)],
  ])('is not woken by %s', (_name, sound) => {
    const samples = Int16Array.from({ length: 48_000 }, (_, n) => Math.round(4000 * sound(n)));
    expect(processAll(new VoiceActivity(), frames(samples, START))).toEqual([]);
  });

  it('ends a voice where time was stepped over', () => {
    const activity = new VoiceActivity();
    processAll(activity, frames(speech.subarray(0, 16_000), START));
    const [event] = processAll(activity, silence(20, START + 480_000));
    expect(event?.type).toBe('voiceEnded');
    expect(event?.timestamp).toBeLessThanOrEqual(START + 48_000);
    expect(event?.timestamp).toBeGreaterThan(START + 40_000);
  });

  it('hears the same after a long skipped silence as after one it listened to', () => {
    const starts = (['silence', 'received'] as const).map((origin) => {
      const activity = new VoiceActivity();
      processAll(activity, silence(10_000, START, origin));
      return processAll(activity, frames(speech, START + 480_000))[0];
    });
    expect(starts[0]?.type).toBe('voiceStarted');
    expect(Math.abs((starts[0]?.timestamp ?? 0) - (starts[1]?.timestamp ?? 0))).toBeLessThanOrEqual(32 * TICKS_PER_MS);
  });

  it('says the same whatever the length of the frames', () => {
    const whole = processAll(new VoiceActivity(), frames(speech, START));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 40, max: 1920 }), { minLength: 5, maxLength: 30 }), (lengths) => {
        const activity = new VoiceActivity();
        const events: VoiceEvent[] = [];
        for (let at = 0, turn = 0; at < speech.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? FRAME_SAMPLES;
          const samples = speech.subarray(at, at + length);
          events.push(...activity.process({ samples, timestamp: START + at * 3, origin: 'received', arrivedAtMs: 0 }));
          at += length;
        }
        expect(events).toEqual(whole);
      }),
      { numRuns: 5 },
    );
  });

  it('alternates, and moves forward in time, over any mixture of speech, silence and gaps', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ kind: fc.constantFrom('speech', 'silence', 'gap'), frames: fc.integer({ min: 1, max: 60 }) }),
          { minLength: 1, maxLength: 8 },
        ),
        (parts) => {
          const activity = new VoiceActivity();
          const events: VoiceEvent[] = [];
          let timestamp = START;
          for (const part of parts) {
            const samples = part.kind === 'speech' ? speech.subarray(8000, 8000 + part.frames * 320) : undefined;
            const list = samples === undefined ? silence(part.frames * 20, timestamp) : frames(samples, timestamp);
            if (part.kind !== 'gap') events.push(...processAll(activity, list));
            timestamp += part.frames * FRAME_TICKS;
          }
          const types = events.map((event) => event.type);
          expect(types).toEqual(types.map((_, index) => (index % 2 === 0 ? 'voiceStarted' : 'voiceEnded')));
          const instants = events.map((event) => event.timestamp);
          expect(instants).toEqual([...instants].sort((a, b) => a - b));
          expect(activity.speaking).toBe(types.length % 2 === 1);
        },
      ),
      { numRuns: 25 },
    );
  });
});
