// Stands in for OpenAI's chat completions on this machine: same paths, checks, answers, errors and streams (shapes and
// sources in openai-chat-protocol.ts), with set latencies and faults to order, and a record of what it was sent.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { type ChatFault, complete, type Pacing } from './openai-chat-completion.ts';
import { Exchange, type ExchangeEnd, readBody } from './openai-chat-exchange.ts';
import {
  type ChatMessage,
  chatRequest,
  errorOfStatus,
  invalidRequest,
  textOf,
  unknownModel,
  unknownUrl,
  wrongKey,
} from './openai-chat-protocol.ts';
import { misplacedTools } from './openai-chat-tools.ts';

export type { ChatFault, ScriptedReply } from './openai-chat-completion.ts';
export { type ChatMessage, textOf } from './openai-chat-protocol.ts';

export interface OpenaiChatOptions {
  /** The key that it accepts. Absent: as a local server, which takes any or none. */
  readonly apiKey?: string;
  readonly models: readonly string[];
  /** Default: repeats the last message. */
  readonly reply?: Pacing['reply'];
  /** Wait before the first token. Default 0. */
  readonly firstTokenMs?: number;
  /** Wait before each further token. Default 0. */
  readonly tokenMs?: number;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Undefined where there was none, or no JSON. */
  readonly body: unknown;
  /** Which connection it came on, from 0. */
  readonly connection: number;
  readonly ended: Promise<ExchangeEnd>;
}

export interface OpenaiChat {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** The requests for completions among them. */
  readonly chats: readonly RecordedRequest[];
  readonly connectionCount: number;
  readonly openConnectionCount: number;
  readonly inFlightCount: number;
  /** The next `times` requests of any path meet this fault, after the faults ordered before. */
  failNext(fault: ChatFault, times?: number): void;
  /** The same of requests for completions: those that warm the connection pass. */
  failNextChats(fault: ChatFault, times?: number): void;
  /** Forgets the faults that are still to come. */
  heal(): void;
  /** Resolves once the next request has arrived whole. */
  nextRequest(): Promise<RecordedRequest>;
  /** Resolves once no connection is open and no request under way. */
  disconnected(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startOpenaiChat(options: OpenaiChatOptions): Promise<OpenaiChat> {
  const chat = new StandIn(options);
  const server = createServer((request, response) => void chat.serve(request, response));
  // Connections outlive the pauses of a conversation, as at the service.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => chat.connected(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return Object.assign(chat, { baseUrl: `http://127.0.0.1:${address.port}/v1`, close });
}

class StandIn {
  readonly requests: RecordedRequest[] = [];
  connectionCount = 0;
  inFlightCount = 0;
  readonly #options: OpenaiChatOptions;
  readonly #connections = new Map<Socket, number>();
  readonly #faults: { readonly fault: ChatFault; readonly isOfChats: boolean; times: number }[] = [];
  readonly #requestWaiters: ((request: RecordedRequest) => void)[] = [];
  readonly #disconnectWaiters: (() => void)[] = [];

  constructor(options: OpenaiChatOptions) {
    this.#options = options;
  }

  get chats(): readonly RecordedRequest[] {
    return this.requests.filter(isForCompletion);
  }

  get openConnectionCount(): number {
    return this.#connections.size;
  }

  failNext(fault: ChatFault, times = 1): void {
    this.#faults.push({ fault, isOfChats: false, times });
  }

  failNextChats(fault: ChatFault, times = 1): void {
    this.#faults.push({ fault, isOfChats: true, times });
  }

  heal(): void {
    this.#faults.length = 0;
  }

  nextRequest(): Promise<RecordedRequest> {
    return new Promise((resolve) => this.#requestWaiters.push(resolve));
  }

  disconnected(): Promise<void> {
    return new Promise((resolve) => {
      this.#disconnectWaiters.push(resolve);
      this.#tellDisconnected();
    });
  }

  connected(socket: Socket): void {
    this.#connections.set(socket, this.connectionCount);
    this.connectionCount += 1;
    // A client that cancels may reset the connection; the close that follows says so.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#tellDisconnected();
    });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(response);
    this.inFlightCount += 1;
    void exchange.ended.finally(() => {
      this.inFlightCount -= 1;
      this.#tellDisconnected();
    });
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await readBody(request),
      connection: this.#connections.get(request.socket) ?? -1,
      ended: exchange.ended,
    };
    this.requests.push(recorded);
    for (const resolve of this.#requestWaiters.splice(0)) resolve(recorded);
    await this.#answer(exchange, recorded);
  }

  async #answer(exchange: Exchange, request: RecordedRequest): Promise<void> {
    const { apiKey, models, reply = repeatLast, firstTokenMs = 0, tokenMs = 0 } = this.#options;
    const fault = this.#nextFault(isForCompletion(request));
    if (fault?.type === 'page') return exchange.page(PAGE);
    if (fault?.type === 'status') {
      return exchange.json(fault.status, { error: fault.error ?? errorOfStatus(fault.status) }, fault.headers);
    }
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      return exchange.json(401, { error: wrongKey });
    }
    if (request.method === 'GET' && request.path === '/v1/models') {
      if (fault !== undefined) return fault.type === 'silence' ? undefined : exchange.break();
      return exchange.json(200, { object: 'list', data: models.map(listed) });
    }
    if (!isForCompletion(request)) return exchange.json(404, { error: unknownUrl(request.method, request.path) });
    const parsed = chatRequest.safeParse(request.body);
    if (!parsed.success) return exchange.json(400, { error: invalidRequest(parsed.error) });
    const misplaced = misplacedTools(parsed.data.messages);
    if (misplaced !== undefined) return exchange.json(400, { error: misplaced });
    if (!models.includes(parsed.data.model)) return exchange.json(404, { error: unknownModel(parsed.data.model) });
    await complete(exchange, parsed.data, { reply, firstTokenMs, tokenMs }, fault);
  }

  #tellDisconnected(): void {
    if (this.#connections.size > 0 || this.inFlightCount > 0) return;
    for (const resolve of this.#disconnectWaiters.splice(0)) resolve();
  }

  #nextFault(isForChat: boolean): ChatFault | undefined {
    const next = this.#faults[0];
    if (next === undefined || (next.isOfChats && !isForChat)) return undefined;
    next.times -= 1;
    if (next.times <= 0) this.#faults.shift();
    return next.fault;
  }
}

const PAGE = '<!doctype html>\n<title>Sign in</title>\n<p>Sign in to use this network.\n';

function isForCompletion({ method, path }: RecordedRequest): boolean {
  return method === 'POST' && path === '/v1/chat/completions';
}

/** As in https://platform.openai.com/docs/api-reference/models/list */
function listed(id: string): object {
  return { id, object: 'model', created: 1_700_000_000, owned_by: 'stand-in' };
}

function repeatLast(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1);
  return `You said: ${last === undefined ? 'nothing' : textOf(last)}`;
}
