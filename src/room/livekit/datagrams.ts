// What a datagram of a media connection is, and whether it may be let in, by the bytes that nobody has authenticated yet.
// RFC 7983 section 7 (who is who on one port), RFC 3550 section 5, RFC 5761 section 4, RFC 6347 section 4.1.

const RTP_FIXED_HEADER_BYTES = 12;
const RECORD_HEADER_BYTES = 13;
/** RFC 6347 section 4.3.1, RFC 5246 section 6.2.1. */
const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 };
/** First byte of the handshake message that begins another handshake. */
const CLIENT_HELLO = 1;
/** RFC 8285 section 4: what we or LiveKit send needs a few tens of bytes. */
const MAX_EXTENSION_BYTES = 256;

/** `ignore`: legal and of no use to us. `refuse`: nothing that the other side should send. */
export type Verdict = 'accept' | 'ignore' | 'refuse';

/** RTP or RTCP, as opposed to STUN, DTLS and TURN channels (RFC 7983 section 7). */
export function isMedia(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0;
  return first >= 128 && first <= 191;
}

/** Media that isn't RTCP. */
export function isRtp(datagram: Uint8Array): boolean {
  return isMedia(datagram) && !isRtcp(datagram);
}

/** RFC 5761 section 4: RTCP has its packet type where RTP has marker and payload type. The range is werift's. */
function isRtcp(datagram: Uint8Array): boolean {
  const second = datagram[1] ?? 0;
  return second >= 192 && second <= 208;
}

/** A media packet: RTCP, or RTP whose header fits into it. */
export function judgeMedia(datagram: Uint8Array): Verdict {
  return isRtcp(datagram) || isWellFormedRtp(datagram) ? 'accept' : 'refuse';
}

/** Whether the header that a packet announces (RFC 3550 section 5) fits into it, with a plausible extension. */
export function isWellFormedRtp(packet: Uint8Array): boolean {
  const flags = packet[0] ?? 0;
  if (flags >> 6 !== 2) return false;
  const fixedBytes = RTP_FIXED_HEADER_BYTES + 4 * (flags & 0x0f);
  if ((flags & 0x10) === 0) return packet.length >= fixedBytes;
  if (packet.length < fixedBytes + 4) return false;
  const extensionBytes = 4 * (((packet[fixedBytes + 2] ?? 0) << 8) | (packet[fixedBytes + 3] ?? 0));
  return extensionBytes <= MAX_EXTENSION_BYTES && packet.length >= fixedBytes + 4 + extensionBytes;
}

/**
 * DTLS records (RFC 6347 section 4.1) for a connection that is established: data, or the end of the handshake repeated.
 * Encrypted alerts are ignored, in which the other side says that it closes: signalling and ICE's consent checks tell of
 * the end. Whatever else there is would begin something anew, and nobody has authenticated it.
 */
export function judgeRecords(datagram: Buffer): Verdict {
  let verdict: Verdict = 'accept';
  let offset = 0;
  while (offset + RECORD_HEADER_BYTES < datagram.length) {
    const contentType = datagram.readUInt8(offset);
    const epoch = datagram.readUInt16BE(offset + 3);
    const beginsHandshake = epoch === 0 && datagram.readUInt8(offset + RECORD_HEADER_BYTES) === CLIENT_HELLO;
    if (contentType === CONTENT_TYPE.alert && epoch > 0) {
      verdict = 'ignore';
    } else if (contentType === CONTENT_TYPE.handshake) {
      if (beginsHandshake) return 'refuse';
    } else if (contentType !== CONTENT_TYPE.data && contentType !== CONTENT_TYPE.changeCipherSpec) {
      return 'refuse';
    }
    offset += RECORD_HEADER_BYTES + datagram.readUInt16BE(offset + 11);
  }
  return offset === datagram.length ? verdict : 'refuse';
}
