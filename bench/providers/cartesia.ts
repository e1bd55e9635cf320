// Stands in for Cartesia's text to speech on this machine: same path, checks, messages, limits and errors (shapes and sources
// in cartesia-protocol.ts), with set latencies and faults to order, and a record of what it was sent. Serves the websocket
// and, for the command line's check of a voice, GET /voices/{id}.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { StandInContext, type ContextBehaviour, type ContextFault, type ContextRecord } from './cartesia-context.ts';
import { errorEvent, invalid, problemBody, readClientMessage, tooManyContexts } from './cartesia-protocol.ts';
import type { ClientMessage, Problem, VoiceSettings } from './cartesia-protocol.ts';
import { timedByLength, toneOf, toneSpeech } from './cartesia-speech.ts';

export type { ContextFault, ContextRecord } from './cartesia-context.ts';

export interface CartesiaOptions {
  readonly apiKey: string;
  /** From the input that is to be spoken to its first chunk. Default 0. */
  readonly firstByteMs?: number;
  /** How much faster than real time audio is sent. Default: at once. */
  readonly paceFactor?: number;
  /** Silence before the first word of a context. Default 100. */
  readonly leadingSilenceMs?: number;
  /** Contexts that may speak at the same time, of all connections. Default 15, as on the plan "Scale". */
  readonly maxConcurrency?: number;
  /** Default 1000. */
  readonly contextExpiryMs?: number;
  /** Default 5 minutes. */
  readonly idleCloseMs?: number;
  /** When word times come, seen from the chunk in which the words begin. Default after. */
  readonly wordTimes?: 'before' | 'after' | 'none';
  /** Ids of the voices there are. Default: any. */
  readonly voices?: readonly string[];
  readonly saidAs?: (word: string) => readonly string[];
  /** A real voice, at the rate that was asked for; default: tones. */
  readonly synthesise?: (text: string, settings: VoiceSettings) => Promise<Int16Array>;
}

export type HandshakeFault =
  | { readonly type: 'refuse'; readonly problem: Problem; readonly retryAfter?: string; readonly isPlainText?: boolean }
  /** The connection stands, but nobody answers. */
  | { readonly type: 'silence' };

export interface Cartesia {
  readonly baseUrl: string;
  /** All that ever were, in the order of their beginning. */
  readonly contexts: readonly ContextRecord[];
  /** Headers of each handshake. */
  readonly handshakes: readonly IncomingMessage['headers'][];
  readonly openSocketCount: number;
  /** Contexts that count towards the limit. */
  readonly activeContextCount: number;
  /** The next contexts meet these faults, one each. */
  failNext(...faults: readonly ContextFault[]): void;
  /** So do the next handshakes. */
  refuseNext(...faults: readonly HandshakeFault[]): void;
  /** Cuts all websockets, without a goodbye. */
  cutConnections(): void;
  /** Websockets stay open, but answer nothing any more, not even pings. */
  freezeConnections(): void;
  /** Resolves as soon as `condition` holds; it is looked at after each message and each end of a context or socket. */
  until(condition: (cartesia: Cartesia) => boolean): Promise<void>;
  close(): Promise<void>;
}

const PATH = '/tts/websocket';
const VERSION = /^\d{4}-\d{2}-\d{2}$/;

export async function startCartesia(options: CartesiaOptions): Promise<Cartesia> {
  const service = new StandIn(options);
  await service.listen();
  return service;
}

