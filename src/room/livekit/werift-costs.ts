// What werift 0.25.2 spends on every packet without need, and the way around each, in this one place. Each has a test.
// What it keeps count of for its reports (RFC 3550 section 6.4) goes on as before.

import { createSecretKey } from 'node:crypto';
import {
  RTCRtpReceiver,
  RtpPacket,
  type RTCDtlsTransport,
  type RTCPeerConnection,
  type RTCRtpSender,
  type RTCSctpTransport,
  type RtpHeader,
} from 'werift';
import { isRtp } from './datagrams.ts';

/** The properties of werift's ciphers that hold keys; the last two only where packets are authenticated by HMAC. */
const KEYS = ['srtpSessionKey', 'srtcpSessionKey', 'srtpSessionAuthTag', 'srtcpSessionAuthTag'] as const;

/**
 * werift makes a cipher for each packet, with its key as bytes. Node then finds out that bytes are no `KeyObject` by an
 * exception, stack trace included, which takes longer than the encryption. Makes `KeyObject`s of the keys once.
 * Must be called before the transport is connected.
 */
export function keepSecretKeys(transport: RTCDtlsTransport): void {
  transport.onStateChange.subscribe((state) => {
    if (state !== 'connected') return;
    for (const { localContext, remoteContext } of [transport.srtp, transport.srtcp]) {
      for (const { cipher } of [localContext, remoteContext]) {
        for (const name of KEYS) {
          const key: unknown = Reflect.get(cipher, name);
          if (Buffer.isBuffer(key)) Reflect.set(cipher, name, createSecretKey(key));
        }
      }
    }
  });
}

/**
 * werift hands a packet on through four events, each of which makes a promise, and parses and copies its header for tracks
 * that nobody reads. Takes packets as they come from the transport: decrypts them, counts them where receiver reports
 * are made, and gives them to `onRtp`. `transport.onRtp` and the tracks hear of none. A forged packet is thrown at the
 * caller of the transport's `onData`. Must be called before `guardDatagrams`, which then stands in front.
 */
export function takeRtp(
  peer: RTCPeerConnection,
  transport: RTCDtlsTransport,
  onRtp: (packet: RtpPacket) => void,
): void {
  const { onData } = transport.iceTransport.connection;
  const deliver = onData.execute;
  onData.execute = (datagram) => {
    if (transport.state !== 'connected' || !isRtp(datagram)) {
      deliver(datagram);
      return;
    }
    const [plain, header] = transport.srtp.remoteContext.decryptRtp(datagram);
    const packet = new RtpPacket(header, plain.subarray(header.payloadOffset, plain.length - header.paddingSize));
    const receiver = peer['router'].ssrcTable[header.ssrc];
    if (receiver instanceof RTCRtpReceiver) receiver['handleRTP'](packet, {});
    onRtp(packet);
  };
}

/**
 * werift's `sendRtp` copies the header, sorts its extensions, keeps the packet for retransmissions that nobody asks for
 * in audio, and takes the time three times, on the way through six promises. Does what sender reports need, and sends.
 * Only for a transport that is connected; a packet that is lost on the way out is lost like any other.
 */
export function sendRtp(sender: RTCRtpSender, header: RtpHeader, payload: Buffer): void {
  const { dtlsTransport, codec } = sender;
  if (codec === undefined || sender.stopped) return;
  header.ssrc = sender.ssrc;
  header.payloadType = codec.payloadType;
  sender['rtpTimestamp'] = header.timestamp;
  sender['octetCount'] += payload.length;
  sender['packetCount'] = (sender['packetCount'] + 1) >>> 0;
  const encrypted = dtlsTransport.srtp.encrypt(payload, header);
  // Fails where the way is gone: the packet is lost, and that the way is gone ICE consent tells.
  dtlsTransport.iceTransport.connection.send(encrypted).catch(() => undefined);
  if (!sender.rtcpRunning) void sender.runRtcp();
}

/** SCTP's chunk type of data, and its flag that asks for an acknowledgement without delay (RFC 9260 section 3.3.1, RFC 7053). */
const DATA_CHUNK = 0;
const SACK_IMMEDIATELY = 0x08;

/**
 * The server acknowledges a message of ours up to 200 ms later, which wakes the process once more. Asks for it at once: it then
 * comes together with what the message has brought about.
 */
export function askForPromptAcknowledgement({ sctp }: RTCSctpTransport): void {
  const send = sctp.sendChunk.bind(sctp);
  sctp.sendChunk = (chunk) => {
    if (chunk.type === DATA_CHUNK) chunk.flags |= SACK_IMMEDIATELY;
    return send(chunk);
  };
}
