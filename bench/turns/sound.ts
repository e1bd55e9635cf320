// Sound of the simulation: a frame carries its level and, of the caller, which word it is part of. Cheap, so that hours of
// calls pass in seconds. Leaves out everything that a real codec and a real detector add.

import type { AudioFrame } from '../../src/audio/frame.ts';
import type { VoiceDetector, VoiceEvent } from '../../src/audio/voice-activity.ts';
import type { OpusCodec } from '../../src/opus/port.ts';
import { simVoiceDetector, tone } from '../../test/sim/stages.ts';
import type { Random } from './random.ts';

const FRAMES_PER_SECOND = 50;
const FULL_SCALE = 32_768;
/** Where the samples of the caller's frames hold the number of the word, and how fast the sound changes. */
const WORD_SAMPLE = 1;
const MOVEMENT_SAMPLE = 2;
/** A byte holds so many steps for each dB. */
const STEPS_PER_DB = 8;
const SILENCE_DBFS = -90;

/** A frame of the caller's voice. `word` counts from 1; 0 is a sound without words. `movementDb`: audio/voice-movement.ts. */
export function voicePayload(word: number, movementDb: number): Uint8Array {
  return Uint8Array.of(1, word & 0xff, word >> 8, Math.max(0, Math.min(255, Math.round(movementDb * STEPS_PER_DB))));
}

/** Mean and standard deviation of what the real analysis makes of the clips of bench/barge-in (half 0) after 240 to 280 ms. */
const MOVEMENT_DB = {
  speech: { mean: 18.1, deviation: 4 },
  backchannel: { mean: 15, deviation: 4.3 },
  cough: { mean: 14.7, deviation: 1.8 },
} as const;

/** How fast one sound changes, drawn anew for each. */
export function drawMovementDb(kind: keyof typeof MOVEMENT_DB, random: Random): number {
  const { mean, deviation } = MOVEMENT_DB[kind];
  // Twelve uniform numbers have a variance of 1.
  const normal = Array.from({ length: 12 }, () => random.next()).reduce((sum, value) => sum + value, -6);
  return mean + deviation * normal;
}

/** Of the simulation, and knows how fast a voice changes. */
export function movingVoiceDetector(): VoiceDetector {
  const detector = simVoiceDetector();
  let movementDb: number | undefined;
  return {
    get doubt() {
      return detector.doubt;
    },
    get movementDb() {
      return movementDb;
    },
    process(frame: AudioFrame): readonly VoiceEvent[] {
      const isVoice = frame.samples[WORD_SAMPLE - 1] !== 0;
      if (isVoice) movementDb = (frame.samples[MOVEMENT_SAMPLE] ?? 0) / STEPS_PER_DB;
      return detector.process(frame);
    },
  };
}

export function wordOf(samples: Int16Array): number {
  return samples[WORD_SAMPLE - 1] === 0 ? 0 : (samples[WORD_SAMPLE] ?? 0);
}

/** Levels of both halves of a frame of the agent, in dBFS. */
export function levelsOf(payload: Uint8Array): readonly [number, number] {
  return [-(payload[1] ?? 0), -(payload[2] ?? 0)];
}

export const levelCodec: OpusCodec = {
  createDecoder: ({ sampleRateHz }) => {
    const loud = tone(sampleRateHz / FRAMES_PER_SECOND, true);
    const silent = tone(sampleRateHz / FRAMES_PER_SECOND, false);
    return {
      sampleRateHz,
      decode: (payload) => {
        if (payload[0] !== 1) return silent;
        const samples = loud.slice();
        samples[WORD_SAMPLE] = (payload[1] ?? 0) + 256 * (payload[2] ?? 0);
        samples[MOVEMENT_SAMPLE] = payload[3] ?? 0;
        return samples;
      },
      conceal: () => silent,
      close: () => undefined,
    };
  },
  createEncoder: ({ sampleRateHz }) => ({
    sampleRateHz,
    encode: (samples) => {
      const half = samples.length / 2;
      const first = -levelDbfs(samples, 0, half);
      const second = -levelDbfs(samples, half, samples.length);
      // Four bytes: three would be a frame of DTX.
      return Uint8Array.of(2, first, second, 0);
    },
    close: () => undefined,
  }),
};

/** Of the root mean square of every tenth sample, between −90 and 0. */
function levelDbfs(samples: Int16Array, start: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let index = start; index < end; index += 10) {
    const value = (samples[index] ?? 0) / FULL_SCALE;
    sum += value * value;
    count += 1;
  }
  return sum === 0 ? SILENCE_DBFS : Math.min(0, Math.max(SILENCE_DBFS, Math.round(10 * Math.log10(sum / count))));
}
