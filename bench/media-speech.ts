// The load: a spoken question, then silence while it is answered, made once by the offline voice and looped.

import { offlineTextToSpeech } from '../src/tts/offline.ts';
import type { SpokenAudio } from '../src/tts/port.ts';

async function* once(text: string): AsyncGenerator<string, void, undefined> {
  yield text;
}

/** Speaks `text`: pieces of 16 kHz PCM. */
export async function speak(text: string, voice: 'slt' | 'rms'): Promise<readonly SpokenAudio[]> {
  const tts = offlineTextToSpeech({ voice });
  const pieces: SpokenAudio[] = [];
  for await (const piece of tts.speak(once(text), { signal: new AbortController().signal })) pieces.push(piece);
  await tts.close();
  return pieces;
}

export function joined(pieces: readonly SpokenAudio[]): Int16Array {
  const samples = new Int16Array(pieces.reduce((length, piece) => length + piece.samples.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece.samples, at);
    at += piece.samples.length;
  }
  return samples;
}
