// PCM on its way from the caller to VAD and STT.

import type { RtpTime } from '../rtp/packet.ts';

/** The rate at which callers are decoded: what VAD and STT want. */
export const LISTENING_RATE_HZ = 16_000;

/** How a frame of the caller's audio came about. */
export type FrameOrigin = 'received' | 'concealed' | 'silence';

/** Mono 16 bit PCM at 16 kHz, usually 20 ms (320 samples), with its place on the caller's RTP time line. */
export interface AudioFrame {
  readonly samples: Int16Array;
  /** Extended (never wrapping) RTP timestamp of the first sample, 48000 Hz ticks. */
  readonly timestamp: number;
  readonly origin: FrameOrigin;
  /** Where the first sample lies on the sender's own time line; absent for frames that nobody sent. */
  readonly source?: RtpTime;
  /** When it was decoded; absent for frames that nobody sent. */
  readonly decodedAtMs?: number;
  /** When the packet it came from arrived; for frames nobody sent, when they were made (monotonic). */
  readonly arrivedAtMs: number;
}
