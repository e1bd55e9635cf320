// Serves the demo page and puts an agent into a fresh room for each visitor. Leaves TLS, compression and visitors from
// other origins to a proxy in front of it.

import { createServer, type IncomingMessage } from 'node:http';

import type { Logger } from '../lib/log.ts';
import type { LivekitKeys } from '../room/livekit-token.ts';
import { AgentPool, type StartAgent } from './agent-pool.ts';
import { allow, errorAnswer, type HttpAnswer, HttpError, jsonAnswer, listen, pathOf, readJson, send } from './http.ts';
import type { PageFiles } from './page-files.ts';
import { answerTokenRequest } from './token-endpoint.ts';

/** What the page tells its visitors about the agent (GET /api/agent). */
export interface AgentDescription {
  readonly name: string;
  /** What it recognises when it is spoken: the words of the examples, or any. */
  readonly recognises: 'examples' | 'anything';
  /** What it has an answer to. */
  readonly answers: 'examples' | 'anything';
  readonly examples: readonly { readonly title: string; readonly sentences: readonly string[] }[];
  readonly stages: { readonly stt: string; readonly llm: string; readonly tts: string };
}

export interface PageServerOptions {
  readonly files: PageFiles;
  readonly agent: AgentDescription;
  readonly livekit: LivekitKeys & {
    /** The LiveKit server as the visitor's browser reaches it, `ws:` or `wss:`. */
    readonly publicUrl: string;
  };
  readonly startAgent: StartAgent;
  /** The answer to GET /metrics: figures of all calls, for Prometheus. */
  readonly metrics: () => Promise<HttpAnswer>;
  /** How many visitors may talk at the same time. */
  readonly agentLimit: number;
  readonly host: string;
  /** Preferred; the next free one above it is taken when it is busy. 0: any. */
  readonly port: number;
  readonly log: Logger;
}

export interface PageServer {
  readonly port: number;
  /** Ends all calls and stops listening. Idempotent. */
  close(): Promise<void>;
}

const bodyLimitBytes = 16 * 1024;

/** Resolves once the page can be opened; rejects when it can't listen. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { log } = options;
  const agents = new AgentPool({ start: options.startAgent, limit: options.agentLimit, log });
  const headers = securityHeaders(options.livekit.publicUrl);
  const server = createServer((request, response) => {
    void route(request, options, agents)
      .catch((error: unknown) => {
        if (error instanceof HttpError) return errorAnswer(error);
        log.error('a request failed', { path: request.url, error });
        return errorAnswer(new HttpError(500, 'internal', 'Something went wrong here. The log says what.'));
      })
      .then((answer) => send(request, response, { ...answer, headers: { ...headers, ...answer.headers } }))
      .catch((error: unknown) => {
        log.error('an answer could not be sent', { path: request.url, error });
        response.destroy();
      });
  });
  const port = await listen(server, options);
  return {
    port,
    close: async () => {
      server.close();
      await agents.close();
      server.closeAllConnections();
    },
  };
}

async function route(request: IncomingMessage, options: PageServerOptions, agents: AgentPool): Promise<HttpAnswer> {
  const path = pathOf(request);
  switch (path) {
    case '/api/token': {
      allow(request, ['POST']);
      refuseOtherOrigins(request);
      const { publicUrl, ...keys } = options.livekit;
      return answerTokenRequest(await readJson(request, bodyLimitBytes), { keys, publicUrl, agents });
    }
    case '/api/agent':
      allow(request, ['GET', 'HEAD']);
      return jsonAnswer(200, options.agent);
    case '/healthz':
      allow(request, ['GET', 'HEAD']);
      return jsonAnswer(200, { status: 'ok', calls: agents.size });
    case '/metrics':
      allow(request, ['GET', 'HEAD']);
      return options.metrics();
    default:
      allow(request, ['GET', 'HEAD']);
      return answerFile(request, path, options.files);
  }
}

function answerFile(request: IncomingMessage, path: string, files: PageFiles): HttpAnswer {
  const file = files.get(path);
  if (file === undefined) throw new HttpError(404, 'not_found', 'There is no such page.');
  const headers = { 'cache-control': file.cacheControl, etag: file.etag };
  if (request.headers['if-none-match'] === file.etag) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'content-type': file.contentType }, body: file.body };
}

/** A page elsewhere on the web must not be able to start calls here through its visitors' browsers. */
function refuseOtherOrigins({ headers }: IncomingMessage): void {
  if (headers.origin === undefined) return;
  const host = URL.canParse(headers.origin) ? new URL(headers.origin).host : undefined;
  if (host === headers.host) return;
  throw new HttpError(403, 'other_origin', 'This page takes calls from its own address only.');
}

function securityHeaders(livekitUrl: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    `connect-src 'self' ${livekitSources(livekitUrl).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  };
}

/** Where livekit-client connects to: the websocket, HTTP for its diagnosis, and in LiveKit Cloud the nearest region. */
function livekitSources(livekitUrl: string): string[] {
  const { protocol, host, hostname } = new URL(livekitUrl);
  const schemes = protocol === 'wss:' || protocol === 'https:' ? ['wss:', 'https:'] : ['ws:', 'http:'];
  const hosts = hostname.endsWith('.livekit.cloud') ? [host, '*.livekit.cloud'] : [host];
  return hosts.flatMap((name) => schemes.map((scheme) => `${scheme}//${name}`));
}
