// The traffic of one websocket of the Deepgram stand-in: messages in, results out after a lag, time-outs and faults.

import type { RawData, WebSocket } from 'ws';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { LiveStream } from './deepgram-live.ts';
import { type Recognizer, VOICE_DBFS } from './deepgram-recognition.ts';
import type { LiveSettings, Refusal } from './deepgram-request.ts';

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

export interface TrafficOptions {
  /** How much later than the audio each result comes. */
  readonly lagMs?: number;
  /** Audio between two interim results. */
  readonly interimEveryMs?: number;
  /** A `Finalize` with less audio buffered gets no answer. */
  readonly finalizeMinimumMs?: number;
  /** Louder is voice: -45 dBFS, or more on a line that is never quiet. */
  readonly voiceDbfs?: number;
  /** Without audio or text for so long, the stream is closed with NET-0001. */
  readonly idleTimeoutMs?: number;
}

export interface SocketOptions extends TrafficOptions {
  readonly settings: LiveSettings;
  readonly fault: DeepgramFault | undefined;
  /** Kept up to date. */
  readonly connection: DeepgramConnection;
  readonly recognizer: Recognizer;
  readonly requestId: string;
  readonly onChange: () => void;
}

export function serveSocket(webSocket: WebSocket, options: SocketOptions): void {
  const { settings, fault, connection, recognizer, requestId, onChange } = options;
  const {
    lagMs = 0,
    interimEveryMs = 300,
    finalizeMinimumMs = 100,
    idleTimeoutMs = 10_000,
    voiceDbfs = VOICE_DBFS,
  } = options;
  connection.isOpen = true;
  const outbox = new Outbox(webSocket, fault?.kind === 'mute', lagMs);
  const send = (message: object): void => outbox.send(message);
  const live = new LiveStream({ settings, recognizer, requestId, interimEveryMs, finalizeMinimumMs, voiceDbfs, send });
  const idle = setTimeout(() => webSocket.close(1011, 'NET-0001'), idleTimeoutMs);
  webSocket.on('message', (data, isBinary) => {
    idle.refresh();
    if (isBinary) onAudio(data, live, webSocket);
    else onControl(data, connection, { live, outbox, lingers: fault?.kind === 'lingers' });
    connection.sampleCount = live.sampleCount;
    carryOut(fault, webSocket, live.sampleCount);
    onChange();
  });
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', (code) => {
    clearTimeout(idle);
    outbox.clear();
    connection.isOpen = false;
    connection.closeCode = code;
    onChange();
  });
  if (fault?.kind === 'deaf') webSocket.pause();
  onChange();
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
  if (fault === undefined || !('afterMs' in fault) || (sampleCount * 1000) / LISTENING_RATE_HZ < fault.afterMs) return;
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
