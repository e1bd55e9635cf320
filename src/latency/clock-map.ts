// When a sample reached the caller's track, on our clock, from its RTP timestamp. Pure. Three independent witnesses, each an
// interval: the fastest packets and the round trip, capture times in the packets, sender reports. The first needs nothing but
// somebody at the caller's side who answers; the other two need a page that answers with its clock.

import type { RtpTime } from '../rtp/packet.ts';
import { Arrivals, type Arrival } from './arrivals.ts';
import { between, type BoundedInstant } from './bounded.ts';
import type { Interval } from './bounded-line.ts';
import { type ClockExchange, PeerClock } from './peer-clock.ts';
import {
  CAPTURE_BLOCK_MS,
  PACKET_MS,
  REPORTS_SENDING,
  type ReportedTime,
  SenderTimeline,
  STATES_CAPTURE,
} from './sender-timeline.ts';
import { TravelTimes } from './travel-times.ts';

/**
 * How far the clock that answers pings and the one that stamps media may be apart on the caller's machine: a browser takes
 * both from the system's clock, each rounded to a millisecond, when the page and when the media process starts.
 */
const SAME_CLOCK_WITHIN_MS = 2;
/** One capture time a second is enough for a line. */
const CAPTURE_TIME_PERIOD_MS = 1000;

/** Of what the packets or their reports say of the caller's clock. */
export type Witness =
  /** Nothing yet. */
  | 'absent'
  /** It lies within what the travel of messages allows. */
  | 'agrees'
  /** It does not: someone on the way put a clock of theirs in its place, or the pings are answered by another one. Not used. */
  | 'contradicts';

export interface CaptureInstant extends BoundedInstant {
  readonly captureTimes: Witness;
  readonly senderReports: Witness;
}

/** One caller's clocks; goes with the caller. */
export class ClockMap {
  /** The clock that answers the pings. */
  readonly peerClock = new PeerClock();
  /** Of messages whose answers told no clock. */
  readonly #roundTrips = new TravelTimes();
  readonly #arrivals = new Arrivals();
  readonly #reported = new SenderTimeline(REPORTS_SENDING);
  readonly #stated = new SenderTimeline(STATES_CAPTURE);
  #statedAtMs = Number.NEGATIVE_INFINITY;

  /** Takes every packet of the caller, in the order of arrival; `captureEpochMs`: its abs-capture-time, if it has one. */
  observePacket(packet: Arrival & { readonly captureEpochMs?: number }): void {
    const stoodStill = this.#reported.observePacket(packet);
    this.#stated.observePacket(packet);
    this.#arrivals.observe(packet, stoodStill);
    const { captureEpochMs, arrivedAtMs } = packet;
    if (captureEpochMs === undefined || arrivedAtMs - this.#statedAtMs < CAPTURE_TIME_PERIOD_MS) return;
    this.#statedAtMs = arrivedAtMs;
    this.#stated.observe({ ...packet, ntpEpochMs: captureEpochMs });
  }

  observeReport(report: ReportedTime): void {
    this.#reported.observe(report);
  }

  /** `false` where the answer can't be true. */
  observeExchange(exchange: ClockExchange): boolean {
    return this.peerClock.observe(exchange);
  }

  /** A message to the caller's side was answered, without a word of their clock. */
  observeRoundTrip(endedAtMs: number, ms: number): void {
    this.#roundTrips.observe(endedAtMs, ms);
  }

  /** The way there and back at that time took no longer than this; undefined where nobody answered. */
  roundTripAround(atMs: number): number | undefined {
    const known = [this.#roundTrips, this.peerClock.roundTrips]
      .map((trips) => trips.fastestAround(atMs))
      .filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** How unequal round trips were around that time. */
  roundTripSpreadAround(atMs: number): number {
    return Math.max(this.#roundTrips.spreadAround(atMs), this.peerClock.roundTrips.spreadAround(atMs));
  }

  /** Undefined while nothing bounds the way that the packet took: no packet or no round trip around that time. */
  captureInstant(time: RtpTime): CaptureInstant | undefined {
    const allowed = this.#allowedByTravel(time);
    if (allowed === undefined) return undefined;
    const stated = narrowed(allowed, this.#onOurClock(this.#stated.captureOf(time)));
    const reported = narrowed(stated.interval, this.#onOurClock(this.#reported.captureOf(time)));
    return {
      ...between(reported.interval.low, reported.interval.high),
      captureTimes: stated.witness,
      senderReports: reported.witness,
    };
  }

  /**
   * A packet is sent when its samples and the rest of their block are captured, and is on its way for no longer than a
   * message of the same seconds, of which only the time there and back may be known: both go through the same server.
   */
  #allowedByTravel(time: RtpTime): Interval | undefined {
    const fastest = this.#arrivals.fastestFor(time);
    const roundTripMs = fastest && this.roundTripAround(fastest.high);
    if (fastest === undefined || roundTripMs === undefined) return undefined;
    const wayMs = Math.min(roundTripMs, this.peerClock.waysBack.fastestAround(fastest.high) ?? Infinity);
    return { low: fastest.low - PACKET_MS - CAPTURE_BLOCK_MS - wayMs, high: fastest.high - PACKET_MS };
  }

  #onOurClock(captured: Interval | undefined): Interval | undefined {
    const earliest = captured && this.peerClock.instantOf(captured.low, SAME_CLOCK_WITHIN_MS);
    const latest = captured && this.peerClock.instantOf(captured.high, SAME_CLOCK_WITHIN_MS);
    return earliest && latest && { low: earliest.atMs - earliest.errorMs, high: latest.atMs + latest.errorMs };
  }
}

function narrowed(
  known: Interval,
  said: Interval | undefined,
): { readonly interval: Interval; readonly witness: Witness } {
  if (said === undefined) return { interval: known, witness: 'absent' };
  const interval = { low: Math.max(known.low, said.low), high: Math.min(known.high, said.high) };
  return interval.low > interval.high ? { interval: known, witness: 'contradicts' } : { interval, witness: 'agrees' };
}
