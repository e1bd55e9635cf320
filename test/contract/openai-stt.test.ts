// The protocol: https://platform.openai.com/docs/api-reference/audio/createTranscription (types: openai/openai-node,
// src/resources/audio/transcriptions.ts) and https://platform.openai.com/docs/guides/error-codes.

import { createServer } from 'node:net';
import { env } from 'node:process';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, type OpenAiAudio, refusal, startOpenAiAudio } from '../../bench/providers/openai-audio.ts';
import type { AudioFrame } from '../../src/audio/frame.ts';
import { createLogger } from '../../src/lib/log.ts';
import { TICKS_PER_MS } from '../../src/rtp/packet.ts';
import { openaiSpeechToText } from '../../src/stt/openai.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { spoken } from './spoken.ts';
import { describeSpeechToText } from './stt.ts';

const file = new URL('../../src/stt/openai.ts', import.meta.url).href;
const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

async function speech(): Promise<{ samples: Int16Array; text: string; pauseAtMs: number }> {
  const question = await spoken('Where can I park');
  const please = await spoken('please');
  const samples = new Int16Array(question.length + please.length);
  samples.set(question);
  samples.set(please, question.length);
  return { samples, text: 'where can i park please', pauseAtMs: Math.floor(question.length / 320) * 20 };
}

const shared = await startOpenAiAudio({ transcribe: () => 'Where can I park, please?' });
afterAll(() => shared.close());

for (const [model, wordTimes] of [
  ['whisper-1', true],
  ['gpt-transcribe', false],
] as const) {
  describeSpeechToText(`OpenAI-compatible transcription by ${model}`, {
    make: () => openaiSpeechToText({ apiKey: shared.apiKey, baseUrl: shared.baseUrl, model, language: 'en-US' }),
    source: `import('${file}').then(({ openaiSpeechToText }) =>
      openaiSpeechToText({ apiKey: '${shared.apiKey}', baseUrl: '${shared.baseUrl}' }))`,
    speech,
    interims: false,
    wordTimes,
  });

  const { OPENAI_API_KEY: apiKey } = env;
  if (apiKey !== undefined) {
    describeSpeechToText(`OpenAI's own ${model}`, {
      make: () => openaiSpeechToText({ apiKey, model, language: 'en-US' }),
      source: `import('${file}').then(({ openaiSpeechToText }) =>
        openaiSpeechToText({ apiKey: process.env.OPENAI_API_KEY }))`,
      speech,
      interims: false,
      wordTimes,
    });
  }
}

function frameAt(timestamp: number, level: number): AudioFrame {
  const samples = Int16Array.from({ length: 320 }, (_, index) => (index % 16 < 8 ? level : -level));
  return { samples, timestamp, origin: 'received', arrivedAtMs: 0 };
}

/** Writes frames of 20 ms and returns the timestamp after them. */
function say(stream: SttStream, durationMs: number, { from = 0, level = 8000 } = {}): number {
  for (let ms = 0; ms < durationMs; ms += 20) stream.write(frameAt(from + ms * TICKS_PER_MS, level));
  return from + durationMs * TICKS_PER_MS;
}

async function nextEvent(stream: SttStream): Promise<SttEvent | undefined> {
  for await (const event of stream.events) return event;
  return undefined;
}

