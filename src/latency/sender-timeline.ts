// A sender's RTP timestamps in terms of its wall clock, from its sender reports (RFC 3550 section 6.4.1). Pure.
// A media server hands reports on with timestamps of its own making: both sides of a pair must come from the same receiver.

import { OPUS_CLOCK_HZ } from '../rtp/packet.ts';
import { serialDistance } from '../rtp/serial.ts';
import { BoundedLine, type Interval } from './bounded-line.ts';

/** What a sender report says, as it arrived. */
export interface ReportedTime {
  readonly ssrc: number;
  /** 32 bit, as on the wire. */
  readonly rtpTimestamp: number;
  /** The sender's wall clock, milliseconds since 1970, from the 64 bit NTP timestamp. */
  readonly ntpEpochMs: number;
  readonly arrivedAtMs: number;
}

/** A place on a sender's time line: 32 bit timestamp, as on the wire. */
export interface RtpTime {
  readonly ssrc: number;
  readonly rtpTimestamp: number;
}

/** How a sender comes by the pair in its reports: the RTP timestamp's first sample was captured so long before the NTP time. */
export interface ReportingHabit {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * libwebrtc (browsers, LiveKit's native SDKs) and pion report when a packet was *sent*: never before the last of its 20 ms
 * was captured, and at most a capture block of 10 ms later (`RTCPSender::SetLastRtpTime` without a capture time;
 * pion/interceptor `report.senderStream`).
 */
export const REPORTS_SENDING: ReportingHabit = { leastMs: 20, mostMs: 30 };
/** A sender that reports when the first sample was captured, as we do. */
export const REPORTS_CAPTURE: ReportingHabit = { leastMs: 0, mostMs: 0 };

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

interface Arrival extends RtpTime {
  readonly arrivedAtMs: number;
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
   * has to be learned again, what came before keeps its line. A change of the SSRC needs no packet to be noticed.
   */
  observePacket({ ssrc, rtpTimestamp, arrivedAtMs }: Arrival): void {
    const last = this.#lastPacket;
    this.#lastPacket = { ssrc, rtpTimestamp, arrivedAtMs };
    if (last?.ssrc !== ssrc) return;
    const advancedMs = ticksToMs(serialDistance(last.rtpTimestamp, rtpTimestamp, 32));
    if (arrivedAtMs - last.arrivedAtMs - advancedMs > STANDSTILL_MS) this.#break = { last, noticedAtMs: arrivedAtMs };
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
