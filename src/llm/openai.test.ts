import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type ChatMessage, startOpenaiChat } from '../../bench/providers/openai-chat.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { type History, withCaller, withHeard } from '../turns/history.ts';
import { keptAliveFetch } from './kept-alive-fetch.ts';
import { openaiLanguageModel, openaiReplies, type OpenaiRepliesOptions } from './openai.ts';
import { type ReplyModel, textOf, type TokenUsage } from './port.ts';

const server = await startOpenaiChat({ apiKey: 'key', models: ['gpt'] });
afterAll(() => server.close());

const hello = [{ role: 'user', text: 'Hello there!' }] as const;
const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

let model: ReplyModel;
const make = (options: Partial<OpenaiRepliesOptions> = {}): ReplyModel =>
  openaiReplies({ apiKey: 'key', baseUrl: server.baseUrl, model: 'gpt', ...options });

beforeEach(() => {
  model = make();
});

// Whatever went wrong, no connection may be left open: the stand-in never closes one by itself.
afterEach(async () => {
  await model.close?.();
  await server.disconnected();
});

async function reply(messages: History = hello): Promise<{ said: string; error: unknown }> {
  let said = '';
  try {
    for await (const part of model.reply(messages, live())) said += textOf(part);
    return { said, error: undefined };
  } catch (error) {
    return { said, error };
  }
}

/** The address of a service that is gone. */
async function closedUrl(): Promise<string> {
  const gone = await startOpenaiChat({ models: [] });
  await gone.close();
  return gone.baseUrl;
}

