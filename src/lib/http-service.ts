// A web service that is asked over HTTP/1.1 with a bearer key, on connections that stay open between requests. Every
// fault is one StageError that names the service. Left out: redirects, HTTP/2, proxies.

import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { StageError } from './errors.ts';
import { serviceError } from './service-error.ts';

export interface HttpServiceOptions {
  readonly stage: 'STT' | 'LLM' | 'TTS';
  /** As people know it. */
  readonly service: string;
  readonly baseUrl: string;
  /** Empty for a service that wants none. */
  readonly apiKey: string;
  /** The environment variable that holds the key. */
  readonly keyName: string;
  readonly clock: Clock;
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, with the slash that it begins with. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: Uint8Array | string;
  /** Ends the request, and the body of its answer, with its reason. */
  readonly signal: AbortSignal;
}

export interface ServiceResponse {
  /** Without parameters, lower case; empty where the service doesn't say. */
  readonly contentType: string;
  /** To be read to its end or left (`break`), else the connection is held until the signal is aborted. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** TCP and TLS handshakes together. */
const CONNECT_WITHIN_MS = 5000;
/** What is read of the explanation of an error, in characters. */
const LONGEST_EXPLANATION = 16_384;

export class HttpService {
  readonly #options: HttpServiceOptions;
  readonly #isSecure: boolean;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #closing = new AbortController();

  /** Throws a `TypeError` for what is no URL. */
  constructor(options: HttpServiceOptions) {
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') };
    this.#isSecure = new URL(options.baseUrl).protocol === 'https:';
    this.#agent = this.#isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** Resolves with an answer of 2xx once its header is there. Rejects with a StageError, or the signal's reason. */
  async request(request: ServiceRequest): Promise<ServiceResponse> {
    const signal = AbortSignal.any([request.signal, this.#closing.signal]);
    const response = await this.#answerTo({ ...request, signal });
    const body = this.#bodyOf(response, signal);
    if (!isSuccess(response)) throw this.#refusal(response, explanationIn(await textOf(body)));
    const [contentType = ''] = (response.headers['content-type'] ?? '').split(';', 1);
    return { contentType: contentType.trim().toLowerCase(), body };
  }

  /**
   * Sees to it that a connection is open, so that the next request needs no handshake: asks for the list of models, which
   * costs nothing. Rejects with a StageError: retryable where the service can't be reached, else its key is wrong. Other
   * refusals don't count: not every service has such a list, and not every key may see it.
   */
  async warm(caller: AbortSignal): Promise<void> {
    if (Object.keys(this.#agent.freeSockets).length > 0) return;
    const late = new AbortController();
    const timer = this.#options.clock.after(CONNECT_WITHIN_MS, () => late.abort(this.error('is slow to answer')));
    const signal = AbortSignal.any([caller, this.#closing.signal, late.signal]);
    try {
      const response = await this.#answerTo({ method: 'GET', path: '/models', signal });
      const body = this.#bodyOf(response, signal);
      if (isSuccess(response)) {
        await drained(body);
        return;
      }
      const explanation = explanationIn(await textOf(body));
      // Keys that may speak but not list models are answered 401 as well; only this code tells a wrong one.
      if (response.statusCode === 401 && explanation.code === 'invalid_api_key') {
        throw this.#refusal(response, explanation);
      }
    } finally {
      timer.cancel();
    }
  }

  /** A fault of the service's answer: `problem` follows its name. Retryable unless said otherwise. */
  error(problem: string, { cause, retryable = true }: { cause?: unknown; retryable?: boolean } = {}): StageError {
    return new StageError(this.#options.stage, `${this.#options.service} ${problem}.`, { cause, retryable });
  }

  /** Ends what is under way and closes all connections. Idempotent. */
  close(): void {
    const { stage, service } = this.#options;
    this.#closing.abort(new StageError(stage, `The connection to ${service} was closed: make a new one.`));
    this.#agent.destroy();
  }

  async #answerTo(request: ServiceRequest): Promise<IncomingMessage> {
    for (;;) {
      request.signal.throwIfAborted();
      const sent = this.#send(request);
      try {
        return await this.#responseOf(sent, request.signal);
      } catch (error) {
        request.signal.throwIfAborted();
        if (error instanceof StageError) throw error;
        // The service had closed the idle connection: no failure of the request (RFC 9112 section 9.3.1). Each time
        // uses one of them up, so that this ends.
        if (!sent.reusedSocket) throw this.#unreachable(error);
      }
    }
  }

  #send({ method, path, contentType, body }: ServiceRequest): ClientRequest {
    const { apiKey, baseUrl } = this.#options;
    const open = this.#isSecure ? httpsRequest : httpRequest;
    const sent = open(`${baseUrl}${path}`, {
      method,
      agent: this.#agent,
      headers: {
        ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    });
    sent.end(body);
    return sent;
  }

  #responseOf(sent: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    // Not by the option `signal` of `request`: it destroys with an error, and between the end of an answer and the return
    // of its connection to the others nobody listens for errors of the connection: the process would end.
    const onAbort = (): void => void sent.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    sent.once('close', () => signal.removeEventListener('abort', onAbort));
    sent.once('socket', (socket) => {
      if (!socket.connecting) return;
      const late = this.error('took too long to connect. Check the network and the base URL');
      const timer = this.#options.clock.after(CONNECT_WITHIN_MS, () => sent.destroy(late));
      socket.once(this.#isSecure ? 'secureConnect' : 'connect', () => timer.cancel());
      socket.once('close', () => timer.cancel());
    });
    sent.once('response', (response) => {
      // Its reader hears of it too; without this, a fault before the first read would end the process.
      response.on('error', () => undefined);
      resolve(response);
    });
    // Stays: what happens after the answer has begun is told by its body.
    sent.on('error', reject);
    return promise;
  }

  async *#bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const bytes of response as AsyncIterable<Uint8Array>) yield bytes;
    } catch (cause) {
      signal.throwIfAborted();
      throw this.error('broke its answer off', { cause });
    }
  }

  #refusal({ statusCode, headers }: IncomingMessage, { said, code }: Explanation): StageError {
    const { stage, service, keyName, clock } = this.#options;
    const retryAfter = headers['retry-after'];
    return serviceError({ stage, service, keyName, status: statusCode, said, code, retryAfter }, clock.epochMs());
  }

  #unreachable(cause: unknown): StageError {
    const { stage, service, keyName, clock } = this.#options;
    const said = cause instanceof Error ? cause.message : String(cause);
    return serviceError({ stage, service, keyName, status: undefined, said, cause }, clock.epochMs());
  }
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode <= 299;
}

/** Reads to the end, so that the connection can be used again. */
async function drained(body: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** The beginning of a text; the rest is left, and the connection with it. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= LONGEST_EXPLANATION) break;
  }
  return text;
}

interface Explanation {
  readonly said: string;
  readonly code?: string | undefined;
}

/** OpenAI's `{error: {message, code}}`, FastAPI's `{detail}`. */
const refusalBody = z.union([
  z.object({ error: z.object({ message: z.string(), code: z.string().nullish().catch(undefined) }) }),
  z.object({ detail: z.string() }),
]);

/** Why the service refused; the text as it is where it has another shape. */
function explanationIn(text: string): Explanation {
  const body = refusalBody.safeParse(parsed(text)).data;
  if (body === undefined) return { said: text };
  return 'detail' in body ? { said: body.detail } : { said: body.error.message, code: body.error.code ?? undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
