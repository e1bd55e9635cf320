// A room whose caller may have a page that helps with the account, in virtual time; and what that caller hears, window by
// window, by the one clock of the simulation.

import { levelDbfs } from '../../src/audio/level.ts';
import type { OpusCodec } from '../../src/opus/port.ts';
import type { DataOptions } from '../../src/room/port.ts';
import type { OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import { wrapSerial } from '../../src/rtp/serial.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec } from './stages.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Of the caller's machine against ours. */
const PAGE_EPOCH_MS = 1.76e12 + 500;
const WAY_MS = 10;
const WINDOW_MS = 10;
const AUDIBLE_DBFS = -40;

/**
 * What is at the caller's side: a page that answers pings and tells what it plays; one that answers pings alone; a program on
 * some LiveKit SDK, which refuses calls that it doesn't know; or nothing that answers.
 */
export type CallerSide = 'page' | 'clock' | 'program' | 'nothing';

export class PageRoom extends SimRoom {
  /** When each window of 10 ms above −40 dBFS began to be played. */
  readonly heardAtMs: number[] = [];
  /** To our timestamps; another number for each subscription. */
  serverAdds = 424_242;
  /** How long the caller's receiver holds audio. */
  bufferMs = 40;
  readonly #clock: VirtualClock;
  readonly #side: CallerSide;

  constructor(clock: VirtualClock, side: CallerSide) {
    super(clock);
    this.#clock = clock;
    this.#side = side;
  }

  get firstHeardAtMs(): number | undefined {
    return this.heardAtMs[0];
  }

  /** The end of the last audible window that began before an instant. */
  lastHeardBefore(untilMs: number): number {
    return (this.heardAtMs.findLast((atMs) => atMs < untilMs) ?? NaN) + WINDOW_MS;
  }

  get #tellsClock(): boolean {
    return this.#side === 'page' || this.#side === 'clock';
  }

  override async measureRoundTrip(): Promise<number | undefined> {
    if (this.#side === 'nothing') return undefined;
    await new Promise<void>((resolve) => this.#clock.after(2 * WAY_MS, resolve));
    return 2 * WAY_MS;
  }

  override sendData(payload: Uint8Array, options?: DataOptions): void {
    super.sendData(payload, options);
    if (options?.topic !== 'repartee.clock' || !this.#tellsClock) return;
    const { ping } = JSON.parse(new TextDecoder().decode(payload));
    this.#clock.after(WAY_MS, () => {
      const epochMs = PAGE_EPOCH_MS + this.#clock.nowMs();
      const answer = { ping, receivedEpochMs: epochMs, answeredEpochMs: epochMs, resolutionMs: 0.1 };
      this.#clock.after(WAY_MS, () => this.#say('repartee.clock', answer));
    });
  }

  override sendAudio(packet: OutgoingRtpPacket): boolean {
    this.#clock.after(WAY_MS + this.bufferMs, () => {
      const atMs = this.#clock.nowMs();
      for (const [index, level] of packet.payload.subarray(1, 3).entries()) {
        if (-level > AUDIBLE_DBFS) this.heardAtMs.push(atMs + index * WINDOW_MS);
      }
      const told = wrapSerial(packet.rtpTimestamp + this.serverAdds, 32);
      const report = { played: [[told, PAGE_EPOCH_MS + atMs, 0]], bufferedMs: this.bufferMs };
      if (this.#side === 'page') this.#clock.after(WAY_MS, () => this.#say('repartee.playout', report));
    });
    return super.sendAudio(packet);
  }

  #say(topic: string, message: unknown): void {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    this.tell({ type: 'data', topic, payload, identity: 'caller' });
  }
}

/** Like the codec of the simulation, and a packet of ours carries the levels of its two windows. */
export const windowCodec: OpusCodec = {
  ...simCodec,
  createEncoder: ({ sampleRateHz }) => ({
    sampleRateHz,
    encode: (samples) => {
      const half = samples.length / 2;
      const levels = [levelDbfs(samples, 0, half), levelDbfs(samples, half)].map((dbfs) => Math.max(-127, dbfs));
      const isAudible = levels.some((dbfs) => dbfs > AUDIBLE_DBFS);
      return Uint8Array.of(isAudible ? 1 : 0, ...levels.map((dbfs) => Math.ceil(-dbfs)), 0);
    },
    close: () => undefined,
  }),
};
