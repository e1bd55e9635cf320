// How the chat stand-in answers one request for a completion, whole or as a stream, and what can go wrong on the way.

import type { Exchange } from './openai-chat-exchange.ts';
import {
  type ChatMessage,
  type ChatRequest,
  chunk,
  type Completion,
  type ErrorBody,
  errorOfStatus,
  type FinishReason,
  textOf,
  type Usage,
  usageChunk,
  wholeCompletion,
} from './openai-chat-protocol.ts';
import { callDeltas, type ScriptedCall, wholeCalls } from './openai-chat-tools.ts';

/** What goes wrong with one request. `afterTokens`: how much of the reply is sent before. Default 0. */
export type ChatFault =
  /** An HTTP error with the service's usual words for it, or others. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly error?: ErrorBody;
    }
  /** 200 and a web page, as from a proxy or a wrong address. */
  | { readonly type: 'page' }
  /** No further byte, and the connection stays open. At 0 tokens not even a status line. */
  | { readonly type: 'silence'; readonly afterTokens?: number }
  /** The connection breaks. At 0 tokens before any answer. */
  | { readonly type: 'broken'; readonly afterTokens?: number }
  /** The answer ends as if it were whole, without a reason to finish. */
  | { readonly type: 'cutShort'; readonly afterTokens?: number }
  /** `data: {"error": …}` in the stream, after which it ends. */
  | { readonly type: 'errorEvent'; readonly afterTokens?: number; readonly error?: ErrorBody }
  /** `data: …` that is no chunk. The stream stays open. */
  | { readonly type: 'garbage'; readonly afterTokens?: number; readonly data?: string }
  /** Finishes for this reason instead of saying the rest. */
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly afterTokens?: number }
  /** The reply comes as a refusal. */
  | { readonly type: 'refusal' }
  /** The model calls a tool instead of answering. */
  | { readonly type: 'toolCall'; readonly name: string };

/** Those that strike while the model answers; the others strike before a request is looked at. */
export type CompletionFault = Exclude<ChatFault, { type: 'status' | 'page' }>;

/** What the model says, and the tools that it calls then. */
export interface ScriptedReply {
  readonly text?: string;
  readonly calls?: readonly ScriptedCall[];
}

export interface Pacing {
  readonly reply: (messages: readonly ChatMessage[]) => string | ScriptedReply;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
}

/** The same for every completion, so that equal requests have equal answers. */
const IDENTITY = { id: 'chatcmpl-stand-in', created: 1_700_000_000 };

/** A stream unless the request asks for none; resolves once nothing more will be sent. */
export async function complete(
  exchange: Exchange,
  request: ChatRequest,
  { reply, firstTokenMs, tokenMs }: Pacing,
  fault: CompletionFault | undefined,
): Promise<void> {
  const { messages, model, stream, stream_options: streamOptions } = request;
  const { text, calls } = replyTo(request, reply, fault);
  const tokens = tokensBefore(fault, text.match(/\s*\S+/g) ?? []);
  const usage = { promptTokens: promptTokens(messages), completionTokens: tokens.length };
  const completion: Completion = { ...IDENTITY, model, includeUsage: streamOptions?.include_usage === true };
  if (fault?.type === 'silence' && tokens.length === 0) return;
  await exchange.wait(firstTokenMs);
  if (fault?.type === 'broken' && tokens.length === 0) return exchange.break();
  if (stream !== true) {
    await exchange.wait(tokenMs * (tokens.length - 1));
    return completeAtOnce(
      exchange,
      completion,
      { text: tokens.join(''), calls: wholeCalls(calls, messages.length) },
      usage,
      fault,
    );
  }
  exchange.event(JSON.stringify(chunk(completion, { role: 'assistant', content: '', refusal: null })));
  for (const [index, token] of tokens.entries()) {
    if (index > 0) await exchange.wait(tokenMs);
    if (exchange.isOver) return;
    exchange.event(
      JSON.stringify(chunk(completion, fault?.type === 'refusal' ? { refusal: token } : { content: token })),
    );
  }
  if (fault === undefined || fault.type === 'toolCall') {
    for (const delta of callDeltas(calls, messages.length)) {
      await exchange.wait(tokenMs);
      if (exchange.isOver) return;
      exchange.event(JSON.stringify(chunk(completion, delta)));
    }
  }
  await endStream(exchange, completion, { usage, callsTools: calls.length > 0 }, fault);
}

