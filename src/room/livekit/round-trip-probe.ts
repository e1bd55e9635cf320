// How long the way to another participant and back is, where its program knows nothing of us: every LiveKit SDK acknowledges
// a remote procedure call at once, and answers that it has no such method (error 1400, which none of them logs).
// livekit_models.proto: RpcRequest, RpcAck, RpcResponse; https://docs.livekit.io/home/client/data/rpc/.

import { randomUUID } from 'node:crypto';

import { DataPacket, DataPacket_Kind, RpcRequest } from '@livekit/protocol';

import type { Clock, Timer } from '../../lib/clock.ts';

/** One that nobody has; says where it comes from to whoever looks. */
const METHOD = 'repartee.ping';
/** Of the protocol: what SDKs of all ages take. */
const RPC_VERSION = 1;
/** An answer that takes longer bounds nothing that anybody would want to know. */
const ANSWERED_WITHIN_MS = 2000;

export interface RoundTripProbeOptions {
  /** Takes a message for the reliable channel; `false` where it can't be sent. */
  readonly send: (packet: Uint8Array) => boolean;
  readonly clock: Clock;
}

/** The first answer to a call, an acknowledgement or an outcome. */
export interface CallAnswer {
  readonly type: 'callAnswered';
  readonly requestId: string;
  readonly identity: string;
}

interface Pending {
  readonly identity: string;
  readonly sentAtMs: number;
  readonly timer: Timer;
  readonly resolve: (ms: number | undefined) => void;
}

export class RoundTripProbe {
  readonly #options: RoundTripProbeOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: RoundTripProbeOptions) {
    this.#options = options;
  }

  /** In milliseconds; undefined where there was no answer within two seconds, or until `close`. */
  measure(identity: string): Promise<number | undefined> {
    const { send, clock } = this.#options;
    const requestId = randomUUID();
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const sentAtMs = clock.nowMs();
    if (!send(encodeCall(requestId, identity))) return Promise.resolve(undefined);
    const timer = clock.after(ANSWERED_WITHIN_MS, () => this.#settle(requestId, undefined));
    this.#pending.set(requestId, { identity, sentAtMs, timer, resolve });
    return promise;
  }

  /** Takes an answer; only the first of whoever was asked counts. */
  answered({ requestId, identity }: CallAnswer): void {
    const pending = this.#pending.get(requestId);
    if (pending?.identity !== identity) return;
    this.#settle(requestId, this.#options.clock.nowMs() - pending.sentAtMs);
  }

  /** Idempotent. */
  close(): void {
    for (const requestId of this.#pending.keys()) this.#settle(requestId, undefined);
  }

  #settle(requestId: string, ms: number | undefined): void {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    pending?.timer.cancel();
    pending?.resolve(ms);
  }
}

function encodeCall(id: string, identity: string): Uint8Array {
  const value = new RpcRequest({ id, method: METHOD, responseTimeoutMs: ANSWERED_WITHIN_MS, version: RPC_VERSION });
  return new DataPacket({
    kind: DataPacket_Kind.RELIABLE,
    destinationIdentities: [identity],
    value: { case: 'rpcRequest', value },
  }).toBinary();
}
