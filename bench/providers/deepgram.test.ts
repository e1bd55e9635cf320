import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { burstSpeech } from '../../test/contract/burst-speech.ts';
import { spoken } from '../../test/contract/spoken.ts';
import { type DeepgramStandIn, startDeepgram, utteranceOf } from './deepgram.ts';

interface Result {
  readonly type: string;
  readonly is_final?: boolean;
  readonly from_finalize?: boolean;
  readonly start?: number;
  readonly duration?: number;
  readonly channel?: { readonly alternatives: readonly { readonly transcript: string }[] };
}

let server: DeepgramStandIn;

async function restart(options: Parameters<typeof startDeepgram>[0]): Promise<void> {
  await server.close();
  server = await startDeepgram(options);
}

function connect(query: string, headers: Record<string, string> = { authorization: 'Token test-key' }): WebSocket {
  return new WebSocket(`${server.baseUrl.replace('http', 'ws')}/v1/listen?${query}`, { headers });
}

const LIVE = 'model=nova-3&encoding=linear16&sample_rate=16000&interim_results=true';

/** Sends audio and control messages, and returns what came until the stream was closed. */
async function converse(
  steps: readonly (Int16Array | string)[],
  query = LIVE,
): Promise<{ code: number; results: Result[] }> {
  const socket = connect(query);
  const results: Result[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; results: Result[] }>();
  socket.on('error', reject);
  socket.on('message', (data: Buffer) => results.push(JSON.parse(data.toString('utf8'))));
  socket.on('close', (code) => resolve({ code, results }));
  socket.on('open', () => {
    for (const step of steps) {
      if (typeof step === 'string') socket.send(step);
      else for (let at = 0; at < step.length; at += 320) socket.send(step.slice(at, at + 320));
    }
  });
  return promise;
}

const CLOSE = '{"type":"CloseStream"}';
const FINALIZE = '{"type":"Finalize"}';
const silence = (ms: number): Int16Array => new Int16Array(ms * 16);

function finalText(results: readonly Result[]): string {
  const finals = results.filter((result) => result.is_final === true);
  return finals.flatMap(({ channel }) => channel?.alternatives[0]?.transcript || []).join(' | ');
}

async function refusal(query: string, headers?: Record<string, string>): Promise<{ status: number; error: unknown }> {
  const socket = connect(query, headers);
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0, error: response.headers['dg-error'] });
      socket.terminate();
    });
  });
}

async function keyCheck(key: string): Promise<number> {
  const response = await fetch(`${server.baseUrl}/v1/auth/token`, { headers: { authorization: `Token ${key}` } });
  await response.body?.cancel();
  return response.status;
}

beforeEach(async () => {
  server = await startDeepgram();
});

afterEach(() => server.close());

describe('the Deepgram stand-in as a service', () => {
  it('refuses what the service refuses', async () => {
    expect(await refusal(LIVE, { authorization: 'Token wrong' })).toMatchObject({ status: 401 });
    expect(await refusal(LIVE, { authorization: 'Bearer test-key' })).toMatchObject({ status: 401 });
    expect(await refusal(`${LIVE}&keywords=Repartee`)).toMatchObject({ status: 400 });
    expect(await refusal('model=nova-3&encoding=pcm16&sample_rate=16000')).toMatchObject({ status: 400 });
    expect(await refusal('model=nova-3&encoding=linear16')).toMatchObject({ status: 400 });
    expect(await refusal('model=nova-3&endpointing=soon')).toMatchObject({ status: 400 });
    expect(server.connections.map(({ status }) => status)).toEqual([401, 401, 400, 400, 400, 400]);
  });

  it('checks a key without a stream', async () => {
    expect([await keyCheck('test-key'), await keyCheck('wrong')]).toEqual([200, 401]);
  });

  it('closes on half a sample, and complains about what it cannot read', async () => {
    const odd = await converse(['nonsense', '{"type":"Stop"}', CLOSE]);
    expect(odd.results.slice(0, 2).map(({ type }) => type)).toEqual(['Error', 'Error']);
    const socket = connect(LIVE);
    const code = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('open', () => socket.send(new Uint8Array(3)));
    expect(await code).toBe(1008);
  });

  it('covers the audio without a gap, ends with Metadata, and says nothing to a Finalize without audio', async () => {
    const { code, results } = await converse([
      FINALIZE,
      silence(7300),
      FINALIZE,
      FINALIZE,
      silence(50),
      FINALIZE,
      CLOSE,
    ]);
    expect(code).toBe(1000);
    expect(results.at(-1)).toMatchObject({ type: 'Metadata', duration: 7.35 });
    const finals = results.filter((result) => result.is_final === true);
    expect(finals.map(({ start, duration, from_finalize: flushed }) => [start, duration, flushed])).toEqual([
      [0, 5, false],
      [5, 2.3, true],
      [7.3, 0.05, false],
    ]);
  });
});

