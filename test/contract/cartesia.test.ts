// Cartesia against its stand-in; and against the live service where CARTESIA_API_KEY is set.
// https://docs.cartesia.ai/api-reference/tts/websocket, https://docs.cartesia.ai/use-the-api/tts-websocket/contexts,
// https://docs.cartesia.ai/use-the-api/concurrency-limits-and-timeouts, https://docs.cartesia.ai/use-the-api/api-errors

import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCartesia, type Cartesia, type CartesiaOptions } from '../../bench/providers/cartesia.ts';
import type { SpokenAudio, TextToSpeech } from '../../src/tts/port.ts';
import { cartesiaTextToSpeech, type CartesiaTextToSpeechOptions } from '../../src/tts/cartesia.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { describeTextToSpeech } from './tts.ts';

const FILE = new URL('../../src/tts/cartesia.ts', import.meta.url).href;
const API_KEY = 'sk_car_test';
const TEXT = 'Of course, we are open every day. Would you like to come?';

function subjectOf(options: CartesiaTextToSpeechOptions): Parameters<typeof describeTextToSpeech>[1] {
  return {
    make: () => cartesiaTextToSpeech(options),
    source: `import('${FILE}').then(({ cartesiaTextToSpeech }) => cartesiaTextToSpeech(${JSON.stringify(options)}))`,
    makeBroken: () => cartesiaTextToSpeech({ ...options, apiKey: 'wrong' }),
  };
}

describe('against the stand-in', async () => {
  const service = await startCartesia({ apiKey: API_KEY });
  afterAll(() => service.close());
  describeTextToSpeech('Cartesia', subjectOf({ apiKey: API_KEY, baseUrl: service.baseUrl }));
});

const { CARTESIA_API_KEY: liveKey } = process.env;
if (liveKey !== undefined) {
  describe('against the live service', () => {
    describeTextToSpeech('Cartesia', subjectOf({ apiKey: liveKey }));
  });
}

const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

async function* given(...chunks: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* chunks;
}

async function collect(audio: AsyncIterable<SpokenAudio>, pieces: SpokenAudio[] = []): Promise<SpokenAudio[]> {
  for await (const piece of audio) pieces.push(piece);
  return pieces;
}

/** Text whose next chunk comes when the test says so. */
function dictation(): { chunks: AsyncIterable<string>; give: (chunk: string) => void; end: () => void } {
  const stream = new TransformStream<string, string>();
  const writer = stream.writable.getWriter();
  return {
    chunks: stream.readable,
    give: (chunk) => void writer.write(chunk),
    end: () => void writer.close(),
  };
}

