import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type RTCDtlsTransport, RtcpSrPacket, RtpHeader, RtpPacket } from 'werift';

import { ntpTimestamp } from '../../rtp/ntp.ts';
import { addSender, closePeers, connected, negotiate, newPeer, required } from './peers.fixture.ts';
import {
  answerAsDtlsServer,
  correctSenderReports,
  forgetDefaultStunServer,
  guardDatagrams,
  keepEarlyHandshake,
  pruneReceivers,
  skipUsedRecordNumbers,
} from './werift-defects.ts';

afterEach(closePeers);

const speech = (sequenceNumber: number, payload = Buffer.from('f8fffe', 'hex')): RtpPacket =>
  new RtpPacket(new RtpHeader({ sequenceNumber, timestamp: sequenceNumber * 960, payloadType: 111 }), payload);

/** A DTLS record of that content type and epoch. */
function record(contentType: number, epoch: number, body: string): Buffer {
  const header = Buffer.from([contentType, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, 0, body.length / 2]);
  return Buffer.concat([header, Buffer.from(body, 'hex')]);
}

describe('correctSenderReports', () => {
  it('makes the reports that reach the other side tell an instant on both clocks', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const { sender, dtlsTransport } = addSender(offering);
    const instant = { epochMs: 1_700_000_000_937.5, rtpTimestamp: 4242 };
    correctSenderReports(sender, () => instant);
    const reports: RtcpSrPacket[] = [];
    await negotiate(offering, answering, (transport) => {
      transport.onRtcp.subscribe((packet) => {
        if (packet instanceof RtcpSrPacket) reports.push(packet);
      });
    });
    await connected(dtlsTransport);
    const [receiving] = answering.dtlsTransports;
    const reported = required(receiving).onRtcp.watch((packet) => packet instanceof RtcpSrPacket, 10_000);
    await sender.sendRtp(speech(7));
    await reported;
    expect(reports[0]?.senderInfo).toMatchObject({
      ntpTimestamp: ntpTimestamp(instant.epochMs),
      rtpTimestamp: instant.rtpTimestamp,
    });
  });
});

describe('guardDatagrams', () => {
  it('lets no forged or malformed datagram through or throw, counts it, and goes on with what is right', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const { sender, dtlsTransport } = addSender(offering);
    let malformedCount = 0;
    let stampCount = 0;
    const received: number[] = [];
    await negotiate(offering, answering, (transport) => {
      guardDatagrams(transport, { onDatagram: () => (stampCount += 1), onMalformed: () => (malformedCount += 1) });
      transport.onRtp.subscribe(({ header }) => received.push(header.sequenceNumber));
    });
    const receiving = required(answering.dtlsTransports[0]);
    await Promise.all([connected(dtlsTransport), connected(receiving)]);
    const { connection } = receiving.iceTransport;

    // A header extension that claims 256 KB: what werift would spend minutes on.
    const bomb = Buffer.alloc(1400, 0x10);
    Buffer.from('906f0001000000010000000abedeffff', 'hex').copy(bomb);
    const forged = [bomb, Buffer.of(0x80), Buffer.from('8f6f0001', 'hex'), Buffer.alloc(12, 0x80), Buffer.alloc(0)];
    for (const datagram of forged) connection.onData.execute(datagram);
    const mediaBytes = fc.tuple(fc.integer({ min: 128, max: 191 }), fc.uint8Array({ maxLength: 120 }));
    fc.assert(
      fc.property(mediaBytes, ([first, rest]) => {
        connection.onData.execute(Buffer.of(first, ...rest));
      }),
      { numRuns: 500 },
    );
    expect(stampCount).toBe(forged.length - 1 + 500);
    // DTLS: noise, and an alert that tells us to close.
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 63 }), fc.uint8Array({ maxLength: 120 }), (first, rest) => {
        connection.onData.execute(Buffer.of(first, ...rest));
      }),
      { numRuns: 500 },
    );
    connection.onData.execute(record(21, 0, '0100'));
    connection.onData.execute(record(40, 0, '0100'));
    expect(received).toEqual([]);
    expect(malformedCount).toBeGreaterThan(100);
    expect(receiving.state).toBe('connected');

    const countBefore = malformedCount;
    connection.onData.execute(record(21, 1, 'aabb'));
    expect(malformedCount, 'an encrypted alert is legal').toBe(countBefore);
    expect(receiving.state).toBe('connected');

    const arrived = receiving.onRtp.watch(({ header }) => header.sequenceNumber === 9, 10_000);
    await sender.sendRtp(speech(9));
    await arrived;
    expect(received).toEqual([9]);
  });
});

