// One websocket to Cartesia, shared by many contexts: routes what comes to the context it names, tells each when the
// connection is lost. https://docs.cartesia.ai/api-reference/tts/websocket ("dozens of concurrent generations"),
// https://docs.cartesia.ai/use-the-api/concurrency-limits-and-timeouts (idle for 5 minutes: closed).

import { WebSocket, type RawData } from 'ws';
import type { Clock, Timer } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { StageError, unreachable } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { lost, notUnderstood, refused, reported, unreached } from './faults.ts';
import { CARTESIA_VERSION, readMessage } from './protocol.ts';
import type { ContextCancel, ContextInput, ServerMessage, VoiceRequest } from './protocol.ts';

/** TCP, TLS, upgrade: a few round trips and the service's own work. */
const OPEN_WITHIN_MS = 5000;
const CLOSE_WITHIN_MS = 500;
/** A second of audio at 48 kHz is 128 kB in base64; chunks hold far less. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Keeps the path open, and finds out that the other side is gone. */
const PING_EVERY_MS = 20_000;
/** A round trip around the world, and as much again. */
const PONG_WITHIN_MS = 2000;
/** The service closes after 5 minutes; sending to a socket that is just being closed would cost a reply. */
const MAX_IDLE_MS = 4 * 60_000;

/** What comes of one context. */
export type ContextMessage = Exclude<ServerMessage, { readonly type: 'error' | 'garbage' | 'other' }>;

/** The connection has forgotten a context once `done` or a failure was told. */
export interface ContextListener {
  onMessage(message: ContextMessage): void;
  /** It failed: nothing more comes. */
  onFailed(error: StageError): void;
}

export interface ContextSender {
  readonly id: string;
  /** Sends what is missing of the text; `flush` has it spoken without waiting for more. */
  send(text: string, options: { readonly flush: boolean }): void;
  /** No more text follows. */
  end(): void;
  /** Nothing of it is wanted any more; its listener hears no more. */
  cancel(): void;
}

export interface ConnectionOptions {
  /** Http or https. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class CartesiaConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #contexts = new Map<string, { readonly listener: ContextListener; isAnswered: boolean }>();
  #onOpened: { resolve(): void; reject(error: StageError): void } | undefined;
  #pingTimer: Timer | undefined;
  #pongTimer: Timer | undefined;
  #usedAtMs: number;

  private constructor(options: ConnectionOptions, onOpened: { resolve(): void; reject(error: StageError): void }) {
    this.#options = options;
    this.#onOpened = onOpened;
    this.#usedAtMs = options.clock.nowMs();
    const { apiKey, baseUrl } = options;
    this.#socket = new WebSocket(`${baseUrl.replace(/^http/i, 'ws').replace(/\/+$/, '')}/tts/websocket`, {
      headers: { authorization: `Bearer ${apiKey}`, 'cartesia-version': CARTESIA_VERSION },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.#socket.on('open', () => this.#open());
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('pong', () => this.#answerPing());
    this.#socket.on('unexpected-response', (request, response) => {
      void (async () => {
        this.#lose(await refused(response, options.clock));
        request.destroy();
      })();
    });
    this.#socket.on('error', (cause) =>
      this.#lose(this.#onOpened === undefined ? lost(cause) : unreached(cause, options.clock)),
    );
    this.#socket.on('close', (code) => this.#lose(lost(undefined, `code ${code}`)));
  }

  /** Rejects with a `StageError` that says why (wrong key, no credit, no answer …) or the signal's reason. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<CartesiaConnection> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new CartesiaConnection(options, { resolve, reject });
    try {
      await withDeadline(promise, {
        clock: options.clock,
        withinMs: OPEN_WITHIN_MS,
        signal,
        expired: () => unreached(`no connection within ${OPEN_WITHIN_MS / 1000} s`, options.clock),
      });
      return connection;
    } catch (error) {
      connection.#abandon();
      throw error;
    }
  }

  /** Whether new contexts can begin on it: open, and not idle for so long that the service may be closing it. */
  get isUsable(): boolean {
    const idleMs = this.#options.clock.nowMs() - this.#usedAtMs;
    return this.#socket.readyState === WebSocket.OPEN && (this.#contexts.size > 0 || idleMs < MAX_IDLE_MS);
  }

