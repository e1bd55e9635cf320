// What a bad network does to one direction of a packet flow: delay, jitter, loss, duplicates, reordering, stalls, corruption.
// Seeded, so that a run can be repeated; bounded. Knows nothing of sockets, and time comes from a clock.

import type { Clock, Timer } from '../src/lib/clock.ts';

/** All zero: every packet is passed on at once, in the call that brought it. */
export interface Impairment {
  readonly delayMs: number;
  /** Each packet waits up to this much longer (uniform). Order is kept, as in a queue along the way. */
  readonly jitterMs: number;
  readonly lossRatio: number;
  readonly duplicateRatio: number;
  /** Share of packets that take a detour of `reorderByMs` and are overtaken meanwhile. */
  readonly reorderRatio: number;
  readonly reorderByMs: number;
  /** Share of packets in which one byte is changed. */
  readonly corruptRatio: number;
  /** Nothing passes. What is on its way still arrives. */
  readonly dropAll: boolean;
}

export const UNIMPAIRED: Impairment = {
  delayMs: 0,
  jitterMs: 0,
  lossRatio: 0,
  duplicateRatio: 0,
  reorderRatio: 0,
  reorderByMs: 30,
  corruptRatio: 0,
  dropAll: false,
};

export interface LinkStats {
  readonly receivedCount: number;
  readonly deliveredCount: number;
  readonly lostCount: number;
  readonly duplicatedCount: number;
  readonly reorderedCount: number;
  readonly corruptedCount: number;
  /** Refused because the link was full. */
  readonly overflowedCount: number;
}

type Deliver = (payload: Uint8Array) => void;

interface Transit {
  readonly releaseAtMs: number;
  readonly payload: Uint8Array;
  readonly deliver: Deliver;
}

export interface LinkOptions {
  readonly clock: Clock;
  /** Same seed, same packets, same settings: same fate of each packet. */
  readonly seed: number;
  /** Packets on their way at one time; more are refused. Default 4096, about 10 s of eight calls. */
  readonly capacity?: number;
}

/** One direction. Each packet brings its own way on, so one link can carry many flows. */
export class ImpairedLink {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #capacity: number;
  /** By release time, then age. */
  readonly #transit: Transit[] = [];
  readonly #stats: { -readonly [Name in keyof LinkStats]: number };
  #impairment = UNIMPAIRED;
  #lastInOrderAtMs = Number.NEGATIVE_INFINITY;
  #stalledUntilMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #closed = false;

  constructor({ clock, seed, capacity = 4096 }: LinkOptions) {
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.#capacity = capacity;
    this.#stats = {
      receivedCount: 0,
      deliveredCount: 0,
      lostCount: 0,
      duplicatedCount: 0,
      reorderedCount: 0,
      corruptedCount: 0,
      overflowedCount: 0,
    };
  }

  get stats(): LinkStats {
    return { ...this.#stats };
  }

  /** Changes the given settings and keeps the others; packets already on their way keep their release time. */
  set(change: Partial<Impairment>): void {
    this.#impairment = { ...this.#impairment, ...change };
  }

  /** Holds everything for `durationMs`, then lets it go in one burst, in order. Nothing is lost. */
  stall(durationMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#clock.nowMs() + durationMs);
    this.#schedule();
  }

  /** Takes a packet; calls `deliver` never, once or twice, now or later. `payload` is not copied unless it is corrupted. */
  push(payload: Uint8Array, deliver: Deliver): void {
    if (this.#closed) return;
    this.#stats.receivedCount += 1;
    const fate = this.#drawFate();
    if (fate.lost) {
      this.#stats.lostCount += 1;
      return;
    }
    if (fate.corrupted) this.#stats.corruptedCount += 1;
    const carried = fate.corrupted ? withOneByteChanged(payload, fate.where) : payload;
    const releaseAtMs = this.#releaseAtMs(fate);
    this.#send({ releaseAtMs, payload: carried, deliver });
    if (fate.duplicated) {
      this.#stats.duplicatedCount += 1;
      this.#send({ releaseAtMs, payload: carried, deliver });
    }
  }

  /** Forgets what is on its way; nothing is delivered any more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#transit.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Draws as often for each packet whatever the settings are, so that a change of one leaves the others' draws alone. */
  #drawFate(): Fate {
    const { lossRatio, duplicateRatio, reorderRatio, corruptRatio, dropAll } = this.#impairment;
    const draw = (): number => this.#random();
    return {
      lost: draw() < lossRatio || dropAll,
      duplicated: draw() < duplicateRatio,
      reordered: draw() < reorderRatio,
      corrupted: draw() < corruptRatio,
      where: draw(),
      lateness: draw(),
    };
  }

  #releaseAtMs({ reordered, lateness }: Fate): number {
    const { delayMs, jitterMs, reorderByMs } = this.#impairment;
    const aloneAtMs = this.#clock.nowMs() + delayMs + lateness * jitterMs;
    if (reordered) {
      this.#stats.reorderedCount += 1;
      return aloneAtMs + reorderByMs;
    }
    this.#lastInOrderAtMs = Math.max(this.#lastInOrderAtMs, aloneAtMs);
    return this.#lastInOrderAtMs;
  }

  #send(packet: Transit): void {
    if (this.#transit.length >= this.#capacity) {
      this.#stats.overflowedCount += 1;
      return;
    }
    const position = this.#transit.findLastIndex((other) => other.releaseAtMs <= packet.releaseAtMs);
    this.#transit.splice(position + 1, 0, packet);
    this.#release();
  }

  #release(): void {
    for (;;) {
      const next = this.#transit[0];
      if (next === undefined || this.#dueAtMs(next) > this.#clock.nowMs()) break;
      this.#transit.shift();
      this.#stats.deliveredCount += 1;
      next.deliver(next.payload);
    }
    this.#schedule();
  }

  #dueAtMs({ releaseAtMs }: Transit): number {
    return Math.max(releaseAtMs, this.#stalledUntilMs);
  }

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const next = this.#transit[0];
    if (next === undefined) return;
    this.#timer = this.#clock.after(this.#dueAtMs(next) - this.#clock.nowMs(), () => this.#release());
  }
}

interface Fate {
  readonly lost: boolean;
  readonly duplicated: boolean;
  readonly reordered: boolean;
  readonly corrupted: boolean;
  /** Which byte is hit, as a share of the length: [0, 1). */
  readonly where: number;
  /** Share of the jitter: [0, 1). */
  readonly lateness: number;
}

function withOneByteChanged(payload: Uint8Array, where: number): Uint8Array {
  const copy = Uint8Array.from(payload);
  const index = Math.floor(where * copy.length);
  const byte = copy[index];
  if (byte !== undefined) copy[index] = byte ^ 0x55;
  return copy;
}

/** Marsaglia's 32 bit xorshift (13, 17, 5), spun a little first because near seeds start alike. Values in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  for (let round = 0; round < 16; round += 1) next();
  return next;
}
