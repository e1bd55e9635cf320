// Tools through OpenAI-compatible chat completions: https://platform.openai.com/docs/guides/function-calling. What goes over the
// wire in each step, and that a conversation with tools has prompts that only grow. With a live service where OPENAI_API_KEY
// is set (OPENAI_BASE_URL and OPENAI_MODEL respected).

import { tool } from 'ai';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type ChatMessage, type ScriptedReply, startOpenaiChat, textOf } from '../../bench/providers/openai-chat.ts';
import { ConfigurationError } from '../../src/lib/errors.ts';
import { batchReplies } from '../../src/llm/batch.ts';
import { openaiReplies, type OpenaiRepliesOptions } from '../../src/llm/openai.ts';
import { type ReplyModel, type ReplyPart, textOf as textOfPart, type ToolHost } from '../../src/llm/port.ts';
import type { AgentTools } from '../../src/llm/tools.ts';
import { type History, type PlacedCall, withCall, withCaller, withHeard } from '../../src/turns/history.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

const server = await startOpenaiChat({ models: ['model'], reply: (messages) => reply(messages) });
afterAll(() => server.close());

const made: ReplyModel[] = [];
afterEach(async () => {
  for (const model of made.splice(0)) await model.close?.();
});

const free = { date: '2026-11-27', tables: [4, 7] };
const clock = new VirtualClock();

const tools = withBooking(({ table }) => `Table ${table} is booked.`);

function withBooking(execute: (input: { readonly table: number }) => string | Promise<string>): AgentTools {
  const look = tool({
    description: 'Which tables are free.',
    inputSchema: z.object({ day: z.string() }),
    execute: () => free,
  });
  const book = tool({
    description: 'Books a table.',
    inputSchema: z.object({ table: z.int(), name: z.string().optional() }),
    execute,
  });
  return { look: { ...look, effects: false }, book };
}

/** Looks on two days at once, books, and says so; thanks for thanks. */
function reply(messages: readonly ChatMessage[]): ScriptedReply {
  const last = messages.at(-1);
  if (last?.role === 'user' && textOf(last) === 'Thank you!') return { text: 'You are welcome.' };
  if (last?.role === 'user') {
    const days = ['friday', 'saturday'];
    return { text: 'Let me see.', calls: days.map((day) => ({ name: 'look', arguments: JSON.stringify({ day }) })) };
  }
  if (textOf(last ?? { role: 'user' }).includes('booked')) return { text: 'You have table four.' };
  return { calls: [{ name: 'book', arguments: '{"table": 4, "name": "Zoë 😀"}' }] };
}

function make(options: Partial<OpenaiRepliesOptions> = {}): ReplyModel {
  const model = openaiReplies({ baseUrl: server.baseUrl, model: 'model', tools, clock, ...options });
  made.push(model);
  return model;
}

/** A session's part: lets tools run, and remembers what they did. */
class Host implements ToolHost {
  readonly committed = Promise.resolve();
  /** The table is being booked. */
  readonly booking = Promise.withResolvers<void>();
  calls: readonly PlacedCall[] = [];
  settled(): Promise<void> {
    return Promise.resolve();
  }
  onCall(exchange: PlacedCall['exchange'], afterCharacters: number): void {
    this.calls = withCall(this.calls, { exchange, afterCharacters });
    if (exchange.tool === 'book') this.booking.resolve();
  }
}

async function say(
  model: ReplyModel,
  history: History,
  { host = new Host(), begun }: { readonly host?: Host; readonly begun?: string } = {},
): Promise<ReplyPart[]> {
  const parts: ReplyPart[] = [];
  const options = { signal: new AbortController().signal, tools: host, ...(begun !== undefined && { begun }) };
  for await (const part of model.reply(history, options)) parts.push(part);
  return parts;
}

const hello = withCaller([], 'A table, please.');
const bodies = (from: number): string[] => server.chats.slice(from).map(({ body }) => JSON.stringify(body));
const messagesOf = (body: unknown): unknown => z.object({ messages: z.unknown() }).parse(body).messages;

