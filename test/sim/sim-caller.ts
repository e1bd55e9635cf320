// A caller in virtual time: frames at 20 ms, DTX or not, over a network that may lose, delay, reorder and stall.

import type { RemoteParticipant } from '../../src/room/port.ts';
import { FRAME_MS, FRAME_TICKS } from '../../src/rtp/packet.ts';
import type { SimRoom } from './sim-room.ts';
import { dtxPayload, payloadOf } from './stages.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Says how long a packet is under way; undefined where it is lost. */
export type Network = (packetIndex: number) => number | undefined;

export const perfectNetwork: Network = () => 10;

/** What a caller needs of time: where another one moves it, `advance` only waits. */
export type CallerClock = Pick<VirtualClock, 'nowMs' | 'after' | 'advance'>;

export class SimCaller {
  readonly identity: string;
  dtx = false;
  muted = false;
  /** Whether timestamps stand still while muted, as those of some senders do. */
  standsStill = false;
  network: Network = perfectNetwork;
  readonly #clock: CallerClock;
  readonly #room: SimRoom;
  /** Near the wrap of both, so that every test crosses it. */
  #sequenceNumber = 65_500;
  #rtpTimestamp = 2 ** 32 - 50 * FRAME_TICKS;
  #ssrc = 7;
  #silentFrames = 0;
  #packetIndex = 0;

  constructor(clock: CallerClock, room: SimRoom, identity = 'caller', more: Partial<RemoteParticipant> = {}) {
    this.identity = identity;
    this.#clock = clock;
    this.#room = room;
    room.enter(identity, more);
  }

  /** Sends one frame of sound that `payload` carries; returns 20 ms later. */
  sound(payload: Uint8Array): Promise<void> {
    return this.#frame(payload);
  }

  /** Speaks for `ms`. */
  speak(ms: number): Promise<void> {
    return this.#frames(ms, true);
  }

  /** Says nothing for `ms`: silent frames, or with DTX one small packet every 400 ms, or nothing at all when muted. */
  rest(ms: number): Promise<void> {
    return this.#frames(ms, false);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.#room.sinks.get(this.identity)?.onMuted(muted);
  }

  /** Publishes another track: a new source, whose timestamps begin somewhere else. */
  republish(): void {
    this.#ssrc += 1;
    this.#sequenceNumber = 1000;
    this.#rtpTimestamp = (this.#rtpTimestamp + 123_456_789) % 2 ** 32;
  }

  /** Speaks and falls silent until the agent has been quiet for a second; returns when its answer became audible. */
  async ask(ms: number): Promise<number | undefined> {
    await this.speak(ms);
    const before = this.#room.audibleAtMs.length;
    await this.rest(3000);
    while (this.#clock.nowMs() - (this.#room.audibleAtMs.at(-1) ?? 0) < 1000) await this.rest(500);
    return this.#room.audibleAtMs[before];
  }

  async #frames(ms: number, voiced: boolean): Promise<void> {
    for (let passed = 0; passed < ms; passed += FRAME_MS) await this.#frame(voiced ? payloadOf(true) : undefined);
  }

  /** Without a payload: of silence. */
  #frame(payload: Uint8Array | undefined): Promise<void> {
    this.#silentFrames = payload === undefined ? this.#silentFrames + 1 : 0;
    if (!this.muted) this.#send(payload ?? payloadOf(false));
    if (!this.muted || !this.standsStill) this.#rtpTimestamp = (this.#rtpTimestamp + FRAME_TICKS) % 2 ** 32;
    return this.#clock.advance(FRAME_MS);
  }

  #send(payload: Uint8Array): void {
    const inDtx = this.dtx && this.#silentFrames > 3;
    if (inDtx && this.#silentFrames % 20 !== 4) return;
    const packet = {
      ssrc: this.#ssrc,
      payloadType: 111,
      sequenceNumber: this.#sequenceNumber,
      rtpTimestamp: this.#rtpTimestamp,
      marker: false,
      payload: inDtx ? dtxPayload : payload,
    };
    this.#sequenceNumber = (this.#sequenceNumber + 1) % 65_536;
    const delayMs = this.network(this.#packetIndex);
    this.#packetIndex += 1;
    if (delayMs !== undefined) this.#clock.after(delayMs, () => this.#room.receive(this.identity, packet));
  }
}
