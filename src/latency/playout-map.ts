// When a sample of ours was played to the caller, from what their page says of some packets. Pure.

import { between, type BoundedInstant, shifted } from './bounded.ts';
import { RECEIVER_BLOCK_MS } from './estimated-hearing.ts';
import type { PeerClock } from './peer-clock.ts';
import { PACKET_MS } from './sender-timeline.ts';
import { type SentPacket, SentTimestamps } from './sent-timestamps.ts';
import type { HeardMarks } from './turn-account.ts';

/**
 * The page's word on one packet. A receiver puts audio onto its track in blocks of 10 ms and says of each when that was and
 * which packet it last took (WebRTC, `RTCRtpSynchronizationSource`).
 */
export interface PlayedPacket {
  /** As the page's receiver has it, 32 bit. */
  readonly rtpTimestamp: number;
  /** When the first block that names it was put onto the track, by the page's clock: milliseconds since 1970. */
  readonly epochMs: number;
  /** How much earlier it may have been: 0 where the page saw the block before as well, and another packet in it. */
  readonly withinMs: number;
}

/**
 * What a receiver without a view of RTP can say of packets that came after a pause of 100 ms or more: from the statistics of
 * its jitter buffer (https://www.w3.org/TR/webrtc-stats, `inbound-rtp`).
 */
export interface ReceivedPackets {
  /** When the last of them came (`lastPacketReceivedTimestamp`), milliseconds since 1970 by the receiver's clock. */
  readonly epochMs: number;
  /** How many (`packetsReceived`). */
  readonly count: number;
  /** How long those that were taken out of the buffer had waited in the mean (`jitterBufferDelay`). */
  readonly bufferedMs: number;
}

/** Browsers round the time to the nearest millisecond, and keep it by another clock than the page's: see `ClockMap`. */
const ROUNDED_WITHIN_MS = 2.5;
/** Between two packets this close the receiver's delay is between theirs; beyond, it may have been anything. */
const NEIGHBOUR_MS = 300;
/** What a receiver may stretch or shorten audio in that time, where there is a neighbour on one side only. */
const STRETCH_MS = 10;
/** A jitter buffer tells its mean delay over the interval of the report; single packets differ. */
const BUFFERED_WITHIN_MS = 10;
/**
 * A jitter buffer of libwebrtc counts waiting in whole blocks of 10 ms, the one in which the packet came included, and puts its
 * first sample up to a block later onto the track (NetEq: `TickTimer`, `SyncBuffer`).
 */
const WAITED_WITHIN_MS = 10;
/** Half a minute at a packet each 100 ms: accounts are final before. */
const MAX_PLAYED = 300;

interface Played {
  readonly packet: SentPacket;
  readonly earliestMs: number;
  readonly latestMs: number;
  /** How long audio waited in the jitter buffer at that time; undefined where the page didn't say. */
  readonly bufferedMs: number | undefined;
}

/** One caller's ear; goes with the caller. */
export class PlayoutMap {
  readonly #peerClock: PeerClock;
  readonly #sent = new SentTimestamps();
  readonly #played: Played[] = [];

  constructor(peerClock: PeerClock) {
    this.#peerClock = peerClock;
  }

  /** Takes note of every packet of ours, in the order of sending. */
  observeSent(packet: SentPacket): void {
    this.#sent.sent(packet);
  }

  /** Takes what the page said, in its order. Packets that were told before anybody knew which they are don't count. */
  observePlayed({ rtpTimestamp, epochMs, withinMs }: PlayedPacket, bufferedMs: number | undefined): void {
    const playedAt = this.#peerClock.instantOf(epochMs, ROUNDED_WITHIN_MS);
    if (playedAt === undefined) return;
    const earliestMs = playedAt.atMs - playedAt.errorMs - withinMs;
    // The packet's first sample is somewhere in the block, after what was left of the packet before.
    const latestMs = playedAt.atMs + playedAt.errorMs + RECEIVER_BLOCK_MS;
    this.#sent.told(rtpTimestamp, earliestMs, latestMs);
    const packet = this.#sent.packetOf(rtpTimestamp);
    if (packet === undefined) return;
    this.#note({ packet, earliestMs, latestMs, bufferedMs });
  }

