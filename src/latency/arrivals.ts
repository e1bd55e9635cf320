// When a packet of a given timestamp is here if nothing delays it, from the packets that travelled fastest around it. Pure.
// Unlike `RtpClock`, which follows the audio in real time, it also looks back, and says how sure it is.

import { type RtpTime, TICKS_PER_MS } from '../rtp/packet.ts';
import { serialDistance } from '../rtp/serial.ts';
import { type Interval, MAX_DRIFT_PPM } from './bounded-line.ts';

export interface Arrival extends RtpTime {
  readonly arrivedAtMs: number;
}

/** Of each stretch of this length only the fastest packet is kept. */
const STRETCH_MS = 250;
/** How far a packet may lie from the one it is compared with: further away the way may have been another, and drift adds up. */
const REACH_MS = 4000;
/** Half a minute: accounts are final before. */
const MAX_STRETCHES = 120;

/** The fastest packet of a stretch: its place on the source's time line, and its arrival less that. */
interface Fastest {
  readonly mediaMs: number;
  readonly originAtMs: number;
}

/** Packets of one source whose timestamps and arrivals relate in one way. */
interface Run {
  readonly ssrc: number;
  readonly origin: number;
  readonly stretches: Fastest[];
}

export class Arrivals {
  #runs: readonly Run[] = [];

  /** `isNewRun`: the sender stood still before this packet. Another SSRC needs no telling. */
  observe({ ssrc, rtpTimestamp, arrivedAtMs }: Arrival, isNewRun: boolean): void {
    const newest = this.#runs.at(-1);
    const run = newest?.ssrc === ssrc && !isNewRun ? newest : { ssrc, origin: rtpTimestamp, stretches: [] };
    if (run !== newest) this.#runs = [...this.#runs, run].slice(-2);
    const mediaMs = serialDistance(run.origin, rtpTimestamp, 32) / TICKS_PER_MS;
    const packet = { mediaMs, originAtMs: arrivedAtMs - mediaMs };
    const last = run.stretches.at(-1);
    if (last === undefined || Math.floor(mediaMs / STRETCH_MS) > Math.floor(last.mediaMs / STRETCH_MS)) {
      run.stretches.push(packet);
      if (run.stretches.length > MAX_STRETCHES) run.stretches.shift();
    } else if (packet.originAtMs < last.originAtMs) {
      run.stretches[run.stretches.length - 1] = packet;
    }
  }

  /** Undefined where no packet came within four seconds of that timestamp. */
  fastestFor({ ssrc, rtpTimestamp }: RtpTime): Interval | undefined {
    let found: Interval | undefined;
    for (const run of this.#runs) {
      if (run.ssrc !== ssrc) continue;
      const mediaMs = serialDistance(run.origin, rtpTimestamp, 32) / TICKS_PER_MS;
      // A run begins with its first packet; what lies before belongs to the one before.
      if (mediaMs < 0 && found !== undefined) continue;
      found = fastestAt(run.stretches, mediaMs) ?? found;
    }
    return found;
  }
}

function fastestAt(stretches: readonly Fastest[], mediaMs: number): Interval | undefined {
  const near = stretches.filter((stretch) => Math.abs(stretch.mediaMs - mediaMs) <= REACH_MS);
  if (near.length === 0) return undefined;
  const driftOf = (stretch: Fastest): number => (Math.abs(stretch.mediaMs - mediaMs) * MAX_DRIFT_PPM) / 1e6;
  return {
    low: mediaMs + Math.min(...near.map((stretch) => stretch.originAtMs - driftOf(stretch))),
    high: mediaMs + Math.min(...near.map((stretch) => stretch.originAtMs + driftOf(stretch))),
  };
}
