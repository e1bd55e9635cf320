// When audio time is told on: every 20 ms. While packets flow they do it in passing, since a timer of its own would wake the
// process as often again; where they stay away, a timer does.

import type { Clock } from '../lib/clock.ts';
import { Ticker } from '../lib/ticker.ts';
import { FRAME_MS } from '../rtp/packet.ts';

/** Packets that come sooner after a tick than this don't tick: of a burst one does, of a jittery stream nearly all. */
const LEAST_DISTANCE_MS = 12;
/** After such packets the next tick is this far from the last one, so that the packet after them can be 8 ms late for it. */
const UNTOLD_LIMIT_MS = 40;
/**
 * A stream that flowed is watched for this long: two packets may be lost, or one two frames late. Much shorter, and the
 * watch itself would wake the process between the packets.
 */
const WATCH_MS = 60;

export class AudioTicker {
  readonly #clock: Clock;
  readonly #ticker: Ticker;
  #tickedAtMs: number;

  /** `onTime` is called when no packet does the tick: every 20 ms, until `ride` says that packets flow. */
  constructor(clock: Clock, onTime: () => void) {
    this.#clock = clock;
    this.#tickedAtMs = clock.nowMs();
    this.#ticker = new Ticker(clock, FRAME_MS, () => {
      this.#tickedAtMs = clock.nowMs();
      onTime();
    });
  }

  /**
   * A packet has brought audio, and another one is expected. Returns whether the tick is to be done with this one. If no
   * other follows, time ticks by itself again, 60 ms after the last tick, 40 where this packet was none.
   */
  ride(): boolean {
    const nowMs = this.#clock.nowMs();
    const rides = nowMs - this.#tickedAtMs >= LEAST_DISTANCE_MS;
    if (rides) this.#tickedAtMs = nowMs;
    this.#ticker.nextAt(this.#tickedAtMs + (rides ? WATCH_MS : UNTOLD_LIMIT_MS));
    return rides;
  }

  /** No packet need come: time ticks by itself, 20 ms after the last tick at the latest. */
  keepTime(): void {
    this.#ticker.nextAt(Math.min(this.#ticker.dueAtMs, this.#tickedAtMs + FRAME_MS));
  }

  stop(): void {
    this.#ticker.stop();
  }
}
