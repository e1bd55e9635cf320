// `fetch` on node:http(s), with connections that outlive the pauses of a conversation: those of Node's own `fetch` close after
// 4 s without a request (undici's keepAliveTimeout), and only another dependency could change that.
// Left out: redirects and compression.

import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

export interface KeptAliveFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Whether a connection is open that no request is using. */
  readonly isWarm: () => boolean;
  /** Closes connections that no request is using. */
  readonly close: () => void;
}

/** Below the 60 s after which load balancers close idle connections by default (AWS Elastic Load Balancing, for one). */
const IDLE_MS = 50_000;

/** For any provider of the AI SDK that takes a `fetch`. Idle connections don't keep the process running. Errors are those of `fetch`: a TypeError with a cause. */
export function keptAliveFetch(idleMs = IDLE_MS): KeptAliveFetch {
  const options = {
    keepAlive: true,
    timeout: idleMs,
    scheduling: 'lifo' as const,
    // HTTPS_PROXY and the like hold where they hold for Node's own `fetch`.
    ...(process.env['NODE_USE_ENV_PROXY'] === '1' && { proxyEnv: process.env }),
  };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  const start = (request: Request): ClientRequest => {
    const { method } = request;
    const headers = Object.fromEntries(request.headers);
    return request.url.startsWith('https:')
      ? httpsRequest(request.url, { method, headers, agent: https })
      : httpRequest(request.url, { method, headers, agent: http });
  };
  const idle = (): Socket[] =>
    [http, https].flatMap(({ freeSockets }) => Object.values(freeSockets).flatMap((sockets) => sockets ?? []));
  return {
    isWarm: () => idle().length > 0,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const body = Buffer.from(await request.arrayBuffer());
      try {
        return responseOf(await exchange(() => start(request), body, request.signal));
      } catch (cause) {
        request.signal.throwIfAborted();
        throw new TypeError('fetch failed', { cause });
      }
    },
    close: () => {
      for (const socket of idle()) socket.destroy();
    },
  };
}

async function exchange(start: () => ClientRequest, body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
  for (;;) {
    signal.throwIfAborted();
    const request = start();
    // Not by the option `signal` of `request`: it destroys with an error, and between the end of an answer and the return
    // of its connection to the others nobody listens for errors of the connection: the process would end.
    const onAbort = (): void => void request.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', onAbort));
    // The error listener stays: what breaks once the answer has begun, its body tells.
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      request.on('response', resolve).on('error', reject),
    );
    request.end(body);
    try {
      return await answered;
    } catch (error) {
      // The server closed the idle connection just as we used it, which says nothing of the service (RFC 9112 section
      // 9.3.1; what a model says twice does no harm). Such connections leave the pool, so this ends at a new one.
      if (request.reusedSocket && isReset(error)) continue;
      throw error;
    }
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function responseOf(message: IncomingMessage): Response {
  const { statusCode: status = 0, statusMessage: statusText = '' } = message;
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const isBodiless = status === 204 || status === 205 || status === 304;
  if (isBodiless) message.resume();
  return new Response(isBodiless ? null : Readable.toWeb(message), { status, statusText, headers });
}
