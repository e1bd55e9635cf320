// OpenAI-compatible chat completions against the stand-in, and against a live service where OPENAI_API_KEY is set
// (OPENAI_BASE_URL and OPENAI_MODEL respected). Protocol: https://platform.openai.com/docs/api-reference/chat

import { afterAll, afterEach } from 'vitest';
import { startOpenaiChat } from '../../bench/providers/openai-chat.ts';
import { openaiReplies } from '../../src/llm/openai.ts';
import type { ReplyModel } from '../../src/llm/port.ts';
import { describeReplyModel } from './llm.ts';

const server = await startOpenaiChat({ apiKey: 'key', models: ['model'] });
const silentServer = await startOpenaiChat({ apiKey: 'key', models: ['model'], firstTokenMs: 60_000 });
afterAll(() => Promise.all([server.close(), silentServer.close()]));

const made: ReplyModel[] = [];
afterEach(async () => {
  for (const model of made.splice(0)) await model.close?.();
});
function make(options: Parameters<typeof openaiReplies>[0]): ReplyModel {
  const model = openaiReplies(options);
  made.push(model);
  return model;
}

const subject = { apiKey: 'key', baseUrl: server.baseUrl, model: 'model' };

describeReplyModel('an OpenAI-compatible service', {
  make: () => make(subject),
  makeSilent: () => make({ ...subject, baseUrl: silentServer.baseUrl }),
  makeBroken: () => {
    server.failNext({ type: 'errorEvent', afterTokens: 2 });
    return make(subject);
  },
  pieces: 'several',
  deterministic: true,
});

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL = 'gpt-6-luna' } = process.env;
if (OPENAI_API_KEY !== undefined && OPENAI_API_KEY !== '') {
  const live = {
    apiKey: OPENAI_API_KEY,
    model: OPENAI_MODEL,
    instructions: 'You answer the phone of a restaurant. Answer in one short sentence.',
    ...(OPENAI_BASE_URL !== undefined && OPENAI_BASE_URL !== '' && { baseUrl: OPENAI_BASE_URL }),
  };
  describeReplyModel(`the live service (${OPENAI_MODEL})`, {
    make: () => make(live),
    // Aborted before an answer can have come over the network.
    makeSilent: () => make(live),
    makeBroken: () => make({ ...live, model: 'no-such-model' }),
    pieces: 'several',
    deterministic: false,
  });
}
