// The protocol: https://platform.openai.com/docs/api-reference/audio/createSpeech (types: openai/openai-node,
// src/resources/audio/speech.ts), https://platform.openai.com/docs/guides/text-to-speech#supported-output-formats and
// https://platform.openai.com/docs/guides/error-codes.

import { env } from 'node:process';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answer,
  type OpenAiAudio,
  type OpenAiAudioOptions,
  refusal,
  startOpenAiAudio,
} from '../../bench/providers/openai-audio.ts';
import { wavOf } from '../../src/audio/wav.ts';
import { batchTextToSpeech } from '../../src/tts/batch.ts';
import { openaiTextToSpeech, type OpenAiTextToSpeechOptions } from '../../src/tts/openai.ts';
import type { SpokenAudio, TextToSpeech } from '../../src/tts/port.ts';
import { describeTextToSpeech } from './tts.ts';

const file = new URL('../../src/tts/openai.ts', import.meta.url).href;
const batchFile = new URL('../../src/tts/batch.ts', import.meta.url).href;
const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

const shared = await startOpenAiAudio({ speechDelivery: { pieceBytes: [1, 4096, 333] } });
afterAll(() => shared.close());

describeTextToSpeech('an OpenAI-compatible voice', {
  make: () => openaiTextToSpeech({ apiKey: shared.apiKey, baseUrl: shared.baseUrl }),
  source: `import('${file}').then(({ openaiTextToSpeech }) =>
    openaiTextToSpeech({ apiKey: '${shared.apiKey}', baseUrl: '${shared.baseUrl}' }))`,
  makeBroken: () => openaiTextToSpeech({ apiKey: 'sk-wrong', baseUrl: shared.baseUrl }),
});

describeTextToSpeech('an OpenAI-compatible voice in batch', {
  make: () => batchTextToSpeech(openaiTextToSpeech({ apiKey: shared.apiKey, baseUrl: shared.baseUrl })),
  source: `Promise.all([import('${batchFile}'), import('${file}')]).then(([{ batchTextToSpeech }, { openaiTextToSpeech }]) =>
    batchTextToSpeech(openaiTextToSpeech({ apiKey: '${shared.apiKey}', baseUrl: '${shared.baseUrl}' })))`,
  makeBroken: () => batchTextToSpeech(openaiTextToSpeech({ apiKey: 'sk-wrong', baseUrl: shared.baseUrl })),
  streaming: false,
});

const { OPENAI_API_KEY: liveKey } = env;
if (liveKey !== undefined) {
  describeTextToSpeech("OpenAI's own voice", {
    make: () => openaiTextToSpeech({ apiKey: liveKey }),
    source: `import('${file}').then(({ openaiTextToSpeech }) =>
      openaiTextToSpeech({ apiKey: process.env.OPENAI_API_KEY }))`,
    makeBroken: () => openaiTextToSpeech({ apiKey: 'sk-wrong' }),
  });
}

async function* given(...chunks: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* chunks;
}

async function collect(audio: AsyncIterable<SpokenAudio>): Promise<SpokenAudio[]> {
  const pieces: SpokenAudio[] = [];
  for await (const piece of audio) pieces.push(piece);
  return pieces;
}

function samplesOf(pieces: readonly SpokenAudio[]): Int16Array {
  return Int16Array.from(pieces.flatMap(({ samples }) => Array.from(samples)));
}

/** What nothing may be lost of, or come twice: each sample differs from its neighbours, and all are loud. */
function ramp(count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, index) => 5000 + ((index * 7) % 20_000));
}

function silent(ms: number): Int16Array {
  return new Int16Array(ms * 24);
}

