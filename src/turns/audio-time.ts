// How long something has lasted on a line that may stall: neither more than the clock says nor more than was heard.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { TurnState } from './state.ts';

export interface Moment {
  readonly atMs: number;
  /** Audio time: extended RTP timestamp. */
  readonly timestamp: number;
}

export function momentOf({ reachedTimestamp }: TurnState, nowMs: number): Moment {
  return { atMs: nowMs, timestamp: reachedTimestamp };
}

/**
 * Milliseconds since a moment. A stalled line isn't silence, nor is a leap of its time. A mute is, and so is a line that has
 * been dead for long: audio time goes on there. Without any audio there is only the clock.
 */
export function passedMs({ reachedTimestamp }: TurnState, since: Moment, nowMs: number): number {
  const byClockMs = nowMs - since.atMs;
  if (reachedTimestamp === 0) return byClockMs;
  return Math.min(byClockMs, (reachedTimestamp - since.timestamp) / TICKS_PER_MS);
}
