// Puts a caller's packets in order for a machine listener: in order means at once, a gap is waited for only as long as pays.
// RFC 3550 sections 5.1 and 6.4.1, appendices A.1 (restarts) and A.8 (jitter).
// Leaves out: smoothing (nobody listens to the arrival times), retransmission, redundancy.

import { type RtpPacket } from '../rtp/packet.ts';
import { SerialUnwrapper, serialDistance } from '../rtp/serial.ts';
import { PacketStore, type StoredPacket } from './packet-store.ts';
import { ReorderingEstimate } from './reordering.ts';
import { InterarrivalJitter, type JitterStatistics } from './statistics.ts';
import { TimeLine } from './time-line.ts';

export type { JitterStatistics } from './statistics.ts';

export type JitterRelease =
  | {
      readonly type: 'packet';
      readonly packet: RtpPacket;
      /** Of its source (RFC 3550): starts anew after a reset. */
      readonly extendedSequenceNumber: number;
      /** Extended, on the one time line of the call: never less than the one before. */
      readonly timestamp: number;
    }
  /** `count` packets were given up. A packet follows in the same list. */
  | {
      readonly type: 'lost';
      readonly count: number;
      /** Where the audio before the gap ends. */
      readonly timestamp: number;
      /** Where the audio after it begins; not before `timestamp`. */
      readonly untilTimestamp: number;
    }
  /**
   * Another source, a restart or a wild jump: from the packet that follows in the same list on, arrival times and
   * timestamps relate in a new way. The timestamps themselves go on (see `TimeLine`).
   */
  | { readonly type: 'reset' };

/** RFC 3550 appendix A.1 allows 3000 packets, a minute of ours; after 10 s without a packet nothing in between is of use. */
const MAXIMUM_DROPOUT = 500;
/** RFC 3550 appendix A.1: farther back than this is a restart rather than reordering. */
const MAXIMUM_MISORDER = 100;
/** After a change of the source, packets of the one that was left may still come for this long. */
const OLD_SOURCE_MS = 1000;
/** 1.3 s. Even at the longest wait a live caller sends six packets; more is a burst, and a burst isn't waited for. */
const CAPACITY = 64;
/** How many given-up packets are remembered, to tell late ones from duplicates. */
const REMEMBERED_LOSSES = 512;

const NOTHING: readonly JitterRelease[] = [];

/** One source of packets, from its first one to a restart. */
interface Source {
  readonly ssrc: number;
  readonly sequence: SerialUnwrapper;
  readonly timestamps: SerialUnwrapper;
  readonly firstSequenceNumber: number;
  /** The packet that is released next. */
  nextSequenceNumber: number;
  hasReleased: boolean;
}

