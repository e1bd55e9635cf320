// Deterministic speech for Cartesia's stand-in: a burst of tone for each word, with the time of each word.

/** Speech is made in stretches of text; a word's samples are [start, end). */
export interface SyntheticSpeech {
  readonly samples: Int16Array;
  readonly words: readonly SpokenWord[];
}

export interface SpokenWord {
  readonly word: string;
  readonly startSample: number;
  readonly endSample: number;
}

const MS_PER_CHARACTER = 60;
const AMPLITUDE = 8000;
const RAMP_MS = 5;

/** 60 ms for each character: tone for those of words, silence for those between. The same text sounds the same. */
export function toneSpeech(
  text: string,
  { rateHz, toneHz }: { readonly rateHz: number; readonly toneHz: number },
): SyntheticSpeech {
  const perCharacter = (MS_PER_CHARACTER * rateHz) / 1000;
  const samples = new Int16Array(Math.round(text.length * perCharacter));
  const words = Array.from(text.matchAll(/\S+/gu), ({ index, 0: word }) => ({
    word,
    startSample: Math.round(index * perCharacter),
    endSample: Math.round((index + word.length) * perCharacter),
  }));
  for (const { startSample, endSample } of words) burst(samples.subarray(startSample, endSample), { rateHz, toneHz });
  return { samples, words };
}

/** Speech made elsewhere, its words timed by their length. */
export function timedByLength(text: string, samples: Int16Array): SyntheticSpeech {
  const perCharacter = samples.length / Math.max(1, text.length);
  const words = Array.from(text.matchAll(/\S+/gu), ({ index, 0: word }) => ({
    word,
    startSample: Math.round(index * perCharacter),
    endSample: Math.round((index + word.length) * perCharacter),
  }));
  return { samples, words };
}

/** 150 to 250 Hz, by the name. */
export function toneOf(voice: string): number {
  const sum = Array.from(voice).reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return 150 + (sum % 101);
}

function burst(samples: Int16Array, { rateHz, toneHz }: { readonly rateHz: number; readonly toneHz: number }): void {
  const ramp = (RAMP_MS * rateHz) / 1000;
  for (let n = 0; n < samples.length; n += 1) {
    const gain = Math.min(1, n / ramp, (samples.length - n) / ramp);
    samples[n] = Math.round(gain * AMPLITUDE * Math.sin((2 * Math.PI * toneHz * n) / rateHz));
  }
}
