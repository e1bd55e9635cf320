// One HTTP exchange of the chat stand-in: how answers, event streams, pauses and breaks go over the wire.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** `cancelled`: the client closed the connection before the end; `broken`: we did, to order. */
export type ExchangeEnd = 'answered' | 'cancelled' | 'broken';

export class Exchange {
  readonly ended: Promise<ExchangeEnd>;
  readonly #response: ServerResponse;
  #broken = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.ended = once(response, 'close').then(() => {
      if (this.#broken) return 'broken';
      return response.writableFinished ? 'answered' : 'cancelled';
    });
  }

  get isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#head(status, 'application/json', headers);
    this.#response.end(JSON.stringify(value));
  }

  page(html: string): void {
    this.#head(200, 'text/html; charset=utf-8');
    this.#response.end(html);
  }

  /** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
  event(data: string): void {
    if (!this.#response.headersSent) this.#head(200, 'text/event-stream; charset=utf-8');
    this.#response.write(`data: ${data}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  /** Closes the connection in the middle of the answer, once the client can have what was written. */
  async break(): Promise<void> {
    this.#broken = true;
    if (this.#response.headersSent) await new Promise((sent) => this.#response.write(': \n', sent));
    this.#response.destroy();
  }

  /** Resolves after `waitMs`, or at the end of the exchange where that comes first. */
  async wait(waitMs: number): Promise<void> {
    if (waitMs <= 0) return;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(resolve, waitMs);
    void this.ended.then(resolve);
    await promise;
    clearTimeout(timer);
  }

  #head(status: number, contentType: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, {
      'content-type': contentType,
      // The service doesn't say how long it keeps a connection; without this header, Node would.
      connection: 'keep-alive',
      'x-request-id': 'req_stand_in',
      ...headers,
    });
  }
}

/** The body of a request; undefined where it is not JSON, or did not arrive whole. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
}
