import { expect, it } from 'vitest';
import { offlineTextToSpeech } from '../../src/tts/offline.ts';
import { resampledTextToSpeech } from '../../src/tts/resampled.ts';
import { describeTextToSpeech } from './tts.ts';

const file = (name: string): string => new URL(`../../src/tts/${name}.ts`, import.meta.url).href;

describeTextToSpeech('the offline voice at 24 kHz', {
  make: () => resampledTextToSpeech(offlineTextToSpeech(), 24_000),
  source: `Promise.all([import('${file('offline')}'), import('${file('resampled')}')]).then(
    ([{ offlineTextToSpeech }, { resampledTextToSpeech }]) => resampledTextToSpeech(offlineTextToSpeech(), 24_000))`,
});

it('a voice that has the rate already is left alone', async () => {
  const tts = offlineTextToSpeech();
  expect(resampledTextToSpeech(tts, tts.sampleRateHz)).toBe(tts);
  await tts.close();
});
