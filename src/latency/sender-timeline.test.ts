import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { STATES_CAPTURE, REPORTS_SENDING, SenderTimeline } from './sender-timeline.ts';

const EPOCH_MS = 1.76e12;

/** A sender whose timestamps start at `base`, as it is heard `delayMs` later. */
function sender(timeline: SenderTimeline, ssrc: number, base: number, delayMs = 30) {
  const rtpTimestampAt = (atMs: number): number => wrapSerial(base + Math.round(atMs * TICKS_PER_MS), 32);
  return {
    rtpTimestampAt,
    packet: (atMs: number, tickAtMs = atMs): void => {
      timeline.observePacket({ ssrc, rtpTimestamp: rtpTimestampAt(tickAtMs), arrivedAtMs: atMs + delayMs });
    },
    report: (atMs: number, { tickAtMs = atMs, sinceCaptureMs = 0 } = {}): void => {
      timeline.observe({
        ssrc,
        rtpTimestamp: rtpTimestampAt(tickAtMs),
        ntpEpochMs: EPOCH_MS + atMs + sinceCaptureMs,
        arrivedAtMs: atMs + delayMs,
      });
    },
    captured: (tickAtMs: number) => timeline.captureOf({ ssrc, rtpTimestamp: rtpTimestampAt(tickAtMs) }),
  };
}

describe('SenderTimeline', () => {
  it('knows nothing before the first report, and afterwards also what came before it', () => {
    const timeline = new SenderTimeline(STATES_CAPTURE);
    const caller = sender(timeline, 7, 2 ** 32 - 1000);
    expect(caller.captured(1000)).toBeUndefined();
    caller.report(3000);
    const captured = caller.captured(1000);
    expect(captured?.low).toBeLessThanOrEqual(EPOCH_MS + 1000);
    expect(captured?.high).toBeGreaterThanOrEqual(EPOCH_MS + 1000);
    expect((captured?.high ?? NaN) - (captured?.low ?? NaN)).toBeLessThan(3.1);
  });

  it('takes off what lies between the first sample of a packet and its sending', () => {
    const timeline = new SenderTimeline(REPORTS_SENDING);
    const caller = sender(timeline, 7, 99);
    caller.report(3000, { sinceCaptureMs: 24 });
    expect(caller.captured(3000)).toEqual({ low: EPOCH_MS + 2964, high: EPOCH_MS + 3004 });
  });

  it('learns again for another SSRC, and still knows the one before', () => {
    const timeline = new SenderTimeline(STATES_CAPTURE);
    const before = sender(timeline, 7, 1000);
    before.report(3000);
    const after = sender(timeline, 8, 500_000);
    expect(after.captured(4000)).toBeUndefined();
    after.report(6000);
    expect(after.captured(6000)?.low).toBeCloseTo(EPOCH_MS + 5999.5, 3);
    expect(before.captured(3000)?.low).toBeCloseTo(EPOCH_MS + 2999.5, 3);
  });

  it('learns again after a mute in which the timestamps stood still, whatever the server makes of the last report', () => {
    const timeline = new SenderTimeline(STATES_CAPTURE);
    const caller = sender(timeline, 7, 1000);
    caller.report(3000);
    caller.packet(4000);
    // Ten seconds of mute, in which the sender's time line did not advance.
    caller.packet(14_020, 4020);
    expect(caller.captured(4020)).toBeUndefined();
    expect(Math.abs((caller.captured(4000)?.low ?? NaN) - EPOCH_MS - 4000)).toBeLessThan(1.5);
    // The server carries the old report on.
    caller.report(14_500);
    expect(caller.captured(14_500)).toBeUndefined();
    caller.report(16_000, { tickAtMs: 6000 });
    expect(caller.captured(6000)?.low).toBeCloseTo(EPOCH_MS + 15_999.5, 3);
    expect(Math.abs((caller.captured(4000)?.low ?? NaN) - EPOCH_MS - 4000)).toBeLessThan(1.5);
  });

  it('goes on after a mute in which the timestamps went on', () => {
    const timeline = new SenderTimeline(STATES_CAPTURE);
    const caller = sender(timeline, 7, 1000);
    caller.report(3000);
    caller.packet(4000);
    caller.packet(14_000);
    expect(Math.abs((caller.captured(14_000)?.low ?? NaN) - EPOCH_MS - 14_000)).toBeLessThan(7);
  });

  it('believes reports that follow the old line once they would have changed', () => {
    const timeline = new SenderTimeline(STATES_CAPTURE);
    const caller = sender(timeline, 7, 1000);
    caller.report(3000);
    caller.packet(4000);
    // A packet that the network held back for 200 ms looks like a sender that stood still.
    timeline.observePacket({ ssrc: 7, rtpTimestamp: caller.rtpTimestampAt(5000), arrivedAtMs: 5230 });
    caller.report(6000);
    expect(caller.captured(6000)).toBeUndefined();
    caller.report(12_000);
    expect(caller.captured(12_000)?.low).toBeCloseTo(EPOCH_MS + 11_999.5, 3);
  });

  it('covers the truth for any start, drift and time to send, through the wrap of the timestamps', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 65_530, 2 ** 31, 2 ** 32 - 100, 2 ** 32 - 48_000 * 20),
        fc.double({ min: -490, max: 490, noNaN: true }),
        fc.array(fc.double({ min: 20, max: 60, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (base, driftPpm, sinceCaptureMs, part) => {
          const timeline = new SenderTimeline(REPORTS_SENDING);
          const rate = 1 + driftPpm / 1e6;
          const rtpTimestampAt = (atMs: number): number => wrapSerial(base + Math.round(atMs * TICKS_PER_MS), 32);
          sinceCaptureMs.forEach((ms, index) => {
            const atMs = (index + 1) * 5000;
            timeline.observe({
              ssrc: 7,
              rtpTimestamp: rtpTimestampAt(atMs),
              ntpEpochMs: EPOCH_MS + atMs * rate + ms,
              arrivedAtMs: atMs,
            });
          });
          const atMs = part * sinceCaptureMs.length * 5000;
          const captured = timeline.captureOf({ ssrc: 7, rtpTimestamp: rtpTimestampAt(atMs) });
          const tickMs = 1 / TICKS_PER_MS;
          expect(captured?.low).toBeLessThanOrEqual(EPOCH_MS + atMs * rate + tickMs);
          expect(captured?.high).toBeGreaterThanOrEqual(EPOCH_MS + atMs * rate - tickMs);
        },
      ),
    );
  });
});
