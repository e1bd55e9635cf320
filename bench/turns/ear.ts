// What reaches the caller's ear: a room that writes down when the agent was how loud.

import type { OutgoingRtpPacket } from '../../src/rtp/packet.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { SimRoom } from '../../test/sim/sim-room.ts';
import { levelsOf } from './sound.ts';

/** One way; the same for both. A receiver's jitter buffer is not simulated. */
export const NETWORK_MS = 10;
/** DESIGN 2: the first audible window is above this. */
const AUDIBLE_DBFS = -40;
/** Of the stand-in's voice. */
const VOICE_DBFS = -12;
/** DESIGN 5: a reply is lowered by at least this much. */
const LOWERED_DB = 12;
const WINDOW_MS = 10;

/** 10 ms at the ear, above −40 dBFS. */
interface Window {
  readonly atMs: number;
  readonly dbfs: number;
}

export interface Hole {
  readonly atMs: number;
  readonly ms: number;
}

export class EarRoom extends SimRoom {
  readonly #windows: Window[] = [];
  readonly #ownClock: Clock;

  constructor(clock: Clock) {
    super(clock);
    this.#ownClock = clock;
  }

  override sendAudio({ payload }: OutgoingRtpPacket): boolean {
    const atMs = this.#ownClock.nowMs() + NETWORK_MS;
    for (const [index, dbfs] of levelsOf(payload).entries()) {
      if (dbfs > AUDIBLE_DBFS) this.#windows.push({ atMs: atMs + index * WINDOW_MS, dbfs });
    }
    return true;
  }

  /** When the ear last heard the agent. */
  get lastHeardAtMs(): number | undefined {
    return this.#windows.at(-1)?.atMs;
  }

  /** Pauses of the agent of more than `longerThanMs` between two sounds of a reply. */
  holes(fromMs: number, untilMs: number, longerThanMs: number): Hole[] {
    const windows = this.#between(fromMs, untilMs);
    return windows.flatMap(({ atMs }, index) => {
      const next = windows[index + 1];
      const ms = next === undefined ? 0 : next.atMs - atMs - WINDOW_MS;
      return ms > longerThanMs ? [{ atMs: atMs + WINDOW_MS, ms }] : [];
    });
  }

  /** When the agent was for the last time louder than `dbfs`, between the instants: the end of that window. */
  lastLouderAtMs(fromMs: number, untilMs: number, dbfs: number = AUDIBLE_DBFS): number | undefined {
    const last = this.#between(fromMs, untilMs).findLast((window) => window.dbfs > dbfs);
    return last === undefined ? undefined : last.atMs + WINDOW_MS;
  }

  /** The same for full loudness. */
  lastUnloweredAtMs(fromMs: number, untilMs: number): number | undefined {
    return this.lastLouderAtMs(fromMs, untilMs, VOICE_DBFS - LOWERED_DB);
  }

  #between(fromMs: number, untilMs: number): readonly Window[] {
    // Asked about the recent past: from the end.
    let start = this.#windows.length;
    while (start > 0 && (this.#windows[start - 1]?.atMs ?? 0) >= fromMs) start -= 1;
    let end = start;
    while (end < this.#windows.length && (this.#windows[end]?.atMs ?? 0) < untilMs) end += 1;
    return this.#windows.slice(start, end);
  }
}
