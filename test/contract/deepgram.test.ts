// Deepgram's live recognition against the stand-in, and against the service where DEEPGRAM_API_KEY is set. The protocol:
// https://developers.deepgram.com/reference/speech-to-text/listen-streaming, and under https://developers.deepgram.com/docs/
// finalize, audio-keep-alive, close-stream, endpointing, errors, stt-troubleshooting-websocket-data-and-net-errors.

import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeepgramFault, type DeepgramStandIn, refusals, startDeepgram } from '../../bench/providers/deepgram.ts';
import { type AudioFrame, type FrameOrigin, LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../../src/rtp/packet.ts';
import { type DeepgramOptions, deepgramSpeechToText } from '../../src/stt/deepgram.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { burstSpeech } from './burst-speech.ts';
import { spoken } from './spoken.ts';
import { describeSpeechToText } from './stt.ts';

const FRAME_SAMPLES = (LISTENING_RATE_HZ * 20) / 1000;
const file = new URL('../../src/stt/deepgram.ts', import.meta.url).href;
const speech = burstSpeech('please tell me when you open');
const other = burstSpeech('and when do you close', 2);

const suiteServer = await startDeepgram({ script: [speech.script], repeats: true });
afterAll(() => suiteServer.close());

describeSpeechToText('Deepgram (stand-in)', {
  make: () => deepgramSpeechToText({ apiKey: 'test-key', baseUrl: suiteServer.baseUrl }),
  source: `import('${file}').then(({ deepgramSpeechToText }) => deepgramSpeechToText({ apiKey: 'test-key', baseUrl: '${suiteServer.baseUrl}' }))`,
  speech: () => Promise.resolve(speech),
  makeBroken: () => deepgramSpeechToText({ apiKey: 'wrong', baseUrl: suiteServer.baseUrl }),
});

const liveKey = process.env['DEEPGRAM_API_KEY'];
if (liveKey !== undefined && liveKey !== '') {
  describeSpeechToText('Deepgram (the service)', {
    make: () => deepgramSpeechToText({ apiKey: liveKey }),
    source: `import('${file}').then(({ deepgramSpeechToText }) => deepgramSpeechToText({ apiKey: process.env.DEEPGRAM_API_KEY }))`,
    speech: async () => {
      const [question, please] = await Promise.all([spoken('Where can I park'), spoken('please')]);
      const samples = new Int16Array(question.length + please.length);
      samples.set(question);
      samples.set(please, question.length);
      return { samples, text: 'where can i park please', pauseAtMs: Math.floor(question.length / 320) * 20 };
    },
    makeBroken: () => deepgramSpeechToText({ apiKey: 'wrong' }),
  });
}

/** Keeps a stream's events, and its end. */
class Reader {
  readonly events: SttEvent[] = [];
  readonly #iterator: AsyncIterator<SttEvent>;

  constructor(stream: SttStream) {
    this.#iterator = stream.events[Symbol.asyncIterator]();
  }

  /** Reads on until there is an event of this kind. */
  async until<T extends SttEvent>(matches: (event: SttEvent) => event is T): Promise<T> {
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done === true) throw new Error('the events ended');
      this.events.push(value);
      if (matches(value)) return value;
    }
  }

  answer(): Promise<SttEvent> {
    return this.until((event): event is SttEvent => event.type === 'final' && event.answersFinalize);
  }

  interim(): Promise<SttEvent> {
    return this.until((event): event is SttEvent => event.type === 'interim');
  }

  final(): Promise<SttEvent> {
    return this.until((event): event is SttEvent => event.type === 'final');
  }

  /** Reads to the end; resolves with the error there. */
  async fault(): Promise<unknown> {
    try {
      for (;;) {
        const { done } = await this.#iterator.next();
        if (done === true) return undefined;
      }
    } catch (error) {
      return error;
    }
  }

  get finalText(): string {
    return this.events.flatMap((event) => (event.type === 'final' && event.text !== '' ? [event.text] : [])).join(' ');
  }
}

function framesOf(samples: Int16Array, timestamp: number, origin: FrameOrigin = 'received'): AudioFrame[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, index) => ({
    samples: samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
    timestamp: timestamp + index * FRAME_TICKS,
    origin,
    arrivedAtMs: 0,
  }));
}

const silence = (durationMs: number, timestamp: number): AudioFrame[] =>
  framesOf(new Int16Array((durationMs * LISTENING_RATE_HZ) / 1000), timestamp, 'silence');

