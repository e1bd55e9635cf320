import { frontDeskGrammar, spoken } from './spoken.ts';
import { offlineSpeechToText } from '../../src/stt/offline.ts';
import { describeSpeechToText } from './stt.ts';

const file = new URL('../../src/stt/offline.ts', import.meta.url).href;

describeSpeechToText('offline recognition', {
  make: () => offlineSpeechToText({ grammar: frontDeskGrammar }),
  source: `import('${file}').then(({ offlineSpeechToText }) => offlineSpeechToText({ grammar: { sentences: ['hello'], rules: {} } }))`,
  // The pause: what flite leaves before the polite word, and 200 ms of silence put in.
  speech: async () => {
    const question = await spoken('Where can I park');
    const please = await spoken('please');
    const samples = new Int16Array(question.length + please.length);
    samples.set(question);
    samples.set(please, question.length);
    return { samples, text: 'where can i park please', pauseAtMs: Math.floor(question.length / 320) * 20 };
  },
  unintelligible: () => spoken('My brother bought a red bicycle'),
  makeBroken: () => offlineSpeechToText({ grammar: { sentences: ['xyzzy'], rules: {} } }),
});
