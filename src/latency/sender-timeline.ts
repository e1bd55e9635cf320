// A sender's RTP timestamps in terms of its wall clock, from its sender reports (RFC 3550 section 6.4.1). Pure.
// A media server hands reports on with timestamps of its own making: both sides of a pair must come from the same receiver.

import { OPUS_CLOCK_HZ, type RtpTime } from '../rtp/packet.ts';
import { serialDistance } from '../rtp/serial.ts';
import type { Arrival } from './arrivals.ts';
import { BoundedLine, type Interval } from './bounded-line.ts';

/** What a sender report says, as it arrived. */
export interface ReportedTime extends RtpTime {
  /** The sender's wall clock, milliseconds since 1970, from the 64 bit NTP timestamp. */
  readonly ntpEpochMs: number;
  readonly arrivedAtMs: number;
}

/** How long before the time that a sender states the first sample with that timestamp was captured. */
export interface ReportingHabit {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Packets of speech hold 20 ms: none is sent before its last sample was captured. */
export const PACKET_MS = 20;
/** Senders take audio in blocks of 10 ms (libwebrtc, `AudioFrame`): the last sample may have waited for the rest of its block. */
export const CAPTURE_BLOCK_MS = 10;

/**
 * libwebrtc (browsers, LiveKit's native SDKs) and pion report when a packet was *sent* (`RTCPSender::SetLastRtpTime` without
 * a capture time; pion/interceptor `report.senderStream`). That is never too early, and late by as much as the sender's
 * threads were: up to 15 ms from report to report with browsers on a busy machine; 30 ms are allowed for.
 */
export const REPORTS_SENDING: ReportingHabit = { leastMs: PACKET_MS, mostMs: PACKET_MS + CAPTURE_BLOCK_MS + 30 };
/** A sender that states when the first sample was captured, to the millisecond: abs-capture-time, and what we report. */
export const STATES_CAPTURE: ReportingHabit = { leastMs: -0.5, mostMs: 0.5 };

/** Lines that are kept: the present one, and those before for turns that are accounted late. */
const MAX_SEGMENTS = 3;
/** Timestamps that lag behind the arrivals by this much at once stood still; networks hold a packet back less, as a rule. */
const STANDSTILL_MS = 150;
/**
 * A server goes on reporting, by its own clock, from the last report that it got. Senders report at least every 5 s
 * (libwebrtc for audio, RFC 3550 section 6.2), so until then a report that follows the line of before proves nothing.
 */
const STALE_REPORTS_MS = 6000;

/** A stretch in which timestamps and wall clock advanced together. */
interface Segment {
  readonly ssrc: number;
  /** Where it begins; undefined: with the source. */
  readonly fromTimestamp: number | undefined;
  /** Timestamps are counted from this one, which keeps them small and unwrapped. */
  readonly origin: number;
  readonly line: BoundedLine;
}

/** The sender stood still after `last`: what follows lies on a line of which nothing is known yet. */
interface Break {
  readonly last: RtpTime;
  readonly noticedAtMs: number;
}

export class SenderTimeline {
  readonly #habit: ReportingHabit;
  #segments: readonly Segment[] = [];
  #break: Break | undefined;
  #lastPacket: Arrival | undefined;

  constructor(habit: ReportingHabit) {
    this.#habit = habit;
  }

  /**
   * Takes note of a packet, in the order of arrival. A sender that was muted may have stood still meanwhile: what comes after
   * has to be learned again, what came before keeps its line. Says whether that was so. A change of the SSRC needs no packet
   * to be noticed.
   */
  observePacket({ ssrc, rtpTimestamp, arrivedAtMs }: Arrival): boolean {
    const last = this.#lastPacket;
    this.#lastPacket = { ssrc, rtpTimestamp, arrivedAtMs };
    if (last?.ssrc !== ssrc) return false;
    const advancedMs = ticksToMs(serialDistance(last.rtpTimestamp, rtpTimestamp, 32));
    const stoodStill = arrivedAtMs - last.arrivedAtMs - advancedMs > STANDSTILL_MS;
    if (stoodStill) this.#break = { last, noticedAtMs: arrivedAtMs };
    return stoodStill;
  }

  observe({ ssrc, rtpTimestamp, ntpEpochMs, arrivedAtMs }: ReportedTime): void {
    const high = ntpEpochMs - this.#habit.leastMs;
    const low = ntpEpochMs - this.#habit.mostMs;
    if (this.#isStale({ ssrc, rtpTimestamp, arrivedAtMs }, { low, high })) return;
    const { line, origin } = this.#segmentFor(ssrc, rtpTimestamp);
    line.observe({ x: ticksToMs(serialDistance(origin, rtpTimestamp, 32)), low, high });
  }

  /** When a sample was captured, on the sender's wall clock; undefined where no report tells. */
  captureOf(time: RtpTime): Interval | undefined {
    return this.#isBeyondBreak(time) ? undefined : this.#on(this.#segments, time);
  }

  #on(segments: readonly Segment[], { ssrc, rtpTimestamp }: RtpTime): Interval | undefined {
    const segment = segments.findLast(
      (one) =>
        one.ssrc === ssrc &&
        (one.fromTimestamp === undefined || serialDistance(one.fromTimestamp, rtpTimestamp, 32) > 0),
    );
    return segment?.line.at(ticksToMs(serialDistance(segment.origin, rtpTimestamp, 32)));
  }

  #isBeyondBreak({ ssrc, rtpTimestamp }: RtpTime): boolean {
    const last = this.#break?.last;
    return last?.ssrc === ssrc && serialDistance(last.rtpTimestamp, rtpTimestamp, 32) > 0;
  }

  /** Whether a report after a break may only carry on the line of before. */
  #isStale(report: Arrival, reading: Interval): boolean {
    if (this.#break === undefined || !this.#isBeyondBreak(report)) return false;
    if (report.arrivedAtMs - this.#break.noticedAtMs > STALE_REPORTS_MS) return false;
    const before = this.#on(this.#segments, report);
    return before !== undefined && reading.low <= before.high && reading.high >= before.low;
  }

  #segmentFor(ssrc: number, rtpTimestamp: number): Segment {
    const isBeyondBreak = this.#isBeyondBreak({ ssrc, rtpTimestamp });
    const newest = this.#segments.at(-1);
    if (newest?.ssrc === ssrc && !isBeyondBreak) return newest;
    const fromTimestamp = isBeyondBreak ? this.#break?.last.rtpTimestamp : undefined;
    const segment = { ssrc, fromTimestamp, origin: rtpTimestamp, line: new BoundedLine() };
    this.#segments = [...this.#segments, segment].slice(-MAX_SEGMENTS);
    this.#break = undefined;
    return segment;
  }
}

function ticksToMs(ticks: number): number {
  return (ticks * 1000) / OPUS_CLOCK_HZ;
}
