import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { APICallError, LoadAPIKeyError, RetryError, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { frontDesk } from './front-desk/front-desk.ts';
import { languageModelReplies } from './language-model.ts';
import { type ReplyPart, textOf, type TokenUsage } from './port.ts';

const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });
const hello = [{ role: 'user', text: 'Hello!' }] as const;

async function saidIn(stream: AsyncIterable<ReplyPart>): Promise<string> {
  let text = '';
  for await (const part of stream) text += textOf(part);
  return text;
}

function failingWith(error: Error): Promise<string> {
  const model = new MockLanguageModelV4({
    modelId: 'm',
    provider: 'p',
    doStream: async () => {
      throw error;
    },
  });
  return saidIn(languageModelReplies({ model }).reply(hello, live()));
}

function callError(statusCode: number | undefined): APICallError {
  return new APICallError({
    message: 'no luck',
    url: 'https://example.com',
    requestBodyValues: {},
    isRetryable: statusCode === 503,
    ...(statusCode !== undefined && { statusCode }),
  });
}

describe('languageModelReplies', () => {
  it('gives the model its instructions, and says where the caller interrupted', async () => {
    const model = new MockLanguageModelV4({ doStream: (options) => frontDesk().doStream(options) });
    const replies = languageModelReplies({ model, instructions: 'Be brief.' });
    const history = [
      ...hello,
      { role: 'assistant', text: 'Good evening, this is', interrupted: true },
      { role: 'user', text: '(unintelligible)' },
    ] as const;
    await saidIn(replies.reply(history, live()));
    expect(model.doStreamCalls[0]?.prompt).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello!' }] },
      { role: 'assistant', content: [{ text: expect.stringMatching(/^Good evening, this is \[.*interrupted.*\]$/) }] },
      { role: 'user', content: [{ text: '(unintelligible)' }] },
    ]);
  });

  it('tells what each request cost, as the model counts it, and nothing where it does not', async () => {
    const inputTokens = { total: 31, noCache: 1, cacheRead: 30, cacheWrite: 0 };
    const usage = { inputTokens, outputTokens: { total: 7, text: 5, reasoning: 2 } };
    const counting = (counts: boolean) =>
      new MockLanguageModelV4({
        doStream: async (options) => {
          const { stream } = await frontDesk().doStream(options);
          const counted = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
            transform: (part, controller) =>
              controller.enqueue(part.type === 'finish' && counts ? { ...part, usage } : part),
          });
          return { stream: stream.pipeThrough(counted) };
        },
      });
    const told: TokenUsage[] = [];
    for (const counts of [true, false]) {
      const replies = languageModelReplies({ model: counting(counts) });
      await saidIn(replies.reply(hello, { ...live(), onUsage: (tokens) => told.push(tokens) }));
    }
    expect(told).toEqual([{ inputTokens: 31, outputTokens: 7 }]);
  });

  it('tells the model what has been said of its answer, beside the question and not as an answer of its own', async () => {
    const model = new MockLanguageModelV4({ doStream: (options) => frontDesk().doStream(options) });
    const call = { role: 'tool', callId: '1', tool: 'look', input: {}, withPrevious: false } as const;
    const history = [...hello, { ...call, outcome: { status: 'done', output: 'free' } }] as const;
    await saidIn(languageModelReplies({ model }).reply(history, { ...live(), begun: 'Let me see, ' }));
    expect(model.doStreamCalls[0]?.prompt).toMatchObject([
      { role: 'user', content: [{ text: expect.stringMatching(/^Hello!\n\n\[.*"Let me see," .*without repeating/) }] },
      { role: 'assistant' },
      { role: 'tool' },
    ]);
  });

  it('lets no tool be called where the model must do without, though it knows them', async () => {
    const model = new MockLanguageModelV4({ doStream: (options) => frontDesk().doStream(options) });
    const look = { ...tool({ inputSchema: z.object({}), execute: () => 'never' }), effects: false };
    await saidIn(languageModelReplies({ model, tools: { look } }).reply(hello, { ...live(), tools: 'none' }));
    expect(model.doStreamCalls).toMatchObject([{ toolChoice: { type: 'none' }, tools: [{ name: 'look' }] }]);
  });

  it.each([
    { error: callError(401), retryable: false, says: /key/ },
    { error: callError(404), retryable: false, says: /name/ },
    { error: callError(429), retryable: true, says: /limit/ },
    { error: callError(503), retryable: true, says: /try again/ },
    { error: callError(undefined), retryable: true, says: /reached/ },
    { error: new LoadAPIKeyError({ message: 'OPENAI_API_KEY is not set' }), retryable: false, says: /OPENAI_API_KEY/ },
    {
      error: new RetryError({ message: 'gave up', reason: 'maxRetriesExceeded', errors: [callError(401)] }),
      retryable: false,
      says: /key/,
    },
    { error: new Error('odd'), retryable: true, says: /odd/ },
  ])('says what to do about $error.message ($says)', async ({ error, retryable, says }) => {
    await expect(failingWith(error)).rejects.toMatchObject({
      code: 'LLM',
      retryable,
      message: expect.stringMatching(says),
    });
  });
});

describe('the front desk as a model', () => {
  it('paces its words by the clock it is given', async () => {
    const clock = new VirtualClock();
    const replies = languageModelReplies({ model: frontDesk({ clock, firstTokenMs: 100, msPerWord: 50 }) });
    const arrivals: number[] = [];
    const startedAtMs = clock.nowMs();
    const reading = (async () => {
      for await (const token of replies.reply(hello, live())) {
        arrivals.push(clock.nowMs() - startedAtMs);
        expect(token).not.toBe('');
      }
    })();
    await clock.advance(1000);
    await reading;
    expect(arrivals.slice(0, 3)).toEqual([100, 150, 200]);
  });

  it('answers without streaming, too', async () => {
    const { content } = await frontDesk().doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Where can I park?' }] }],
    });
    expect(content).toMatchObject([{ type: 'text', text: expect.stringContaining('car park') }]);
  });
});