describe('an OpenAI-compatible voice', () => {
  let service: OpenAiAudio;
  let tts: TextToSpeech;
  beforeEach(() => start());
  afterEach(() => stop());

  async function start(
    options: OpenAiAudioOptions = {},
    voice: Partial<OpenAiTextToSpeechOptions> = {},
  ): Promise<void> {
    service = await startOpenAiAudio(options);
    tts = openaiTextToSpeech({ apiKey: service.apiKey, baseUrl: service.baseUrl, ...voice });
  }

  async function stop(): Promise<void> {
    await tts.close();
    await service.close();
  }

  async function restart(options: OpenAiAudioOptions, voice?: Partial<OpenAiTextToSpeechOptions>): Promise<void> {
    await stop();
    await start(options, voice);
  }

  /** What is thrown to the reader of a reply. */
  async function failure(...chunks: readonly string[]): Promise<unknown> {
    return await collect(tts.speak(given(...chunks), live())).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  async function* textThatFailsAtItsSecondChunk(): AsyncGenerator<string, void, undefined> {
    yield 'One. ';
    await expect.poll(() => service.requests.length).toBe(2);
    service.failNext('speech', { type: 'answer', answer: refusal(500, 'Oh no') });
    yield 'Two.';
  }

  it('asks for each chunk as the reference describes', async () => {
    await restart({}, { voice: 'coral', speed: 1.25, instructions: 'Cheerfully.' });
    await collect(tts.speak(given('Hello. ', ' — ', 'How are you?'), live()));
    expect(service.requests.map(({ body }): unknown => JSON.parse(body.toString()))).toEqual([
      {
        model: 'gpt-4o-mini-tts',
        voice: 'coral',
        response_format: 'pcm',
        speed: 1.25,
        instructions: 'Cheerfully.',
        input: 'Hello. ',
      },
      expect.objectContaining({ input: 'How are you?' }),
    ]);
  });

  it('gives no instructions to models that take none', async () => {
    await restart({}, { model: 'tts-1', instructions: 'Cheerfully.' });
    await collect(tts.speak(given('Hello.'), live()));
    expect(service.speeches).toEqual([expect.not.objectContaining({ instructions: expect.anything() })]);
  });

  it.each([[[1]], [[3]], [[4801, 1, 2]], [[96_000]]])(
    'plays every sample once, in pieces of %j bytes',
    async (pieceBytes) => {
      await restart({ synthesise: ({ input }) => ramp(input.length * 100), speechDelivery: { pieceBytes } });
      const pieces = await collect(tts.speak(given('Hello. ', 'How are you?'), live()));
      expect(samplesOf(pieces)).toEqual(Int16Array.of(...ramp(700), ...ramp(1200)));
    },
  );

  it('plays the same in batch', async () => {
    await restart({ speechDelivery: { pieceBytes: [999] } });
    const text = ['Of course, ', 'we are open every day.'];
    const streamed = await collect(tts.speak(given(...text), live()));
    const batch = await collect(batchTextToSpeech(tts).speak(given(...text), live()));
    expect(samplesOf(batch)).toEqual(samplesOf(streamed));
    expect(batch.at(-1)?.characterEnd).toBe(streamed.at(-1)?.characterEnd);
  });

  it('leaves out the silence that each chunk begins with, and no other', async () => {
    await restart({ synthesise: () => Int16Array.of(...silent(340), ...ramp(2400), ...silent(100), ...ramp(2400)) });
    const samples = samplesOf(await collect(tts.speak(given('Hello.'), live())));
    const lead = samples.findIndex((sample) => sample !== 0);
    expect(lead).toBeLessThanOrEqual(240);
    expect(samples.subarray(lead)).toEqual(Int16Array.of(...ramp(2400), ...silent(100), ...ramp(2400)));
  });

  it('plays what has come while the rest is still being made', async () => {
    service.failNext('speech', { type: 'stall', afterBytes: 20_000 });
    const controller = new AbortController();
    let played = 0;
    for await (const { samples, characterEnd } of tts.speak(given('Hello there.'), { signal: controller.signal })) {
      played += samples.length;
      expect(characterEnd).toBeLessThan(12);
      // All but the leading silence and what is held back.
      if (played >= 10_000 - 120 * 24 - 480) controller.abort();
    }
    expect(played).toBeGreaterThan(6000);
    expect(await service.requests[0]?.outcome).toBe('cut off');
  });

  it('asks for the next chunk while one plays, and for no more than that', async () => {
    const audio = tts.speak(given('One. ', 'Two. ', 'Three. ', 'Four.'), live())[Symbol.asyncIterator]();
    let piece = await audio.next();
    await expect.poll(() => service.speeches.length).toBe(2);
    const inputs = new Map<number, number>();
    for (; piece.done !== true; piece = await audio.next()) {
      const chunk = [5, 10, 17, 21].findIndex((end) => piece.value.characterEnd <= end);
      inputs.set(chunk, Math.max(inputs.get(chunk) ?? 0, service.speeches.length));
    }
    expect(service.speeches.map(({ input }) => input)).toEqual(['One. ', 'Two. ', 'Three. ', 'Four.']);
    expect(inputs.get(0)).toBe(2);
    expect(inputs.get(1)).toBeLessThanOrEqual(3);
  });

  it('is at the end of a chunk exactly when its audio is, however fast it speaks', async () => {
    await restart({ synthesise: ({ input }) => ramp(input.length * 4000), speechDelivery: { pieceBytes: [4800] } });
    const pieces = await collect(tts.speak(given('Hello. ', 'Yes!'), live()));
    let position = 0;
    let samples = 0;
    for (const piece of pieces) {
      expect(piece.characterStart).toBe(position);
      position = piece.characterEnd;
      samples += piece.samples.length;
      expect(position >= 7).toBe(samples >= 28_000);
    }
    expect(position).toBe(11);
  });

  it.each([
    ['WAV', (samples: Int16Array) => wavOf(samples, 24_000)],
    [
      'WAV of unknown length, as it is streamed',
      (samples: Int16Array) => {
        const wav = wavOf(samples, 24_000);
        wav.fill(0xff, 4, 8);
        wav.fill(0xff, 40, 44);
        return wav;
      },
    ],
  ])('reads %s from servers that know no bare PCM', async (_, wav) => {
    await restart({
      synthesise: () => ramp(3000),
      speechAnswer: (samples) => answer(200, 'audio/wav', wav(samples)),
      speechDelivery: { pieceBytes: [7] },
    });
    expect(samplesOf(await collect(tts.speak(given('Hello.'), live())))).toEqual(ramp(3000));
  });

  it('uses one connection for reply after reply, opened when it is warmed up', async () => {
    await tts.warmUp();
    for (let reply = 0; reply < 3; reply += 1) await collect(tts.speak(given('Hello.'), live()));
    expect(service.requests.map(({ path }) => path)).toEqual(['/v1/models', ...Array(3).fill('/v1/audio/speech')]);
    expect(service.connectionCount).toBe(1);
  });

  it('leaves no connection open once closed', async () => {
    await tts.warmUp();
    expect(service.openConnectionCount).toBe(1);
    await tts.close();
    await expect.poll(() => service.openConnectionCount).toBe(0);
  });

  describe('whose service fails', () => {
    it.each([
      [401, { code: 'invalid_api_key' }, { retryable: false, message: expect.stringContaining('OPENAI_API_KEY') }],
      [402, {}, { retryable: false, message: expect.stringContaining('top it up') }],
      [429, { retryAfter: '7' }, { retryable: true, limitReached: true, retryAfterMs: 7000 }],
      [
        429,
        { code: 'insufficient_quota' },
        { retryable: false, message: expect.stringMatching(/your quota.*no credit left/) },
      ],
      [500, {}, { retryable: true }],
    ] as const)('answers %i %o with an error that says what to do', async (status, details, expected) => {
      service.failNext('speech', { type: 'answer', answer: refusal(status, 'You exceeded your quota', details) });
      expect(await failure('Hello.')).toMatchObject({
        name: 'StageError',
        code: 'TTS',
        message: expect.stringMatching(/^The OpenAI speech service answered \d+: You exceeded your quota/),
        ...expected,
      });
    });

    it.each([
      ['MP3', answer(200, 'audio/mpeg', Uint8Array.of(0xff, 0xfb, 0x90, 0x64)), 'audio/mpeg'],
      ['untyped MP3', answer(200, '', 'ID3\u0004'), 'compressed audio'],
      ['JSON', answer(200, 'application/json', '{"audio": ""}'), 'application/json'],
      ['WAV of another rate', answer(200, 'audio/wav', wavOf(ramp(100), 22_050)), '22050 Hz'],
      ['an odd number of bytes', answer(200, 'audio/pcm', new Uint8Array(4801).fill(64)), 'middle of a sample'],
      ['no bytes', answer(200, 'audio/pcm', ''), 'without any audio'],
      ['a part of a WAV header', answer(200, 'audio/wav', wavOf(ramp(0), 24_000).subarray(0, 31)), 'without any audio'],
      ['a WAV header alone', answer(200, 'audio/wav', wavOf(ramp(0), 24_000)), 'without any audio'],
    ])('says so when it is answered with %s', async (_, garbage, message) => {
      service.failNext('speech', { type: 'answer', answer: garbage });
      expect(await failure('Hello.')).toMatchObject({ code: 'TTS', message: expect.stringContaining(message) });
    });

    it('knows compressed audio by its first bytes, though they come one by one', async () => {
      await restart({ speechAnswer: () => answer(200, '', 'OggS\0\u0002'), speechDelivery: { pieceBytes: [1] } });
      expect(await failure('Hello.')).toMatchObject({ message: expect.stringContaining('compressed audio') });
    });

    it('plays what came before an answer was broken off, and says so', async () => {
      service.failNext('speech', { type: 'breakOff', afterBytes: 20_000 });
      const pieces: SpokenAudio[] = [];
      const speaking = async (): Promise<void> => {
        for await (const piece of tts.speak(given('Hello there.'), live())) pieces.push(piece);
      };
      await expect(speaking()).rejects.toMatchObject({ code: 'TTS', retryable: true });
      expect(pieces.length).toBeGreaterThan(0);
      expect(pieces.at(-1)?.characterEnd).toBeLessThan(12);
    });

    it('plays a chunk to its end when the next one fails', async () => {
      const whole = samplesOf(await collect(tts.speak(given('One. '), live())));
      const pieces: SpokenAudio[] = [];
      const speaking = async (): Promise<void> => {
        for await (const piece of tts.speak(textThatFailsAtItsSecondChunk(), live())) pieces.push(piece);
      };
      await expect(speaking()).rejects.toMatchObject({ code: 'TTS', message: expect.stringContaining('Oh no') });
      expect(samplesOf(pieces)).toEqual(whole);
    });

    it('says so when the connection is closed instead of an answer', async () => {
      service.failNext('speech', { type: 'hangUp' }, { type: 'hangUp' });
      expect(await failure('Hello.')).toMatchObject({ code: 'TTS', retryable: true });
    });

    it('is asked again when a connection that was idle is closed instead of an answer', async () => {
      await tts.warmUp();
      service.failNext('speech', { type: 'hangUp' });
      expect(await failure('Hello.')).toBeUndefined();
    });

    it('warms up all the same, and fails when it is to speak', async () => {
      await service.close();
      await tts.warmUp();
      expect(await failure('Hello.')).toMatchObject({
        code: 'TTS',
        retryable: true,
        message: expect.stringContaining('could not be reached'),
      });
    });

    it('says at warm-up that the key is wrong', async () => {
      const keyless = openaiTextToSpeech({ apiKey: 'sk-wrong', baseUrl: service.baseUrl });
      await expect(keyless.warmUp()).rejects.toMatchObject({
        code: 'TTS',
        retryable: false,
        message: expect.stringContaining('OPENAI_API_KEY'),
      });
      await keyless.close();
    });

    it('warms up where there is no list of models', async () => {
      service.failNext('models', { type: 'answer', answer: refusal(404, 'Not found') });
      await tts.warmUp();
      expect(service.openConnectionCount).toBe(1);
    });

    it.each([
      ['before its answer', { type: 'silence' }],
      ['in mid-answer', { type: 'stall', afterBytes: 100 }],
    ] as const)('is left when it falls silent %s and the reply is aborted', async (_, fault) => {
      service.failNext('speech', fault);
      const controller = new AbortController();
      const speaking = collect(tts.speak(given('Hello.'), { signal: controller.signal }));
      await expect.poll(() => service.requests.length).toBe(1);
      controller.abort();
      expect(await speaking).toEqual([]);
      expect(await service.requests[0]?.outcome).toBe('cut off');
      await expect.poll(() => service.openConnectionCount).toBe(0);
    });

    it('is left, the chunk ahead included, when the reader leaves', async () => {
      service.failNext('speech', { type: 'stall', afterBytes: 30_000 }, { type: 'stall', afterBytes: 30_000 });
      for await (const _ of tts.speak(given('Hello there. ', 'How are you today?'), live())) {
        await expect.poll(() => service.requests.length).toBe(2);
        break;
      }
      expect(await Promise.all(service.requests.map(({ outcome }) => outcome))).toEqual(['cut off', 'cut off']);
      await expect.poll(() => service.openConnectionCount).toBe(0);
    });
  });
});