/** Sound that nobody could put into words, and that is no voice to the stand-in: −50 dBFS. */
function hum(durationMs: number, timestamp: number): AudioFrame[] {
  const samples = new Int16Array((durationMs * LISTENING_RATE_HZ) / 1000).map((_, n) => (n % 2 === 0 ? 100 : -100));
  return framesOf(samples, timestamp);
}

const endOf = (frames: readonly AudioFrame[]): number => (frames.at(-1)?.timestamp ?? 0) + FRAME_TICKS;

function write(stream: SttStream, frames: readonly AudioFrame[]): number {
  for (const frame of frames) stream.write(frame);
  return endOf(frames);
}

/** How far words of `speech`, spoken from `timestamp` on, are from their places. */
function largestDeviationMs({ words }: SttEvent, timestamp: number): number {
  const deviations = speech.wordStartsMs.map((startMs, index) => {
    const start = words[index]?.startTimestamp ?? Infinity;
    return Math.abs(start - timestamp - startMs * TICKS_PER_MS) / TICKS_PER_MS;
  });
  return Math.max(...deviations);
}

const isKeepAlive = (type: string): boolean => type === 'KeepAlive';

const signal = new AbortController().signal;
let server: DeepgramStandIn;
let clock: VirtualClock;
const made: SpeechToText[] = [];

function make(options: Partial<DeepgramOptions> = {}): SpeechToText {
  const stt = deepgramSpeechToText({ apiKey: 'test-key', baseUrl: server.baseUrl, clock, ...options });
  made.push(stt);
  return stt;
}

async function restart(options: Parameters<typeof startDeepgram>[0]): Promise<void> {
  await server.close();
  server = await startDeepgram(options);
}

beforeEach(async () => {
  server = await startDeepgram({ script: [speech.script, other.script] });
  clock = new VirtualClock();
});

afterEach(async () => {
  await Promise.all(made.splice(0).map((stt) => stt.close()));
  expect(clock.pendingTimerCount).toBe(0);
  await server.until(() => server.openSocketCount === 0);
  await server.close();
});

describe('a Deepgram stream', () => {
  it('asks for what it needs, below the path of its base URL', async () => {
    await make({ baseUrl: `${server.baseUrl}/speech/`, keyTerms: ['Repartee', 'de Vries'] }).open({ signal });
    const [connection] = server.connections;
    expect(connection?.url).toMatch(/^\/speech\/v1\/listen\?/u);
    expect(Array.from(connection?.query ?? [])).toEqual([
      ['model', 'nova-3'],
      ['language', 'en-US'],
      ['encoding', 'linear16'],
      ['sample_rate', '16000'],
      ['channels', '1'],
      ['interim_results', 'true'],
      ['endpointing', '100'],
      ['punctuate', 'true'],
      ['smart_format', 'false'],
      ['keyterm', 'Repartee'],
      ['keyterm', 'de Vries'],
    ]);
  });

  it('boosts keywords where the model has no key terms, and passes the language on', async () => {
    await make({ model: 'nova-2', language: 'multi', keyTerms: ['Repartee'] }).open({ signal });
    const query = server.connections[0]?.query;
    expect(query?.getAll('keywords')).toEqual(['Repartee']);
    expect(query?.has('keyterm')).toBe(false);
    expect(query?.get('language')).toBe('multi');
  });

  it('refuses settings that cannot work', () => {
    expect(() => make({ baseUrl: 'api.deepgram.com' })).toThrow(/DEEPGRAM_BASE_URL/u);
    expect(() => make({ baseUrl: 'ftp://api.deepgram.com' })).toThrow(/DEEPGRAM_BASE_URL/u);
    expect(() => make({ model: 'flux-general-en' })).toThrow(/nova-3/u);
  });

  it('has the words final before it is asked, where Deepgram has found the pause', async () => {
    const stream = await make().open({ signal });
    const reader = new Reader(stream);
    write(stream, framesOf(speech.samples, 0));
    await reader.final();
    await reader.final();
    stream.finalize();
    expect(await reader.answer()).toMatchObject({ text: '', endTimestamp: 3 * speech.samples.length });
    expect(reader.finalText).toBe(speech.text);
    expect(server.connections[0]?.controls).toEqual([]);
  });

  it('ends with the signal that it was opened with', async () => {
    const controller = new AbortController();
    const stream = await make().open({ signal: controller.signal });
    const reader = new Reader(stream);
    controller.abort();
    expect(await reader.fault()).toBeUndefined();
    await server.until(() => server.openSocketCount === 0);
    expect(server.connections[0]).toMatchObject({ controls: ['CloseStream'], isOpen: false });
  });

  it('cuts a socket that does not close within a second', async () => {
    server.fail({ kind: 'lingers' });
    const stream = await make().open({ signal });
    stream.close();
    await server.until(() => server.connections[0]?.controls.length === 1);
    expect(server.openSocketCount).toBe(1);
    await clock.advance(1000);
    await server.until(() => server.openSocketCount === 0);
  });
});

