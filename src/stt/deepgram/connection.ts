// The websocket to Deepgram: set-up with a deadline, what a refusal or a loss means, an end within a second.
// https://developers.deepgram.com/docs/stt-troubleshooting-websocket-data-and-net-errors (refusals, close codes),
// https://developers.deepgram.com/docs/errors (bodies), https://developers.deepgram.com/docs/close-stream.

import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { StageError } from '../../lib/errors.ts';
import { serviceError } from '../../lib/service-error.ts';

/** From opening the socket to `101 Switching Protocols`: DNS, TCP, TLS and HTTP are four round trips, and a retry of one. */
const OPEN_WITHIN_MS = 5000;
/** What the service may take to say goodbye before the socket is cut. */
const CLOSE_WITHIN_MS = 1000;
/** An interim of half a minute of speech has about 20 kB. */
const LARGEST_MESSAGE_BYTES = 1024 * 1024;
/** As much of a refusal's body as is read. */
const LARGEST_REFUSAL_BYTES = 4096;

export interface ConnectionOptions {
  readonly url: URL;
  readonly apiKey: string;
  readonly clock: Clock;
}

export interface ConnectionListener {
  onText(text: string): void;
  /** The connection is gone, and not by our `close`. Called once, last. */
  onLost(error: StageError): void;
}

type State =
  | { readonly name: 'connecting'; readonly resolve: () => void; readonly reject: (error: StageError) => void }
  /** Open and paused: nobody listens yet. */
  | { readonly name: 'paused'; readonly lost: StageError | undefined }
  | { readonly name: 'listening'; readonly listener: ConnectionListener }
  | { readonly name: 'closed' };

export class Connection {
  /** Resolves once the socket is closed; never rejects. */
  readonly closed: Promise<void>;
  readonly #clock: Clock;
  readonly #url: URL;
  readonly #socket: WebSocket;
  #state: State;
  #requestId: string | undefined;

