// When a caller heard a sample of ours, where their side tells nothing: an interval that follows from the round trip and from
// what WebRTC receivers do. Pure. Not for telephones, behind whose bridge there is another network.

import { between } from './bounded.ts';
import type { HeardMarks } from './turn-account.ts';

/**
 * NetEq, the receiver of all that is built on libwebrtc (browsers, LiveKit's native SDKs), aims at this delay after the fastest
 * packets until it has measured (`delay_manager.cc`, kStartDelayMs); a network more unequal than that makes it aim at the 95 %
 * quantile of what packets lag behind the fastest, in steps of 20 ms (`underrun_optimizer.cc`, kBucketSizeMs).
 */
const START_TARGET_MS = 80;
const TARGET_STEP_MS = 20;
/** It lets the delay be so much above its target before it takes packets early (`decision_logic.cc`, half of kTargetLevelWindowMs). */
const ABOVE_TARGET_MS = 50;
/** It gives audio out in blocks of this length; and the sample may be this far into its packet. */
export const RECEIVER_BLOCK_MS = 10;
const INTO_PACKET_MS = 10;

export interface KnownWay {
  /** There and back, at most. */
  readonly roundTripMs: number;
  /** How unequal round trips are. */
  readonly spreadMs: number;
}

/** Of a sample whose packet was sent at `sentAtMs`. */
export function estimatedHearing(sentAtMs: number, { roundTripMs, spreadMs }: KnownWay): HeardMarks {
  const targetMs = Math.max(START_TARGET_MS, spreadMs + TARGET_STEP_MS);
  const receiverMs = targetMs + Math.max(ABOVE_TARGET_MS, spreadMs + TARGET_STEP_MS) + RECEIVER_BLOCK_MS;
  return {
    delivered: between(sentAtMs, sentAtMs + roundTripMs + spreadMs),
    played: between(sentAtMs, sentAtMs + roundTripMs + receiverMs + INTO_PACKET_MS),
    basis: 'estimated',
  };
}
