// What RTCP tells, as the rest of the house sees it: RFC 3550 section 6.4 (sender reports, reception report blocks).

import { middleOfNtp, ntpTimestamp } from './ntp.ts';
import { OPUS_CLOCK_HZ } from './packet.ts';
import { serialDistance } from './serial.ts';

/** A sender's word on how its RTP timestamps and its wall clock belong together. */
export interface SenderReport {
  readonly ssrc: number;
  /** 32 bit, as on the wire; of a media server's making where the report came through one. */
  readonly rtpTimestamp: number;
  /** The sender's wall clock, milliseconds since 1970. */
  readonly ntpEpochMs: number;
  /** When it left the socket (monotonic). */
  readonly arrivedAtMs: number;
}

/** How our own track arrives at the next hop, by its own count. */
export interface ReceptionReport {
  /** Since its last report, 0 to 1. */
  readonly fractionLost: number;
  /** Since the beginning; duplicates can make it negative. */
  readonly packetsLost: number;
  /** RFC 3550 section 6.4.1. */
  readonly interarrivalJitterMs: number;
  /** To the next hop and back; undefined before it has had a sender report. */
  readonly roundTripMs: number | undefined;
  readonly arrivedAtMs: number;
}

/** The fields of a reception report block, as on the wire. */
export interface ReportBlock {
  /** 8 bit, of 256. */
  readonly fractionLost: number;
  /** 24 bit, two's complement. */
  readonly packetsLost: number;
  readonly jitter: number;
  /** LSR: the middle 32 bits of the last sender report's NTP timestamp; 0 where there was none. */
  readonly lastReport: number;
  /** DLSR: units of 2⁻¹⁶ s. */
  readonly delaySinceLastReport: number;
}

const NTP_UNITS_PER_MS = 65.536;

/** `arrivedEpochMs`: by the clock that our sender reports are written from. */
export function receptionReport(
  block: ReportBlock,
  arrived: { readonly atMs: number; readonly epochMs: number },
): ReceptionReport {
  return {
    fractionLost: block.fractionLost / 256,
    packetsLost: (block.packetsLost << 8) >> 8,
    interarrivalJitterMs: (block.jitter * 1000) / OPUS_CLOCK_HZ,
    roundTripMs: roundTripMs(block, arrived.epochMs),
    arrivedAtMs: arrived.atMs,
  };
}

/** RFC 3550 section 6.4.1: A − LSR − DLSR. Less than nothing, which rounding can make of a short way, is nothing. */
function roundTripMs({ lastReport, delaySinceLastReport }: ReportBlock, epochMs: number): number | undefined {
  if (lastReport === 0) return undefined;
  const sinceReport = serialDistance(lastReport, middleOfNtp(ntpTimestamp(epochMs)), 32);
  return Math.max(0, (sinceReport - delaySinceLastReport) / NTP_UNITS_PER_MS);
}