describe('keepEarlyHandshake', () => {
  it('keeps what comes before werift is ready, and delivers it once it is', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    addSender(offering);
    const delivered: string[] = [];
    await offering.setLocalDescription(await offering.createOffer());
    await answering.setRemoteDescription(required(offering.localDescription));
    const transport = required(answering.dtlsTransports[0]);
    const { onData } = transport.iceTransport.connection;
    onData.subscribe((datagram) => delivered.push(datagram.toString()));
    keepEarlyHandshake(transport);
    onData.execute(Buffer.from('early'));
    expect(delivered).toEqual([]);
    transport.onStateChange.execute('connecting');
    await Promise.resolve();
    onData.execute(Buffer.from('late'));
    expect(delivered).toEqual(['early', 'late']);
  });

  it('connects two peers', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const { dtlsTransport } = addSender(offering);
    await negotiate(offering, answering, keepEarlyHandshake);
    await connected(dtlsTransport);
    expect(dtlsTransport.role).toBe('server');
  });
});

describe('answerAsDtlsServer', () => {
  it('makes the other side begin', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const { dtlsTransport } = addSender(offering);
    await negotiate(offering, answering, answerAsDtlsServer);
    await connected(dtlsTransport);
    expect(dtlsTransport.role).toBe('client');
  });
});

describe('skipUsedRecordNumbers', () => {
  it('lets no two encrypted records of a connection have the same number, in either role', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const channel = offering.createDataChannel('x');
    const transports: RTCDtlsTransport[] = [];
    const numbers: number[][] = [[], []];
    const watch = (transport: RTCDtlsTransport): void => {
      const sent = required(numbers[transports.push(transport) - 1]);
      const { connection } = transport.iceTransport;
      const send = connection.send.bind(connection);
      connection.send = async (datagram) => {
        // RFC 6347 section 4.1: type, version, epoch, sequence number.
        if (datagram.readUInt8(0) < 64 && datagram.readUInt16BE(3) === 1) sent.push(datagram.readUIntBE(5, 6));
        await send(datagram);
      };
      skipUsedRecordNumbers(transport);
    };
    forgetDefaultStunServer(required(offering.dtlsTransports[0]));
    watch(required(offering.dtlsTransports[0]));
    const received: string[] = [];
    const all = Promise.withResolvers<void>();
    answering.onDataChannel.subscribe((remote) => {
      remote.onMessage.subscribe((message) => {
        remote.send(message);
        if (received.push(message.toString()) === 20) all.resolve();
      });
    });
    await negotiate(offering, answering, watch);
    await channel.stateChanged.watch((state) => state === 'open', 10_000);
    for (let count = 0; count < 20; count += 1) channel.send(`${count}`);
    await all.promise;
    for (const sent of numbers) {
      expect(sent.length).toBeGreaterThan(8);
      expect(new Set(sent).size).toBe(sent.length);
    }
  });
});

describe('forgetDefaultStunServer', () => {
  it('leaves a peer that was given no STUN server without one', () => {
    const { dtlsTransport } = newPeer().addTransceiver('audio', { direction: 'sendonly' });
    const { connection } = dtlsTransport.iceTransport;
    expect(connection.stunServer).toBeDefined();
    forgetDefaultStunServer(dtlsTransport);
    expect(connection.stunServer).toBeUndefined();
  });
});

describe('pruneReceivers', () => {
  it('forgets SSRCs that are gone, everywhere werift keeps them, and no others', async () => {
    const [offering, answering] = [newPeer(), newPeer()];
    const senders = [addSender(offering).sender, addSender(offering).sender];
    await negotiate(offering, answering);
    const receiving = required(answering.dtlsTransports[0]);
    await Promise.all([connected(required(offering.dtlsTransports[0])), connected(receiving)]);
    const arrivals = senders.map(async ({ ssrc }) =>
      receiving.onRtp.watch(({ header }) => header.ssrc === ssrc, 10_000),
    );
    await Promise.all(senders.map(async (sender) => sender.sendRtp(speech(1))));
    await Promise.all(arrivals);
    const known = (): number[] =>
      answering.getReceivers().flatMap((receiver) => Object.keys(receiver.trackBySSRC).map(Number));
    const [gone = 0, live = 0] = senders.map(({ ssrc }) => ssrc);
    expect(new Set(known())).toEqual(new Set([gone, live]));
    pruneReceivers(answering, new Map([[live, 'TR_a']]));
    expect(known()).toEqual([live]);
    const routed = Object.keys(answering['router'].ssrcTable);
    expect(routed).toContain(String(live));
    expect(routed).not.toContain(String(gone));
    const remembered = answering.getReceivers().flatMap((receiver) => Object.keys(receiver['remoteStreams']));
    expect(remembered).toEqual([String(live)]);
  });
});
