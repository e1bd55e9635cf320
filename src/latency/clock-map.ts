// From a caller's RTP timestamp to our clock: by its sender reports to its wall clock, and by pings from there to ours. Pure.
// Either alone says nothing of when a sample was captured: then the answer is `undefined`.

import { between, type BoundedInstant } from './bounded.ts';
import { type ClockExchange, PeerClock } from './peer-clock.ts';
import {
  REPORTS_SENDING,
  type ReportedTime,
  type ReportingHabit,
  type RtpTime,
  SenderTimeline,
} from './sender-timeline.ts';

export interface ClockMapOptions {
  /** How the caller's reports come about. Default: when a packet was sent, as browsers do. */
  readonly habit?: ReportingHabit;
  /**
   * How far the clock that answers pings and the one in the sender reports may be apart on the caller's machine. Default
   * 2 ms: a browser takes both from the system's clock, each rounded to a millisecond, when the page and the media
   * process start.
   */
  readonly sameClockWithinMs?: number;
}

/** One caller's clocks; goes with the caller. */
export class ClockMap {
  /** The clock that answered the pings. */
  readonly peerClock = new PeerClock();
  readonly #timeline: SenderTimeline;
  readonly #sameClockWithinMs: number;

  constructor({ habit = REPORTS_SENDING, sameClockWithinMs = 2 }: ClockMapOptions = {}) {
    this.#timeline = new SenderTimeline(habit);
    this.#sameClockWithinMs = sameClockWithinMs;
  }

  observeReport(report: ReportedTime): void {
    this.#timeline.observe(report);
  }

  /** `false` where the answer can't be true. */
  observeExchange(exchange: ClockExchange): boolean {
    return this.peerClock.observe(exchange);
  }

  /** See `SenderTimeline.observePacket`. */
  observePacket(packet: RtpTime & { readonly arrivedAtMs: number }): void {
    this.#timeline.observePacket(packet);
  }

  /**
   * When the sample with this timestamp reached the caller's track. `notAfterMs`: when its packet was here, which bounds it
   * from above whatever the clocks say. Undefined where reports or pings are missing, or where they contradict that.
   */
  captureInstant(time: RtpTime, notAfterMs: number): BoundedInstant | undefined {
    const captured = this.#timeline.captureOf(time);
    if (captured === undefined) return undefined;
    const earliest = this.peerClock.instantOf(captured.low, this.#sameClockWithinMs);
    const latest = this.peerClock.instantOf(captured.high, this.#sameClockWithinMs);
    if (earliest === undefined || latest === undefined) return undefined;
    const earliestMs = earliest.atMs - earliest.errorMs;
    if (earliestMs > notAfterMs) return undefined;
    return between(earliestMs, Math.min(latest.atMs + latest.errorMs, notAfterMs));
  }
}
