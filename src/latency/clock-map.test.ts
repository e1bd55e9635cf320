import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { ClockMap } from './clock-map.ts';

const EPOCH_MS = 1.76e12;

/** A caller's machine and ways, all in terms of our clock. */
interface Caller {
  readonly clockOffsetMs: number;
  readonly clockDriftPpm: number;
  readonly sampleDriftPpm: number;
  /** Their media clock less the one that answers pings. */
  readonly mediaClockMs: number;
  readonly upMs: number;
  readonly downMs: number;
}

const machine: Caller = {
  clockOffsetMs: 500,
  clockDriftPpm: 100,
  sampleDriftPpm: 50,
  mediaClockMs: 0,
  upMs: 1.5,
  downMs: 1.5,
};

class HelpedCaller {
  readonly map: ClockMap;
  readonly ssrc: number;
  readonly #caller: Caller;

  /** `before`: what was learned of the same machine on other ways. */
  constructor(caller: Caller, before?: HelpedCaller) {
    this.#caller = caller;
    this.map = before?.map ?? new ClockMap();
    this.ssrc = before?.ssrc ?? 99;
  }

  rtpTimestampOf(atMs: number): number {
    return wrapSerial(2 ** 32 - 5000 + Math.round(atMs * (1 + this.#caller.sampleDriftPpm / 1e6) * TICKS_PER_MS), 32);
  }

  ping(atMs: number, jitterMs = 0): void {
    const { upMs, downMs } = this.#caller;
    const epochMs = this.#epochOf(atMs + downMs);
    this.map.observeExchange({
      sentAtMs: atMs,
      receivedEpochMs: epochMs,
      answeredEpochMs: epochMs,
      arrivedAtMs: atMs + downMs + upMs + jitterMs,
      resolutionMs: 0.1,
    });
  }

  packet(capturedAtMs: number, { sinceCaptureMs = 22, jitterMs = 0, stated = false } = {}): void {
    const { upMs, mediaClockMs } = this.#caller;
    this.map.observePacket({
      ssrc: this.ssrc,
      rtpTimestamp: this.rtpTimestampOf(capturedAtMs),
      arrivedAtMs: capturedAtMs + sinceCaptureMs + upMs + jitterMs,
      ...(stated && { captureEpochMs: this.#epochOf(capturedAtMs) + mediaClockMs }),
    });
  }

  report(capturedAtMs: number, sinceCaptureMs = 24): void {
    const { upMs, mediaClockMs } = this.#caller;
    this.map.observeReport({
      ssrc: this.ssrc,
      rtpTimestamp: this.rtpTimestampOf(capturedAtMs),
      ntpEpochMs: this.#epochOf(capturedAtMs + sinceCaptureMs) + mediaClockMs,
      arrivedAtMs: capturedAtMs + sinceCaptureMs + upMs,
    });
  }

  captured(atMs: number) {
    return this.map.captureInstant({ ssrc: this.ssrc, rtpTimestamp: this.rtpTimestampOf(atMs) });
  }

  /** Half a minute of pings, speech and reports. */
  speak(options: { readonly stated?: boolean } = {}): this {
    for (let at = 0; at < 30_000; at += 20) {
      if (at % 1000 === 0) this.ping(at, (at / 1000) % 3);
      this.packet(at, { ...options, sinceCaptureMs: 21 + ((at / 20) % 7) });
      if (at % 5000 === 4980) this.report(at, 21 + ((at / 5000) % 4) * 6);
    }
    return this;
  }

  #epochOf(atMs: number): number {
    return EPOCH_MS + this.#caller.clockOffsetMs + atMs * (1 + this.#caller.clockDriftPpm / 1e6);
  }
}

function ms(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true });
}

describe('ClockMap', () => {
  it('says nothing while nobody answers pings, or no packet has come', () => {
    const silent = new HelpedCaller(machine);
    silent.packet(1000);
    silent.report(1000);
    expect(silent.captured(1000)).toBeUndefined();
    const mute = new HelpedCaller(machine);
    mute.ping(1000);
    mute.report(1000);
    expect(mute.captured(1000)).toBeUndefined();
  });

  it('needs a packet and a ping, no sender report: also the first turn of a call has its account', () => {
    const caller = new HelpedCaller(machine);
    caller.ping(500);
    for (let at = 600; at < 1400; at += 20) caller.packet(at);
    const captured = caller.captured(1000);
    expect(captured).toMatchObject({ senderReports: 'absent', captureTimes: 'absent' });
    expect(Math.abs((captured?.atMs ?? NaN) - 1000)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
    expect(captured?.errorMs).toBeLessThan(8);
  });

  it('is sure to 8 ms on a quiet path, half a second of offset and 100 ppm of drift', () => {
    const captured = new HelpedCaller(machine).speak().captured(28_000);
    expect(captured?.senderReports).toBe('agrees');
    expect(captured?.errorMs).toBeLessThan(8);
    expect(Math.abs((captured?.atMs ?? NaN) - 28_000)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
  });

  it('is sure to 4 ms where packets say when they were captured', () => {
    const captured = new HelpedCaller(machine).speak({ stated: true }).captured(28_000);
    expect(captured?.captureTimes).toBe('agrees');
    expect(captured?.errorMs).toBeLessThan(4);
    expect(Math.abs((captured?.atMs ?? NaN) - 28_000)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
  });

  it('widens with unequal ways, 60 ms up and 20 ms down, and still holds', () => {
    const captured = new HelpedCaller({ ...machine, upMs: 60, downMs: 20 }).speak().captured(28_000);
    expect(captured?.errorMs).toBeGreaterThan(30);
    expect(captured?.errorMs).toBeLessThan(50);
    expect(Math.abs((captured?.atMs ?? NaN) - 28_000)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
  });

  it('notices a server that puts its own clock into reports and capture times, and does without', () => {
    const captured = new HelpedCaller({ ...machine, mediaClockMs: -480 }).speak({ stated: true }).captured(28_000);
    expect(captured).toMatchObject({ senderReports: 'contradicts', captureTimes: 'contradicts' });
    expect(Math.abs((captured?.atMs ?? NaN) - 28_000)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
  });

  it('goes on where the way grew longer by 100 ms', () => {
    const caller = new HelpedCaller(machine).speak();
    for (let at = 30_000; at < 40_000; at += 20) {
      caller.packet(at, { jitterMs: 100 });
      if (at % 1000 === 0) caller.ping(at, 100);
    }
    for (const at of [31_000, 35_000, 38_000]) {
      const captured = caller.captured(at);
      expect(Math.abs((captured?.atMs ?? NaN) - at)).toBeLessThanOrEqual(captured?.errorMs ?? NaN);
    }
  });

  it('tells which of the two ways grew longer, minutes ago', () => {
    for (const [downMs, upMs] of [
      [100, 0],
      [0, 100],
    ] as const) {
      const caller = new HelpedCaller(machine).speak();
      for (let at = 30_000; at < 60_000; at += 1000) caller.ping(at, (at / 1000) % 3);
      const before = caller.captured(28_000);
      const longer = new HelpedCaller(
        { ...machine, downMs: machine.downMs + downMs, upMs: machine.upMs + upMs },
        caller,
      );
      const movedMs = (atMs: number): number =>
        (longer.captured(atMs)?.atMs ?? NaN) - atMs - ((before?.atMs ?? NaN) - 28_000);
      let soonMs = NaN;
      for (let at = 60_000; at < 240_000; at += 20) {
        longer.packet(at);
        if (at === 120_000) soonMs = movedMs(118_000);
        if (at % 1000 === 0) longer.ping(at);
        if (at % 5000 === 4980) longer.report(at);
      }
      expect(Math.abs(soonMs)).toBeLessThan(6);
      expect(Math.abs(movedMs(238_000))).toBeLessThan(12);
    }
  });

  it('covers the truth with any clocks, ways, jitter and times to send', () => {
    fc.assert(
      fc.property(
        fc.record({
          clockOffsetMs: ms(-1e6, 1e6),
          clockDriftPpm: ms(-400, 400),
          sampleDriftPpm: ms(-90, 90),
          mediaClockMs: ms(-2, 2),
          upMs: ms(0.1, 300),
          downMs: ms(0.1, 300),
        }),
        fc.array(ms(0, 100), { minLength: 200, maxLength: 400 }),
        fc.array(ms(20, 60), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        ms(0, 1),
        (truth, jitters, sendings, stated, part) => {
          const caller = new HelpedCaller(truth);
          jitters.forEach((jitterMs, index) => {
            if (index % 50 === 0) caller.ping(index * 20, jitters[index % 7] ?? 0);
            // One packet in ten goes as soon as it can.
            const isFast = index % 10 === 0;
            caller.packet(index * 20, { sinceCaptureMs: isFast ? 24 : 45, jitterMs: isFast ? 0 : jitterMs, stated });
          });
          sendings.forEach((sinceCaptureMs, index) => caller.report(index * 1900, sinceCaptureMs));
          const atMs = part * (jitters.length - 1) * 20;
          const captured = caller.captured(atMs);
          const missedBy = Math.abs((captured?.atMs ?? Number.NaN) - atMs);
          expect(missedBy).toBeLessThanOrEqual((captured?.errorMs ?? Number.NaN) + 0.05);
        },
      ),
    );
  });
});