describe('word times of a Deepgram stream', () => {
  it('hold after a gap that DTX left', async () => {
    const stream = await make({ endpointingMs: 2000 }).open({ signal });
    const reader = new Reader(stream);
    const talk = write(stream, silence(1000, 5000));
    const jumped = talk + 7 * FRAME_TICKS * 20;
    write(stream, framesOf(speech.samples, jumped));
    stream.finalize();
    expect(largestDeviationMs(await reader.answer(), jumped)).toBeLessThanOrEqual(20);
  });

  it('hold after lost and concealed frames', async () => {
    const stream = await make({ endpointingMs: 2000 }).open({ signal });
    const reader = new Reader(stream);
    const lost = write(stream, hum(400, 0));
    const concealed = write(stream, framesOf(new Int16Array(5 * FRAME_SAMPLES), lost, 'concealed'));
    const resumed = concealed + 13 * FRAME_TICKS;
    write(stream, framesOf(speech.samples, resumed));
    stream.finalize();
    expect(largestDeviationMs(await reader.answer(), resumed)).toBeLessThanOrEqual(20);
  });

  it('hold after a minute of keep-alive only, which costs no audio', async () => {
    const stream = await make({ endpointingMs: 2000 }).open({ signal });
    const reader = new Reader(stream);
    let timestamp = 0;
    for (let second = 0; second < 70; second += 1) {
      timestamp = write(stream, silence(1000, timestamp));
      await clock.advance(1000);
    }
    await server.until(() => (server.connections[0]?.controls.filter(isKeepAlive).length ?? 0) >= 14);
    expect(server.connections[0]?.sampleCount).toBe(10 * LISTENING_RATE_HZ);
    write(stream, framesOf(speech.samples, timestamp));
    stream.finalize();
    const answer = await reader.answer();
    expect(answer.text).toBe(speech.text);
    expect(largestDeviationMs(answer, timestamp)).toBeLessThanOrEqual(20);
  });

  it('hold on a second stream that hears the last seconds again', async () => {
    const stt = make({ endpointingMs: 2000 });
    server.fail({ kind: 'drop', afterMs: speech.pauseAtMs });
    const first = await stt.open({ signal });
    const frames = framesOf(speech.samples, 960_000);
    write(first, frames);
    expect(await new Reader(first).fault()).toMatchObject({ code: 'STT', retryable: true });
    const second = await stt.open({ signal });
    const reader = new Reader(second);
    write(second, frames);
    second.finalize();
    const answer = await reader.answer();
    expect(answer.text).toBe(speech.text);
    expect(largestDeviationMs(answer, 960_000)).toBeLessThanOrEqual(20);
    expect(server.unscriptedCount).toBe(0);
  });
});

describe('silence on a Deepgram stream', () => {
  it('loses no words where audio stops and where it goes on', async () => {
    const stream = await make({ endpointingMs: 60_000 }).open({ signal });
    const reader = new Reader(stream);
    const quiet = write(stream, framesOf(speech.samples, 0));
    const again = write(stream, silence(30_000, quiet));
    write(stream, framesOf(other.samples, again));
    stream.finalize();
    await reader.answer();
    expect(reader.finalText).toBe(`${speech.text} ${other.text}`);
    expect(server.connections[0]?.controls).toEqual(['Finalize', 'Finalize']);
    // 300 ms of the silence go ahead of the first sound, the quiet beginning of the recording included.
    const heardMs = (server.connections[0]?.sampleCount ?? 0) / 16;
    expect(heardMs).toBe((speech.samples.length + other.samples.length) / 16 + 10_000 - 300);
  });

  it('stays open with neither audio nor silence', async () => {
    await make().open({ signal });
    await clock.advance(60_000);
    await server.until(() => server.connections[0]?.controls.length === 15);
    expect(server.connections[0]?.controls.every(isKeepAlive)).toBe(true);
  });

  it('is closed by a service that hears nothing, and says so', async () => {
    await restart({ idleTimeoutMs: 20 });
    const reader = new Reader(await make().open({ signal }));
    expect(await reader.fault()).toMatchObject({ message: expect.stringContaining('1011, NET-0001'), retryable: true });
  });
});

