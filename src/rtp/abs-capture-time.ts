// The header extension that carries when a packet's first sample was captured:
// http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time, version 1 (8 byte timestamp, 8 byte clock offset optional).

import { epochMsOfNtp, ntpTimestamp } from './ntp.ts';

export const ABS_CAPTURE_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

const SHORT_BYTES = 8;

/** The short form: the clock is our own, as in our sender reports. */
export function writeAbsCaptureTime(epochMs: number): Buffer {
  const payload = Buffer.alloc(SHORT_BYTES);
  payload.writeBigUInt64BE(ntpTimestamp(epochMs));
  return payload;
}

/** Milliseconds since 1970 on the capturing side's clock; undefined where the extension is too short or empty. */
export function readAbsCaptureTime(payload: Buffer): number | undefined {
  if (payload.length < SHORT_BYTES) return undefined;
  const ntp = payload.readBigUInt64BE();
  return ntp === 0n ? undefined : epochMsOfNtp(ntp);
}
