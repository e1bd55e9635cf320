import { afterAll, describe, expect, it } from 'vitest';

import { startOpenaiChat } from './openai-chat.ts';

const server = await startOpenaiChat({ apiKey: 'key', models: ['gpt'], reply: () => 'Good evening.' });
afterAll(() => server.close());

const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'Hello!' }];
const ask = (body: object): Promise<Response> =>
  fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });

const choice = (delta: object, finish_reason: string | null = null): object => ({
  object: 'chat.completion.chunk',
  model: 'gpt',
  choices: [{ index: 0, delta, finish_reason }],
  usage: null,
});

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

  it('lists its models for those who have the key', async () => {
    const url = `${server.baseUrl}/models`;
    expect(await (await fetch(url, { headers })).json()).toMatchObject({ object: 'list', data: [{ id: 'gpt' }] });
    const refused = await fetch(url);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});