describe('a Finalize that Deepgram leaves unanswered', () => {
  it('is answered at once where there was no sound since the last final', async () => {
    const stream = await make().open({ signal });
    write(stream, silence(400, 0));
    stream.finalize();
    const answer = await new Reader(stream).answer();
    expect(answer).toMatchObject({ text: '', endTimestamp: 400 * TICKS_PER_MS });
    expect(server.connections[0]?.controls).toEqual([]);
  });

  it('is answered with nothing after a while where there was sound without words', async () => {
    await restart({ finalizeMinimumMs: 1000 });
    const stream = await make().open({ signal });
    const reader = new Reader(stream);
    write(stream, hum(400, 0));
    stream.finalize();
    stream.finalize();
    await server.until(() => server.connections[0]?.controls.length === 2);
    await clock.advance(600);
    expect(await reader.answer()).toMatchObject({ text: '' });
    expect(await reader.answer()).toMatchObject({ text: '' });
    expect(reader.events.length).toBe(2);
  });

  it('is answered with the words there are, which are not told again when they become final late', async () => {
    await restart({ script: [speech.script, other.script], finalizeMinimumMs: 10_000 });
    const stream = await make({ endpointingMs: 60_000 }).open({ signal });
    const reader = new Reader(stream);
    const end = write(stream, framesOf(speech.samples, 0));
    const [lastWord = ''] = speech.text.split(' ').slice(-1);
    await reader.until((event): event is SttEvent => event.text.endsWith(lastWord));
    stream.finalize();
    await clock.advance(600);
    expect(await reader.answer()).toMatchObject({ text: speech.text });
    // Deepgram's own final comes after five seconds of audio.
    const next = write(stream, framesOf(other.samples, end));
    write(stream, silence(3000, next));
    await reader.final();
    expect(reader.finalText).toBe(`${speech.text} ${other.text}`);
  });

  it('fails the stream where results are seconds behind', async () => {
    server.fail({ kind: 'mute' });
    const stream = await make().open({ signal });
    const reader = new Reader(stream);
    write(stream, hum(4000, 0));
    stream.finalize();
    await clock.advance(6000);
    expect(await reader.fault()).toMatchObject({ message: expect.stringContaining('behind'), retryable: true });
  });
});

