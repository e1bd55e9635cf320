// Most of it is tested through its users: test/contract/openai-stt.test.ts and openai-tts.test.ts.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpAnswer, type HttpStandIn, startHttpStandIn } from '../../bench/providers/http.ts';
import { systemClock } from './clock.ts';
import { HttpService } from './http-service.ts';

const { signal } = new AbortController();
const get = { method: 'GET', path: '/thing', signal } as const;

async function textOf(of: HttpService): Promise<string> {
  let text = '';
  for await (const bytes of (await of.request(get)).body) text += Buffer.from(bytes).toString();
  return text;
}

describe('HttpService', () => {
  let answer: HttpAnswer;
  let server: HttpStandIn;
  let service: HttpService;
  beforeEach(async () => {
    answer = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('fine') };
    server = await startHttpStandIn({ answer: () => answer, delivery: () => ({}) });
    service = make('sk-key');
  });
  afterEach(async () => {
    service.close();
    await server.close();
  });

  function make(apiKey: string): HttpService {
    const options = { stage: 'TTS', service: 'The service', keyName: 'THE_KEY', clock: systemClock } as const;
    return new HttpService({ ...options, baseUrl: `${server.origin}/prefix/`, apiKey });
  }

  it('asks below the base URL, with the key', async () => {
    expect(await textOf(service)).toBe('fine');
    expect(server.requests[0]).toMatchObject({
      path: '/prefix/thing',
      headers: { authorization: 'Bearer sk-key' },
    });
  });

  it('shows no key to a service that wants none', async () => {
    const keyless = make('');
    await textOf(keyless);
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    keyless.close();
  });

  it('tells the type of the answer without its parameters', async () => {
    expect(await service.request(get)).toMatchObject({ contentType: 'text/plain' });
  });

  it('keeps the connection after a list of models of any length, and asks for it only where there is none', async () => {
    answer = { ...answer, body: Buffer.alloc(1_000_000) };
    await service.warm(signal);
    await service.warm(signal);
    await textOf(service);
    expect(server.requests.map(({ path }) => path)).toEqual(['/prefix/models', '/prefix/thing']);
    expect(server.connectionCount).toBe(1);
  });

  it('is not disturbed by connections that the service has closed', async () => {
    await Promise.all([textOf(service), textOf(service), textOf(service)]);
    await expect.poll(() => server.openConnectionCount).toBe(3);
    server.failNext('/prefix/thing', { type: 'hangUp' }, { type: 'hangUp' }, { type: 'hangUp' });
    expect(await textOf(service)).toBe('fine');
  });

  it.each([
    ['{"error":{"message":"No such voice","code":404}}', 'No such voice'],
    ['{"detail":"Not here"}', 'Not here'],
    ['<html>nothing', '<html>nothing'],
  ])('explains a refusal by what the service says: %s', async (body, said) => {
    answer = { status: 404, headers: {}, body: Buffer.from(body) };
    await expect(service.request(get)).rejects.toMatchObject({
      name: 'StageError',
      message: expect.stringContaining(`The service answered 404: ${said}`),
      retryable: false,
    });
  });

  it('takes no redirection for an answer', async () => {
    answer = { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: Buffer.of() };
    await expect(service.request(get)).rejects.toMatchObject({ message: expect.stringContaining('302') });
  });

  it('rejects with the reason of the signal', async () => {
    const reason = new Error('enough');
    server.failNext('/prefix', { type: 'silence' });
    const controller = new AbortController();
    const asking = service.request({ ...get, signal: controller.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(reason);
    await expect(asking).rejects.toBe(reason);
    expect(await server.requests[0]?.outcome).toBe('cut off');
  });

  it('keeps a connection whose first request is aborted after its end, also while another request uses it', async () => {
    const first = new AbortController();
    const { body } = await service.request({ ...get, signal: first.signal });
    for await (const bytes of body) expect(Buffer.from(bytes).toString()).toBe('fine');
    server.failNext('/prefix', { type: 'delay', ms: 20 });
    const second = textOf(service);
    await expect.poll(() => server.requests.length).toBe(2);
    first.abort();
    expect(await second).toBe('fine');
    expect(server.connectionCount).toBe(1);
  });

  it('can be aborted at any moment around the end of an answer', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): unknown => uncaught.push(error);
    process.prependListener('uncaughtException', note);
    for (let moment = 0; moment < 200; moment += 1) {
      const controller = new AbortController();
      const { body } = await service.request({ ...get, signal: controller.signal });
      const reading = (async () => {
        for await (const _ of body);
      })().catch(() => undefined);
      for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
      controller.abort();
      await reading;
      await new Promise(setImmediate);
    }
    process.off('uncaughtException', note);
    expect(uncaught).toEqual([]);
    expect(await textOf(service)).toBe('fine');
  });

  it('ends what is under way when closed, and asks for nothing more', async () => {
    server.failNext('/prefix', { type: 'silence' });
    const asking = service.request(get);
    await expect.poll(() => server.requests.length).toBe(1);
    service.close();
    await expect(asking).rejects.toMatchObject({ code: 'TTS', message: expect.stringContaining('closed') });
    await expect(service.request(get)).rejects.toMatchObject({ code: 'TTS' });
    await expect.poll(() => server.openConnectionCount).toBe(0);
  });
});
