// What werift 0.25.2 gets wrong on the media path, and the way around each, in this one place. Each has a test.
// Also avoided: its jitter buffer and RED handler, and tracks of reused transceivers (sdp.ts maps SSRCs instead).

import type { RTCDtlsTransport, RTCPeerConnection, RTCRtpSender } from 'werift';
import { ntpTimestamp } from '../../rtp/ntp.ts';
import { isMedia, judgeMedia, judgeRecords, type Verdict } from './datagrams.ts';
import { keepSecretKeys } from './werift-costs.ts';

/** Beyond what a handshake can use up: eleven records a flight, each repeated at most ten times. */
const FIRST_FREE_RECORD_NUMBER = 1024;
/** A ClientHello is one or two datagrams; a few repetitions may follow. */
const MAX_EARLY_DATAGRAMS = 8;
export interface DatagramListener {
  /** Called before anything else is done with a media packet: the place to look at the clock. */
  readonly onDatagram: () => void;
  /** A packet was dropped because it could not be parsed, or was forged. */
  readonly onMalformed: () => void;
}

/** All that a new transport needs, before candidates are gathered for it. */
export function prepareTransport(transport: RTCDtlsTransport, listener: DatagramListener): void {
  forgetDefaultStunServer(transport);
  keepEarlyHandshake(transport);
  skipUsedRecordNumbers(transport);
  keepSecretKeys(transport);
  guardDatagrams(transport, listener);
}

/** An instant of a sender, on its wall clock and on its RTP time line (32 bit). */
export interface ReportedInstant {
  readonly epochMs: number;
  readonly rtpTimestamp: number;
}

/**
 * werift writes the decimals of the seconds into the NTP fraction, so its sender reports are wrong by up to a second, and
 * pairs the time with the timestamp of a packet that was due at another. Makes the sender report what `reported` returns,
 * which it is asked for as a report is written.
 */
export function correctSenderReports(sender: RTCRtpSender, reported: () => ReportedInstant): void {
  replaceProperty(sender, 'ntpTimestamp', () => ntpTimestamp(reported().epochMs));
  replaceProperty(sender, 'rtpTimestamp', () => reported().rtpTimestamp);
}

/** What werift assigns is discarded. */
function replaceProperty(owner: object, name: string, get: () => unknown): void {
  Object.defineProperty(owner, name, { get, set: discard });
}

function discard(): void {
  // A setter must be there: assigning without one throws.
}

/**
 * werift asks a STUN server of Google's when it is given none, and waits five seconds where that doesn't answer.
 * Must be called before candidates are gathered.
 */
export function forgetDefaultStunServer({ iceTransport }: RTCDtlsTransport): void {
  delete iceTransport.connection.stunServer;
}

/**
 * As a DTLS client werift sleeps 100 ms before its first message. Makes an answer say that we are the server.
 * Must be called between the offer and the answer; an offer leaves the choice to the other side (RFC 8842 section 5.2).
 */
export function answerAsDtlsServer(transport: RTCDtlsTransport): void {
  if (transport.role === 'auto') transport.role = 'server';
}

/**
 * As a DTLS server werift drops the other side's first message when that comes before its own ICE agent is done, and
 * the repetition comes 100 ms later. Keeps early messages until they can be taken.
 */
export function keepEarlyHandshake(transport: RTCDtlsTransport): void {
  const { onData } = transport.iceTransport.connection;
  const deliver = onData.execute;
  let early: Buffer[] | undefined = [];
  onData.execute = (datagram) => {
    if (early === undefined) deliver(datagram);
    else if (early.length < MAX_EARLY_DATAGRAMS) early.push(datagram);
  };
  transport.onStateChange.once(() => {
    // werift makes its DTLS server right after it has told of the new state.
    queueMicrotask(() => {
      const kept = early ?? [];
      early = undefined;
      for (const datagram of kept) deliver(datagram);
    });
  });
}

/**
 * werift numbers the record that ends the handshake on from those before it (RFC 6347 section 4.1 wants 0 in the new
 * epoch), then counts from 1: the data record that gets the same number again is dropped as a replay, and with it a
 * message that comes only when SCTP repeats it, a second later. Counts on from a number that nothing has used.
 */
export function skipUsedRecordNumbers(transport: RTCDtlsTransport): void {
  transport.onStateChange.subscribe((state) => {
    if (state === 'connected' && transport.dtls !== undefined) {
      transport.dtls.dtls.recordSequenceNumber = FIRST_FREE_RECORD_NUMBER;
    }
  });
}

/**
 * werift parses a packet's header extensions before it authenticates the packet, in time quadratic in a length that
 * the packet claims: one forged datagram stops the process for minutes. It obeys alerts and new handshakes of DTLS that
 * nobody authenticated: another one ends the call. It lets parse errors travel up to the socket. Puts a check in front
 * of it all: what doesn't pass goes no further, and is reported to `onMalformed` where it isn't legal.
 */
export function guardDatagrams(transport: RTCDtlsTransport, { onDatagram, onMalformed }: DatagramListener): void {
  const { onData } = transport.iceTransport.connection;
  const deliver = onData.execute;
  onData.execute = (datagram) => {
    const verdict = judge(datagram, transport.state);
    if (isMedia(datagram)) onDatagram();
    try {
      if (verdict === 'accept') deliver(datagram);
      else if (verdict === 'refuse') onMalformed();
    } catch {
      onMalformed();
    }
  };
}

function judge(datagram: Buffer, state: RTCDtlsTransport['state']): Verdict {
  if (isMedia(datagram)) return judgeMedia(datagram);
  return state === 'connected' ? judgeRecords(datagram) : 'accept';
}

/**
 * werift keeps every SSRC it ever received in its router, its receivers and its receiver reports. Forgets all but
 * `liveSsrcs`, so that a call in which a caller leaves and comes back a thousand times stays as small as at its start.
 */
export function pruneReceivers(peer: RTCPeerConnection, liveSsrcs: ReadonlyMap<number, unknown>): void {
  const { ssrcTable } = peer['router'];
  for (const receiver of peer.getReceivers()) {
    const tables = [receiver.trackBySSRC, receiver['remoteStreams'], receiver.lastSRtimestamp];
    for (const ssrc of Object.keys(receiver.trackBySSRC)) {
      if (liveSsrcs.has(Number(ssrc))) continue;
      for (const table of tables) delete table[Number(ssrc)];
      delete ssrcTable[Number(ssrc)];
    }
    const gone = receiver.tracks.filter(({ ssrc }) => ssrc !== undefined && !liveSsrcs.has(ssrc));
    for (const track of gone) receiver.tracks.splice(receiver.tracks.indexOf(track), 1);
  }
}
