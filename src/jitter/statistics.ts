// Counts of one reception, in the words of RFC 3550 section 6.4.1 and RFC 3611.

import { TICKS_PER_MS } from '../rtp/packet.ts';

/** All counts are since the beginning of the call, over all sources. */
export interface JitterStatistics {
  /** Packets that belong to the stream, duplicates and late ones among them. */
  readonly received: number;
  /** Packets passed on. */
  readonly released: number;
  /** Packets given up at a gap. Some of them came later: those are counted under `late` too. */
  readonly lost: number;
  /** Came after they had been given up, or from before the stream's beginning; dropped. */
  readonly late: number;
  readonly duplicate: number;
  /** Came after a packet with a higher sequence number, in time or late. */
  readonly reordered: number;
  /** Fit to no stream: strays of a source that was left, single jumps of the sequence number. */
  readonly discarded: number;
  /** Fields out of range, or nothing to decode. */
  readonly malformed: number;
  /** New time lines: another SSRC, a restarted sequence number, a wild jump of the timestamp. */
  readonly resets: number;
  /** RFC 3550 section 6.4.1, in ticks of 48 kHz. */
  readonly interarrivalJitterTicks: number;
  /** How long a gap is waited for at present. */
  readonly waitMs: number;
}

/** Gain 1/16 of RFC 3550 appendix A.8. */
const JITTER_GAIN = 1 / 16;

/** Interarrival jitter of one source (RFC 3550 appendix A.8). */
export class InterarrivalJitter {
  #ticks = 0;
  #transitTicks: number | undefined;

  get ticks(): number {
    return this.#ticks;
  }

  observe(extendedTimestamp: number, arrivedAtMs: number): void {
    const transitTicks = arrivedAtMs * TICKS_PER_MS - extendedTimestamp;
    if (this.#transitTicks !== undefined) {
      this.#ticks += (Math.abs(transitTicks - this.#transitTicks) - this.#ticks) * JITTER_GAIN;
    }
    this.#transitTicks = transitTicks;
  }

  /** Another time line begins: transit times before and after it can't be compared. */
  restart(): void {
    this.#transitTicks = undefined;
  }
}