  private constructor({ url, apiKey, clock }: ConnectionOptions, connecting: Extract<State, { name: 'connecting' }>) {
    this.#clock = clock;
    this.#url = url;
    this.#state = connecting;
    const socket = new WebSocket(url, {
      headers: { authorization: `Token ${apiKey}` },
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE_BYTES,
    });
    this.#socket = socket;
    const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
    this.closed = closed;
    socket.on('upgrade', (response) => {
      this.#requestId = headerOf(response, 'dg-request-id');
    });
    socket.on('open', () => this.#onOpen());
    socket.on('message', (data, isBinary) => this.#onMessage(Buffer.isBuffer(data) ? data : Buffer.alloc(0), isBinary));
    socket.on('unexpected-response', (_request, response) => void this.#onRefused(response));
    socket.on('error', (error) => this.#lose(this.#faultOf(error)));
    socket.on('close', (code, reason) => {
      this.#lose(closeError(code, reason.toString('utf8')));
      onClosed();
    });
  }

  /** Rejects with a `StageError`, or with the signal's reason; nothing stays open then. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new Connection(options, { name: 'connecting', resolve, reject });
    const { clock } = options;
    const said = `no answer within ${OPEN_WITHIN_MS / 1000} s`;
    try {
      await withDeadline(promise, {
        clock,
        signal,
        withinMs: OPEN_WITHIN_MS,
        expired: () => serviceError(refusal({ status: undefined, said }), clock.epochMs()),
      });
      return connection;
    } catch (error) {
      connection.abort();
      throw error;
    }
  }

  /** What Deepgram's support asks for. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** Bytes that the network has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Hands over messages from now on; there is one listener. */
  listen(listener: ConnectionListener): void {
    if (this.#state.name !== 'paused') return;
    const { lost } = this.#state;
    this.#state = { name: 'listening', listener };
    this.#socket.resume();
    if (lost !== undefined) this.#lose(lost);
  }

  /** What can't be sent any more is dropped: `onLost` tells why. Strings go as text frames, audio as binary ones. */
  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  /** Asks the service to end, and closes the socket within a second; idempotent. */
  close(): void {
    if (this.#state.name === 'closed') return;
    this.#state = { name: 'closed' };
    if (this.#socket.readyState !== WebSocket.OPEN) {
      this.#socket.terminate();
      return;
    }
    const timer = this.#clock.after(CLOSE_WITHIN_MS, () => this.#socket.terminate());
    this.#socket.once('close', () => timer.cancel());
    this.#socket.resume();
    this.#socket.send('{"type":"CloseStream"}');
  }

  /** Cuts the socket; idempotent. */
  abort(): void {
    this.#state = { name: 'closed' };
    this.#socket.terminate();
  }

  #onOpen(): void {
    if (this.#state.name !== 'connecting') return;
    const { resolve } = this.#state;
    this.#state = { name: 'paused', lost: undefined };
    this.#socket.pause();
    resolve();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#state.name !== 'listening') return;
    if (isBinary) this.#lose(protocolError('a binary message'));
    else this.#state.listener.onText(data.toString('utf8'));
  }

  #lose(error: StageError): void {
    const state = this.#state;
    switch (state.name) {
      case 'connecting':
        state.reject(error);
        break;
      case 'paused':
        this.#state = { name: 'paused', lost: state.lost ?? error };
        return;
      case 'listening':
        this.abort();
        state.listener.onLost(error);
        return;
      case 'closed':
        return;
    }
    this.abort();
  }

  #faultOf(cause: Error): StageError {
    if (this.#state.name === 'connecting') {
      return serviceError(refusal({ status: undefined, said: cause.message, cause }), this.#clock.epochMs());
    }
    return new StageError('STT', `The connection to Deepgram broke: ${cause.message}. Opening it again may help.`, {
      retryable: true,
      cause,
    });
  }

  async #onRefused(response: IncomingMessage): Promise<void> {
    const status = response.statusCode ?? 0;
    const said = headerOf(response, 'dg-error') ?? (await bodyOf(response));
    if (status < 400) {
      const what = `${this.#url.origin}${this.#url.pathname} answered ${status} and opened no websocket`;
      this.#lose(new StageError('STT', `${what}: that is not Deepgram. Check DEEPGRAM_BASE_URL.`));
      return;
    }
    const retryAfter = headerOf(response, 'retry-after');
    this.#lose(serviceError(refusal({ status, said, retryAfter }), this.#clock.epochMs()));
  }
}

/** Deepgram, or what stands at its address, said what isn't its protocol. */
export function protocolError(what: string): StageError {
  return new StageError('STT', `Deepgram sent what its protocol doesn't have (${what}). Check DEEPGRAM_BASE_URL.`, {
    retryable: true,
  });
}

/** `reason` begins with Deepgram's own code: `NET-0001`, `DATA-0000`. */
function closeError(code: number, reason: string): StageError {
  const said = reason === '' ? `${code}` : `${code}, ${reason}`;
  return new StageError('STT', `Deepgram closed the connection (${said}). Opening it again may help.`, {
    retryable: true,
  });
}

function refusal(details: {
  readonly status: number | undefined;
  readonly said: string;
  readonly retryAfter?: string | undefined;
  readonly cause?: unknown;
}): Parameters<typeof serviceError>[0] {
  return { stage: 'STT', service: 'Deepgram', keyName: 'DEEPGRAM_API_KEY', ...details };
}

function headerOf(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Deepgram's `err_msg`, or as much of another body as is worth quoting. The deadline of the set-up bounds the wait. */
async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    response.setEncoding('utf8');
    for await (const chunk of response) {
      body += String(chunk);
      if (body.length >= LARGEST_REFUSAL_BYTES) break;
    }
    const json: unknown = JSON.parse(body);
    const message = typeof json === 'object' && json !== null && 'err_msg' in json ? json.err_msg : undefined;
    return typeof message === 'string' ? message : body;
  } catch {
    // Cut off, or no JSON: what came is quoted as it is.
    return body;
  }
}
