// Text to speech without a key: flite in a worker thread. Chunks are synthesised whole, one ahead of what is played.

import { prefetch } from '../lib/prefetch.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { OFFLINE_VOICE_RATE_HZ, type OfflineVoice } from './offline/flite.ts';
import { Synthesizer } from './offline/synthesizer.ts';
import type { SpokenAudio, TextToSpeech } from './port.ts';

export interface OfflineTextToSpeechOptions {
  /** Default `slt`, a woman's voice and the clearest of them. */
  readonly voice?: OfflineVoice;
}

/** Chunks synthesised ahead of the reader: enough never to wait for one, little to throw away after a barge-in. */
const CHUNKS_AHEAD = 2;
const SPEAKABLE = /[\p{L}\p{N}]/u;

/** One thread, shared by all calls of `speak`; make one per process. */
export function offlineTextToSpeech({ voice = 'slt' }: OfflineTextToSpeechOptions = {}): TextToSpeech {
  const synthesizer = new Synthesizer();

  async function* speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    try {
      const spoken = prefetch(synthesized(chunks, either), CHUNKS_AHEAD, { signal: either });
      for await (const pieces of spoken) {
        for (const piece of pieces) {
          if (signal.aborted) return;
          yield piece;
        }
      }
    } finally {
      left.abort();
    }
  }

  async function* synthesized(
    chunks: AsyncIterable<string>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SpokenAudio[], void, undefined> {
    let offset = 0;
    for await (const chunk of untilAborted(chunks, signal)) {
      if (SPEAKABLE.test(chunk)) yield await audioOf(chunk, offset, signal);
      offset += chunk.length;
    }
  }

  async function audioOf(chunk: string, offset: number, signal: AbortSignal): Promise<readonly SpokenAudio[]> {
    const { samples, pieces } = await synthesizer.speak(chunk, voice, signal);
    return pieces.map(({ startSample, endSample, characterStart, characterEnd }) => ({
      samples: samples.subarray(startSample, endSample),
      characterStart: offset + characterStart,
      characterEnd: offset + characterEnd,
    }));
  }

  return {
    name: `offline ${voice}`,
    sampleRateHz: OFFLINE_VOICE_RATE_HZ,
    speak,
    warmUp: async () => {
      await synthesizer.speak('Hello.', voice, undefined);
    },
    close: () => synthesizer.close(),
  };
}
