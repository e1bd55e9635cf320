// LiveKit's signal protocol on a websocket: binary protobuf messages, ping, and one clear error when it ends.
// Resuming a dropped connection is left out: its loss is final here.

import {
  DisconnectReason,
  LeaveRequest,
  LeaveRequest_Action,
  Ping,
  SignalRequest,
  SignalResponse,
  type JoinResponse,
} from '@livekit/protocol';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import type { Clock, Timer } from '../../lib/clock.ts';
import { RoomError, unreachable as impossible } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { connectionLost, serverSentLeave, unreachable, upgradeRefused } from './room-faults.ts';

/** From opening the websocket to the server's `join`: a few round trips and the server's own work. */
const JOIN_WITHIN_MS = 10_000;
/** What a closing websocket may take before it is cut. */
const CLOSE_WITHIN_MS = 500;
/** LiveKit's messages stay far below. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** As much of a refusal's HTTP body as is worth showing. */
const MAX_REFUSAL_CHARS = 300;

export type SignalMessage = SignalResponse['message'];

export interface SignalListener {
  onMessage(message: SignalMessage): void;
  /** The connection is gone, and not by our `close`. Called once, last. */
  onLost(error: RoomError): void;
}

export interface SignalOptions {
  readonly url: URL;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Logger;
}

type State =
  | {
      readonly name: 'joining';
      readonly resolve: (join: JoinResponse) => void;
      readonly reject: (error: RoomError) => void;
    }
  /** Joined; messages wait for a listener. */
  | { readonly name: 'waiting'; readonly messages: SignalMessage[]; readonly lost: RoomError | undefined }
  | { readonly name: 'listening'; readonly listener: SignalListener }
  | { readonly name: 'closed' };

/** An open signal connection. */
export class SignalConnection {
  /** What the server wants to see on the next visit; it renews it while we are in the room. */
  token: string;
  readonly #options: SignalOptions;
  readonly #socket: WebSocket;
  #state: State;
  #pingTimer: Timer | undefined;
  #lastHeardAtMs = 0;

