import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { ClockMap } from './clock-map.ts';

const EPOCH_MS = 1.76e12;
const SSRC = 99;

function ms(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true });
}

/** A caller's machine: how its wall clock reads, how its timestamps run, all in terms of ours. */
interface Caller {
  readonly clockOffsetMs: number;
  readonly clockDriftPpm: number;
  readonly sampleDriftPpm: number;
  readonly ntpOffsetMs: number;
}

function helped(map: ClockMap, caller: Caller) {
  const epochOf = (atMs: number): number => EPOCH_MS + caller.clockOffsetMs + atMs * (1 + caller.clockDriftPpm / 1e6);
  const rtpTimestampOf = (atMs: number): number =>
    wrapSerial(2 ** 32 - 5000 + Math.round(atMs * (1 + caller.sampleDriftPpm / 1e6) * TICKS_PER_MS), 32);
  return {
    rtpTimestampOf,
    ping: (atMs: number, thereMs: number, backMs: number): void => {
      const epochMs = epochOf(atMs + thereMs);
      map.observeExchange({
        sentAtMs: atMs,
        receivedEpochMs: epochMs,
        answeredEpochMs: epochMs,
        arrivedAtMs: atMs + thereMs + backMs,
        resolutionMs: 0.1,
      });
    },
    report: (capturedAtMs: number, sinceCaptureMs: number): void => {
      map.observeReport({
        ssrc: SSRC,
        rtpTimestamp: rtpTimestampOf(capturedAtMs),
        ntpEpochMs: epochOf(capturedAtMs + sinceCaptureMs) + caller.ntpOffsetMs,
        arrivedAtMs: capturedAtMs + sinceCaptureMs + 40,
      });
    },
  };
}

describe('ClockMap', () => {
  const machine: Caller = { clockOffsetMs: 500, clockDriftPpm: 100, sampleDriftPpm: 50, ntpOffsetMs: 0 };

  it('says nothing with reports alone, nor with pings alone', () => {
    const reports = new ClockMap();
    const withReports = helped(reports, machine);
    withReports.report(3000, 25);
    expect(
      reports.captureInstant({ ssrc: SSRC, rtpTimestamp: withReports.rtpTimestampOf(3000) }, 9999),
    ).toBeUndefined();
    const pings = new ClockMap();
    const withPings = helped(pings, machine);
    withPings.ping(1000, 20, 20);
    expect(pings.captureInstant({ ssrc: SSRC, rtpTimestamp: withPings.rtpTimestampOf(3000) }, 9999)).toBeUndefined();
  });

  it('is bounded by the arrival of the packet, and says nothing that contradicts it', () => {
    const map = new ClockMap();
    const caller = helped(map, machine);
    caller.ping(1000, 60, 60);
    caller.report(3000, 25);
    const time = { ssrc: SSRC, rtpTimestamp: caller.rtpTimestampOf(3000) };
    const free = map.captureInstant(time, 9999);
    const bound = map.captureInstant(time, 3010);
    expect((bound?.atMs ?? NaN) + (bound?.errorMs ?? NaN)).toBeCloseTo(3010, 6);
    expect(bound?.errorMs).toBeLessThan(free?.errorMs ?? NaN);
    expect(map.captureInstant(time, 2000)).toBeUndefined();
  });

  it('covers the truth with any clocks, ways and times to send', () => {
    fc.assert(
      fc.property(
        fc.record({
          clockOffsetMs: ms(-1e6, 1e6),
          clockDriftPpm: ms(-400, 400),
          sampleDriftPpm: ms(-90, 90),
          ntpOffsetMs: ms(-2, 2),
        }),
        fc.array(fc.tuple(ms(0, 200), ms(0, 200)), { minLength: 1, maxLength: 40 }),
        fc.array(ms(20, 30), { minLength: 1, maxLength: 12 }),
        ms(0, 60_000),
        (truth, ways, sendings, capturedAtMs) => {
          const map = new ClockMap();
          const caller = helped(map, truth);
          ways.forEach(([thereMs, backMs], index) => caller.ping(index * 1500, thereMs, backMs));
          sendings.forEach((sinceCaptureMs, index) => caller.report((index + 1) * 5000, sinceCaptureMs));
          const time = { ssrc: SSRC, rtpTimestamp: caller.rtpTimestampOf(capturedAtMs) };
          const instant = map.captureInstant(time, capturedAtMs + 30);
          const missedBy = Math.abs((instant?.atMs ?? Number.NaN) - capturedAtMs);
          expect(missedBy).toBeLessThanOrEqual((instant?.errorMs ?? Number.NaN) + 0.05);
        },
      ),
    );
  });

  it('is sure to 9 ms on a quiet path with a page that helps, half a second of offset and 100 ppm of drift', () => {
    const map = new ClockMap();
    const caller = helped(map, machine);
    for (let at = 0; at < 60_000; at += 2000) caller.ping(at, 1 + ((at / 2000) % 3), 1.5);
    for (let at = 5000; at <= 60_000; at += 5000) caller.report(at, 20.5 + ((at / 5000) % 5));
    const instant = map.captureInstant({ ssrc: SSRC, rtpTimestamp: caller.rtpTimestampOf(58_000) }, 58_040);
    expect(instant?.errorMs).toBeLessThan(9);
    expect(Math.abs((instant?.atMs ?? NaN) - 58_000)).toBeLessThan(9);
  });
});