class StandIn implements Cartesia {
  readonly contexts: ContextRecord[] = [];
  readonly handshakes: IncomingMessage['headers'][] = [];
  readonly #options: CartesiaOptions;
  readonly #behaviour: ContextBehaviour;
  readonly #http = createServer((request, response) => this.#answer(request, response));
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });
  readonly #streams = new Set<Duplex>();
  readonly #active = new Set<StandInContext>();
  readonly #contextFaults: ContextFault[] = [];
  readonly #handshakeFaults: HandshakeFault[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #frozen = new WeakSet<WebSocket>();

  constructor(options: CartesiaOptions) {
    this.#options = options;
    this.#behaviour = behaviourOf(options);
    this.#http.on('upgrade', (request, stream: Duplex, head) => this.#upgrade(request, stream, head));
    this.#http.on('connection', (stream) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
    });
  }

  async listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  get baseUrl(): string {
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('the stand-in is not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  get openSocketCount(): number {
    return this.#websockets.clients.size;
  }

  get activeContextCount(): number {
    return this.#active.size;
  }

  failNext(...faults: readonly ContextFault[]): void {
    this.#contextFaults.push(...faults);
  }

  refuseNext(...faults: readonly HandshakeFault[]): void {
    this.#handshakeFaults.push(...faults);
  }

  cutConnections(): void {
    for (const socket of this.#websockets.clients) socket.terminate();
  }

  freezeConnections(): void {
    for (const socket of this.#websockets.clients) this.#frozen.add(socket);
  }

  async until(condition: (cartesia: Cartesia) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (condition(this)) resolve();
    };
    this.#watchers.add(look);
    look();
    await promise;
    this.#watchers.delete(look);
  }

  async close(): Promise<void> {
    for (const context of this.#active) context.drop();
    this.cutConnections();
    for (const stream of this.#streams) stream.destroy();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const voice = /^\/voices\/([^/]+)$/.exec(request.url ?? '')?.[1];
    const problem = this.#problemOf(request) ?? (voice === undefined ? notFound('No such path.') : this.#voice(voice));
    response.writeHead(problem?.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(problem === undefined ? { id: voice } : problemBody(problem)));
  }

  #voice(id: string): Problem | undefined {
    return this.#options.voices?.includes(id) === false ? notFound(`Voice ${id} not found.`) : undefined;
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.handshakes.push(request.headers);
    const fault = this.#handshakeFaults.shift();
    this.#look();
    if (fault?.type === 'silence') return;
    const { pathname } = new URL(request.url ?? '/', this.baseUrl);
    const problem =
      fault?.problem ?? this.#problemOf(request) ?? (pathname === PATH ? undefined : notFound('No such path.'));
    if (problem === undefined) this.#websockets.handleUpgrade(request, stream, head, (socket) => this.#serve(socket));
    else stream.end(refusalOf(problem, fault));
  }

  #problemOf({ headers, url = '/' }: IncomingMessage): Problem | undefined {
    const query = new URL(url, this.baseUrl).searchParams;
    const key = headers.authorization?.replace(/^Bearer /i, '') ?? headers['x-api-key'] ?? query.get('api_key');
    if (key !== this.#options.apiKey) {
      return { status: 401, title: 'Unauthorized', message: 'Invalid API key.', code: 'unauthorized' };
    }
    const version = query.get('cartesia_version') ?? headers['cartesia-version'];
    if (typeof version === 'string' && VERSION.test(version)) return undefined;
    return invalid('Missing or invalid Cartesia-Version.');
  }

  #serve(socket: WebSocket): void {
    const contexts = new Map<string, StandInContext>();
    let idleTimer: NodeJS.Timeout | undefined;
    const stir = (): void => {
      clearTimeout(idleTimer);
      idleTimer = setTimeout(
        () => socket.close(1000, 'connection idle timeout'),
        this.#options.idleCloseMs ?? 5 * 60_000,
      );
    };
    const send = (frame: string | Uint8Array): void => {
      if (this.#frozen.has(socket)) return;
      stir();
      socket.send(frame);
      this.#look();
    };
    stir();
    socket.on('ping', () => {
      if (!this.#frozen.has(socket)) socket.pong();
    });
    socket.on('message', (data: Buffer) => {
      if (this.#frozen.has(socket)) return;
      stir();
      this.#receive(readClientMessage(data.toString('utf8')), { socket, contexts, send });
      this.#look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(idleTimer);
      for (const context of contexts.values()) {
        context.drop();
        this.#active.delete(context);
      }
      // `clients` forgets the socket after this event.
      setImmediate(() => this.#look());
    });
    this.#look();
  }

  #receive(
    message: ClientMessage,
    connection: {
      readonly socket: WebSocket;
      readonly contexts: Map<string, StandInContext>;
      readonly send: (frame: string | Uint8Array) => void;
    },
  ): void {
    const { contexts, send } = connection;
    if (message.type === 'wrong') {
      send(errorEvent(message.problem, message.contextId));
    } else if (message.type === 'cancel') {
      contexts.get(message.contextId)?.cancel();
    } else {
      const { input, settings } = message;
      const context = contexts.get(input.context_id) ?? this.#begin(message, connection);
      if (context === undefined) return;
      if (context.record.end === undefined) context.take(input, settings);
      else send(errorEvent(invalid('The context has expired.'), input.context_id));
    }
  }

  #begin(
    { input, settings }: Extract<ClientMessage, { type: 'generation' }>,
    {
      socket,
      contexts,
      send,
    }: {
      readonly socket: WebSocket;
      readonly contexts: Map<string, StandInContext>;
      readonly send: (frame: string | Uint8Array) => void;
    },
  ): StandInContext | undefined {
    const unknownVoice = this.#voice(settings.voice.id);
    const isFull = this.#active.size >= (this.#options.maxConcurrency ?? 15);
    const problem = isFull ? tooManyContexts : unknownVoice;
    if (problem !== undefined) {
      send(errorEvent(problem, input.context_id));
      return undefined;
    }
    const context: StandInContext = new StandInContext(input, settings, {
      behaviour: this.#behaviour,
      fault: this.#contextFaults.shift(),
      host: {
        send,
        closeSocket: (code) => (code === undefined ? socket.terminate() : socket.close(code)),
        onGone: () => {
          this.#active.delete(context);
          this.#look();
        },
      },
    });
    this.#active.add(context);
    contexts.set(input.context_id, context);
    this.contexts.push(context.record);
    return context;
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function behaviourOf(options: CartesiaOptions): ContextBehaviour {
  const { synthesise } = options;
  return {
    firstByteMs: options.firstByteMs ?? 0,
    paceFactor: options.paceFactor ?? Infinity,
    leadingSilenceMs: options.leadingSilenceMs ?? 100,
    contextExpiryMs: options.contextExpiryMs ?? 1000,
    wordTimes: options.wordTimes ?? 'after',
    saidAs: options.saidAs ?? ((word) => [word]),
    synthesise: async (text, settings) =>
      synthesise === undefined
        ? toneSpeech(text, { rateHz: settings.output_format.sample_rate, toneHz: toneOf(settings.voice.id) })
        : timedByLength(text, await synthesise(text, settings)),
  };
}

function notFound(message: string): Problem {
  return { status: 404, title: 'Not found', message, code: 'not_found' };
}

function refusalOf(problem: Problem, fault: HandshakeFault | undefined): string {
  const refusal = fault?.type === 'refuse' ? fault : undefined;
  const body =
    refusal?.isPlainText === true ? `${problem.title}: ${problem.message}` : JSON.stringify(problemBody(problem));
  const retryAfter = refusal?.retryAfter === undefined ? [] : [`retry-after: ${refusal.retryAfter}`];
  const head = [`HTTP/1.1 ${problem.status} ${problem.title}`, `content-length: ${Buffer.byteLength(body)}`];
  return [...head, ...retryAfter, 'connection: close', '', body].join('\r\n');
}
