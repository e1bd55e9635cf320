// Packets that arrived behind a gap, by extended sequence number.

import type { RtpPacket } from '../rtp/packet.ts';

export interface StoredPacket {
  readonly packet: RtpPacket;
  readonly extendedSequenceNumber: number;
  /** Of its source, before it is placed on the call's time line. */
  readonly sourceTimestamp: number;
  readonly storedAtMs: number;
}

/** Holds what can't be released yet: a handful of packets, so looking through all of them is cheap. */
export class PacketStore {
  readonly #packets = new Map<number, StoredPacket>();

  get size(): number {
    return this.#packets.size;
  }

  has(extendedSequenceNumber: number): boolean {
    return this.#packets.has(extendedSequenceNumber);
  }

  put(stored: StoredPacket): void {
    this.#packets.set(stored.extendedSequenceNumber, stored);
  }

  /** Removes and returns the packet of that number. */
  take(extendedSequenceNumber: number): StoredPacket | undefined {
    const stored = this.#packets.get(extendedSequenceNumber);
    this.#packets.delete(extendedSequenceNumber);
    return stored;
  }

  /** The lowest sequence number held. */
  lowest(): number | undefined {
    return this.#packets.size === 0 ? undefined : Math.min(...this.#packets.keys());
  }

  /** When the first of the packets above that number was stored. */
  earliestAbove(extendedSequenceNumber: number): number | undefined {
    let earliestAtMs: number | undefined;
    for (const stored of this.#packets.values()) {
      if (stored.extendedSequenceNumber <= extendedSequenceNumber) continue;
      if (earliestAtMs === undefined || stored.storedAtMs < earliestAtMs) earliestAtMs = stored.storedAtMs;
    }
    return earliestAtMs;
  }
}
