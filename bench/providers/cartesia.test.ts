// What the stand-in refuses, as Cartesia does: https://docs.cartesia.ai/use-the-api/tts-websocket/contexts

import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startCartesia, type Cartesia } from './cartesia.ts';

const HEADERS = { authorization: 'Bearer key', 'cartesia-version': '2026-03-01' };
const INPUT = {
  model_id: 'sonic-3',
  voice: { mode: 'id', id: 'v1' },
  output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 8000 },
  context_id: 'c1',
  transcript: 'Hello. ',
  continue: true,
  max_buffer_delay_ms: 0,
};

async function statusOf({ baseUrl }: Cartesia, headers: Record<string, string>): Promise<number> {
  const { status } = await fetch(`${baseUrl}/voices/v1`, { headers });
  return status;
}

describe('the stand-in for Cartesia', () => {
  let service: Cartesia;
  let socket: WebSocket;
  let messages: Record<string, unknown>[];

  beforeEach(async () => {
    service = await startCartesia({ apiKey: 'key', contextExpiryMs: 20, paceFactor: 10 });
    socket = new WebSocket(`${service.baseUrl.replace('http', 'ws')}/tts/websocket`, { headers: HEADERS });
    messages = [];
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8'))));
    await once(socket, 'open');
  });
  afterEach(async () => {
    socket.terminate();
    await service.close();
  });

  /** Sends, and waits for the message that ends a context. */
  async function send(...inputs: readonly object[]): Promise<Record<string, unknown> | undefined> {
    for (const input of inputs) socket.send(JSON.stringify(input));
    for (;;) {
      const last = messages.find(({ done }) => done === true);
      if (last !== undefined) return last;
      await once(socket, 'message');
    }
  }

  it.each([
    { what: 'a voice', input: { ...INPUT, voice: undefined } },
    { what: 'a model', input: { ...INPUT, model_id: undefined } },
    { what: 'an output format', input: { ...INPUT, output_format: undefined } },
    { what: 'a rate that exists', input: { ...INPUT, output_format: { ...INPUT.output_format, sample_rate: 1 } } },
    { what: 'text', input: { ...INPUT, transcript: '', continue: false } },
  ])('asks for $what', async ({ input }) => {
    expect(await send(input)).toMatchObject({ type: 'error', status_code: 400, context_id: 'c1' });
  });

  it('wants the same settings in all inputs of a context', async () => {
    const other = { ...INPUT, model_id: 'sonic-2' };
    expect(await send(INPUT, other)).toMatchObject({ type: 'error', message: expect.stringContaining('same') });
  });

  it('ends a context that gets nothing more, and takes nothing more for it', async () => {
    expect(await send(INPUT)).toMatchObject({ type: 'done', context_id: 'c1' });
    messages.length = 0;
    expect(await send(INPUT)).toMatchObject({ type: 'error', status_code: 400 });
  });

  it('speaks to the end what it has begun when it is cancelled, and nothing more', async () => {
    await send(INPUT, { ...INPUT, transcript: 'How are you?' }, { context_id: 'c1', cancel: true });
    // 100 ms of silence and 7 characters of 60 ms, in chunks of 100 ms.
    expect(service.contexts[0]).toMatchObject({ isCancelled: true, end: 'done', chunkCount: 6 });
  });

  it('wants a key and a version', async () => {
    expect(await statusOf(service, HEADERS)).toBe(200);
    expect(await statusOf(service, { ...HEADERS, authorization: 'Bearer other' })).toBe(401);
    expect(await statusOf(service, { authorization: HEADERS.authorization })).toBe(400);
  });
});
