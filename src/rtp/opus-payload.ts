// What can be read off an Opus payload without decoding it: RFC 6716 section 3.1 (TOC byte) and 3.2 (packet framing).

import { FRAME_TICKS, TICKS_PER_MS } from './packet.ts';

/** RFC 6716 section 3.2.1 R5: no packet holds more than 120 ms. */
const LONGEST_PACKET_TICKS = 120 * TICKS_PER_MS;
/** Opus sends DTX frames of one or two bytes; some encoders pad them by one more. Speech never fits into three. */
const LONGEST_DTX_BYTES = 3;
/** RFC 6716 table 2: 10, 20, 40 and 60 ms. */
const SILK_FRAME_TICKS = [480, 960, 1920, 2880];

/** Whether the encoder says with this packet that it stops sending until there is something to hear (DTX). */
export function isDtxPayload(payload: Uint8Array): boolean {
  return payload.length <= LONGEST_DTX_BYTES;
}

/**
 * How much audio a payload holds, in ticks of the 48 kHz RTP clock: 120 (2.5 ms) to 5760 (120 ms).
 * `undefined` where the framing is malformed.
 */
export function payloadDurationTicks(payload: Uint8Array): number | undefined {
  const toc = payload[0];
  if (toc === undefined) return undefined;
  const frameCount = payloadFrameCount(toc, payload[1]);
  const ticks = frameTicks(toc >> 3) * frameCount;
  return frameCount === 0 || ticks > LONGEST_PACKET_TICKS ? undefined : ticks;
}

/** Like `payloadDurationTicks`, but a payload that can't be read counts as one frame of 20 ms, as callers send them. */
export function assumedDurationTicks(payload: Uint8Array): number {
  return payloadDurationTicks(payload) ?? FRAME_TICKS;
}

/**
 * The TOC byte of a 20 ms packet with one frame, in the mode, bandwidth and channel count of `toc`. Alone it is a packet
 * with an empty frame, for which a decoder conceals exactly 20 ms.
 */
export function concealmentToc(toc: number): number {
  const config = toc >> 3;
  const stereoBit = toc & 0b100;
  return (config20Ms(config) << 3) | stereoBit;
}

/** RFC 6716 table 2: the configuration of the same mode and bandwidth with frames of 20 ms. */
function config20Ms(config: number): number {
  if (config < 12) return (config & ~0b11) | 1;
  if (config < 16) return config | 1;
  return config | 0b11;
}

/** RFC 6716 table 2: after SILK's come hybrid with 10 or 20 ms and CELT with 2.5, 5, 10 or 20 ms. */
function frameTicks(config: number): number {
  if (config < 12) return SILK_FRAME_TICKS[config & 0b11] ?? FRAME_TICKS;
  if (config < 16) return ((config & 1) === 0 ? 10 : 20) * TICKS_PER_MS;
  return 2.5 * TICKS_PER_MS * 2 ** (config & 0b11);
}

/** RFC 6716 section 3.2: codes 0 to 2 are one or two frames, code 3 has the count in the next byte. */
function payloadFrameCount(toc: number, countByte: number | undefined): number {
  const code = toc & 0b11;
  if (code === 3) return (countByte ?? 0) & 0b111111;
  return code === 0 ? 1 : 2;
}
