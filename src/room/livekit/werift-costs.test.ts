import { KeyObject } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  RtcpRrPacket,
  RtcpSrPacket,
  RtpHeader,
  type RTCDtlsTransport,
  type RTCRtpSender,
  type RtpPacket,
} from 'werift';

import { addSender, closePeers, connected, negotiate, newPeer, required } from './peers.fixture.ts';
import { askForPromptAcknowledgement, keepSecretKeys, sendRtp, takeRtp } from './werift-costs.ts';

const PAYLOAD = Buffer.from('f8fffe', 'hex');

interface Pair {
  readonly sender: RTCRtpSender;
  readonly sending: RTCDtlsTransport;
  readonly receiving: RTCDtlsTransport;
  readonly taken: readonly RtpPacket[];
}

afterEach(closePeers);

/** Two peers, connected; the answering one takes packets from the transport. */
async function connectedPair(): Promise<Pair> {
  const [offering, answering] = [newPeer(), newPeer()];
  const { sender, dtlsTransport } = addSender(offering);
  const taken: RtpPacket[] = [];
  keepSecretKeys(dtlsTransport);
  await negotiate(offering, answering, (transport) => {
    keepSecretKeys(transport);
    takeRtp(answering, transport, (packet) => taken.push(packet));
  });
  const receiving = required(answering.dtlsTransports[0]);
  await Promise.all([connected(dtlsTransport), connected(receiving)]);
  return { sender, sending: dtlsTransport, receiving, taken };
}

function header(sequenceNumber: number, properties: Partial<RtpHeader> = {}): RtpHeader {
  return new RtpHeader({ sequenceNumber, timestamp: sequenceNumber * 960, ...properties });
}

describe('keepSecretKeys', () => {
  it('leaves no cipher of a connection with a key that Node has to convert for each packet', async () => {
    const pair = await connectedPair();
    for (const transport of [pair.sending, pair.receiving]) {
      for (const { localContext, remoteContext } of [transport.srtp, transport.srtcp]) {
        const { cipher } = localContext;
        expect(cipher.srtpSessionKey).toBeInstanceOf(KeyObject);
        expect(remoteContext.cipher.srtcpSessionKey).toBeInstanceOf(KeyObject);
      }
    }
  });
});

describe('sendRtp and takeRtp', () => {
  it('carry packets in order, each with its header, its extension and its payload', async () => {
    const { taken, ...pair } = await connectedPair();
    const sent = [65_534, 65_535, 0, 1];
    for (const sequenceNumber of sent) {
      const extensions = [{ id: 1, payload: Buffer.of(30) }];
      sendRtp(
        pair.sender,
        header(sequenceNumber, { marker: sequenceNumber === 0, extension: true, extensions }),
        PAYLOAD,
      );
    }
    await expect.poll(() => taken.length).toBe(sent.length);
    expect(taken.map((packet) => packet.header.sequenceNumber)).toEqual(sent);
    for (const { header: received, payload } of taken) {
      expect(received).toMatchObject({
        ssrc: pair.sender.ssrc,
        payloadType: 111,
        timestamp: received.sequenceNumber * 960,
        marker: received.sequenceNumber === 0,
        extensions: [{ id: 1, payload: Buffer.of(30) }],
      });
      expect(payload).toEqual(PAYLOAD);
    }
  });

  it('takes the padding off', async () => {
    const { taken, ...pair } = await connectedPair();
    const padded = Buffer.concat([PAYLOAD, Buffer.of(0, 0, 3)]);
    sendRtp(pair.sender, header(7, { padding: true }), padded);
    await expect.poll(() => taken.length).toBe(1);
    expect(taken[0]?.payload).toEqual(PAYLOAD);
  });

  it('let reports tell each side what was sent and what came', async () => {
    const pair = await connectedPair();
    const ofSender = pair.receiving.onRtcp.watch((packet) => packet instanceof RtcpSrPacket, 10_000);
    const ofReceiver = pair.sending.onRtcp.watch(
      (packet) => packet instanceof RtcpRrPacket && packet.reports.length > 0,
      10_000,
    );
    for (const sequenceNumber of [10, 11, 13]) sendRtp(pair.sender, header(sequenceNumber), PAYLOAD);
    const [[senderReport], [receiverReport]] = await Promise.all([ofSender, ofReceiver]);
    expect(senderReport).toMatchObject({
      ssrc: pair.sender.ssrc,
      senderInfo: { rtpTimestamp: 13 * 960, packetCount: 3, octetCount: 9 },
    });
    expect(receiverReport).toMatchObject({
      reports: [{ ssrc: pair.sender.ssrc, highestSequence: 13, packetsLost: 1 }],
    });
  });

  it('throw a forged packet at the transport, and go on with what is right', async () => {
    const { taken, ...pair } = await connectedPair();
    const { onData } = pair.receiving.iceTransport.connection;
    const forged = Buffer.concat([
      header(3, { ssrc: pair.sender.ssrc, payloadType: 111 }).serialize(12),
      Buffer.alloc(30),
    ]);
    expect(() => onData.execute(forged)).toThrow('authenticate');
    sendRtp(pair.sender, header(4), PAYLOAD);
    await expect.poll(() => taken.map((packet) => packet.header.sequenceNumber)).toEqual([4]);
  });
});

describe('askForPromptAcknowledgement', () => {
  it('marks what is sent, and nothing else; it arrives as it would', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const channel = offering.createDataChannel('messages');
    const { sctp } = channel.sctp;
    const sent: { readonly type: number; readonly flags: number }[] = [];
    const send = sctp.sendChunk.bind(sctp);
    sctp.sendChunk = (chunk) => {
      sent.push({ type: chunk.type, flags: chunk.flags });
      return send(chunk);
    };
    askForPromptAcknowledgement(channel.sctp);
    const messages: string[] = [];
    answering.onDataChannel.subscribe(({ onMessage }) =>
      onMessage.subscribe((message) => messages.push(message.toString())),
    );
    await negotiate(offering, answering);
    await expect.poll(() => channel.readyState).toBe('open');
    channel.send('hello');
    await expect.poll(() => messages).toEqual(['hello']);
    const { data = [], others = [] } = Object.groupBy(sent, ({ type }) => (type === 0 ? 'data' : 'others'));
    expect(data.map(({ flags }) => flags & 0x08)).toEqual([8, 8]);
    expect(others.map(({ flags }) => flags & 0x08)).not.toContain(8);
  });
});