describe('what a reply costs', () => {
  const usages: TokenUsage[] = [];
  const ask = async (): Promise<void> => {
    for await (const _ of model.reply(hello, { ...live(), onUsage: (usage) => usages.push(usage) }));
  };

  it('is told as the service counted it', async () => {
    await ask();
    expect(usages.splice(0)).toEqual([{ inputTokens: expect.any(Number), outputTokens: expect.any(Number) }]);
    expect(server.requests.at(-1)?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  it.each([400, 422])(
    'is asked for no more where that was refused with %i, and the reply comes all the same',
    async (status) => {
      const message = "Extra inputs are not permitted: 'stream_options', 'include_usage'";
      server.failNext({ type: 'status', status, error: { message, type: 'invalid_request_error' } });
      const { connectionCount } = server;
      expect(await reply()).toMatchObject({ error: undefined, said: expect.stringMatching(/./) });
      await ask();
      expect(usages).toEqual([]);
      expect(server.requests.slice(-2).map(({ body }) => Object(body).stream_options)).toEqual([undefined, undefined]);
      expect(server.connectionCount - connectionCount).toBeLessThanOrEqual(1);
    },
  );
});

describe('warming up', () => {
  it('opens the connection that the reply then uses, and the next reply as well', async () => {
    const { connectionCount } = server;
    await model.warmUp?.(live());
    await reply();
    await reply();
    expect(server.connectionCount).toBe(connectionCount + 1);
    expect(server.requests.slice(-3)).toMatchObject([
      { method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer key' }, connection: connectionCount },
      { method: 'POST', path: '/v1/chat/completions', connection: connectionCount },
      { method: 'POST', path: '/v1/chat/completions', connection: connectionCount },
    ]);
  });

  it.each([
    { status: 401, retryable: false, says: /gpt answered 401: Incorrect API key.*OPENAI_API_KEY/ },
    { status: 503, retryable: true, says: /try again/ },
    { status: 200, retryable: false, says: /web page/ },
  ])('tells of $status ($says)', async ({ status, retryable, says }) => {
    server.failNext(status === 200 ? { type: 'page' } : { type: 'status', status });
    const error = { code: 'LLM', retryable, message: expect.stringMatching(says) };
    await expect(model.warmUp?.(live())).rejects.toMatchObject(error);
  });

  it.each([
    { title: 'has no list of models', status: 404, message: 'Invalid URL (GET /v1/models)' },
    { title: 'shows it to others only', status: 403, message: 'You have insufficient permissions for this operation.' },
    { title: 'shows it to other keys only', status: 401, message: 'Missing scopes: api.model.read.' },
  ])('is content with a service that $title', async ({ status, message }) => {
    const { connectionCount } = server;
    server.failNext({ type: 'status', status, error: { message, type: 'invalid_request_error' } });
    await model.warmUp?.(live());
    expect(await reply()).toMatchObject({ error: undefined });
    expect(server.connectionCount).toBe(connectionCount + 1);
  });

  it('asks for nothing while a connection is open', async () => {
    await model.warmUp?.(live());
    const requestCount = server.requests.length;
    await model.warmUp?.(live());
    expect(server.requests).toHaveLength(requestCount);
  });

  it('tells of a service that is not there', async () => {
    model = make({ baseUrl: await closedUrl() });
    const error = { retryable: true, message: expect.stringMatching(/could not be reached/) };
    await expect(model.warmUp?.(live())).rejects.toMatchObject(error);
  });

  it('waits 5 s for a silent service', async () => {
    const clock = new VirtualClock();
    model = make({ clock });
    await model.warmUp?.(live());
    expect(clock.pendingTimerCount).toBe(0);
    await model.close?.();
    await server.disconnected();
    server.failNext({ type: 'silence' });
    const received = server.nextRequest();
    const outcome = model.warmUp?.(live()).catch((error: unknown) => error);
    await received;
    expect(clock.pendingTimerCount).toBe(1);
    await clock.advance(5000);
    expect(await outcome).toMatchObject({ retryable: true, message: expect.stringMatching(/within 5 s/) });
  });

  it('ends quietly when it is aborted', async () => {
    server.failNext({ type: 'silence' });
    const received = server.nextRequest();
    const leaving = new AbortController();
    const warming = model.warmUp?.({ signal: leaving.signal });
    const request = await received;
    leaving.abort();
    await warming;
    expect(await request.ended).toBe('cancelled');
  });
});

describe('the prompt', () => {
  it('of each turn begins with the bytes of the prompt before, instructions first', async () => {
    model = make({ instructions: 'You answer the phone.', temperature: 0.3, maxOutputTokens: 200 });
    const firstTurn = server.chats.length;
    let history: History = withHeard([], 'Good evening.', false);
    for (const said of ['Hello!', 'Two people, please.', '', 'At eight.']) {
      history = withCaller(history, said);
      await reply(history);
      history = withHeard(history, `Well, ${said}`, said === 'Hello!');
    }
    const bodies = server.chats.slice(firstTurn).map(({ body }) => JSON.stringify(body));
    expect(bodies).toHaveLength(4);
    expect(bodies[0]).toContain('"messages":[{"role":"system","content":"You answer the phone."},{"role":"assistant"');
    for (const [turn, body] of bodies.entries()) {
      const [before = '', after] = (bodies[turn - 1] ?? body).split('],"stream"');
      expect(body.startsWith(before)).toBe(true);
      expect(body.endsWith(`],"stream"${after}`)).toBe(true);
    }
  });

  it.each([
    { baseUrl: 'https://api.openai.com/v1', bound: { max_completion_tokens: 100 } },
    { baseUrl: 'http://localhost:11434/v1', bound: { max_tokens: 100 } },
  ])('bounds the reply by the name that $baseUrl knows', async ({ baseUrl, bound }) => {
    const { fetch, close } = keptAliveFetch();
    const toStandIn: typeof fetch = (input, init) =>
      fetch(input instanceof Request ? input : String(input).replace(baseUrl, server.baseUrl), init);
    model = make({ baseUrl, fetch: toStandIn, maxOutputTokens: 100 });
    expect(await reply()).toMatchObject({ error: undefined });
    expect(server.chats.at(-1)?.body).toMatchObject(bound);
    close();
  });
});

describe('a model that thinks aloud', () => {
  it('is not heard thinking', async () => {
    const said = 'Before that <think>The caller says hello. I greet.</think>Good evening, this is the front desk.';
    const thinking = await startOpenaiChat({ models: ['r1'], reply: () => said });
    model = openaiReplies({ baseUrl: thinking.baseUrl, model: 'r1' });
    expect((await reply()).said.replace(/\s+/, ' ')).toBe('Before that \nGood evening, this is the front desk.');
    await thinking.close();
  });
});

describe('settings', () => {
  it('reach the service under its names, and only those that are set', async () => {
    await reply();
    const messages = [{ role: 'user', content: 'Hello there!' }];
    const bare = { model: 'gpt', messages, stream: true, stream_options: { include_usage: true } };
    expect(server.chats.at(-1)?.body).toEqual(bare);
    await model.close?.();
    model = make({ temperature: 0.3, maxOutputTokens: 80, reasoning: 'minimal' });
    await reply();
    const set = { temperature: 0.3, max_tokens: 80, reasoning_effort: 'minimal' };
    expect(server.chats.at(-1)?.body).toEqual({ ...bare, ...set });
  });

  it('need no key for a local server', async () => {
    const local = await startOpenaiChat({
      models: ['llama'],
      reply: (messages: readonly ChatMessage[]) => `${messages.length}`,
    });
    model = openaiReplies({ baseUrl: `${local.baseUrl}/`, model: 'llama' });
    await model.warmUp?.(live());
    expect(await reply()).toEqual({ said: '1', error: undefined });
    expect(local.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    await local.close();
  });

  it('refuse a base URL that is none', () => {
    expect(() => openaiLanguageModel({ model: 'gpt', baseUrl: 'api.openai.com' })).toThrow(ConfigurationError);
    expect(() => openaiLanguageModel({ model: 'gpt', baseUrl: 'ws://api.openai.com' })).toThrow(/http or https/);
  });

  it('name the service as people know it', () => {
    expect(openaiReplies({ model: 'gpt' }).name).toBe('OpenAI gpt');
    expect(openaiReplies({ model: 'llama', baseUrl: 'http://localhost:11434/v1' }).name).toBe('localhost:11434 llama');
  });
});