async function* piecesOf(audio: AsyncIterable<SpokenAudio>): AsyncGenerator<SpokenAudio, void, undefined> {
  yield* audio;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

function samplesOf(pieces: readonly SpokenAudio[]): number {
  return pieces.reduce((sum, { samples }) => sum + samples.length, 0);
}

describe('Cartesia', () => {
  let service: Cartesia;
  let tts: TextToSpeech;

  async function start(
    options: Partial<CartesiaOptions> = {},
    settings: Partial<CartesiaTextToSpeechOptions> = {},
  ): Promise<void> {
    await tts?.close();
    await service?.close();
    service = await startCartesia({ apiKey: API_KEY, ...options });
    tts = cartesiaTextToSpeech({ apiKey: API_KEY, baseUrl: service.baseUrl, ...settings });
  }

  beforeEach(() => start());
  afterEach(async () => {
    await tts.close();
    await service.until(({ openSocketCount }) => openSocketCount === 0);
    await service.close();
  });

  const say = (...chunks: readonly string[]): Promise<SpokenAudio[]> => collect(tts.speak(given(...chunks), live()));

  describe('what is sent', () => {
    it('is the key, the version, and one request per input with all that a context has in common', async () => {
      await start({}, { voice: 'v1', language: 'de-AT', model: 'sonic-3', sampleRateHz: 16_000, speed: 1.2 });
      await say('Guten Tag.');
      expect(service.handshakes[0]).toMatchObject({
        authorization: `Bearer ${API_KEY}`,
        'cartesia-version': '2026-03-01',
      });
      expect(service.contexts[0]?.settings).toEqual({
        model_id: 'sonic-3',
        voice: { mode: 'id', id: 'v1' },
        language: 'de',
        output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
        add_timestamps: true,
        use_normalized_timestamps: false,
        max_buffer_delay_ms: 400,
        generation_config: { speed: 1.2 },
      });
    });

    it.each([
      { model: 'sonic-2', speed: 0.7, sent: 'slow' },
      { model: 'sonic-turbo', speed: 1.5, sent: 'fast' },
      { model: 'sonic-2-2025-03-07', speed: 1.05, sent: 'normal' },
    ])('is a word for the speed of $model', async ({ model, speed, sent }) => {
      await start({}, { model, speed });
      await say('Hello.');
      expect(service.contexts[0]?.settings).toMatchObject({ speed: sent });
      expect(service.contexts[0]?.settings).not.toHaveProperty('generation_config');
    });

    it.each([{ speed: 2 }, { speed: Number.NaN }, { sampleRateHz: 12_345 }, { baseUrl: 'api.cartesia.ai' }])(
      'is nothing where the settings are wrong: %o',
      (settings) => {
        expect(() => cartesiaTextToSpeech({ apiKey: API_KEY, ...settings })).toThrow(
          expect.objectContaining({ code: 'CONFIGURATION' }),
        );
      },
    );

    it('is exactly the text, token by token, the first chunk without waiting for more', async () => {
      const tokens = ['Of course, ', 'we', ' are', ' open ', 'every', ' day.\n', ' Come', '!'];
      await say(...tokens);
      expect(service.contexts).toHaveLength(1);
      expect(service.contexts[0]).toMatchObject({ transcripts: tokens, flushCount: 1, isEnded: true, end: 'done' });
    });

    it('is exactly the text, however it is cut', async () => {
      const text = `${TEXT} It's 5 € — “all in”, Bob!`;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }), async (lengths) => {
          const chunks: string[] = [];
          for (let at = 0; at < text.length; at += chunks.at(-1)?.length ?? 1) {
            chunks.push(text.slice(at, at + (lengths[chunks.length % lengths.length] ?? 1)));
          }
          const pieces = await say(...chunks);
          expect(service.contexts.at(-1)?.transcripts.join('')).toBe(text);
          expect(pieces.at(-1)?.characterEnd).toBe(text.length);
        }),
        { numRuns: 20 },
      );
      expect(service.openSocketCount).toBe(1);
    });

    it('begins with the first speakable text', async () => {
      await say(' … ', 'Hello.');
      expect(service.contexts[0]?.transcripts).toEqual([' … Hello.']);
    });
  });

  it('opens one connection before it is needed, and uses it for all replies at once', async () => {
    await Promise.all([tts.warmUp(), tts.warmUp()]);
    await Promise.all([say('One.'), say('Two.'), say('Three.')]);
    expect(service.handshakes).toHaveLength(1);
    expect(service.contexts).toHaveLength(3);
  });

  it('begins with at most 10 ms of silence', async () => {
    const pieces = await say('Hello there.');
    const samples = pieces.flatMap(({ samples: part }) => Array.from(part));
    expect(samples.findIndex((sample) => Math.abs(sample) > 500)).toBeLessThanOrEqual(240);
  });

  describe('word times', () => {
    it.each(['before', 'after'] as const)('that come %s their audio are followed to the word', async (wordTimes) => {
      await start({ wordTimes, paceFactor: 50 });
      const pieces = await say('Of course, ', TEXT.slice(11));
      let samples = 0;
      for (const { samples: part, characterEnd } of pieces) {
        samples += part.length;
        // The stand-in takes 60 ms for each character, 24 samples a millisecond; the longest word has 7.
        expect(Math.abs(characterEnd - samples / (24 * 60))).toBeLessThanOrEqual(9);
      }
      expect(pieces.at(-1)?.characterEnd).toBe(TEXT.length);
    });

    it('that never come are done without', async () => {
      await start({ wordTimes: 'none' });
      const pieces = await say(TEXT);
      expect(pieces[0]?.characterStart).toBe(0);
      expect(pieces.at(-1)?.characterEnd).toBe(TEXT.length);
    });

    it('are never waited for', async () => {
      await start({ wordTimes: 'none', paceFactor: 5 });
      const audio = piecesOf(tts.speak(given(TEXT), live()));
      const first = await audio.next();
      expect(first.value).toMatchObject({ characterStart: 0 });
      expect(service.contexts[0]?.end).toBeUndefined();
      await audio.return();
    });
  });

  describe('a model that stalls', () => {
    it('goes on in a further context, and nothing is lost or said twice', async () => {
      const { chunks, give, end } = dictation();
      const speaking = collect(tts.speak(chunks, live()));
      give('Of course, ');
      await service.until(({ contexts }) => contexts[0]?.end !== undefined);
      give('we are');
      give(' open.');
      end();
      const pieces = await speaking;
      // We ended the first one before the service had to let it expire.
      expect(service.contexts.map((context) => [context.transcripts.join(''), context.end])).toEqual([
        ['Of course, ', 'done'],
        ['we are open.', 'done'],
      ]);
      expect(pieces.at(-1)?.characterEnd).toBe('Of course, we are open.'.length);
      const starts = pieces.map(({ characterStart }) => characterStart);
      expect(starts).toEqual([0, ...pieces.slice(0, -1).map(({ characterEnd }) => characterEnd)]);
    });

    it('goes on when the service lets contexts expire sooner than it says', async () => {
      await start({ contextExpiryMs: 50 });
      const { chunks, give, end } = dictation();
      const speaking = collect(tts.speak(chunks, live()));
      give('Of course, ');
      await service.until(({ contexts }) => contexts[0]?.end === 'expired');
      give('we are open.');
      end();
      expect((await speaking).at(-1)?.characterEnd).toBe(23);
      expect(service.contexts.map(({ transcripts }) => transcripts.join(''))).toEqual(['Of course, ', 'we are open.']);
    });
  });

  it('speaks what a context left unspoken that the service closed in mid-reply', async () => {
    service.failNext({ type: 'done', afterChunks: 14 });
    const { chunks, give, end } = dictation();
    const speaking = collect(tts.speak(chunks, live()));
    give('Of course, we are open. ');
    give('Would you like to come and see us? ');
    await service.until(({ contexts }) => contexts.length === 2);
    end();
    const pieces = await speaking;
    expect(pieces.at(-1)?.characterEnd).toBe(59);
    expect(service.contexts[1]?.transcripts.join('')).toMatch(/ Would you|^Would you/);
  });

  it('speaks the text that came before the model failed, and then hands on its error', async () => {
    const failure = new Error('the model failed');
    async function* failing(): AsyncGenerator<string, void, undefined> {
      yield 'Of course, ';
      throw failure;
    }
    const pieces: SpokenAudio[] = [];
    await expect(collect(tts.speak(failing(), live()), pieces)).rejects.toBe(failure);
    expect(pieces.at(-1)?.characterEnd).toBe(11);
  });

  describe('an abort', () => {
    it('cancels the context at once, and what still comes of it is nobody’s', async () => {
      await start({ paceFactor: 20 });
      const controller = new AbortController();
      const pieces: SpokenAudio[] = [];
      for await (const piece of tts.speak(given(TEXT), { signal: controller.signal })) {
        pieces.push(piece);
        controller.abort();
      }
      expect(pieces).toHaveLength(1);
      await service.until(({ contexts }) => contexts[0]?.isCancelled === true);
      const [whole] = await Promise.all([say('Hello.'), service.until(({ contexts }) => contexts[0]?.end === 'done')]);
      // The first one was spoken to its end by the service, and the second one has only its own samples.
      expect(samplesOf(whole)).toBeLessThanOrEqual(6 * 60 * 24 + 240);
    });

    it('cancels the context of a reader that leaves', async () => {
      await start({ paceFactor: 20 });
      for await (const piece of tts.speak(given(TEXT), live())) {
        expect(piece.samples.length).toBeGreaterThan(0);
        break;
      }
      await service.until(({ contexts }) => contexts[0]?.isCancelled === true);
    });

    it('ends the wait for a connection', async () => {
      service.refuseNext({ type: 'silence' });
      const controller = new AbortController();
      const speaking = collect(tts.speak(given(TEXT), { signal: controller.signal }));
      await service.until(({ handshakes }) => handshakes.length === 1);
      controller.abort();
      expect(await speaking).toEqual([]);
    });
  });

  describe('limits', () => {
    it('a context too many fails by itself, and the others go on', async () => {
      await start({ maxConcurrency: 1, firstByteMs: 20 });
      const [first, second] = await Promise.allSettled([say(TEXT), say('Hello.')]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'TTS',
          retryable: true,
          limitReached: true,
          message: expect.stringMatching(/429.*exceeded your plan/),
        },
      });
      expect(await say('Hello.')).not.toHaveLength(0);
    });

    it('audio that nobody reads ends the reply after five minutes of it', async () => {
      await start({ synthesise: () => Promise.resolve(new Int16Array(8000 * 310).fill(5000)) }, { sampleRateHz: 8000 });
      const audio = piecesOf(tts.speak(given('A long story.'), live()));
      await audio.next();
      await service.until(({ contexts }) => contexts[0]?.isCancelled === true);
      await expect(collect(audio)).rejects.toMatchObject({
        code: 'TTS',
        message: expect.stringContaining('5 minutes'),
      });
    });
  });

  describe('a connection', () => {
    it('that was closed is opened again for the next reply', async () => {
      await say('Hello.');
      service.cutConnections();
      await service.until(({ openSocketCount }) => openSocketCount === 0);
      expect(await say('Hello.')).not.toHaveLength(0);
      expect(service.handshakes).toHaveLength(2);
    });

    it('that the service has closed for being idle is opened again', async () => {
      await start({ idleCloseMs: 50 });
      await tts.warmUp();
      await service.until(({ openSocketCount, handshakes }) => handshakes.length === 1 && openSocketCount === 0);
      expect(await say('Hello.')).not.toHaveLength(0);
    });

    it('that has long been idle is closed by us before the service does it', async () => {
      const clock = new VirtualClock();
      await start({}, { clock });
      await tts.warmUp();
      clock.block(5 * 60_000);
      await tts.warmUp();
      expect(service.handshakes).toHaveLength(2);
      await service.until(({ openSocketCount }) => openSocketCount === 1);
    });

    it('whose other side has vanished fails its replies two seconds after it was spoken to', async () => {
      const clock = new VirtualClock();
      await start({}, { clock });
      await tts.warmUp();
      service.freezeConnections();
      const failure = failureOf(say('Hello.'));
      await clock.advance(2000);
      expect(await failure).toMatchObject({ code: 'TTS', retryable: true, message: expect.stringMatching(/ping/) });
      expect(await say('Hello.')).not.toHaveLength(0);
    });

    it('is closed at once, while it speaks too', async () => {
      await start({ paceFactor: 1 });
      const audio = piecesOf(tts.speak(given(TEXT), live()));
      await audio.next();
      await tts.close();
      await expect(collect(audio)).rejects.toMatchObject({ code: 'TTS' });
    });

    it('that is being opened is given up by close', async () => {
      service.refuseNext({ type: 'silence' });
      const failure = failureOf(say('Hello.'));
      await service.until(({ handshakes }) => handshakes.length === 1);
      await tts.close();
      expect(await failure).toMatchObject({ code: 'TTS' });
    });
  });

  describe('faults', () => {
    it.each([
      { status: 401, retryable: false, says: /401: Title: why it failed\. Check CARTESIA_API_KEY/ },
      { status: 402, retryable: false, says: /402.*credit/ },
      { status: 429, retryable: true, says: /429.*limit/, retryAfter: '2', retryAfterMs: 2000 },
      { status: 500, retryable: true, says: /500.*try again/ },
    ])('a handshake answered with $status', async ({ status, retryable, says, retryAfter, retryAfterMs }) => {
      const problem = { status, title: 'Title', message: 'why it failed', code: null };
      const fault = { type: 'refuse', problem, ...(retryAfter === undefined ? {} : { retryAfter }) } as const;
      service.refuseNext(fault, { ...fault, isPlainText: true });
      await tts.warmUp();
      await expect(say('Hello.')).rejects.toMatchObject({
        name: 'StageError',
        code: 'TTS',
        retryable,
        retryAfterMs,
        message: expect.stringMatching(says),
      });
      expect(await say('Hello.')).not.toHaveLength(0);
    });

    it('a service that is not there', async () => {
      const { baseUrl } = service;
      await service.close();
      const absent = cartesiaTextToSpeech({ apiKey: API_KEY, baseUrl });
      await absent.warmUp();
      await expect(collect(absent.speak(given('Hello.'), live()))).rejects.toMatchObject({
        code: 'TTS',
        retryable: true,
        message: expect.stringMatching(/Cartesia could not be reached.*base URL/),
      });
      await absent.close();
      await start();
    });

    it('a handshake that nobody answers', async () => {
      const clock = new VirtualClock();
      await start({}, { clock });
      service.refuseNext({ type: 'silence' });
      const failure = failureOf(say('Hello.'));
      await service.until(({ handshakes }) => handshakes.length === 1);
      await clock.advance(5000);
      expect(await failure).toMatchObject({ retryable: true, message: expect.stringMatching(/within 5 s/) });
    });

    it('an unknown voice', async () => {
      await start({ voices: ['v1'] }, { voice: 'v2' });
      await expect(say('Hello.')).rejects.toMatchObject({
        retryable: false,
        message: expect.stringMatching(/404.*v2 not found.*voice/),
      });
    });

    it('an error in mid-reply: what was said before is heard first', async () => {
      const problem = { status: 500, title: 'Internal error', message: 'a fault', code: null };
      service.failNext({ type: 'error', problem, afterChunks: 5 });
      const pieces: SpokenAudio[] = [];
      await expect(collect(tts.speak(given(TEXT), live()), pieces)).rejects.toMatchObject({ retryable: true });
      expect(samplesOf(pieces)).toBeGreaterThan(300 * 24);
      expect(pieces.at(-1)?.characterEnd).toBeLessThan(TEXT.length);
    });

    it('an error that names no context ends the one that waits for its answer', async () => {
      const problem = { status: 400, title: 'Bad', message: 'something', code: null };
      service.failNext({ type: 'error', problem, isAnonymous: true });
      await expect(say('Hello.')).rejects.toMatchObject({
        retryable: false,
        message: expect.stringMatching(/400: Bad: something/),
      });
    });

    it.each([undefined, 1011])(
      'a connection closed in mid-reply (code %s) fails each of its replies once',
      async (code) => {
        await start({ paceFactor: 20 });
        service.failNext({ type: 'close', afterChunks: 2, ...(code === undefined ? {} : { code }) });
        const results = await Promise.allSettled([say(TEXT), say(TEXT)]);
        expect(results).toMatchObject([
          { status: 'rejected', reason: { code: 'TTS', retryable: true } },
          { status: 'rejected', reason: { code: 'TTS', retryable: true } },
        ]);
        expect(await say('Hello.')).not.toHaveLength(0);
      },
    );

    it.each([
      { what: 'not JSON', frame: 'garbage {' },
      { what: 'no object', frame: '[]' },
      { what: 'binary', frame: new Uint8Array([1, 2, 3]) },
      { what: 'a chunk without data', frame: '{"type":"chunk","context_id":"{context_id}"}' },
      { what: 'a chunk that is not base64', frame: '{"type":"chunk","context_id":"{context_id}","data":"%%%%"}' },
      { what: 'half a sample', frame: '{"type":"chunk","context_id":"{context_id}","data":"AAAA"}' },
      {
        what: 'words without times',
        frame:
          '{"type":"timestamps","context_id":"{context_id}","word_timestamps":{"words":["a"],"start":[],"end":[]}}',
      },
    ])('garbage: $what', async ({ frame }) => {
      service.failNext({ type: 'frame', frame, afterChunks: 1 });
      await expect(say(TEXT)).rejects.toMatchObject({
        code: 'TTS',
        retryable: true,
        message: expect.stringMatching(/Cartesia sent a/),
      });
      expect(await say('Hello.')).not.toHaveLength(0);
    });

    it('messages of a kind that is not known are passed over', async () => {
      service.failNext({ type: 'frame', frame: '{"type":"news","context_id":"{context_id}"}', afterChunks: 1 });
      expect((await say(TEXT)).at(-1)?.characterEnd).toBe(TEXT.length);
    });

    it('a context that ends without a sound', async () => {
      service.failNext({ type: 'done' });
      await expect(say('Hello.')).rejects.toMatchObject({
        retryable: true,
        message: expect.stringMatching(/without speaking/),
      });
    });

    it('no answer at all: an abort ends the wait', async () => {
      service.failNext({ type: 'silence' });
      const controller = new AbortController();
      const speaking = collect(tts.speak(given(TEXT), { signal: controller.signal }));
      await service.until(({ contexts }) => contexts.length === 1);
      controller.abort();
      expect(await speaking).toEqual([]);
      await service.until(({ contexts }) => contexts[0]?.isCancelled === true);
    });
  });
});
