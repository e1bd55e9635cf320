// RTP packets for tests: an Opus-like sender whose n-th packet is 20 ms after the one before.

import { FRAME_MS, FRAME_TICKS, type RtpPacket } from '../../src/rtp/packet.ts';
import { wrapSerial } from '../../src/rtp/serial.ts';

/** TOC of SILK wideband, 20 ms, one frame. */
const TOC = 9 << 3;

export interface SimulatedSender {
  readonly ssrc?: number;
  readonly firstSequenceNumber?: number;
  readonly firstTimestamp?: number;
  readonly firstSentAtMs?: number;
}

/** Packet `index` of a sender, as it arrives `delayMs` after it was sent; its payload tells its index. */
export function simulatedPacket(
  { ssrc = 1, firstSequenceNumber = 0, firstTimestamp = 0, firstSentAtMs = 1000 }: SimulatedSender,
  index: number,
  {
    delayMs = 0,
    dtx = false,
    frame = index,
  }: { readonly delayMs?: number; readonly dtx?: boolean; readonly frame?: number } = {},
): RtpPacket {
  return {
    ssrc,
    payloadType: 111,
    sequenceNumber: wrapSerial(firstSequenceNumber + index, 16),
    rtpTimestamp: wrapSerial(firstTimestamp + frame * FRAME_TICKS, 32),
    marker: false,
    payload: dtx ? Uint8Array.of(TOC) : Uint8Array.of(TOC, index & 0xff, (index >> 8) & 0xff, 0, 0),
    arrivedAtMs: firstSentAtMs + frame * FRAME_MS + delayMs,
  };
}
