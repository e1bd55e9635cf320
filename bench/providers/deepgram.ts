// Stands in for Deepgram's live recognition: a real websocket server that checks, answers, times out and fails as the
// service does; only the words come from a script. Sources: deepgram-request.ts, deepgram-live.ts.
// Left out: encodings other than linear16 at 16 kHz, several channels, UtteranceEnd, SpeechStarted, Configure.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  FunctionRecognizer,
  type HeardWord,
  Script,
  type ScriptedUtterance,
  ScriptRecognizer,
  VOICE_DBFS,
} from './deepgram-recognition.ts';
import { keyRefusal, type LiveSettings, readRequest, refusals, refusalText } from './deepgram-request.ts';
import { type DeepgramConnection, type DeepgramFault, serveSocket, type TrafficOptions } from './deepgram-socket.ts';

export type { DeepgramConnection, DeepgramFault } from './deepgram-socket.ts';
export { type HeardWord, type ScriptedUtterance, type ScriptedWord, utteranceOf } from './deepgram-recognition.ts';
export { refusals } from './deepgram-request.ts';

export interface DeepgramStandInOptions extends TrafficOptions {
  readonly apiKey?: string;
  /** One entry for each time that somebody begins to speak, in the order of the whole server. */
  readonly script?: readonly ScriptedUtterance[];
  /** Begins the script again at its end. */
  readonly repeats?: boolean;
  /** Instead of a script: words in the audio since the last final. */
  readonly recognize?: (samples: Int16Array) => readonly HeardWord[];
  /** More streams at once are refused with 429. */
  readonly concurrency?: number;
}

export interface DeepgramStandIn {
  readonly baseUrl: string;
  readonly connections: readonly DeepgramConnection[];
  /** Sockets that are open, those without a websocket included. */
  readonly openSocketCount: number;
  /** How often somebody began to speak after the end of the script, or went on after a pause; 0 where all was written. */
  readonly unscriptedCount: number;
  /** The next request meets this fault; called several times, the requests meet them in turn. */
  fail(fault: DeepgramFault): void;
  /** Resolves as soon as the condition holds; it is checked whenever something has happened here. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startDeepgram(options: DeepgramStandInOptions = {}): Promise<DeepgramStandIn> {
  const standIn = new StandIn(options);
  await standIn.listen();
  return standIn;
}

class StandIn implements DeepgramStandIn {
  readonly connections: DeepgramConnection[] = [];
  readonly #options: DeepgramStandInOptions;
  readonly #script: Script;
  readonly #server = createServer((request, response) => this.#onRequest(request, response));
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #sockets = new Set<Duplex>();
  readonly #faults: DeepgramFault[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(options: DeepgramStandInOptions) {
    this.#options = options;
    this.#script = new Script(options.script ?? [], { repeats: options.repeats ?? false });
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#changed();
      });
    });
    // Emitted while the newest request is being upgraded.
    this.#webSockets.on('headers', (headers) => headers.push(`dg-request-id: ${this.#newestRequestId}`));
  }

  get baseUrl(): string {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the stand-in does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  get openSocketCount(): number {
    return this.#sockets.size;
  }

  get unscriptedCount(): number {
    return this.#script.unscriptedCount;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  fail(fault: DeepgramFault): void {
    this.#faults.push(fault);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #changed(): void {
    const waiting = Array.from(this.#waiting);
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  get #newestRequestId(): string {
    return `00000000-0000-4000-8000-${String(this.connections.length).padStart(12, '0')}`;
  }

  /** Without a websocket there is the check of a key: https://developers.deepgram.com/guides/fundamentals/authenticating. */
  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { apiKey = 'test-key' } = this.#options;
    const isKeyCheck = request.method === 'GET' && request.url?.endsWith('/v1/auth/token') === true;
    const refusal = isKeyCheck ? keyRefusal(request, apiKey) : refusals.notFound;
    const body =
      refusal === undefined
        ? { api_key_id: this.#newestRequestId, scopes: ['usage:write'] }
        : { err_code: refusal.code, err_msg: refusal.message, request_id: this.#newestRequestId };
    response.writeHead(refusal?.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = request.url ?? '/';
    const query = new URL(url, 'http://localhost').searchParams;
    const connection: DeepgramConnection = {
      url,
      query,
      status: undefined,
      controls: [],
      sampleCount: 0,
      isOpen: false,
      closeCode: undefined,
    };
    const open = this.connections.filter(({ isOpen }) => isOpen).length;
    this.connections.push(connection);
    const fault = this.#faults.shift();
    const { apiKey = 'test-key', concurrency = Infinity } = this.#options;
    const read = readRequest(request, apiKey);
    const settings = fault?.kind === 'refuse' ? fault.refusal : open >= concurrency ? refusals.tooMany : read;
    if ('status' in settings) {
      connection.status = settings.status;
      socket.end(refusalText(settings, this.#newestRequestId));
    } else if (fault?.kind === 'silent') {
      // Read, so that its end shows.
      socket.resume().on('end', () => socket.end());
    } else {
      connection.status = 101;
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#serve(webSocket, connection, settings, fault),
      );
    }
    this.#changed();
  }

  #serve(
    webSocket: WebSocket,
    connection: DeepgramConnection,
    settings: LiveSettings,
    fault: DeepgramFault | undefined,
  ): void {
    const { recognize, ...options } = this.#options;
    const { voiceDbfs = VOICE_DBFS } = options;
    serveSocket(webSocket, {
      ...options,
      settings,
      fault,
      connection,
      recognizer:
        recognize === undefined ? new ScriptRecognizer(this.#script, voiceDbfs) : new FunctionRecognizer(recognize),
      requestId: this.#newestRequestId,
      onChange: () => this.#changed(),
    });
  }
}
