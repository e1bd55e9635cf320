import { afterAll, describe, expect, it } from 'vitest';

import { startOpenaiChat } from './openai-chat.ts';

const server = await startOpenaiChat({ apiKey: 'key', models: ['gpt'], reply: () => 'Good evening.' });
const booking = await startOpenaiChat({
  apiKey: 'key',
  models: ['gpt'],
  reply: () => ({ text: 'Well.', calls: [{ name: 'book', arguments: '{"day":"friday"}' }] }),
});
afterAll(() => Promise.all([server.close(), booking.close()]));

const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'Hello!' }];
const ask = (body: object, { baseUrl } = server): Promise<Response> =>
  fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });

const choice = (delta: object, finish_reason: string | null = null): object => ({
  object: 'chat.completion.chunk',
  model: 'gpt',
  choices: [{ index: 0, delta, finish_reason }],
  usage: null,
});

const callPart = (call: object): object => ({ choices: [{ delta: { tool_calls: [{ index: 0, ...call }] } }] });

describe("the stand-in for OpenAI's chat completions", () => {
  it('streams as the service does: the role, the words, why it ended, what it took, and the end', async () => {
    const response = await ask({ model: 'gpt', messages, stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = (await response.text()).split('\n\n').filter((event) => event !== '');
    expect(events.at(-1)).toBe('data: [DONE]');
    const chunks = events.slice(0, -1).map((event): unknown => JSON.parse(event.replace(/^data: /, '')));
    expect(chunks).toMatchObject([
      choice({ role: 'assistant', content: '' }),
      choice({ content: 'Good' }),
      choice({ content: ' evening.' }),
      choice({}, 'stop'),
      { choices: [], usage: { prompt_tokens: 6, completion_tokens: 2, total_tokens: 8 } },
    ]);
  });

  it('answers at once where no stream is asked for', async () => {
    const response = await ask({ model: 'gpt', messages });
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'Good evening.', refusal: null }, finish_reason: 'stop' }],
    });
  });

  it.each([
    { body: { model: 'gpt', messages, cache: true }, status: 400, error: { message: /Unrecognized.*cache/ } },
    { body: { model: 'gpt', messages: [] }, status: 400, error: { message: /messages/ } },
    { body: { model: 'gpt', messages: [{ role: 'robot', content: 'x' }] }, status: 400, error: { message: /role/ } },
    { body: { model: 'gpt', messages, temperature: 3 }, status: 400, error: { message: /temperature/ } },
    { body: { model: 'gtp', messages }, status: 404, error: { message: /`gtp` does not exist/ } },
  ])('refuses $body', async ({ body, status, error }) => {
    const response = await ask(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringMatching(error.message) },
    });
  });

  it('calls tools bit by bit in a stream, and whole without one', async () => {
    const id = 'call_000000000000000000000001';
    const streamed = await (await ask({ model: 'gpt', messages, stream: true }, booking)).text();
    const chunks = streamed.match(/\{.*\}/g)?.map((data): unknown => JSON.parse(data));
    expect(chunks?.slice(2)).toMatchObject([
      callPart({ id, type: 'function', function: { name: 'book', arguments: '' } }),
      ...['{"da', 'y":"', 'frid', 'ay"}'].map((piece) => callPart({ function: { arguments: piece } })),
      { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
    ]);
    const calls = [{ id, type: 'function', function: { name: 'book', arguments: '{"day":"friday"}' } }];
    expect(await (await ask({ model: 'gpt', messages }, booking)).json()).toMatchObject({
      choices: [{ message: { content: 'Well.', tool_calls: calls }, finish_reason: 'tool_calls' }],
    });
    expect(await (await ask({ model: 'gpt', messages, tool_choice: 'none' }, booking)).json()).toMatchObject({
      choices: [{ message: { content: 'Well.' }, finish_reason: 'stop' }],
    });
  });

  const call = { id: 'a', type: 'function', function: { name: 'book', arguments: '{}' } };
  it.each([
    {
      fault: 'a call without its result',
      after: [{ role: 'assistant', tool_calls: [call] }],
      says: /response messages: a/,
    },
    {
      fault: 'a result without its call',
      after: [{ role: 'tool', tool_call_id: 'a', content: 'ok' }],
      says: /preceeding/,
    },
    {
      fault: 'a call that is no function',
      after: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }],
      says: /tool_calls/,
    },
  ])('refuses $fault', async ({ after, says }) => {
    const response = await ask({ model: 'gpt', messages: [...messages, ...after] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(says) } });
  });

  it('lists its models for those who have the key', async () => {
    const url = `${server.baseUrl}/models`;
    expect(await (await fetch(url, { headers })).json()).toMatchObject({ object: 'list', data: [{ id: 'gpt' }] });
    const refused = await fetch(url);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});