  /** Begins a context; nothing is sent before its first text. */
  begin(id: string, request: VoiceRequest, listener: ContextListener): ContextSender {
    this.#contexts.set(id, { listener, isAnswered: false });
    const input = (rest: Pick<ContextInput, 'transcript' | 'continue' | 'flush'>): void =>
      this.#send({ ...request, context_id: id, ...rest });
    this.#probe();
    return {
      id,
      send: (transcript, { flush }) => {
        input({ transcript, continue: true });
        // The service takes a flush only as an input of its own, without text.
        if (flush) input({ transcript: '', continue: true, flush: true });
      },
      end: () => input({ transcript: '', continue: false }),
      cancel: () => {
        if (this.#contexts.delete(id)) this.#send({ context_id: id, cancel: true });
      },
    };
  }

  /** Closes within half a second; contexts that are still open fail. Idempotent. */
  async close(): Promise<void> {
    const isOpen = this.#socket.readyState === WebSocket.OPEN;
    this.#stopTimers();
    this.#failAll(new StageError('TTS', 'The connection to Cartesia was closed while it spoke.'));
    if (isOpen) {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      this.#socket.once('close', () => resolve());
      const timer = this.#options.clock.after(CLOSE_WITHIN_MS, resolve);
      this.#socket.close(1000);
      await closed;
      timer.cancel();
    }
    this.#socket.terminate();
  }

  #open(): void {
    this.#onOpened?.resolve();
    this.#onOpened = undefined;
    this.#schedulePing();
  }

  #send(message: (VoiceRequest & ContextInput) | ContextCancel): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#usedAtMs = this.#options.clock.nowMs();
    this.#socket.send(JSON.stringify(message));
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#usedAtMs = this.#options.clock.nowMs();
    const message: ServerMessage = isBinary
      ? { type: 'garbage', contextId: undefined, problem: 'a binary message' }
      : readMessage(textOf(data));
    switch (message.type) {
      case 'other':
        return;
      case 'error':
        this.#fail(message.contextId, reported(message, this.#options.clock));
        return;
      case 'garbage':
        this.#receiveGarbage(message);
        return;
      case 'audio':
      case 'words':
      case 'flushed':
      case 'done':
        this.#route(message);
        return;
      default:
        unreachable(message);
    }
  }

  #route(message: ContextMessage): void {
    const context = this.#contexts.get(message.contextId);
    // Cancelled contexts go on for a while: what they still send is nobody's.
    if (context === undefined) return;
    context.isAnswered = true;
    if (message.done) this.#contexts.delete(message.contextId);
    context.listener.onMessage(message);
  }

  #receiveGarbage({ contextId, problem }: Extract<ServerMessage, { type: 'garbage' }>): void {
    const error = notUnderstood(problem);
    if (contextId !== undefined) {
      this.#cancel(contextId, error);
      return;
    }
    this.#options.log.warn('Cartesia is not understood; the connection is given up', { problem });
    this.#lose(error);
  }

  /** Of one context, or of those that wait for their first answer where the service doesn't say whom it means. */
  #fail(contextId: string | undefined, error: StageError): void {
    const meant =
      contextId === undefined
        ? Array.from(this.#contexts.entries()).filter(([, { isAnswered }]) => !isAnswered)
        : [[contextId, this.#contexts.get(contextId)] as const];
    if (meant.length === 0) this.#options.log.warn('Cartesia reports an error that concerns nobody', { error });
    for (const [id, context] of meant) {
      this.#contexts.delete(id);
      context?.listener.onFailed(error);
    }
  }

  #cancel(contextId: string, error: StageError): void {
    const context = this.#contexts.get(contextId);
    if (!this.#contexts.delete(contextId)) return;
    this.#send({ context_id: contextId, cancel: true });
    context?.listener.onFailed(error);
  }

  #schedulePing(): void {
    this.#pingTimer = this.#options.clock.after(PING_EVERY_MS, () => {
      this.#schedulePing();
      if (this.#contexts.size === 0 && !this.isUsable) void this.close();
      else this.#probe();
    });
  }

  /** A peer that vanished without a word is noticed two seconds after it was spoken to. */
  #probe(): void {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#pongTimer !== undefined) return;
    this.#pongTimer = this.#options.clock.after(PONG_WITHIN_MS, () =>
      this.#lose(lost(undefined, `no answer to a ping within ${PONG_WITHIN_MS / 1000} s`)),
    );
    this.#socket.ping();
  }

  #answerPing(): void {
    this.#pongTimer?.cancel();
    this.#pongTimer = undefined;
  }

  /** The end that others brought about; whoever waits hears of it, once. */
  #lose(error: StageError): void {
    this.#abandon();
    this.#onOpened?.reject(error);
    this.#onOpened = undefined;
    this.#failAll(error);
  }

  #failAll(error: StageError): void {
    const contexts = Array.from(this.#contexts.values());
    this.#contexts.clear();
    for (const { listener } of contexts) listener.onFailed(error);
  }

  #abandon(): void {
    this.#stopTimers();
    // A socket that is cut before it is open reports that as an error, which `#lose` expects.
    this.#socket.terminate();
  }

  #stopTimers(): void {
    this.#pingTimer?.cancel();
    this.#pongTimer?.cancel();
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString('utf8');
}