describe('the Deepgram stand-in as a recogniser', () => {
  const one = burstSpeech('one two three four');
  const two = burstSpeech('five six seven', 2);

  it('takes an utterance each time that somebody begins to speak, whatever pauses and flushes are in it', async () => {
    await restart({ script: [one.script, two.script] });
    const half = one.pauseAtMs * 16;
    const steps = [one.samples.subarray(0, half), FINALIZE, one.samples.subarray(half), two.samples, CLOSE];
    const { results } = await converse(steps, `${LIVE}&endpointing=false`);
    expect(finalText(results)).toBe('one two | three four five six seven');
    expect(server.unscriptedCount).toBe(0);
  });

  it('takes what still sounds of the last word, told as soon as it had begun, for no other utterance', async () => {
    const firstMs = one.wordStartsMs[0] ?? 0;
    const voice = one.samples.subarray(firstMs * 16, (firstMs + 150) * 16);
    const script = [{ text: 'Friday', startMs: 0, endMs: 150 + 300 + 150 }];
    await restart({ script: [script, two.script] });
    const broken = [voice, silence(150), FINALIZE, silence(150), voice];
    const { results } = await converse([...broken, silence(600), two.samples, CLOSE], `${LIVE}&endpointing=false`);
    expect(finalText(results)).toBe('Friday | five six seven');
    expect(server.unscriptedCount).toBe(0);
  });

  it('knows what it is told again on a new connection, from the middle of an utterance too', async () => {
    await restart({ script: [one.script, two.script] });
    const half = one.pauseAtMs * 16;
    await converse([one.samples.subarray(0, half), CLOSE]);
    const again = await converse([one.samples, CLOSE]);
    expect(finalText(again.results).replaceAll(' |', '')).toBe('one two three four');
    const rest = await converse([one.samples.subarray(480 * 16), two.samples, CLOSE]);
    expect(finalText(rest.results).replaceAll(' |', '')).toBe('two three four five six seven');
  });

  it('tells the sentences of a recorded voice, with the pauses that it makes', async () => {
    const texts = ['I would like to book a table, please.', 'For two people, tomorrow at seven.', 'Yes.'];
    const voices = [];
    for (const text of texts) voices.push(await spoken(text));
    const speech = voices.flatMap((samples) => [samples, silence(800), FINALIZE]);
    await restart({ script: voices.map((samples, index) => utteranceOf(texts[index] ?? '', samples)) });
    expect(finalText((await converse([...speech, CLOSE], `${LIVE}&endpointing=false`)).results)).toBe(
      texts.join(' | '),
    );
    await restart({ script: texts });
    expect(finalText((await converse([...speech, CLOSE], `${LIVE}&endpointing=false`)).results)).toBe(
      texts.join(' | '),
    );
  });

  it('counts what nobody wrote, or begins again', async () => {
    await restart({ script: [one.script] });
    expect(finalText((await converse([one.samples, two.samples, CLOSE], `${LIVE}&endpointing=100`)).results)).toBe(
      'one two | three four',
    );
    expect(server.unscriptedCount).toBeGreaterThan(0);
    await restart({ script: [one.script], repeats: true });
    expect(finalText((await converse([one.samples, two.samples, CLOSE], `${LIVE}&endpointing=100`)).results)).toBe(
      'one two | three four | one two | three four',
    );
  });

  it('asks a function instead', async () => {
    await restart({
      recognize: (samples) => [{ text: `${samples.length}`, startSample: 0, endSample: samples.length }],
    });
    const { results } = await converse([silence(1000), FINALIZE, silence(500), CLOSE]);
    expect(finalText(results)).toBe('16000 | 8000');
  });
});
