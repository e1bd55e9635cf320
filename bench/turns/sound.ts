// Sound of the simulation: a frame carries its level and, of the caller, which word it is part of. Cheap, so that hours of
// calls pass in seconds. Leaves out everything that a real codec and a real detector add.

import type { OpusCodec } from '../../src/opus/port.ts';
import { tone } from '../../test/sim/stages.ts';

const FRAMES_PER_SECOND = 50;
const FULL_SCALE = 32_768;
/** Where the samples of the caller's frames hold the number of the word. */
const WORD_SAMPLE = 1;
const SILENCE_DBFS = -90;

/** A frame of the caller's voice. `word` counts from 1; 0 is a sound without words. */
export function voicePayload(word: number): Uint8Array {
  return Uint8Array.of(1, word & 0xff, word >> 8, 0);
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