/** Pure: time comes in with each call, none of which may go back. */
export class JitterBuffer {
  readonly #store = new PacketStore();
  readonly #estimate = new ReorderingEstimate();
  readonly #jitter = new InterarrivalJitter();
  readonly #timeLine = new TimeLine();
  readonly #counts = {
    received: 0,
    released: 0,
    lost: 0,
    late: 0,
    duplicate: 0,
    reordered: 0,
    discarded: 0,
    malformed: 0,
    resets: 0,
  };
  #source: Source | undefined;
  #left: { readonly ssrc: number; readonly atMs: number } | undefined;
  /** Far from the others: dropped unless the next one follows it (RFC 3550 appendix A.1). */
  #suspect: RtpPacket | undefined;
  /** Given-up packets of this source, and since when each had been missing. */
  readonly #missingSince = new Map<number, number>();
  /** Lost before a packet that holds no audio; told with the next one that does. */
  #untoldLosses = 0;

  get statistics(): JitterStatistics {
    return { ...this.#counts, interarrivalJitterTicks: this.#jitter.ticks, waitMs: this.#estimate.waitMs };
  }

  /** When `poll` will have something to say; undefined while there is no gap. */
  get nextDeadlineAtMs(): number | undefined {
    const gapSinceMs = this.#store.earliestAbove(-1);
    return gapSinceMs === undefined ? undefined : gapSinceMs + this.#estimate.waitMs;
  }

  /** Takes a packet as it arrived and returns what can go on, in order: in an undisturbed stream that packet itself. */
  push(packet: RtpPacket, nowMs: number): readonly JitterRelease[] {
    if (!isWellFormed(packet)) {
      this.#counts.malformed += 1;
      return NOTHING;
    }
    const releases: JitterRelease[] = [];
    switch (this.#classify(packet, nowMs)) {
      case 'stray':
        this.#counts.discarded += 1;
        return NOTHING;
      case 'suspect':
        this.#dropSuspect();
        this.#suspect = packet;
        return NOTHING;
      case 'newSource':
        this.#startSource(packet, nowMs, releases);
        break;
      case 'restart':
        this.#restart(packet, nowMs, releases);
        break;
      case 'member':
        this.#dropSuspect();
        break;
    }
    this.#accept(packet, nowMs, releases);
    return releases;
  }

  /** Gives up gaps whose wait is over. To be called at `nextDeadlineAtMs`, or on a tick. */
  poll(nowMs: number): readonly JitterRelease[] {
    if (this.#store.size === 0) return NOTHING;
    const releases: JitterRelease[] = [];
    this.#drain(nowMs, releases);
    return releases;
  }

  #classify(packet: RtpPacket, nowMs: number): 'member' | 'newSource' | 'stray' | 'suspect' | 'restart' {
    if (this.#source === undefined) return 'newSource';
    if (packet.ssrc !== this.#source.ssrc) {
      const isOld = packet.ssrc === this.#left?.ssrc && nowMs - this.#left.atMs < OLD_SOURCE_MS;
      return isOld ? 'stray' : 'newSource';
    }
    const { sequence } = this.#source;
    const step = sequence.peek(packet.sequenceNumber) - (sequence.highest ?? 0);
    if (step <= MAXIMUM_DROPOUT && step >= -MAXIMUM_MISORDER) return 'member';
    const follows =
      this.#suspect !== undefined && serialDistance(this.#suspect.sequenceNumber, packet.sequenceNumber, 16) === 1;
    return follows ? 'restart' : 'suspect';
  }

  /** Two packets in a row confirm the jump; the first of them counts too. */
  #restart(packet: RtpPacket, nowMs: number, releases: JitterRelease[]): void {
    const first = this.#suspect ?? packet;
    this.#suspect = undefined;
    this.#startSource(first, nowMs, releases);
    if (first !== packet) this.#accept(first, nowMs, releases);
  }

  #startSource(first: RtpPacket, nowMs: number, releases: JitterRelease[]): void {
    this.#dropSuspect();
    this.#drain(Number.POSITIVE_INFINITY, releases);
    if (this.#source !== undefined && this.#source.ssrc !== first.ssrc) {
      this.#left = { ssrc: this.#source.ssrc, atMs: nowMs };
    }
    this.#missingSince.clear();
    this.#jitter.restart();
    const sequence = new SerialUnwrapper(16);
    const firstSequenceNumber = sequence.peek(first.sequenceNumber);
    this.#source = {
      ssrc: first.ssrc,
      sequence,
      timestamps: new SerialUnwrapper(32),
      firstSequenceNumber,
      nextSequenceNumber: firstSequenceNumber,
      hasReleased: false,
    };
  }

  #accept(packet: RtpPacket, nowMs: number, releases: JitterRelease[]): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#counts.received += 1;
    const highest = source.sequence.highest;
    const extendedSequenceNumber = source.sequence.unwrap(packet.sequenceNumber);
    if (extendedSequenceNumber < source.nextSequenceNumber) {
      this.#dropPast(extendedSequenceNumber, source, nowMs);
      return;
    }
    if (this.#store.has(extendedSequenceNumber)) {
      this.#counts.duplicate += 1;
      return;
    }
    const sourceTimestamp = source.timestamps.unwrap(packet.rtpTimestamp);
    this.#jitter.observe(sourceTimestamp, packet.arrivedAtMs);
    if (highest !== undefined && extendedSequenceNumber < highest) {
      this.#counts.reordered += 1;
      const missingSinceMs = this.#store.earliestAbove(extendedSequenceNumber);
      if (missingSinceMs !== undefined) this.#estimate.observeFilled(nowMs - missingSinceMs);
    }
    this.#store.put({ packet, extendedSequenceNumber, sourceTimestamp, storedAtMs: nowMs });
    this.#drain(nowMs, releases);
  }

  /** A packet whose turn is over: given up before, or there before. */
  #dropPast(extendedSequenceNumber: number, source: Source, nowMs: number): void {
    const missingSinceMs = this.#missingSince.get(extendedSequenceNumber);
    if (missingSinceMs !== undefined) {
      this.#missingSince.delete(extendedSequenceNumber);
      this.#estimate.observeFilled(nowMs - missingSinceMs);
    }
    if (missingSinceMs !== undefined || extendedSequenceNumber < source.firstSequenceNumber) {
      this.#counts.late += 1;
      this.#counts.reordered += 1;
    } else {
      this.#counts.duplicate += 1;
    }
  }

  /** Releases what is in order, and gives up gaps that have been waited for, or that the store has no room to wait for. */
  #drain(nowMs: number, releases: JitterRelease[]): void {
    const source = this.#source;
    if (source === undefined) return;
    for (;;) {
      const stored = this.#store.take(source.nextSequenceNumber);
      if (stored !== undefined) {
        source.nextSequenceNumber += 1;
        this.#release(stored, source, releases);
        continue;
      }
      const lowest = this.#store.lowest();
      const deadlineAtMs = this.nextDeadlineAtMs;
      if (lowest === undefined || deadlineAtMs === undefined) return;
      if (nowMs < deadlineAtMs && this.#store.size <= CAPACITY) return;
      this.#giveUp(source, lowest);
    }
  }

  #giveUp(source: Source, untilSequenceNumber: number): void {
    const missingSinceMs = this.#store.earliestAbove(source.nextSequenceNumber) ?? 0;
    this.#estimate.observeLost();
    const count = untilSequenceNumber - source.nextSequenceNumber;
    this.#counts.lost += count;
    this.#untoldLosses += count;
    for (let number = source.nextSequenceNumber; number < untilSequenceNumber; number += 1) {
      this.#missingSince.set(number, missingSinceMs);
    }
    for (const number of this.#missingSince.keys()) {
      if (this.#missingSince.size <= REMEMBERED_LOSSES) break;
      this.#missingSince.delete(number);
    }
    source.nextSequenceNumber = untilSequenceNumber;
  }

  #release(stored: StoredPacket, source: Source, releases: JitterRelease[]): void {
    const { packet, extendedSequenceNumber } = stored;
    if (packet.payload.length === 0) {
      // Padding only: it keeps the sequence contiguous and has nothing to decode.
      this.#counts.malformed += 1;
      return;
    }
    const endTimestamp = this.#timeLine.endTimestamp;
    const { timestamp, isBreak } = this.#timeLine.place(stored, !source.hasReleased);
    source.hasReleased = true;
    if (this.#untoldLosses > 0 && endTimestamp !== undefined) {
      const untilTimestamp = Math.max(endTimestamp, timestamp);
      releases.push({ type: 'lost', count: this.#untoldLosses, timestamp: endTimestamp, untilTimestamp });
    }
    this.#untoldLosses = 0;
    if (isBreak) {
      this.#counts.resets += 1;
      releases.push({ type: 'reset' });
    }
    this.#counts.released += 1;
    releases.push({ type: 'packet', packet, extendedSequenceNumber, timestamp });
  }

  #dropSuspect(): void {
    if (this.#suspect !== undefined) this.#counts.discarded += 1;
    this.#suspect = undefined;
  }
}

function isWellFormed({ sequenceNumber, rtpTimestamp, ssrc }: RtpPacket): boolean {
  return isUnsigned(sequenceNumber, 16) && isUnsigned(rtpTimestamp, 32) && isUnsigned(ssrc, 32);
}

function isUnsigned(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** bits;
}
