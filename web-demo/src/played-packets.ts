// Which packets of the agent were played when, from looks at the receiver in short intervals.

/** What `RTCRtpReceiver.getSynchronizationSources()` says: the packet that went last into a block, and when that was. */
export interface PlayedBlock {
  readonly rtpTimestamp: number;
  /** Milliseconds since 1970. */
  readonly epochMs: number;
}

/** `[rtpTimestamp, epochMs, withinMs]`: the first block that names the packet was played then, or up to `withinMs` earlier. */
export type PlayedPacket = readonly [rtpTimestamp: number, epochMs: number, withinMs: number];

/** Receivers put audio onto a track in blocks of this length; a packet fills two. */
const blockMs = 10;
/** What lies between the instant that a block states and the page's seeing it. */
const noticedWithinMs = 2;
/** Packets follow each other by 20 ms of 48 kHz; more than two is a pause. */
const pauseTicks = 2 * 960;
const periodMs = 100;
/**
 * After a pause each packet is told for so long: the first audible one is among them, while a jitter buffer that starts stretches
 * what it plays.
 */
const beginningMs = 400;
/** More than a report takes; so many never come together in practice. */
const maxPackets = 100;

export class PlayedPackets {
  #last: PlayedBlock | undefined;
  #lookedEpochMs = Number.NEGATIVE_INFINITY;
  #keptEpochMs = Number.NEGATIVE_INFINITY;
  /** Of the last packet after a pause. */
  #beganEpochMs = Number.NEGATIVE_INFINITY;
  #packets: PlayedPacket[] = [];

  /** Takes what the receiver says at `nowEpochMs`; undefined where it has played nothing yet. */
  look(block: PlayedBlock | undefined, nowEpochMs: number): void {
    const last = this.#last;
    const lookedEpochMs = this.#lookedEpochMs;
    this.#lookedEpochMs = nowEpochMs;
    if (block === undefined || block.rtpTimestamp === last?.rtpTimestamp) return;
    this.#last = block;
    const isAfterPause = last === undefined || (block.rtpTimestamp - last.rtpTimestamp) >>> 0 > pauseTicks;
    if (isAfterPause) this.#beganEpochMs = block.epochMs;
    const isBeginning = block.epochMs - this.#beganEpochMs < beginningMs;
    if (!isBeginning && block.epochMs - this.#keptEpochMs < periodMs) return;
    this.#keptEpochMs = block.epochMs;
    // An earlier block with this packet in it would have been seen by the look before.
    const isFirstBlock = block.epochMs - lookedEpochMs < blockMs - noticedWithinMs;
    this.#packets.push([block.rtpTimestamp, block.epochMs, isFirstBlock ? 0 : blockMs]);
    if (this.#packets.length > maxPackets) this.#packets.shift();
  }

  /** What was played since the last call: all packets of the first 400 ms after each pause, then one each 100 ms. */
  take(): readonly PlayedPacket[] {
    return this.#packets.splice(0);
  }
}
