import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCartesia, type Cartesia } from '../../bench/providers/cartesia.ts';
import { cartesiaTextToSpeech } from '../../src/tts/cartesia.ts';
import { describeTextToSpeech } from './tts.ts';

const FILE = new URL('../../src/tts/cartesia.ts', import.meta.url).href;
const apiKey = 'sk_car_test';

describe('against the stand-in', async () => {
  const service = await startCartesia({ apiKey });
  afterAll(() => service.close());
  const { baseUrl } = service;
  describeTextToSpeech('Cartesia', {
    make: () => cartesiaTextToSpeech({ apiKey, baseUrl }),
    source: `import('${FILE}').then(({ cartesiaTextToSpeech }) => cartesiaTextToSpeech(${JSON.stringify({ apiKey, baseUrl })}))`,
    makeBroken: () => cartesiaTextToSpeech({ apiKey: 'wrong', baseUrl }),
  });
});
