// What becomes of the faults of a service, by the real provider of the AI SDK against the stand-in.

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type ChatFault, startOpenaiChat } from '../../bench/providers/openai-chat.ts';
import { languageModelReplies } from './language-model.ts';
import { openaiLanguageModel, openaiReplies, type OpenaiRepliesOptions } from './openai.ts';
import { type ReplyModel, textOf } from './port.ts';

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

async function reply(): Promise<{ said: string; error: unknown }> {
  let said = '';
  try {
    for await (const token of model.reply(hello, live())) said += textOf(token);
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

interface FaultCase {
  readonly title: string;
  readonly fault: ChatFault;
  readonly said?: string;
  readonly says: RegExp;
  readonly retryable: boolean;
  readonly limitReached?: boolean;
  readonly retryAfterMs?: number;
}

const rateLimit = { message: 'Slow down', type: 'requests', code: 429 };
const noQuota = { message: 'You exceeded your quota', type: 'insufficient_quota', code: 'insufficient_quota' };

const faults: readonly FaultCase[] = [
  { title: '401', fault: { type: 'status', status: 401 }, says: /Incorrect API key.*OPENAI_API_KEY/, retryable: false },
  { title: '402', fault: { type: 'status', status: 402 }, says: /no credit left/, retryable: false },
  { title: '429', fault: { type: 'status', status: 429 }, says: /limit/, retryable: true, limitReached: true },
  {
    title: '429 with retry-after',
    fault: { type: 'status', status: 429, headers: { 'retry-after': '2' } },
    says: /limit/,
    retryable: true,
    limitReached: true,
    retryAfterMs: 2000,
  },
  {
    title: '429 with milliseconds to wait',
    fault: { type: 'status', status: 429, headers: { 'retry-after': '1', 'retry-after-ms': '320' } },
    says: /limit/,
    retryable: true,
    limitReached: true,
    retryAfterMs: 320,
  },
  {
    title: '429 of an account without credit',
    fault: { type: 'status', status: 429, error: noQuota },
    says: /answered 429: You exceeded your quota.*no credit left/,
    retryable: false,
    limitReached: true,
  },
  { title: '500', fault: { type: 'status', status: 500 }, says: /answered 500.*try again/, retryable: true },
  { title: 'a web page', fault: { type: 'page' }, says: /web page.*\/v1/, retryable: false },
  {
    title: 'a connection that breaks at once',
    fault: { type: 'broken' },
    says: /could not be reached/,
    retryable: true,
  },
  {
    title: 'a connection that breaks in mid-stream',
    fault: { type: 'broken', afterTokens: 2 },
    said: 'You said:',
    says: /broke off its reply/,
    retryable: true,
  },
  {
    title: 'a stream that is cut short',
    fault: { type: 'cutShort', afterTokens: 1 },
    said: 'You',
    says: /broke off its reply.*finish reason/,
    retryable: true,
  },
  {
    title: 'an error in mid-stream',
    fault: { type: 'errorEvent', afterTokens: 1 },
    said: 'You',
    says: /broke off its reply.*had an error while processing/,
    retryable: true,
  },
  {
    title: 'an error with a status in mid-stream',
    fault: { type: 'errorEvent', error: rateLimit },
    says: /answered 429: Slow down/,
    retryable: true,
    limitReached: true,
  },
  {
    title: 'an error in mid-stream that stays',
    fault: { type: 'errorEvent', error: noQuota },
    says: /exceeded your quota.*will not help/,
    retryable: false,
  },
  {
    title: 'an event that is not JSON',
    fault: { type: 'garbage', afterTokens: 1 },
    said: 'You',
    says: /broke off its reply/,
    retryable: true,
  },
  {
    title: 'an event that is no chunk',
    fault: { type: 'garbage', data: '{"choices":"none"}' },
    says: /broke off its reply/,
    retryable: true,
  },
  {
    title: 'a filtered reply without a word',
    fault: { type: 'finish', reason: 'content_filter' },
    says: /content filter/,
    retryable: false,
  },
  {
    title: 'a reply that is all reasoning',
    fault: { type: 'finish', reason: 'length' },
    says: /maxOutputTokens/,
    retryable: false,
  },
  {
    title: 'a call of an unknown tool',
    fault: { type: 'toolCall', name: 'f' },
    says: /called a tool/,
    retryable: true,
  },
];

describe('a fault of an OpenAI-compatible service', () => {
  it.each(faults)('$title', async ({ fault, said = '', says, retryable, limitReached = false, retryAfterMs }) => {
    server.failNext(fault);
    const outcome = await reply();
    expect(outcome).toMatchObject({ said, error: { name: 'StageError', code: 'LLM', retryable } });
    expect(outcome.error).toHaveProperty('retryAfterMs', retryAfterMs);
    expect(outcome.error).toHaveProperty('message', expect.stringMatching(says));
    expect(outcome.error).toHaveProperty('limitReached', limitReached);
    // Asked once, and well again at the next turn.
    expect(await reply()).toEqual({ said: 'You said: Hello there!', error: undefined });
  });

  it('is told of a wrong key and an unknown model as the service tells it', async () => {
    model = make({ apiKey: 'wrong' });
    expect(await reply()).toMatchObject({
      error: { retryable: false, message: expect.stringMatching(/answered 401/) },
    });
    await model.close?.();
    model = make({ model: 'gtp' });
    expect(await reply()).toMatchObject({ error: { message: expect.stringMatching(/answered 404: The model `gtp`/) } });
  });

  it('is told of a service that is not there', async () => {
    model = make({ baseUrl: await closedUrl() });
    expect(await reply()).toMatchObject({
      error: { retryable: true, message: expect.stringMatching(/could not be reached.*ECONNREFUSED.*base URL/) },
    });
  });

  it('is none when the reply is empty, refused, or long', async () => {
    server.failNext({ type: 'finish', reason: 'stop' });
    expect(await reply()).toEqual({ said: '', error: undefined });
    server.failNext({ type: 'refusal' });
    expect(await reply()).toEqual({ said: 'You said: Hello there!', error: undefined });
    server.failNext({ type: 'finish', reason: 'length', afterTokens: 3 });
    expect(await reply()).toEqual({ said: 'You said: Hello', error: undefined });
    server.failNext({ type: 'finish', reason: 'content_filter', afterTokens: 3 });
    expect(await reply()).toEqual({ said: 'You said: Hello', error: undefined });
  });
});

describe('an aborted reply', () => {
  it('asks for nothing when it was aborted before', async () => {
    const requestCount = server.requests.length;
    const pieces: string[] = [];
    for await (const part of model.reply(hello, { signal: AbortSignal.abort() })) pieces.push(textOf(part));
    expect(pieces).toEqual([]);
    expect(server.requests).toHaveLength(requestCount);
  });

  it.each([0, 1])('cancels the request while the service is silent after %i tokens', async (afterTokens) => {
    server.failNext({ type: 'silence', afterTokens });
    const deadline = new AbortController();
    const received = server.nextRequest();
    const replying = (async () => {
      let said = '';
      for await (const token of model.reply(hello, { signal: deadline.signal })) {
        said += textOf(token);
        setImmediate(() => deadline.abort(new Error('too late')));
      }
      return said;
    })();
    const request = await received;
    if (afterTokens === 0) deadline.abort(new Error('too late'));
    expect(await replying).toBe(afterTokens === 0 ? '' : 'You');
    expect(await request.ended).toBe('cancelled');
  });

  it('cancels the request when its reader leaves', async () => {
    server.failNext({ type: 'silence', afterTokens: 2 });
    const received = server.nextRequest();
    for await (const token of model.reply(hello, live())) {
      expect(token).toBe('You');
      break;
    }
    expect(await (await received).ended).toBe('cancelled');
  });
});

describe('an AI SDK model on the fetch of Node', () => {
  it('has the same errors, and its requests are cancelled as well', async () => {
    const other = await startOpenaiChat({ models: ['gpt'] });
    model = languageModelReplies({ model: openaiLanguageModel({ model: 'gpt', baseUrl: other.baseUrl }) });
    expect(await reply()).toMatchObject({ said: 'You said: Hello there!' });
    other.failNext({ type: 'broken', afterTokens: 1 });
    expect(await reply()).toMatchObject({
      said: 'You',
      error: { retryable: true, message: expect.stringMatching(/openai.chat gpt broke off/) },
    });
    other.failNext({ type: 'silence', afterTokens: 1 });
    const received = other.nextRequest();
    const aborting = new AbortController();
    for await (const token of model.reply(hello, { signal: aborting.signal })) {
      expect(token).toBe('You');
      aborting.abort();
    }
    expect(await (await received).ended).toBe('cancelled');
    await other.close();
    expect(await reply()).toMatchObject({
      error: { retryable: true, message: expect.stringMatching(/could not be reached.*ECONNREFUSED/) },
    });
  });
});
