import { describe, expect, it } from 'vitest';
import { offlineTextToSpeech } from '../../src/tts/offline.ts';
import { describeTextToSpeech } from './tts.ts';

const file = new URL('../../src/tts/offline.ts', import.meta.url).href;

describeTextToSpeech('the offline voice', {
  make: () => offlineTextToSpeech(),
  source: `import('${file}').then(({ offlineTextToSpeech }) => offlineTextToSpeech())`,
});

async function* hello(): AsyncGenerator<string> {
  yield 'Hello there.';
}

/** Samples before the first window of 10 ms above −50 dBFS. */
function silentSamples(samples: Int16Array, rateHz: number): number {
  const window = rateHz / 100;
  for (let start = 0; start < samples.length; start += 1) {
    const energy = samples.subarray(start, start + window).reduce((sum, sample) => sum + sample * sample, 0);
    if (energy / window >= (32_768 * 10 ** (-50 / 20)) ** 2) return start;
  }
  return samples.length;
}

describe('the offline voice', () => {
  it.each(['slt', 'rms', 'awb'] as const)('%s begins with at most 10 ms of silence', async (voice) => {
    const tts = offlineTextToSpeech({ voice });
    for await (const { samples } of tts.speak(hello(), { signal: new AbortController().signal })) {
      expect(samples.length).toBeGreaterThan(0);
      expect(silentSamples(samples, tts.sampleRateHz)).toBeLessThanOrEqual(tts.sampleRateHz / 100);
      break;
    }
    await tts.close();
  });
});
