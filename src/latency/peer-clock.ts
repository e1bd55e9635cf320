// The other side's clock in terms of ours, from pings that it answers (as NTP: RFC 5905 section 8). Pure.

import { between, type BoundedInstant } from './bounded.ts';
import { BoundedLine, MAX_DRIFT_PPM } from './bounded-line.ts';
import { TravelTimes } from './travel-times.ts';

/** One ping: sent and answered on our clock, received and sent back on theirs. */
export interface ClockExchange {
  readonly sentAtMs: number;
  /** Their clock, milliseconds since 1970. */
  readonly receivedEpochMs: number;
  /** Their clock: when the answer left. */
  readonly answeredEpochMs: number;
  readonly arrivedAtMs: number;
  /** How coarse their clock is; browsers round theirs. */
  readonly resolutionMs: number;
}

/**
 * Their reading `receivedEpochMs` lies between our sending and our receiving, less what they took to answer: that much is
 * certain however unequal the two ways are, and half of it is the error of one exchange. Many exchanges, one drift: see
 * `BoundedLine`.
 */
export class PeerClock {
  readonly #line = new BoundedLine();
  /** Of the exchanges, their time to answer taken off. */
  readonly roundTrips = new TravelTimes();
  /**
   * The most that the way back alone can have been, by what was known of the clock then: less than the round trip where the way
   * there has grown longer since the clock was learned.
   */
  readonly waysBack = new TravelTimes();

  /** Takes an exchange; `false`, and nothing learned, where it can't have been so. */
  observe({ sentAtMs, receivedEpochMs, answeredEpochMs, arrivedAtMs, resolutionMs }: ClockExchange): boolean {
    const answeringMs = answeredEpochMs - receivedEpochMs;
    const leastAnsweringMs = Math.max(0, answeringMs * (1 - MAX_DRIFT_PPM / 1e6) - resolutionMs);
    const roundTripMs = arrivedAtMs - sentAtMs - leastAnsweringMs;
    if (answeringMs < 0 || !(roundTripMs >= 0)) return false;
    this.#line.observe({
      x: receivedEpochMs,
      // A clock that shows whole steps is up to one step ahead of what it shows.
      low: sentAtMs - resolutionMs,
      high: sentAtMs + roundTripMs,
    });
    this.roundTrips.observe(arrivedAtMs, roundTripMs);
    const { low: leftAtMs } = this.#line.at(answeredEpochMs) ?? { low: sentAtMs };
    this.waysBack.observe(arrivedAtMs, arrivedAtMs - leftAtMs);
    return true;
  }

  /** When their clock read this, which may be off by as much as `errorMs`; undefined before the first exchange. */
  instantOf(epochMs: number, errorMs = 0): BoundedInstant | undefined {
    const reading = this.#line.at(epochMs);
    const marginMs = errorMs * (1 + MAX_DRIFT_PPM / 1e6);
    return reading && between(reading.low - marginMs, reading.high + marginMs);
  }
}
