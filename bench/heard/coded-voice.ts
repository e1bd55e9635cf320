// A voice of which one can tell at any time which word it is saying: each word has a tone of its own, without gaps between
// them. So a hole is a hole, and a word that begins again is seen to.

import { levelDbfs } from '../../test/e2e/pcm.ts';

/** As the voice stand-in's tones. */
const MS_PER_CHARACTER = 60;
const AMPLITUDE = 8000;
/** Far enough apart for windows of 10 ms, all within the narrow band of a telephone. */
const LOWEST_HZ = 400;
const STEP_HZ = 200;
const TONE_COUNT = 12;
/** Half of the energy of a window that is one word's. */
const CLEAR_RATIO = 0.5;
const SILENCE_DBFS = -50;

export class CodedVoice {
  /** Of the whole text. */
  readonly lengthMs: number;
  readonly #words: readonly string[];

  /** The text that will be spoken; no word comes twice. */
  constructor(text: string) {
    this.lengthMs = text.length * MS_PER_CHARACTER;
    this.#words = wordsOf(text);
  }

  /** For the stand-in of the voice: 60 ms for each character, a space goes with the word before it. */
  synthesise(text: string, rateHz: number): Int16Array {
    const perCharacter = (MS_PER_CHARACTER * rateHz) / 1000;
    const samples = new Int16Array(Math.round(text.length * perCharacter));
    let phase = 0;
    for (const { 0: written, index } of text.matchAll(/\S+\s*/gu)) {
      const step = (2 * Math.PI * toneHz(this.#words.indexOf(bare(written)))) / rateHz;
      const end = Math.round((index + written.length) * perCharacter);
      for (let sample = Math.round(index * perCharacter); sample < end; sample += 1) {
        samples[sample] = Math.round(AMPLITUDE * Math.sin(phase));
        phase += step;
      }
    }
    return samples;
  }

  /** Which of twelve tones 10 ms of sound are; undefined where they are none, or two. */
  toneOf(samples: Int16Array, rateHz: number): number | undefined {
    if (levelDbfs(samples) < SILENCE_DBFS) return undefined;
    let energy = 0;
    for (const sample of samples) energy += sample * sample;
    const powers = Array.from({ length: TONE_COUNT }, (_, tone) => powerAt(toneHz(tone), samples, rateHz));
    const strongest = Math.max(...powers);
    // Of a pure tone, the power is half of the energy times the number of samples.
    return strongest > (CLEAR_RATIO * energy * samples.length) / 2 ? powers.indexOf(strongest) : undefined;
  }

  /** Of the next word. */
  toneAfter(tone: number): number {
    return (tone + 1) % TONE_COUNT;
  }

  /** How long the shortest word with this tone takes. */
  wordMs(tone: number): number {
    const lengths = this.#words.filter((_, index) => index % TONE_COUNT === tone).map(({ length }) => length);
    return MS_PER_CHARACTER * Math.min(...lengths);
  }
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/u).map(bare);
}

function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function toneHz(word: number): number {
  return LOWEST_HZ + STEP_HZ * (Math.max(0, word) % TONE_COUNT);
}

/** Goertzel: the squared magnitude of one frequency. */
function powerAt(hz: number, samples: Int16Array, rateHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rateHz);
  let [last, beforeLast] = [0, 0];
  for (const sample of samples) [last, beforeLast] = [sample + factor * last - beforeLast, last];
  return last * last + beforeLast * beforeLast - factor * last * beforeLast;
}
