// A web service that stands in for a real one on the loopback: sockets counted, latency and pace of its answers, and faults.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How an answer is sent. */
export interface Delivery {
  /** From the end of the request to the first byte of the answer. Default 0. */
  readonly firstByteMs?: number;
  /** Between the pieces of the body. Default 0. */
  readonly pieceMs?: number;
  /** Lengths of the pieces, over and over. Default: the whole at once. */
  readonly pieceBytes?: readonly number[];
}

/** What goes wrong with one request. */
export type HttpFault =
  /** Another answer than the right one. */
  | { readonly type: 'answer'; readonly answer: HttpAnswer }
  /** The right answer, so much later. */
  | { readonly type: 'delay'; readonly ms: number }
  /** Never answers. */
  | { readonly type: 'silence' }
  /** Closes the connection instead of answering. */
  | { readonly type: 'hangUp' }
  /** Closes the connection after so many bytes of the body. */
  | { readonly type: 'breakOff'; readonly afterBytes: number }
  /** Sends nothing more after so many bytes of the body. */
  | { readonly type: 'stall'; readonly afterBytes: number };

export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer<ArrayBuffer>;
  /** Numbers the connections from 1. */
  readonly connection: number;
  /** Whether the answer went out in full, or the connection was closed first, by either side. */
  readonly outcome: Promise<'answered' | 'cut off'>;
}

export interface HttpStandInOptions {
  /** The right answer. */
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
  readonly delivery: (request: HttpRequest) => Delivery;
}

export interface HttpStandIn {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** All so far, in the order in which they had arrived in full. */
  readonly requests: readonly HttpRequest[];
  readonly openConnectionCount: number;
  readonly connectionCount: number;
  /** The next requests whose path begins so meet these faults, one each. */
  failNext(path: string, ...faults: readonly HttpFault[]): void;
  /** Closes the connections that carry no request, as services do after a while. */
  closeIdleConnections(): void;
  close(): Promise<void>;
}

export async function startHttpStandIn(options: HttpStandInOptions): Promise<HttpStandIn> {
  const standIn = new Server(options);
  await standIn.listen();
  return standIn;
}

class Server implements HttpStandIn {
  readonly requests: HttpRequest[] = [];
  readonly #options: HttpStandInOptions;
  readonly #server = createServer((message, response) => void this.#serve(message, response));
  readonly #connections = new Map<Socket, number>();
  readonly #faults: { readonly path: string; readonly fault: HttpFault }[] = [];
  readonly #closing = new AbortController();
  connectionCount = 0;

  constructor(options: HttpStandInOptions) {
    this.#options = options;
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.connectionCount += 1;
      this.#connections.set(socket, this.connectionCount);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the stand-in does not listen on a port');
    return `http://127.0.0.1:${address.port}`;
  }

  get openConnectionCount(): number {
    return this.#connections.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  failNext(path: string, ...faults: readonly HttpFault[]): void {
    this.#faults.push(...faults.map((fault) => ({ path, fault })));
  }

  closeIdleConnections(): void {
    this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const outcome = new Promise<'answered' | 'cut off'>((resolve) => {
      response.once('close', () => resolve(response.writableFinished ? 'answered' : 'cut off'));
    });
    try {
      const request: HttpRequest = {
        method: message.method ?? '',
        path: message.url ?? '',
        headers: message.headers,
        body: await bodyOf(message),
        connection: this.#connections.get(message.socket) ?? 0,
        outcome,
      };
      this.requests.push(request);
      await this.#answer(request, response);
    } catch (error) {
      // The client has gone, or the stand-in is being closed.
      if (!response.destroyed && !this.#closing.signal.aborted) throw error;
    }
  }

  async #answer(request: HttpRequest, response: ServerResponse): Promise<void> {
    const fault = this.#faultOf(request.path);
    const { firstByteMs = 0, pieceMs = 0, pieceBytes } = this.#options.delivery(request);
    await this.#pause(firstByteMs + (fault?.type === 'delay' ? fault.ms : 0));
    if (fault?.type === 'silence') return;
    if (fault?.type === 'hangUp') {
      response.destroy();
      return;
    }
    const { status, headers, body } = fault?.type === 'answer' ? fault.answer : await this.#options.answer(request);
    const isCut = fault?.type === 'breakOff' || fault?.type === 'stall';
    const sent = isCut ? body.subarray(0, fault.afterBytes) : body;
    response.writeHead(status, headers);
    response.flushHeaders();
    for (const piece of piecesOf(sent, pieceBytes)) {
      if (response.destroyed) return;
      await new Promise((resolve) => {
        response.write(piece, resolve);
      });
      await this.#pause(pieceMs);
    }
    if (fault?.type === 'breakOff') response.destroy();
    else if (fault?.type !== 'stall') response.end();
  }

  #faultOf(path: string): HttpFault | undefined {
    const index = this.#faults.findIndex((fault) => path.startsWith(fault.path));
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.#closing.signal });
  }
}

function* piecesOf(body: Uint8Array, lengths: readonly number[] = [body.length]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < body.length; index += 1) {
    const length = lengths[index % lengths.length] ?? body.length;
    yield body.subarray(at, at + length);
    at += length;
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const part of message as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}
