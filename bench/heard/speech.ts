// What the caller says: flite's voice, with pauses, and what a recogniser would make of it, word by word.

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { concatenate, levelDbfs, type Pcm, silence, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { resample } from '../../test/e2e/resample.ts';
import { synthesise } from '../../test/e2e/speech.ts';
import { type ScriptedWord, utteranceOf } from '../providers/deepgram.ts';

export interface Utterance {
  readonly text: string;
  readonly speech: Pcm;
  /** Milliseconds from the first sound. */
  readonly words: readonly ScriptedWord[];
  /** What is inaudible before the first and after the last 10 ms above −45 dBFS, between which there is speech. */
  readonly leadingQuietMs: number;
  readonly trailingQuietMs: number;
}

const SPEECH_DBFS = -45;

/** Parts of a sentence, with the pause after each but the last. */
export interface SpokenPart {
  readonly text: string;
  readonly pauseMs: number;
}

export async function spoken(parts: readonly SpokenPart[]): Promise<Utterance> {
  const pieces: Pcm[] = [];
  const words: ScriptedWord[] = [];
  let lastedMs = 0;
  let onsetMs: number | undefined;
  for (const [index, { text, pauseMs }] of parts.entries()) {
    const speech = await synthesise(text);
    const startMs = lastedMs + quietMs(speech, 'before');
    onsetMs ??= startMs;
    const offsetMs = startMs - onsetMs;
    for (const word of utteranceOf(text, speech.samples)) {
      words.push({ text: word.text, startMs: word.startMs + offsetMs, endMs: word.endMs + offsetMs });
    }
    const pause = silence(index === parts.length - 1 ? 0 : pauseMs, speech.sampleRateHz);
    pieces.push(speech, pause);
    lastedMs += lengthMs(speech) + lengthMs(pause);
  }
  return utterance(parts.map(({ text }) => text).join(' '), joined(pieces), words);
}

/** Of a sound from elsewhere; `text` is what the recogniser takes it for, nothing where it is empty. */
export function heardAs(text: string, sound: Pcm): Utterance {
  const { samples } = resample(sound, LISTENING_RATE_HZ);
  return utterance(text, sound, text === '' ? [] : utteranceOf(text, samples));
}

function utterance(text: string, speech: Pcm, words: readonly ScriptedWord[]): Utterance {
  const [leadingQuietMs, trailingQuietMs] = [quietMs(speech, 'before'), quietMs(speech, 'after')];
  return { text, speech, words, leadingQuietMs, trailingQuietMs };
}

function joined(pieces: readonly Pcm[]): Pcm {
  const [first, ...rest] = pieces;
  if (first === undefined) throw new Error('nothing to say');
  return concatenate(first, ...rest);
}

function quietMs({ samples, sampleRateHz }: Pcm, where: 'before' | 'after'): number {
  const window = (sampleRateHz * WINDOW_MS) / 1000;
  const count = Math.floor(samples.length / window);
  for (let index = 0; index < count; index += 1) {
    const start = where === 'before' ? index * window : samples.length - (index + 1) * window;
    if (levelDbfs(samples.subarray(start, start + window)) > SPEECH_DBFS) return index * WINDOW_MS;
  }
  return count * WINDOW_MS;
}

function lengthMs({ samples, sampleRateHz }: Pcm): number {
  return (samples.length / sampleRateHz) * 1000;
}
