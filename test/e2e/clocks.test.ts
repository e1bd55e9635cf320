// What a real LiveKit server leaves of the clocks of a sender: its sender reports and capture times, as others receive them.
// Both sides are ours and share a machine, so both clocks are known.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../../src/lib/clock.ts';
import { Ticker } from '../../src/lib/ticker.ts';
import { FRAME_MS, FRAME_TICKS, type RtpPacket, TICKS_PER_MS } from '../../src/rtp/packet.ts';
import type { SenderReport } from '../../src/rtp/reports.ts';
import { serialDistance, wrapSerial } from '../../src/rtp/serial.ts';
import { startLivekitServer, type TestLivekitServer } from './livekit-server.ts';
import { OurSide } from './room-fixture.ts';

/** A timestamp of the sender's own, and when it was due. */
interface Sent {
  readonly sequenceNumber: number;
  readonly capturedAtMs: number;
}

const SILENCE = Buffer.from('f8fffe', 'hex');

let server: TestLivekitServer;

beforeAll(async () => {
  server = await startLivekitServer();
});

afterAll(async () => {
  await server.close();
});

describe('through the server', () => {
  it('sender reports and capture times stay in the clock of the sender, while its timestamps are replaced', async () => {
    const sender = await OurSide.join({ server, room: 'clocks', identity: 'sender' });
    const listener = await OurSide.join({ server, room: 'clocks', identity: 'listener' });
    const packets: RtpPacket[] = [];
    const reports: SenderReport[] = [];
    listener.room.subscribeAudio('sender', {
      onPacket: (packet) => packets.push(packet),
      onMuted: () => undefined,
      onSenderReport: (report) => reports.push(report),
    });
    const sent: Sent[] = [];
    const startedAtMs = systemClock.nowMs();
    const ticker = new Ticker(systemClock, FRAME_MS, () => {
      const sequenceNumber = sent.length;
      // Due at regular times, and sent a little later, as a busy machine does.
      const capturedAtMs = startedAtMs + sequenceNumber * FRAME_MS - 5;
      sent.push({ sequenceNumber, capturedAtMs });
      sender.room.sendAudio({
        sequenceNumber,
        rtpTimestamp: wrapSerial(2 ** 32 - 100 * FRAME_TICKS + sequenceNumber * FRAME_TICKS, 32),
        marker: sequenceNumber === 0,
        payload: SILENCE,
        audioLevelDbov: 127,
        capturedAtMs,
      });
    });
    await expect.poll(() => new Set(reports.map(({ rtpTimestamp }) => rtpTimestamp)).size, { timeout: 20_000 }).toBe(3);
    await expect.poll(() => packets.some(({ captureEpochMs }) => captureEpochMs !== undefined)).toBe(true);
    ticker.stop();

    const { epochOffsetMs } = sender.room;
    const dueEpochsMs = sent.map(({ capturedAtMs }) => capturedAtMs + epochOffsetMs);
    // Verbatim: each is the instant of a packet, to the fraction of a millisecond.
    const captured = packets.filter(({ captureEpochMs }) => captureEpochMs !== undefined);
    for (const { captureEpochMs = Number.NaN } of captured) {
      expect(Math.min(...dueEpochsMs.map((dueMs) => Math.abs(dueMs - captureEpochMs)))).toBeLessThan(0.01);
    }
    // Every report, carried on by the server or not, places each packet at that same instant.
    for (const report of reports) {
      for (const { rtpTimestamp, captureEpochMs = Number.NaN } of captured) {
        const sinceMs = serialDistance(report.rtpTimestamp, rtpTimestamp, 32) / TICKS_PER_MS;
        expect(Math.abs(report.ntpEpochMs + sinceMs - captureEpochMs)).toBeLessThan(0.5);
      }
    }
    const { receptionReport } = sender.room;
    expect(receptionReport).toMatchObject({ fractionLost: 0 });
    expect(receptionReport?.roundTripMs).toBeLessThan(1000);
    await listener.room.close();
    await sender.room.close();
  });
});