const called = (id: string, name: string, input: object): object => ({
  id: expect.stringMatching(new RegExp(`^call_0+${id}$`)),
  type: 'function',
  function: { name, arguments: JSON.stringify(input) },
});

const result = (id: string, content: string): object => ({
  role: 'tool',
  tool_call_id: expect.stringMatching(new RegExp(`^call_0+${id}$`)),
  content,
});

describe('tools over the wire', () => {
  it('are declared, called in fragments, and answered, step by step', async () => {
    const from = server.chats.length;
    const parts = await say(make(), hello);
    expect(parts).toEqual(['Let', ' me', ' see.', { type: 'pause', text: ' ' }, 'You', ' have', ' table', ' four.']);
    const steps = server.chats.slice(from).map(({ body }) => body);
    expect(steps).toHaveLength(3);
    expect(steps[0]).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'look', description: 'Which tables are free.' } },
        { type: 'function', function: { name: 'book', parameters: { type: 'object', required: ['table'] } } },
      ],
      tool_choice: 'auto',
    });
    expect(messagesOf(steps[2])).toEqual([
      { role: 'user', content: 'A table, please.' },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [called('1', 'look', { day: 'friday' }), called('2', 'look', { day: 'saturday' })],
      },
      result('1', JSON.stringify(free)),
      result('2', JSON.stringify(free)),
      { role: 'assistant', content: null, tool_calls: [called('4', 'book', { table: 4, name: 'Zoë 😀' })] },
      result('4', 'Table 4 is booked.'),
    ]);
  });

  it('are declared, and not called, where the model must do without them', async () => {
    const from = server.chats.length;
    const parts: ReplyPart[] = [];
    const options = { signal: new AbortController().signal, tools: 'none' } as const;
    for await (const part of make().reply(hello, options)) parts.push(part);
    expect(parts).toEqual(['Let', ' me', ' see.']);
    expect(server.chats.slice(from).map(({ body }) => body)).toMatchObject([{ tool_choice: 'none', tools: [{}, {}] }]);
  });

  it('stand after an opener, which the model is told of beside the question in each step', async () => {
    const from = server.chats.length;
    const host = new Host();
    await say(make(), hello, { host, begun: 'A table, ' });
    const asked = server.chats.slice(from).map(({ body }) => messagesOf(body));
    expect(asked).toHaveLength(3);
    const content = expect.stringMatching(/^A table, please\.\n\n\[you have begun.* "A table," .*\]$/);
    for (const messages of asked) expect(messages).toEqual(expect.arrayContaining([{ role: 'user', content }]));
    expect(host.calls[0]?.afterCharacters).toBe('A table, Let me see. '.length);
  });

  it('leave prompts that begin with the bytes of the one before, in the reply and in the turns after it', async () => {
    const from = server.chats.length;
    const model = make({ instructions: 'You answer the phone.' });
    let history: History = withCaller(withHeard([], 'Good evening.', false), 'A table, please.');
    for (const next of ['Thank you!', 'Another table, please.', 'Thank you!']) {
      const host = new Host();
      const said = (await say(model, history, { host })).map(textOfPart).join('');
      history = withCaller(withHeard(history, said, false, host.calls), next);
    }
    const prompts = bodies(from);
    expect(prompts).toHaveLength(7);
    for (const [index, prompt] of prompts.entries()) {
      const [before = ''] = (prompts[index - 1] ?? prompt).split('],"tools"');
      expect(prompt.slice(0, before.length)).toBe(before);
    }
  });

  it('that were cancelled, are still running, or were called before anything was said make valid prompts', async () => {
    const exchange = {
      role: 'tool',
      callId: 'a',
      tool: 'look',
      input: { day: 'friday' },
      withPrevious: false,
    } as const;
    const history: History = [
      { ...exchange, outcome: { status: 'running' } },
      { role: 'user', text: 'Hello?' },
      { role: 'assistant', text: 'Let', interrupted: true },
      { ...exchange, callId: 'b', outcome: { status: 'failed', reason: 'Cancelled.' } },
      { ...exchange, callId: 'c', withPrevious: true, outcome: { status: 'done', output: null } },
      { ...exchange, callId: 'd', outcome: { status: 'done', output: 'none' } },
      { role: 'user', text: 'Thank you!' },
    ];
    const parts = await say(make(), history);
    expect(parts.map(textOfPart).join('')).toBe('You are welcome.');
    const sent = z.array(z.looseObject({ role: z.string() })).parse(messagesOf(server.chats.at(-1)?.body));
    expect(sent.map(({ role }) => role).join(' ')).toBe(
      'assistant tool user assistant assistant tool tool assistant tool user',
    );
  });

  it('are not offered in the last step', async () => {
    const from = server.chats.length;
    expect((await say(make({ maxSteps: 2 }), hello)).map(textOfPart).join('')).toBe('Let me see. ');
    expect(server.chats.slice(from).map(({ body }) => body)).toMatchObject([
      { tool_choice: 'auto' },
      { tool_choice: 'none' },
    ]);
  });

  it('say the same in batch, in one piece', async () => {
    expect(await say(batchReplies(make()), hello)).toEqual(['Let me see. You have table four.']);
  });

  it('have no filler said in batch', async () => {
    const finished = Promise.withResolvers<string>();
    const host = new Host();
    const saying = say(batchReplies(make({ tools: withBooking(() => finished.promise) })), hello, { host });
    await host.booking.promise;
    await clock.advance(5000);
    finished.resolve('Table 4 is booked.');
    expect(await saying).toEqual(['Let me see. You have table four.']);
    expect(clock.pendingTimerCount).toBe(0);
  });

  it('go on when the reply is over, or not, as they are told; nothing is asked any more', async () => {
    const from = server.chats.length;
    const finished = Promise.withResolvers<string>();
    const host = new Host();
    const controller = new AbortController();
    const said: ReplyPart[] = [];
    const replying = (async () => {
      const options = { signal: controller.signal, tools: host };
      for await (const part of make({ tools: withBooking(() => finished.promise) }).reply(hello, options))
        said.push(part);
    })();
    await host.booking.promise;
    controller.abort();
    await replying;
    expect(host.calls.at(-1)?.exchange.outcome).toEqual({ status: 'running' });
    finished.resolve('booked');
    await clock.settle();
    expect(host.calls.at(-1)?.exchange.outcome).toEqual({ status: 'done', output: 'booked' });
    expect(server.chats).toHaveLength(from + 2);
  });

  it('must do something', () => {
    const idle = { idle: { description: 'nothing', inputSchema: z.object({}), outputSchema: z.string() } };
    expect(() => make({ tools: idle })).toThrow(ConfigurationError);
  });
});

const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL = 'gpt-6-luna' } = process.env;
if (OPENAI_API_KEY !== undefined && OPENAI_API_KEY !== '') {
  describe(`tools of the live service (${OPENAI_MODEL})`, () => {
    it('are called, and their results are spoken of, then and later', async () => {
      const model = openaiReplies({
        apiKey: OPENAI_API_KEY,
        model: OPENAI_MODEL,
        instructions:
          'You answer the phone of a restaurant. Look up which tables are free before you answer; book none.',
        tools,
        ...(OPENAI_BASE_URL !== undefined && OPENAI_BASE_URL !== '' && { baseUrl: OPENAI_BASE_URL }),
      });
      made.push(model);
      const host = new Host();
      const asked = withCaller([], 'Which tables are free on Friday?');
      const said = (await say(model, asked, { host })).map(textOfPart).join('');
      expect(host.calls.map(({ exchange }) => exchange.tool)).toContain('look');
      expect(said).not.toBe('');
      const history = withCaller(withHeard(asked, said, false, host.calls), 'Thank you!');
      expect((await say(model, history)).map(textOfPart).join('')).not.toBe('');
    });
  });
}