/** Calls no tools that it was told not to call, but calls some that it was never told of, to order. */
function replyTo(
  { messages, tool_choice: choice }: ChatRequest,
  reply: Pacing['reply'],
  fault: CompletionFault | undefined,
): Required<ScriptedReply> {
  if (fault?.type === 'toolCall') return { text: '', calls: [{ name: fault.name, arguments: '{}' }] };
  const said = reply(messages);
  const { text = '', calls = [] } = typeof said === 'string' ? { text: said } : said;
  return { text, calls: choice === 'none' ? [] : calls };
}

/** How much of the reply is sent: as words with the space before them, as models give them. */
function tokensBefore(fault: CompletionFault | undefined, tokens: readonly string[]): readonly string[] {
  switch (fault?.type) {
    case undefined:
    case 'refusal':
      return tokens;
    case 'toolCall':
      return [];
    case 'silence':
    case 'broken':
    case 'cutShort':
    case 'errorEvent':
    case 'garbage':
    case 'finish':
      return tokens.slice(0, fault.afterTokens ?? 0);
  }
}

async function endStream(
  exchange: Exchange,
  completion: Completion,
  { usage, callsTools }: { readonly usage: Usage; readonly callsTools: boolean },
  fault: CompletionFault | undefined,
): Promise<void> {
  const finish = (reason: FinishReason): void => {
    exchange.event(JSON.stringify(chunk(completion, {}, reason)));
    if (completion.includeUsage) exchange.event(JSON.stringify(usageChunk(completion, usage)));
    exchange.event('[DONE]');
    exchange.end();
  };
  switch (fault?.type) {
    case undefined:
    case 'refusal':
    case 'toolCall':
      return finish(callsTools ? 'tool_calls' : 'stop');
    case 'finish':
      return finish(fault.reason);
    case 'silence':
      return;
    case 'broken':
      return exchange.break();
    case 'cutShort':
      return exchange.end();
    case 'errorEvent':
      exchange.event(JSON.stringify({ error: fault.error ?? errorOfStatus(500) }));
      return exchange.end();
    case 'garbage':
      return exchange.event(fault.data ?? '{"choices": [{"del');
  }
}

async function completeAtOnce(
  exchange: Exchange,
  completion: Completion,
  { text, calls }: { readonly text: string; readonly calls: readonly object[] },
  usage: Usage,
  fault: CompletionFault | undefined,
): Promise<void> {
  const finish = (message: object, reason: FinishReason): void =>
    exchange.json(200, wholeCompletion(completion, message, reason, usage));
  switch (fault?.type) {
    case undefined:
    case 'toolCall':
      if (calls.length === 0) return finish({ content: text }, 'stop');
      return finish({ ...(text !== '' && { content: text }), tool_calls: calls }, 'tool_calls');
    case 'refusal':
      return finish({ refusal: text }, 'stop');
    case 'finish':
      return finish({ content: text }, fault.reason);
    case 'silence':
      return;
    case 'broken':
    case 'cutShort':
      return exchange.break();
    case 'errorEvent':
      return exchange.json(500, { error: fault.error ?? errorOfStatus(500) });
    case 'garbage':
      return exchange.json(200, fault.data ?? {});
  }
}

/** About what the service would count: four characters a token, and a few tokens for each message. */
function promptTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + Math.ceil(textOf(message).length / 4) + 4, 0);
}
