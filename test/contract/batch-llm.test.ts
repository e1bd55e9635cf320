// The batch variant passes the suite with every model, and says the same words.

import { MockLanguageModelV4 } from 'ai/test';
import { afterAll, describe, expect, it } from 'vitest';
import { startOpenaiChat } from '../../bench/providers/openai-chat.ts';
import { batchReplies } from '../../src/llm/batch.ts';
import { frontDesk } from '../../src/llm/front-desk/front-desk.ts';
import { languageModelReplies } from '../../src/llm/language-model.ts';
import { openaiReplies } from '../../src/llm/openai.ts';
import { type ReplyModel, textOf } from '../../src/llm/port.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { describeReplyModel } from './llm.ts';

const server = await startOpenaiChat({ models: ['model'] });
const silentServer = await startOpenaiChat({ models: ['model'], firstTokenMs: 60_000 });
afterAll(() => Promise.all([server.close(), silentServer.close()]));

const openai = (baseUrl: string): ReplyModel => openaiReplies({ baseUrl, model: 'model' });

describeReplyModel('the front desk, in batch', {
  make: () => batchReplies(languageModelReplies({ model: frontDesk() })),
  makeSilent: () =>
    batchReplies(languageModelReplies({ model: frontDesk({ clock: new VirtualClock(), firstTokenMs: 1 }) })),
  makeBroken: () =>
    batchReplies(
      languageModelReplies({
        model: new MockLanguageModelV4({ doStream: () => Promise.reject(new Error('out of order')) }),
      }),
    ),
  pieces: 'one',
  deterministic: true,
});

describeReplyModel('an OpenAI-compatible service, in batch', {
  make: () => batchReplies(openai(server.baseUrl)),
  makeSilent: () => batchReplies(openai(silentServer.baseUrl)),
  makeBroken: () => {
    server.failNext({ type: 'broken', afterTokens: 2 });
    return batchReplies(openai(server.baseUrl));
  },
  pieces: 'one',
  deterministic: true,
});

describe('batchReplies', () => {
  it.each([
    { name: 'the front desk', model: languageModelReplies({ model: frontDesk() }) },
    { name: 'an OpenAI-compatible service', model: openai(server.baseUrl) },
  ])('says the words that streaming says: $name', async ({ model }) => {
    const messages = [{ role: 'user', text: 'What are your opening hours?' }] as const;
    const say = async (from: ReplyModel): Promise<string[]> => {
      const pieces: string[] = [];
      for await (const part of from.reply(messages, { signal: new AbortController().signal }))
        pieces.push(textOf(part));
      return pieces;
    };
    const streamed = await say(model);
    expect(streamed.length).toBeGreaterThan(1);
    expect(await say(batchReplies(model))).toEqual([streamed.join('')]);
  });
});
