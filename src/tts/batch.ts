// The batch variant of a voice (`streaming.tts = false`): all of the text first, then all of its audio, then the first piece.

import { untilAborted } from '../lib/until-aborted.ts';
import type { SpokenAudio, TextToSpeech } from './port.ts';

/** Closing it closes `tts`. */
export function batchTextToSpeech(tts: TextToSpeech): TextToSpeech {
  async function* speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    const text = await collected(untilAborted(chunks, signal));
    const pieces = await collected(tts.speak(given(text), { signal }));
    for (const piece of pieces) {
      if (signal.aborted) return;
      yield piece;
    }
  }

  return {
    name: `${tts.name} in batch`,
    sampleRateHz: tts.sampleRateHz,
    speak,
    warmUp: () => tts.warmUp(),
    close: () => tts.close(),
  };
}

async function collected<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** The chunks are kept as they are, so that the voice says the same as when it streams. */
async function* given(chunks: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* chunks;
}