describe('faults of Deepgram', () => {
  it.each([
    { refusal: refusals.unauthorized, retryable: false, says: /401: Invalid credentials.*DEEPGRAM_API_KEY/u },
    { refusal: refusals.noCredit, retryable: false, says: /402: .*top it up/u },
    { refusal: refusals.tooMany, retryable: true, retryAfterMs: 2000, says: /429: .*limit/u },
    { refusal: refusals.fault, retryable: true, says: /500: .*try again/u },
  ])('$refusal.status at the handshake', async ({ refusal, retryable, retryAfterMs, says }) => {
    server.fail({ kind: 'refuse', refusal });
    const message: unknown = expect.stringMatching(says);
    await expect(make().open({ signal })).rejects.toMatchObject({ code: 'STT', retryable, retryAfterMs, message });
  });

  it('settings that the service does not take', async () => {
    await expect(make({ model: 'nova-9' }).open({ signal })).rejects.toMatchObject({
      message: expect.stringMatching(/Deepgram answered 400: .*nova-9/u),
      retryable: false,
    });
  });

  it('more streams than the account has', async () => {
    await restart({ concurrency: 1 });
    const stt = make();
    await stt.open({ signal });
    await expect(stt.open({ signal })).rejects.toMatchObject({ retryable: true, retryAfterMs: 2000 });
  });

  it('a handshake that is never answered: ends at the deadline, or when it is aborted', async () => {
    server.fail({ kind: 'silent' });
    server.fail({ kind: 'silent' });
    const stt = make();
    const slow = stt.open({ signal });
    slow.catch(() => undefined);
    await server.until(() => server.connections.length === 1);
    await clock.advance(5000);
    await expect(slow).rejects.toMatchObject({ message: expect.stringContaining('5 s'), retryable: true });
    const controller = new AbortController();
    const aborted = stt.open({ signal: controller.signal });
    const reason = new Error('hung up');
    aborted.catch(() => undefined);
    await server.until(() => server.connections.length === 2);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
  });

  it('an end while a stream is being opened', async () => {
    server.fail({ kind: 'silent' });
    const stt = make();
    const opening = stt.open({ signal });
    opening.catch(() => undefined);
    await server.until(() => server.connections.length === 1);
    await stt.close();
    await expect(opening).rejects.toMatchObject({ code: 'STT' });
  });

  const error = '{"type":"Error","variant":"SchemaError","description":"Could not deserialize last text message"}';
  it.each<{ name: string; fault: DeepgramFault; says: RegExp }>([
    {
      name: 'a connection that breaks',
      fault: { kind: 'drop', afterMs: 100 },
      says: /closed the connection \(1006\)/u,
    },
    {
      name: 'a close in mid-stream',
      fault: { kind: 'close', afterMs: 100, code: 1011, reason: 'NET-0000' },
      says: /\(1011, NET-0000\)/u,
    },
    {
      name: 'audio that it cannot decode',
      fault: { kind: 'close', afterMs: 100, code: 1008, reason: 'DATA-0000' },
      says: /\(1008, DATA-0000\)/u,
    },
    { name: 'an error message', fault: { kind: 'say', afterMs: 100, data: error }, says: /SchemaError, Could not/u },
    { name: 'text that is no JSON', fault: { kind: 'say', afterMs: 100, data: '<html>' }, says: /no JSON: <html>/u },
    { name: 'JSON of another kind', fault: { kind: 'say', afterMs: 100, data: '[1]' }, says: /no message type/u },
    {
      name: 'results of a wrong shape',
      fault: { kind: 'say', afterMs: 100, data: '{"type":"Results","start":"soon"}' },
      says: /wrong Results/u,
    },
    { name: 'a binary message', fault: { kind: 'say', afterMs: 100, data: new Uint8Array(7) }, says: /binary/u },
  ])('$name', async ({ fault, says }) => {
    server.fail(fault);
    const stream = await make().open({ signal });
    const reader = new Reader(stream);
    write(stream, hum(200, 0));
    expect(await reader.fault()).toMatchObject({
      name: 'StageError',
      code: 'STT',
      retryable: true,
      message: expect.stringMatching(says),
    });
    // Whoever still has the stream does no harm with it.
    write(stream, hum(200, 0));
    stream.finalize();
    stream.close();
  });

  it('messages that do not concern us', async () => {
    server.fail({ kind: 'say', afterMs: 100, data: '{"type":"SpeechStarted","channel":[0],"timestamp":0.1}' });
    const stream = await make({ endpointingMs: 2000 }).open({ signal });
    write(stream, framesOf(speech.samples, 0));
    stream.finalize();
    expect(await new Reader(stream).answer()).toMatchObject({ text: speech.text });
  });

  it('a service that takes no audio: fails instead of growing', async () => {
    server.fail({ kind: 'deaf' });
    const stream = await make().open({ signal });
    const reader = new Reader(stream);
    // What the kernel takes is beside the point: some minutes of audio are more.
    const second = hum(1000, 0);
    for (let count = 0; count < 900; count += 1) write(stream, second);
    const fault = reader.fault();
    // So much at once is what a session may have kept: it gets time to go out.
    await clock.advance(1000);
    expect(await Promise.race([fault, clock.settle()])).toBeUndefined();
    await clock.advance(10_000);
    expect(await fault).toMatchObject({ message: expect.stringContaining('too slowly'), retryable: true });
    // It doesn't see either that the connection has ended.
    await restart({});
  });
});

/** Has another server listen while something is tried at its address. */
async function at(plain: Server, attempt: (baseUrl: string) => Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    plain.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = plain.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await attempt(`http://127.0.0.1:${port}`);
  await new Promise<void>((resolve) => {
    plain.close(() => resolve());
  });
}

describe('an address that is not Deepgram', () => {
  it('refuses connections', async () => {
    const gone = await startDeepgram();
    const { baseUrl } = gone;
    await gone.close();
    await expect(make({ baseUrl }).open({ signal })).rejects.toMatchObject({
      message: expect.stringMatching(/could not be reached: .*ECONNREFUSED/u),
      retryable: true,
    });
  });

  it('is a web server', () =>
    at(
      createServer((_request, response) => response.end('hello')),
      (baseUrl) =>
        expect(make({ baseUrl }).open({ signal })).rejects.toMatchObject({
          message: expect.stringMatching(/answered 200 and opened no websocket.*DEEPGRAM_BASE_URL/u),
          retryable: false,
        }),
    ));

  it('is no web server at all', () =>
    at(
      createTcpServer((socket) => socket.resume().end('220 mail.example ready\r\n')),
      (baseUrl) => expect(make({ baseUrl }).open({ signal })).rejects.toMatchObject({ code: 'STT', retryable: true }),
    ));
});
