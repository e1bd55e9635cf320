import { afterEach, describe, expect, it } from 'vitest';
import { type RTCPeerConnection, RtpHeader, type RTCRtpSender } from 'werift';

import { systemClock } from '../../lib/clock.ts';
import { writeAbsCaptureTime } from '../../rtp/abs-capture-time.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import type { SenderReport } from '../../rtp/reports.ts';
import { addSender, closePeers, connected, newPeer } from './peers.fixture.ts';
import { Subscriber } from './subscriber.ts';
import { sendRtp } from './werift-costs.ts';
import { correctSenderReports } from './werift-defects.ts';

const PAYLOAD = Buffer.from('f8fffe', 'hex');

let subscriber: Subscriber | undefined;

afterEach(async () => {
  await subscriber?.close();
  await closePeers();
});

interface Listening {
  readonly sender: RTCRtpSender;
  readonly server: RTCPeerConnection;
  readonly packets: readonly RtpPacket[];
  readonly reports: readonly SenderReport[];
  readonly malformedCount: () => number;
}

/** A subscriber that one peer, in the server's place, has offered an audio track to. */
async function listen(): Promise<Listening> {
  const server = newPeer();
  const { sender, dtlsTransport } = addSender(server);
  const packets: RtpPacket[] = [];
  const reports: SenderReport[] = [];
  let malformedCount = 0;
  const candidates: string[] = [];
  subscriber = new Subscriber({
    iceServers: [],
    loopback: true,
    clock: systemClock,
    onCandidate: (candidate) => candidates.push(candidate),
    onFailed: () => undefined,
    onMalformed: () => (malformedCount += 1),
    onPacket: (packet) => packets.push(packet),
    onSenderReport: (report) => reports.push(report),
    onMessage: () => undefined,
    onSources: () => undefined,
  });
  await server.setLocalDescription(await server.createOffer());
  await offer(server, subscriber);
  for (const candidate of candidates) await server.addIceCandidate(JSON.parse(candidate));
  await connected(dtlsTransport);
  return { sender, server, packets, reports, malformedCount: () => malformedCount };
}

async function offer(server: RTCPeerConnection, to: Subscriber): Promise<void> {
  const answered = Promise.withResolvers<string>();
  await to.answer(server.localDescription?.sdp ?? '', answered.resolve);
  await server.setRemoteDescription({ type: 'answer', sdp: await answered.promise });
}

async function send(
  { dtlsTransport, ...sender }: RTCRtpSender,
  payloadType: number,
  ssrc = sender.ssrc,
): Promise<void> {
  await dtlsTransport.sendRtp(PAYLOAD, new RtpHeader({ sequenceNumber: 1, timestamp: 0, ssrc, payloadType }));
}

describe('Subscriber', () => {
  it('hands on what the track holds, with its source and its instant', async () => {
    const { sender, packets, malformedCount } = await listen();
    const before = systemClock.nowMs();
    sendRtp(sender, new RtpHeader({ sequenceNumber: 5, timestamp: 960 }), PAYLOAD);
    await expect.poll(() => packets).toHaveLength(1);
    expect(packets[0]).toMatchObject({ ssrc: sender.ssrc, payloadType: 111, sequenceNumber: 5, rtpTimestamp: 960 });
    expect(packets[0]?.arrivedAtMs).toBeGreaterThanOrEqual(before);
    expect(malformedCount()).toBe(0);
  });

  it('reads when a packet was captured off its extension', async () => {
    const { sender, packets } = await listen();
    const extensions = [{ id: 2, payload: writeAbsCaptureTime(1_763_856_000_123.5) }];
    sendRtp(sender, new RtpHeader({ sequenceNumber: 5, timestamp: 960, extension: true, extensions }), PAYLOAD);
    sendRtp(sender, new RtpHeader({ sequenceNumber: 6, timestamp: 1920 }), PAYLOAD);
    await expect.poll(() => packets).toHaveLength(2);
    expect(packets[0]?.captureEpochMs).toBeCloseTo(1_763_856_000_123.5, 3);
    expect(packets[1]?.captureEpochMs).toBeUndefined();
  });

  it('reads the wall clock of sender reports to the bit', async () => {
    const { sender, reports } = await listen();
    correctSenderReports(sender, () => ({ epochMs: 1_763_856_000_937.5, rtpTimestamp: 4_294_967_290 }));
    const before = systemClock.nowMs();
    sendRtp(sender, new RtpHeader({ sequenceNumber: 5, timestamp: 960 }), PAYLOAD);
    await expect.poll(() => reports.length, { timeout: 5000 }).toBeGreaterThan(0);
    expect(reports.at(-1)).toMatchObject({ ssrc: sender.ssrc, rtpTimestamp: 4_294_967_290 });
    expect(reports.at(-1)?.ntpEpochMs).toBeCloseTo(1_763_856_000_937.5, 3);
    expect(reports.at(-1)?.arrivedAtMs).toBeGreaterThanOrEqual(before);
  });

  it('counts another payload type than the agreed one as malformed on a track that is ours', async () => {
    const { sender, packets, malformedCount } = await listen();
    await send(sender, 96);
    await expect.poll(malformedCount).toBe(1);
    expect(packets).toEqual([]);
  });

  it('takes packets of a source that is not ours, of whatever type, for legal: a track that goes leaves some behind', async () => {
    const { sender, packets, malformedCount } = await listen();
    await send(sender, 96, 77);
    await expect.poll(() => packets).toHaveLength(1);
    expect(packets[0]).toMatchObject({ ssrc: 77, payloadType: 96 });
    expect(malformedCount()).toBe(0);
  });
});
