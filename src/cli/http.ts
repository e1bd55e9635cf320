// The little that the page's server needs above node:http: answers, bounded JSON bodies, a port that is free.

import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';

import { ConfigurationError } from '../lib/errors.ts';

/** An answer that a route decided on. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** What a request can be refused for; becomes `{ "error": { "code", "message" } }`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function jsonAnswer(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

export function errorAnswer({ status, code, message, headers }: HttpError): HttpAnswer {
  return jsonAnswer(status, { error: { code, message } }, headers);
}

/** Throws an `HttpError`, 405, for any other method. */
export function allow(request: IncomingMessage, methods: readonly string[]): void {
  if (methods.includes(request.method ?? '')) return;
  const allowed = methods.join(', ');
  throw new HttpError(405, 'method_not_allowed', `Use ${allowed}.`, { allow: allowed });
}

/** As it is written: what is not exactly the name of a file or a route is not found. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
}

/** Writes the answer; to HEAD without its body (RFC 9110 section 9.3.2). */
export function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { status, headers, body } = answer;
  response.writeHead(status, { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The body as JSON; an absent body is `{}`. Throws an `HttpError`: 400, 413 beyond `limitBytes`, 415. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  // Kept alive on leaving the loop, or the connection would be gone before the answer.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    lengthBytes += chunk.length;
    if (lengthBytes > limitBytes) {
      // What is left of the body is not read: the connection can't be used again.
      throw new HttpError(413, 'too_large', `The request may hold ${limitBytes} bytes.`, { connection: 'close' });
    }
    chunks.push(chunk);
  }
  if (lengthBytes === 0) return {};
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new HttpError(415, 'not_json', 'Send JSON with content-type application/json.');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'bad_json', 'The request is not valid JSON.');
  }
}

// Enough for the other programs that like the same port; more than that means something else is wrong.
const portsTried = 20;

/** Listens on `port` or the next free one above it (0: any) and returns the port. Throws a `ConfigurationError`. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  for (let candidate = port; ; candidate += 1) {
    try {
      server.listen({ host, port: candidate, exclusive: true });
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : candidate;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE' && candidate - port + 1 < portsTried && candidate < 65_535) continue;
      const message = `Can't listen on ${host}, port ${candidate} (${String(code ?? error)}): choose another one.`;
      throw new ConfigurationError(message, { cause: error });
    }
  }
}