/** What is thrown to the reader of a stream that is to recognise a turn. */
async function failureOf(stream: SttStream): Promise<unknown> {
  say(stream, 500);
  stream.finalize();
  return await nextEvent(stream).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('OpenAI-compatible transcription', () => {
  let service: OpenAiAudio;
  let stt: SpeechToText;
  beforeEach(async () => {
    service = await startOpenAiAudio();
    stt = openaiSpeechToText({
      apiKey: service.apiKey,
      baseUrl: service.baseUrl,
      model: 'whisper-1',
      language: 'en-US',
    });
  });
  afterEach(async () => {
    await stt.close();
    await service.close();
  });

  it.each([
    [
      'whisper-1',
      [
        ['response_format', 'verbose_json'],
        ['timestamp_granularities[]', 'word'],
        ['language', 'pt'],
        ['prompt', 'Repartee, Sintra'],
      ],
    ],
    [
      'gpt-4o-mini-transcribe',
      [
        ['language', 'pt'],
        ['prompt', 'Repartee, Sintra'],
      ],
    ],
    [
      'gpt-transcribe',
      [
        ['languages[]', 'pt'],
        ['keywords[]', 'Repartee'],
        ['keywords[]', 'Sintra'],
      ],
    ],
  ])('sends the form that the reference describes for %s', async (model, fields) => {
    const { apiKey, baseUrl } = service;
    const keyTerms = ['Repartee', 'Sintra'];
    const named = openaiSpeechToText({ apiKey, baseUrl: `${baseUrl}/`, model, language: 'pt-BR', keyTerms });
    const stream = await named.open(live());
    say(stream, 1200);
    stream.finalize();
    expect(await nextEvent(stream)).toMatchObject({ text: 'Hello there.' });
    expect(service.transcriptions.map((request) => request.fields)).toEqual([[['model', model], ...fields]]);
    await named.close();
  });

  it('sends every sample of the turn, once and in order', async () => {
    const stream = await stt.open(live());
    const written = Int16Array.from({ length: 320 * 100 }, (_, index) => ((index * 37) % 16_001) - 8000);
    for (let at = 0; at < written.length; at += 320) {
      stream.write({ ...frameAt(at * 3, 0), samples: written.subarray(at, at + 320) });
    }
    stream.finalize();
    await nextEvent(stream);
    expect(service.transcriptions[0]?.samples).toEqual(written);
  });

  it('does not send audio without voice, in which such models hear words', async () => {
    const stream = await stt.open(live());
    let at = say(stream, 3000, { level: 3 });
    at = say(stream, 60, { from: at });
    at = say(stream, 500, { from: at, level: 3 });
    stream.finalize();
    expect(await nextEvent(stream)).toEqual({
      type: 'final',
      text: '',
      words: [],
      endTimestamp: at,
      rejected: false,
      answersFinalize: true,
    });
    expect(service.transcriptions).toEqual([]);
  });

  it('leaves the silence before the voice out, but for half a second', async () => {
    const stream = await stt.open(live());
    const at = say(stream, 20_000, { level: 3 });
    say(stream, 1000, { from: at });
    stream.finalize();
    await nextEvent(stream);
    expect(service.transcriptions[0]?.samples).toHaveLength(1500 * 16);
  });

  it('lengthens a short word to what services accept, and keeps its words inside the audio', async () => {
    const stream = await stt.open(live());
    const end = say(stream, 200);
    stream.finalize();
    const event = await nextEvent(stream);
    expect(service.transcriptions[0]?.samples).toHaveLength(16_000);
    expect(event?.words.at(-1)?.endTimestamp).toBeLessThanOrEqual(end);
  });

  it('drops the oldest of more than a minute, and says so', async () => {
    const lines: unknown[] = [];
    const log = createLogger((level, message, fields) => lines.push({ level, message, fields }));
    const logging = openaiSpeechToText({ apiKey: service.apiKey, baseUrl: service.baseUrl, log });
    const stream = await logging.open(live());
    // With pauses, as people speak: a sound that goes on and on is background.
    for (let at = 0, second = 0; second < 61; second += 1) {
      at = say(stream, 800, { from: at });
      at = say(stream, 200, { from: at, level: 0 });
    }
    stream.finalize();
    await nextEvent(stream);
    expect(service.transcriptions[0]?.samples).toHaveLength(60_000 * 16);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { droppedMs: 1000 } }));
    await logging.close();
  });

  it('answers in the order in which it was asked, though a later answer may be there before', async () => {
    service.failNext('transcriptions', { type: 'delay', ms: 50 });
    const stream = await stt.open(live());
    let at = 0;
    for (const level of [8000, 8000, 0]) {
      at = say(stream, 1000, { from: at, level });
      stream.finalize();
    }
    const ends = [];
    for await (const { endTimestamp } of stream.events) {
      ends.push(endTimestamp / TICKS_PER_MS);
      if (ends.length === 3) break;
    }
    expect(ends).toEqual([1000, 2000, 3000]);
    expect(service.transcriptions).toHaveLength(2);
  });

  it('has no words from servers that cannot time them', async () => {
    const plain = await startOpenAiAudio({ wordTimes: false });
    const untimed = openaiSpeechToText({
      apiKey: plain.apiKey,
      baseUrl: plain.baseUrl,
      model: 'Systran/faster-whisper',
    });
    const stream = await untimed.open(live());
    say(stream, 1000);
    stream.finalize();
    expect(await nextEvent(stream)).toMatchObject({ text: 'Hello there.', words: [] });
    await untimed.close();
    await plain.close();
  });

  it('uses one connection for turn after turn, and opens it before the first', async () => {
    const stream = await stt.open(live());
    await expect.poll(() => service.requests.length).toBe(1);
    let at = 0;
    for (let turn = 0; turn < 3; turn += 1) {
      at = say(stream, 500, { from: at });
      stream.finalize();
      await nextEvent(stream);
    }
    expect(service.requests.map(({ path }) => path)).toEqual([
      '/v1/models',
      ...Array(3).fill('/v1/audio/transcriptions'),
    ]);
    expect(service.connectionCount).toBe(1);
  });

  describe('whose service fails', () => {
    it.each([
      [401, { code: 'invalid_api_key' }, { retryable: false, message: expect.stringContaining('OPENAI_API_KEY') }],
      [402, {}, { retryable: false, message: expect.stringContaining('top it up') }],
      [429, { retryAfter: '7' }, { retryable: true, retryAfterMs: 7000 }],
      [429, { code: 'insufficient_quota' }, { retryable: false, message: expect.stringContaining('your quota') }],
      [500, {}, { retryable: true }],
    ] as const)('answers %i %o with an error that says what to do', async (status, details, expected) => {
      const stream = await stt.open(live());
      service.failNext('transcriptions', {
        type: 'answer',
        answer: refusal(status, 'You exceeded your quota', details),
      });
      expect(await failureOf(stream)).toMatchObject({
        name: 'StageError',
        code: 'STT',
        message: expect.stringMatching(/^The OpenAI transcription service answered \d+: You exceeded your quota/),
        ...expected,
      });
    });

    it.each([
      ['is no JSON', answer(200, 'text/html', '<html>')],
      ['has another shape', answer(200, 'application/json', '{"words": []}')],
      [
        'has impossible words',
        answer(200, 'application/json', '{"text": "a", "words": [{"word": "a", "start": "x"}]}'),
      ],
    ])('says so when the answer %s', async (_, garbage) => {
      const stream = await stt.open(live());
      service.failNext('transcriptions', { type: 'answer', answer: garbage });
      expect(await failureOf(stream)).toMatchObject({
        code: 'STT',
        message: expect.stringContaining('no transcription'),
      });
    });

    it('says so when the answer is broken off', async () => {
      const stream = await stt.open(live());
      service.failNext('transcriptions', { type: 'breakOff', afterBytes: 10 });
      expect(await failureOf(stream)).toMatchObject({ code: 'STT', retryable: true });
    });

    it('asks once more when a connection that was idle is closed instead of answered, and no more than once', async () => {
      const stream = await stt.open(live());
      await expect.poll(() => service.requests.length).toBe(1);
      service.failNext('transcriptions', { type: 'hangUp' }, { type: 'hangUp' });
      expect(await failureOf(stream)).toMatchObject({ code: 'STT', retryable: true });
      expect(service.requests.filter(({ path }) => path.endsWith('transcriptions'))).toHaveLength(2);
      const again = await stt.open(live());
      await expect.poll(() => service.openConnectionCount).toBe(1);
      service.failNext('transcriptions', { type: 'hangUp' });
      expect(await failureOf(again)).toBeUndefined();
    });

    it('says so when the service cannot be reached', async () => {
      await service.close();
      const stream = await stt.open(live());
      expect(await failureOf(stream)).toMatchObject({
        code: 'STT',
        retryable: true,
        message: expect.stringContaining('could not be reached'),
      });
    });

    it('ends the stream at once when the key is wrong', async () => {
      const keyless = openaiSpeechToText({ apiKey: 'sk-wrong', baseUrl: service.baseUrl });
      const stream = await keyless.open(live());
      await expect(nextEvent(stream)).rejects.toMatchObject({
        code: 'STT',
        retryable: false,
        message: expect.stringContaining('OPENAI_API_KEY'),
      });
      await keyless.close();
    });

    it('goes on when the key may not list models', async () => {
      service.failNext('models', { type: 'answer', answer: refusal(401, 'Missing scopes: api.model.read') });
      const stream = await stt.open(live());
      await expect.poll(() => service.requests.length).toBe(1);
      expect(await failureOf(stream)).toBeUndefined();
    });

    it('gives up a connection that is not made within five seconds', async () => {
      // Accepts connections and never answers the TLS handshake.
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => {
        mute.listen(0, '127.0.0.1', resolve);
      });
      const address = mute.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      const clock = new VirtualClock();
      const secure = openaiSpeechToText({ apiKey: 'sk', baseUrl: `https://127.0.0.1:${port}/v1`, clock });
      const stream = await secure.open(live());
      const failure = failureOf(stream);
      // Of the connection that is warmed and of the request, each in all and for its handshake.
      await expect.poll(() => clock.pendingTimerCount).toBe(4);
      await clock.advance(5000);
      expect(await failure).toMatchObject({ code: 'STT', message: expect.stringContaining('too long to connect') });
      expect(clock.pendingTimerCount).toBe(0);
      await secure.close();
      await new Promise((resolve) => {
        mute.close(resolve);
      });
    });

    it.each(['silence', 'stall'] as const)('gives up a request at which it falls silent (%s)', async (type) => {
      const clock = new VirtualClock();
      const { apiKey, baseUrl } = service;
      const patient = openaiSpeechToText({ apiKey, baseUrl, answerWithinMs: 3000, clock });
      const stream = await patient.open(live());
      service.failNext('transcriptions', { type, afterBytes: 10 });
      const failure = failureOf(stream);
      await expect.poll(() => service.requests.at(-1)?.path).toBe('/v1/audio/transcriptions');
      await clock.advance(3000);
      expect(await failure).toMatchObject({
        code: 'STT',
        retryable: true,
        message: expect.stringContaining('for 3 s'),
      });
      expect(await service.requests.at(-1)?.outcome).toBe('cut off');
      expect(clock.pendingTimerCount).toBe(0);
      await patient.close();
    });

    it.each(['silence', 'stall'] as const)(
      'ends a request at which the service falls silent (%s) when closed',
      async (type) => {
        service.failNext('transcriptions', { type, afterBytes: 10 });
        const stream = await stt.open(live());
        const failure = failureOf(stream);
        await expect.poll(() => service.requests.at(-1)?.path).toBe('/v1/audio/transcriptions');
        stream.close();
        expect(await failure).toBeUndefined();
        expect(await service.requests.at(-1)?.outcome).toBe('cut off');
      },
    );

    it('leaves no connection open once closed', async () => {
      const stream = await stt.open(live());
      await failureOf(stream);
      expect(service.openConnectionCount).toBeGreaterThan(0);
      await stt.close();
      await expect.poll(() => service.openConnectionCount).toBe(0);
    });
  });
});
