import { describe, expect, it } from 'vitest';
import { batchTextToSpeech } from '../../src/tts/batch.ts';
import { offlineTextToSpeech } from '../../src/tts/offline.ts';
import type { SpokenAudio, TextToSpeech } from '../../src/tts/port.ts';
import { describeTextToSpeech } from './tts.ts';

const url = (path: string): string => new URL(`../../src/tts/${path}`, import.meta.url).href;
const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

describeTextToSpeech('the offline voice in batch', {
  make: () => batchTextToSpeech(offlineTextToSpeech()),
  source: `Promise.all([import('${url('batch.ts')}'), import('${url('offline.ts')}')]).then(
    ([{ batchTextToSpeech }, { offlineTextToSpeech }]) => batchTextToSpeech(offlineTextToSpeech()))`,
  streaming: false,
});

async function collect(audio: AsyncIterable<SpokenAudio>): Promise<SpokenAudio[]> {
  const pieces: SpokenAudio[] = [];
  for await (const piece of audio) pieces.push(piece);
  return pieces;
}

/** Notes when its text and its audio pass. */
function noting(steps: string[]): TextToSpeech {
  return {
    name: 'noting',
    sampleRateHz: 16_000,
    async *speak(chunks) {
      for await (const chunk of chunks) {
        steps.push(`audio of ${chunk}`);
        yield { samples: new Int16Array(320), characterStart: 0, characterEnd: chunk.length };
      }
    },
    warmUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function stepsOf(make: (tts: TextToSpeech) => TextToSpeech): Promise<string[]> {
  const steps: string[] = [];
  async function* text(): AsyncGenerator<string, void, undefined> {
    for (const chunk of ['a', 'b']) {
      steps.push(`text ${chunk}`);
      yield chunk;
    }
  }
  for await (const _ of make(noting(steps)).speak(text(), live())) steps.push('heard');
  return steps;
}

async function* offer(): AsyncGenerator<string, void, undefined> {
  yield* ['Of course, ', 'we are open every day. ', 'Would you like to come?'];
}

describe('a voice in batch', () => {
  it('takes all of the text, then makes all of the audio, then gives the first piece; streaming mixes them', async () => {
    expect(await stepsOf(batchTextToSpeech)).toEqual([
      'text a',
      'text b',
      'audio of a',
      'audio of b',
      'heard',
      'heard',
    ]);
    expect(await stepsOf((tts) => tts)).toEqual(['text a', 'audio of a', 'heard', 'text b', 'audio of b', 'heard']);
  });

  it('says the same as when it streams, sample for sample and character for character', async () => {
    const streaming = offlineTextToSpeech();
    const batch = batchTextToSpeech(streaming);
    expect(await collect(batch.speak(offer(), live()))).toEqual(await collect(streaming.speak(offer(), live())));
    await batch.close();
  });
});
