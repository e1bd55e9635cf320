// One time line for a whole call, over changes of the source and jumps of its timestamps.
// Each source counts from a random start (RFC 3550 section 5.1); what follows, VAD and STT, needs time that never goes back.

import { assumedDurationTicks } from '../rtp/opus-payload.ts';
import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { StoredPacket } from './packet-store.ts';

/** A timestamp this far ahead of the time that has passed is a jump of the sender's, not a pause. */
const JUMP_AHEAD_TICKS = 5000 * TICKS_PER_MS;

/** A packet's place on the time line, in extended ticks. */
export interface Placement {
  readonly timestamp: number;
  /** The sender's own time line broke off before this packet: what came before tells nothing about its timing. */
  readonly isBreak: boolean;
}

/**
 * Pure. The first source's extended timestamps are taken as they are. At a break a new shift is chosen such that the
 * packet lies as far behind the one before as it arrived after it, and never before that one's end; within a source
 * differences stay exactly the sender's. A sender whose timestamps stood still, or fell behind, is not a break:
 * a late burst looks the same.
 */
export class TimeLine {
  #shiftTicks = 0;
  #last: { readonly timestamp: number; readonly endTimestamp: number; readonly arrivedAtMs: number } | undefined;

  /** Where the audio placed so far ends. */
  get endTimestamp(): number | undefined {
    return this.#last?.endTimestamp;
  }

  /** Places the next packet in order; `isNewSource` where it is the first of its source. */
  place({ packet, sourceTimestamp }: StoredPacket, isNewSource: boolean): Placement {
    const isBreak = this.#last !== undefined && (isNewSource || this.#isJump(sourceTimestamp, packet.arrivedAtMs));
    if (isBreak) this.#shiftTicks = this.#continuationAt(packet.arrivedAtMs) - sourceTimestamp;
    const timestamp = sourceTimestamp + this.#shiftTicks;
    this.#last = {
      timestamp,
      endTimestamp: timestamp + assumedDurationTicks(packet.payload),
      arrivedAtMs: packet.arrivedAtMs,
    };
    return { timestamp, isBreak };
  }

  #isJump(sourceTimestamp: number, arrivedAtMs: number): boolean {
    if (this.#last === undefined) return false;
    const stepTicks = sourceTimestamp + this.#shiftTicks - this.#last.timestamp;
    const elapsedTicks = Math.max(0, arrivedAtMs - this.#last.arrivedAtMs) * TICKS_PER_MS;
    return stepTicks < 0 || stepTicks > elapsedTicks + JUMP_AHEAD_TICKS;
  }

  #continuationAt(arrivedAtMs: number): number {
    if (this.#last === undefined) return 0;
    const elapsedTicks = Math.round((arrivedAtMs - this.#last.arrivedAtMs) * TICKS_PER_MS);
    return Math.max(this.#last.endTimestamp, this.#last.timestamp + elapsedTicks);
  }
}