  /** The same from a receiver that doesn't see which packets it plays. */
  observeReceived({ epochMs, count, bufferedMs }: ReceivedPackets): void {
    const receivedAt = this.#peerClock.instantOf(epochMs, ROUNDED_WITHIN_MS);
    if (receivedAt === undefined) return;
    const latestMs = receivedAt.atMs + receivedAt.errorMs;
    const earliestMs = receivedAt.atMs - receivedAt.errorMs;
    const wayMs = this.#peerClock.roundTrips.fastestAround(receivedAt.atMs);
    const sent = wayMs === undefined ? undefined : this.#sent.afterPause(count, earliestMs - wayMs, latestMs);
    if (sent === undefined) return;
    const agoMs = sent.last.sentAtMs - sent.first.sentAtMs;
    this.#note({
      packet: sent.first,
      earliestMs: earliestMs - agoMs + bufferedMs - WAITED_WITHIN_MS,
      latestMs: latestMs - agoMs + bufferedMs + WAITED_WITHIN_MS,
      bufferedMs,
    });
  }

  #note(played: Played): void {
    this.#played.push(played);
    if (this.#played.length > MAX_PLAYED) this.#played.shift();
  }

  /**
   * When the sample of ours with this timestamp, whose packet was sent at `sentAtMs`, came to the caller; undefined where the
   * page said nothing of packets around it.
   */
  heard(rtpTimestamp: number, sentAtMs: number): HeardMarks | undefined {
    const capturedAtMs = this.#sent.capturedAtMs(rtpTimestamp);
    if (capturedAtMs === undefined) return undefined;
    const distance = ({ packet }: Played): number => packet.capturedAtMs - capturedAtMs;
    const near = this.#played.filter((played) => Math.abs(distance(played)) <= NEIGHBOUR_MS);
    const before = near.findLast((played) => distance(played) <= 0);
    const isWithin = before !== undefined && distance(before) > -PACKET_MS;
    const after = isWithin ? undefined : near.find((played) => distance(played) > 0);
    const neighbours = [before, after].filter((played) => played !== undefined);
    const [nearest] = neighbours.toSorted((one, other) => Math.abs(distance(one)) - Math.abs(distance(other)));
    if (nearest === undefined) return undefined;
    const delays = neighbours.map(({ packet, earliestMs, latestMs }) => ({
      low: earliestMs - packet.capturedAtMs,
      high: latestMs - packet.capturedAtMs,
    }));
    const uncertainMs = neighbours.length === 2 || isWithin ? 0 : STRETCH_MS;
    const played = between(
      // Nothing is played before it is sent.
      Math.max(sentAtMs, capturedAtMs + Math.min(...delays.map(({ low }) => low)) - uncertainMs),
      Math.max(sentAtMs, capturedAtMs + Math.max(...delays.map(({ high }) => high)) + uncertainMs),
    );
    return { delivered: deliveredAt(played, nearest.bufferedMs, sentAtMs), played, basis: 'reported' };
  }
}

/**
 * As long before the playing as the buffer says, though not before the sending. What is possible is cut off there on one side
 * only: its middle would be too late on short ways.
 */
function deliveredAt(
  played: BoundedInstant,
  bufferedMs: number | undefined,
  sentAtMs: number,
): BoundedInstant | undefined {
  if (bufferedMs === undefined) return undefined;
  const atMs = Math.max(sentAtMs, played.atMs - bufferedMs);
  const possible = shifted(played, -bufferedMs - BUFFERED_WITHIN_MS, -bufferedMs + BUFFERED_WITHIN_MS);
  const earliestMs = Math.max(sentAtMs, possible.atMs - possible.errorMs);
  const latestMs = Math.max(atMs, possible.atMs + possible.errorMs);
  return { atMs, errorMs: Math.max(atMs - earliestMs, latestMs - atMs) };
}
