// How fast the stand-ins of the providers are.

import type { Random } from './random.ts';

export interface ProviderProfile {
  readonly name: 'fast' | 'usual' | 'slow';
  readonly description: string;
  /** What no agent can be faster than that starts once the words are known: STT, first token, first byte; at the medians. */
  readonly floorMs: number;
  /** From the end of a word to its transcript, and from the request of a final to its answer. */
  readonly recognitionMs: (random: Random) => number;
  readonly firstTokenMs: (random: Random) => number;
  readonly tokenMs: (random: Random) => number;
  readonly firstByteMs: (random: Random) => number;
}

export const profiles: readonly ProviderProfile[] = [
  {
    name: 'fast',
    description: 'STT 100, LLM first token 120 and 10 a token, TTS first byte 80 ms',
    floorMs: 300,
    recognitionMs: () => 100,
    firstTokenMs: () => 120,
    tokenMs: () => 10,
    firstByteMs: () => 80,
  },
  {
    name: 'usual',
    description: 'STT 150, LLM first token 350 and 20 a token, TTS first byte 150 ms',
    floorMs: 650,
    recognitionMs: () => 150,
    firstTokenMs: () => 350,
    tokenMs: () => 20,
    firstByteMs: () => 150,
  },
  {
    name: 'slow',
    description:
      'log-normal, medians (sigma): STT 250 (0.4), LLM first token 600 (0.6) and 25 a token, one in 50 stalls for 600 ms (0.5), TTS first byte 250 ms (0.5)',
    floorMs: 1100,
    recognitionMs: (random) => random.logNormal(250, 0.4),
    firstTokenMs: (random) => random.logNormal(600, 0.6),
    tokenMs: (random) => (random.chance(0.02) ? random.logNormal(600, 0.5) : 25),
    firstByteMs: (random) => random.logNormal(250, 0.5),
  },
];
