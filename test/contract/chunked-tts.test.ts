import { chunkedTextToSpeech } from '../../src/tts/chunked.ts';
import { offlineTextToSpeech } from '../../src/tts/offline.ts';
import { describeTextToSpeech } from './tts.ts';

const file = (name: string): string => new URL(`../../src/tts/${name}.ts`, import.meta.url).href;

describeTextToSpeech('the offline voice, given tokens', {
  make: () => chunkedTextToSpeech(offlineTextToSpeech(), 'en-US'),
  source: `Promise.all([import('${file('offline')}'), import('${file('chunked')}')]).then(
    ([{ offlineTextToSpeech }, { chunkedTextToSpeech }]) => chunkedTextToSpeech(offlineTextToSpeech(), 'en-US'))`,
});
