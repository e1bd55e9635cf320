// Stands in for Deepgram's live recognition: a real websocket server that checks, answers, times out and fails as the
// service does; only the words come from a script. Sources: deepgram-request.ts, deepgram-live.ts.
// Left out: encodings other than linear16 at 16 kHz, several channels, UtteranceEnd, SpeechStarted, Configure.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { LiveStream } from './deepgram-live.ts';
import {
  FunctionRecognizer,
  type HeardWord,
  Script,
  type ScriptedUtterance,
  ScriptRecognizer,
} from './deepgram-recognition.ts';
import { type LiveSettings, readRequest, type Refusal, refusals, refusalText } from './deepgram-request.ts';

export { type HeardWord, type ScriptedUtterance, type ScriptedWord, utteranceOf } from './deepgram-recognition.ts';
export { refusals } from './deepgram-request.ts';

/** What goes wrong with one request; `afterMs` counts audio received. */
export type DeepgramFault =
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** The handshake is never answered. */
  | { readonly kind: 'silent' }
  /** Takes audio and says nothing. */
  | { readonly kind: 'mute' }
  /** Doesn't read from its socket any more. */
  | { readonly kind: 'deaf' }
  | { readonly kind: 'close'; readonly afterMs: number; readonly code: number; readonly reason: string }
  /** The TCP connection breaks. */
  | { readonly kind: 'drop'; readonly afterMs: number }
  /** Sends this as it is: a string as text, bytes as a binary message. */
  | { readonly kind: 'say'; readonly afterMs: number; readonly data: string | Uint8Array }
  /** Never says goodbye. */
  | { readonly kind: 'lingers' };

export interface DeepgramStandInOptions {
  readonly apiKey?: string;
  /** One entry for each time that somebody begins to speak, in the order of the whole server. */
  readonly script?: readonly ScriptedUtterance[];
  /** Begins the script again at its end. */
  readonly repeats?: boolean;
  /** Instead of a script: words in the audio since the last final. */
  readonly recognize?: (samples: Int16Array) => readonly HeardWord[];
  /** How much later than the audio each result comes. */
  readonly lagMs?: number;
  /** Audio between two interim results. */
  readonly interimEveryMs?: number;
  /** A `Finalize` with less audio buffered gets no answer. */
  readonly finalizeMinimumMs?: number;
  /** Without audio or text for so long, the stream is closed with NET-0001. */
  readonly idleTimeoutMs?: number;
  /** More streams at once are refused with 429. */
  readonly concurrency?: number;
}

/** One request for a stream, and what came of it. */
export interface DeepgramConnection {
  readonly url: string;
  readonly query: URLSearchParams;
  /** Of the answer; undefined until there is one. */
  status: number | undefined;
  /** Types of the control messages received, in order. */
  readonly controls: string[];
  /** Samples received. */
  sampleCount: number;
  isOpen: boolean;
  /** How the other side ended it. */
  closeCode: number | undefined;
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
  readonly #server = createServer((_request, response) => {
    response
      .writeHead(404, { 'content-type': 'application/json' })
      .end('{"err_code":"NOT_FOUND","err_msg":"Not found."}');
  });
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
    this.#webSockets.on('headers', (headers, request) => {
      headers.push(`dg-request-id: ${this.#requestId(this.connections.findIndex(({ url }) => url === request.url))}`);
    });
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

  #requestId(index: number): string {
    return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
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
      socket.end(refusalText(settings, this.#requestId(this.connections.length - 1)));
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
    const { recognize, interimEveryMs = 300, finalizeMinimumMs = 100, idleTimeoutMs = 10_000 } = this.#options;
    connection.isOpen = true;
    const outbox = new Outbox(webSocket, fault?.kind === 'mute', this.#options.lagMs ?? 0);
    const live = new LiveStream({
      settings,
      recognizer: recognize === undefined ? new ScriptRecognizer(this.#script) : new FunctionRecognizer(recognize),
      requestId: this.#requestId(this.connections.indexOf(connection)),
      interimEveryMs,
      finalizeMinimumMs,
      send: (message) => outbox.send(message),
    });
    const idle = setTimeout(() => {
      webSocket.close(1011, 'NET-0001');
    }, idleTimeoutMs);
    webSocket.on('message', (data, isBinary) => {
      idle.refresh();
      if (isBinary) onAudio(data, live, webSocket);
      else onControl(data, connection, { live, outbox, lingers: fault?.kind === 'lingers' });
      connection.sampleCount = live.sampleCount;
      carryOut(fault, webSocket, live.sampleCount);
      this.#changed();
    });
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', (code) => {
      clearTimeout(idle);
      outbox.clear();
      connection.isOpen = false;
      connection.closeCode = code;
      this.#changed();
    });
    if (fault?.kind === 'deaf') webSocket.pause();
    this.#changed();
  }
}

/** Sends results after the lag, in order. */
class Outbox {
  readonly #webSocket: WebSocket;
  readonly #isMute: boolean;
  readonly #lagMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(webSocket: WebSocket, isMute: boolean, lagMs: number) {
    this.#webSocket = webSocket;
    this.#isMute = isMute;
    this.#lagMs = lagMs;
  }

  send(message: object): void {
    if (this.#isMute) return;
    const text = JSON.stringify(message);
    this.#later(() => this.#webSocket.send(text));
  }

  close(): void {
    this.#later(() => this.#webSocket.close(1000));
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(act: () => void): void {
    if (this.#lagMs === 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, this.#lagMs);
    this.#timers.add(timer);
  }
}

function onAudio(data: RawData, live: LiveStream, webSocket: WebSocket): void {
  if (!Buffer.isBuffer(data)) return;
  if (data.length % 2 === 1) {
    webSocket.close(1008, 'DATA-0000');
    return;
  }
  // The older way to end a stream.
  if (data.length === 0) webSocket.close(1000);
  const samples = new Int16Array(data.length / 2);
  for (let n = 0; n < samples.length; n += 1) samples[n] = data.readInt16LE(n * 2);
  live.hear(samples);
}

function onControl(
  data: RawData,
  connection: DeepgramConnection,
  { live, outbox, lingers }: { readonly live: LiveStream; readonly outbox: Outbox; readonly lingers: boolean },
): void {
  const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
  const type = typeOf(text);
  connection.controls.push(type);
  switch (type) {
    case 'KeepAlive':
      return;
    case 'Finalize':
      live.finalize();
      return;
    case 'CloseStream':
      if (lingers) return;
      live.end();
      outbox.close();
      return;
    default:
      outbox.send({
        type: 'Error',
        variant: 'SchemaError',
        description: 'Could not deserialize last text message',
        message: text,
      });
  }
}

function typeOf(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && 'type' in json ? String(json.type) : '';
  } catch {
    return '';
  }
}

function carryOut(fault: DeepgramFault | undefined, webSocket: WebSocket, sampleCount: number): void {
  if (fault === undefined || !('afterMs' in fault) || sampleCount / 16 < fault.afterMs) return;
  switch (fault.kind) {
    case 'close':
      webSocket.close(fault.code, fault.reason);
      return;
    case 'drop':
      webSocket.terminate();
      return;
    case 'say':
      webSocket.send(fault.data);
  }
}
