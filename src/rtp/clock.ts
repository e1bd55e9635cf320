// Maps a sender's RTP time line to our monotonic clock by the packets that travelled fastest.
// Leaves out: sender reports. `instantOf` is when a packet of that timestamp arrives at the earliest, not when it was sent.

import { OPUS_CLOCK_HZ } from './packet.ts';

export interface RtpClockOptions {
  readonly clockRateHz?: number;
}

/**
 * How fast the anchor yields towards later arrivals. Two crystals of ±100 ppm part by 0.2 ms/s at most; the rest lets a
 * path that became longer be followed, 50 ms in 100 s. The price is a bias of 0.5 ms after a second without a fast packet.
 */
const ANCHOR_YIELD_MS_PER_S = 0.5;
/** A packet this much later than the anchor says isn't delayed: the sender's timestamps stood still or started anew. */
const STEP_MS = 2000;

/**
 * Pure. Each packet says: timestamp t arrived at a, which puts the origin of the time line at a − t. Queueing only ever
 * makes that later, so the smallest origin is kept (the minimum-delay anchor) and yields slowly to follow drift.
 */
export class RtpClock {
  readonly #ticksPerMs: number;
  #originAtMs: number | undefined;
  #observedAtMs = 0;

  constructor({ clockRateHz = OPUS_CLOCK_HZ }: RtpClockOptions = {}) {
    this.#ticksPerMs = clockRateHz / 1000;
  }

  /** Takes note of a packet: its extended timestamp and when it arrived. Packets may come in any order. */
  observe(timestamp: number, arrivedAtMs: number): void {
    const originAtMs = arrivedAtMs - timestamp / this.#ticksPerMs;
    const elapsedMs = Math.max(0, arrivedAtMs - this.#observedAtMs);
    if (this.#originAtMs === undefined || originAtMs - this.#originAtMs > STEP_MS) {
      this.#originAtMs = originAtMs;
    } else {
      const yielded = this.#originAtMs + (elapsedMs * ANCHOR_YIELD_MS_PER_S) / 1000;
      this.#originAtMs = Math.min(originAtMs, yielded);
    }
    this.#observedAtMs = Math.max(this.#observedAtMs, arrivedAtMs);
  }

  /** When a packet of this extended timestamp arrives if nothing delays it; undefined before the first packet. */
  instantOf(timestamp: number): number | undefined {
    return this.#originAtMs === undefined ? undefined : this.#originAtMs + timestamp / this.#ticksPerMs;
  }

  /** The extended timestamp whose packet arrives now if nothing delays it (a fraction); undefined before the first packet. */
  timestampAt(nowMs: number): number | undefined {
    return this.#originAtMs === undefined ? undefined : (nowMs - this.#originAtMs) * this.#ticksPerMs;
  }
}