  private constructor(options: SignalOptions, onJoin: Extract<State, { name: 'joining' }>) {
    this.#options = options;
    this.token = options.token;
    this.#state = onJoin;
    const { url } = options;
    this.#socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${options.token}` },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.#socket.on('message', (data) => this.#receive(data));
    this.#socket.on('unexpected-response', (request, response) => {
      void (async () => {
        this.#end(upgradeRefused(url.host, response.statusCode ?? 0, await refusalText(response)));
        request.destroy();
      })();
    });
    this.#socket.on('error', (error) => {
      this.#end(this.#joining ? unreachable(url.host, error) : connectionLost(url.host, error.message));
    });
    this.#socket.on('close', (code) => this.#end(connectionLost(url.host, `websocket closed with code ${code}`)));
  }

  /**
   * Connects and waits for the server's `join`.
   * Rejects with a `RoomError` (wrong token, no server, told to leave) or the signal's reason; nothing stays open then.
   */
  static async open(
    options: SignalOptions,
    signal: AbortSignal,
  ): Promise<{ readonly connection: SignalConnection; readonly join: JoinResponse }> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<JoinResponse>();
    const connection = new SignalConnection(options, { name: 'joining', resolve, reject });
    const { clock, url } = options;
    try {
      const join = await withDeadline(promise, {
        clock,
        signal,
        withinMs: JOIN_WITHIN_MS,
        expired: () => unreachable(url.host, new Error(`nothing came within ${JOIN_WITHIN_MS / 1000} s`)),
      });
      return { connection, join };
    } catch (error) {
      connection.#abandon();
      throw error;
    }
  }

  /** Hands over all messages since `join`, those that have come already at once. */
  listen(listener: SignalListener): void {
    if (this.#state.name !== 'waiting') return;
    const { messages, lost } = this.#state;
    this.#state = { name: 'listening', listener };
    for (const message of messages) listener.onMessage(message);
    if (lost !== undefined) this.#end(lost);
  }

  /** Sends; what can't be sent any more is dropped: `onLost` tells why. */
  send(message: SignalRequest['message']): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(new SignalRequest({ message }).toBinary());
  }

  /** Tells the server that we leave and closes; idempotent; never takes longer than half a second. */
  async close(): Promise<void> {
    const open = this.#socket.readyState === WebSocket.OPEN;
    this.send({
      case: 'leave',
      value: new LeaveRequest({ reason: DisconnectReason.CLIENT_INITIATED, action: LeaveRequest_Action.DISCONNECT }),
    });
    this.#stop();
    if (open) {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      this.#socket.once('close', () => resolve());
      const timer = this.#options.clock.after(CLOSE_WITHIN_MS, resolve);
      this.#socket.close(1000);
      await closed;
      timer.cancel();
    }
    this.#socket.terminate();
  }

  get #joining(): boolean {
    return this.#state.name === 'joining';
  }

  #receive(data: RawData): void {
    this.#lastHeardAtMs = this.#options.clock.nowMs();
    let message: SignalMessage;
    try {
      ({ message } = SignalResponse.fromBinary(toBytes(data)));
    } catch (error) {
      if (this.#joining)
        this.#end(new RoomError('ROOM_PROTOCOL', 'the server does not speak LiveKit', { cause: error }));
      else this.#options.log.warn('signal message not understood', { error });
      return;
    }
    if (message.case === 'refreshToken') this.token = message.value;
    switch (this.#state.name) {
      case 'joining':
        this.#receiveJoin(message, this.#state);
        break;
      case 'waiting':
        this.#state.messages.push(message);
        break;
      case 'listening':
        this.#state.listener.onMessage(message);
        break;
      case 'closed':
        break;
      default:
        impossible(this.#state);
    }
  }

  #receiveJoin(message: SignalMessage, { resolve }: Extract<State, { name: 'joining' }>): void {
    if (message.case === 'join') {
      this.#state = { name: 'waiting', messages: [], lost: undefined };
      this.#schedulePing(message.value.pingInterval * 1000, message.value.pingTimeout * 1000);
      resolve(message.value);
    } else if (message.case === 'leave') {
      this.#end(serverSentLeave(message.value));
    }
  }

  #schedulePing(intervalMs: number, timeoutMs: number): void {
    if (intervalMs <= 0) return;
    const { clock, url } = this.#options;
    this.#pingTimer = clock.after(intervalMs, () => {
      const silentMs = clock.nowMs() - this.#lastHeardAtMs;
      if (timeoutMs > 0 && silentMs > timeoutMs) {
        this.#end(connectionLost(url.host, `no answer to pings for ${Math.round(silentMs / 1000)} s`));
        return;
      }
      this.send({ case: 'pingReq', value: new Ping({ timestamp: BigInt(Math.round(clock.epochMs())) }) });
      this.#schedulePing(intervalMs, timeoutMs);
    });
  }

  /** The end that others brought about; reported to whoever waits, once. */
  #end(error: RoomError): void {
    const state = this.#state;
    switch (state.name) {
      case 'joining':
        this.#abandon();
        state.reject(error);
        break;
      case 'waiting':
        this.#abandon();
        this.#state = { ...state, lost: state.lost ?? error };
        break;
      case 'listening':
        this.#abandon();
        state.listener.onLost(error);
        break;
      case 'closed':
        break;
      default:
        impossible(state);
    }
  }

  #abandon(): void {
    this.#stop();
    this.#socket.terminate();
  }

  #stop(): void {
    this.#state = { name: 'closed' };
    this.#pingTimer?.cancel();
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

async function refusalText(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length >= MAX_REFUSAL_CHARS) break;
    }
  } catch {
    // The status alone says enough.
  }
  return text.slice(0, MAX_REFUSAL_CHARS);
}
