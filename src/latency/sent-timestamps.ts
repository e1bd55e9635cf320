// Which packet of ours a receiver means by a timestamp. A media server replaces timestamps by ones that differ from ours by a
// number that stays the same for a subscription; browsers tell the replaced ones. Pure.
// The number is found by the spacing of packets alone: it must turn every timestamp that is told into one that was sent not
// long before. Replies begin at arbitrary timestamps, so few candidates survive a pause and one survives a reply.

import { FRAME_TICKS, TICKS_PER_MS } from '../rtp/packet.ts';
import { serialDistance, wrapSerial } from '../rtp/serial.ts';

/** A packet of ours. */
export interface SentPacket {
  /** 32 bit, as we sent it. */
  readonly rtpTimestamp: number;
  /** When its first sample belongs in time. */
  readonly capturedAtMs: number;
  readonly sentAtMs: number;
}

/** Half a minute of speech. */
const MAX_SENT = 1500;
/** From the sending to the playing: jitter buffers hold less than half a second, networks as a rule too. */
const LONGEST_WAY_MS = 1500;
/** After a break this long, of our sending or of a receiver's receiving, packets begin anew. */
export const PAUSE_MS = 100;
/** Receivers that tell a timestamp which nothing explains have another stream now: after so many the search begins anew. */
const MAX_UNEXPLAINED = 3;

export class SentTimestamps {
  readonly #sent: SentPacket[] = [];
  /** What may have to be added to our timestamps; undefined: anything. */
  #offsets: ReadonlySet<number> | undefined;
  #unexplainedCount = 0;

  /** Takes note of a packet, in the order of sending. */
  sent(packet: SentPacket): void {
    this.#sent.push(packet);
    if (this.#sent.length > MAX_SENT) this.#sent.shift();
  }

  /** Whether it is known which packets receivers mean. */
  get isResolved(): boolean {
    return this.#offsets?.size === 1;
  }

  /** The receiver played the packet with this timestamp, of its own counting, not before `earliestMs` nor after `latestMs`. */
  told(rtpTimestamp: number, earliestMs: number, latestMs: number): void {
    const possible: number[] = [];
    // They lie in the order of sending, and half a minute of them is kept: from the last one back.
    for (let n = this.#sent.length - 1; n >= 0; n -= 1) {
      const packet = this.#sent[n];
      if (packet === undefined || packet.sentAtMs < earliestMs - LONGEST_WAY_MS) break;
      if (packet.sentAtMs <= latestMs) possible.push(wrapSerial(rtpTimestamp - packet.rtpTimestamp, 32));
    }
    if (possible.length === 0) return;
    const remaining = possible.filter((offset) => this.#offsets?.has(offset) ?? true);
    if (remaining.length > 0) {
      this.#offsets = new Set(remaining);
      this.#unexplainedCount = 0;
      return;
    }
    this.#unexplainedCount += 1;
    if (this.#unexplainedCount < MAX_UNEXPLAINED) return;
    this.#offsets = new Set(possible);
    this.#unexplainedCount = 0;
  }

  /** When a sample of ours belonged in time; undefined where its packet was not sent, or is long gone. */
  capturedAtMs(rtpTimestamp: number): number | undefined {
    const packet = this.#sent.findLast((sent) => {
      const ticks = serialDistance(sent.rtpTimestamp, rtpTimestamp, 32);
      return ticks >= 0 && ticks < FRAME_TICKS;
    });
    return packet && packet.capturedAtMs + serialDistance(packet.rtpTimestamp, rtpTimestamp, 32) / TICKS_PER_MS;
  }

  /**
   * The first and the last of `count` packets that were sent in a row after a pause, the last of them within these instants;
   * undefined where there are none, or several.
   */
  afterPause(
    count: number,
    earliestMs: number,
    latestMs: number,
  ): { readonly first: SentPacket; readonly last: SentPacket } | undefined {
    const found = this.#sent.flatMap((first, index) => {
      const [before, last] = [this.#sent[index - 1], this.#sent[index + count - 1]];
      const begins = before === undefined || first.sentAtMs - before.sentAtMs >= PAUSE_MS;
      const fits = last !== undefined && last.sentAtMs >= earliestMs && last.sentAtMs <= latestMs;
      return begins && fits ? [{ first, last }] : [];
    });
    return found.length === 1 ? found[0] : undefined;
  }

  /** The packet that a receiver means; undefined while more than one comes into question, or where it is long gone. */
  packetOf(rtpTimestamp: number): SentPacket | undefined {
    const [offset, ...others] = this.#offsets ?? [];
    if (offset === undefined || others.length > 0) return undefined;
    const ours = wrapSerial(rtpTimestamp - offset, 32);
    return this.#sent.findLast((packet) => serialDistance(packet.rtpTimestamp, ours, 32) === 0);
  }
}
