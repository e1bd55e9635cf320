// What a receiver's statistics say of the packets that come after a pause: how many came, when the last one did, and how long
// they waited. For callers who don't see RTP. Pure.

/** Running totals of one audio track (https://www.w3.org/TR/webrtc-stats, `inbound-rtp`). */
export interface Inbound {
  readonly packetCount: number;
  /** When the last one came: milliseconds since 1970. */
  readonly lastPacketEpochMs: number;
  /** `jitterBufferDelay`: seconds of waiting, summed over samples. */
  readonly delaySampleSeconds: number;
  readonly emittedSamples: number;
}

/** `[epochMs, count, bufferedMs]`, as `repartee.playout` has it. */
export type Received = readonly [epochMs: number, count: number, bufferedMs: number];

const PAUSE_MS = 100;
const PACKET_MS = 20;

export class ReceiverWatch {
  #last: Inbound | undefined;
  /** Before the first packet after a pause. */
  #before: Inbound | undefined;

  /** Takes the next look, at least two in `PAUSE_MS`; answers once for each pause. */
  look(now: Inbound): Received | undefined {
    const last = this.#last;
    this.#last = now;
    if (last === undefined) return undefined;
    const came = now.packetCount - last.packetCount;
    const quietMs = now.lastPacketEpochMs - last.lastPacketEpochMs - (came - 1) * PACKET_MS;
    if (came > 0 && quietMs >= PAUSE_MS) this.#before = last;
    const before = this.#before;
    const emitted = before && now.emittedSamples - before.emittedSamples;
    if (before === undefined || emitted === undefined || emitted <= 0) return undefined;
    this.#before = undefined;
    const bufferedMs = ((now.delaySampleSeconds - before.delaySampleSeconds) / emitted) * 1000;
    return [now.lastPacketEpochMs, now.packetCount - before.packetCount, Math.max(0, bufferedMs)];
  }
}
