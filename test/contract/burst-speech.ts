// "Speech" whose words lie where one knows to the sample: bursts of noise, no two frames of which are equal.

import type { ScriptedWord } from '../../bench/providers/deepgram.ts';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';

const samplesOf = (ms: number): number => (ms * LISTENING_RATE_HZ) / 1000;
/** Silence on both sides. */
const MARGIN_MS = 300;
const WORD_MS = 200;
const GAP_MS = 60;
/** In the middle of the text; longer than Deepgram's endpointing. */
const PAUSE_MS = 240;
const AMPLITUDE = 8000;

export interface BurstSpeech {
  readonly samples: Int16Array;
  readonly text: string;
  /** For the stand-in: from the first burst on. */
  readonly script: readonly ScriptedWord[];
  /** From the first sample on, in milliseconds. */
  readonly wordStartsMs: readonly number[];
  /** In the middle of the pause. */
  readonly pauseAtMs: number;
}

/** One burst for each word of `text`; other seeds give other samples. */
export function burstSpeech(text: string, seed = 1): BurstSpeech {
  const words = text.split(' ');
  const pauseBefore = Math.ceil(words.length / 2);
  const starts = words.map((_, index) => index * (WORD_MS + GAP_MS) + (index >= pauseBefore ? PAUSE_MS - GAP_MS : 0));
  const spanMs = (starts.at(-1) ?? 0) + WORD_MS;
  const samples = new Int16Array(samplesOf(spanMs + 2 * MARGIN_MS));
  let state = seed;
  for (const start of starts) {
    const first = samplesOf(MARGIN_MS + start);
    for (let n = first; n < first + samplesOf(WORD_MS); n += 1) {
      // Numerical Recipes' linear congruential generator.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      samples[n] = (state / 2 ** 32 - 0.5) * 2 * AMPLITUDE;
    }
  }
  return {
    samples,
    text,
    script: words.map((word, index) => {
      const startMs = starts[index] ?? 0;
      return { text: word, startMs, endMs: startMs + WORD_MS };
    }),
    wordStartsMs: starts.map((start) => MARGIN_MS + start),
    pauseAtMs: MARGIN_MS + (starts[pauseBefore] ?? 0) - PAUSE_MS / 2,
  };
}
