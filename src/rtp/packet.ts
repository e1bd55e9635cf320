// RTP packets as the rest of the house sees them (RFC 3550 section 5.1), and the Opus payload's clock (RFC 7587 section 4.1).

/** The RTP clock of Opus is 48000 Hz whatever the sampling rate is. */
export const OPUS_CLOCK_HZ = 48_000;
/** Ticks of the Opus RTP clock in one millisecond. */
export const TICKS_PER_MS = OPUS_CLOCK_HZ / 1000;
/** A frame is 20 ms everywhere in this program. */
export const FRAME_MS = 20;
/** Ticks of one frame. */
export const FRAME_TICKS = FRAME_MS * TICKS_PER_MS;

/** A place on a source's time line, as on the wire. */
export interface RtpTime {
  /** 32 bit synchronisation source. */
  readonly ssrc: number;
  /** 32 bit, wraps; 48000 Hz for Opus. */
  readonly rtpTimestamp: number;
}

/** A packet as it came from the network. */
export interface RtpPacket extends RtpTime {
  /** 7 bit payload type. */
  readonly payloadType: number;
  /** 16 bit, wraps from 65535 to 0. */
  readonly sequenceNumber: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
  /** When its first sample was captured, by the clock of whoever says so (ms since 1970); see `abs-capture-time.ts`. */
  readonly captureEpochMs?: number;
  /** When it left the socket, as near to it as can be (monotonic). */
  readonly arrivedAtMs: number;
}

/** A packet to send; the room adds SSRC and payload type. */
export interface OutgoingRtpPacket {
  readonly sequenceNumber: number;
  readonly rtpTimestamp: number;
  /** First packet of a talkspurt (RFC 3551 section 4.1). */
  readonly marker: boolean;
  readonly payload: Uint8Array;
  /** RFC 6464: level of the frame in −dBov, 0 (loudest) to 127 (silence). */
  readonly audioLevelDbov: number;
  /** When its first sample belongs in time (monotonic): what receivers are told of the timestamp. Default: when it is sent. */
  readonly capturedAtMs?: number;
}
