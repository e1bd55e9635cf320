// Time that passes only when a test says so. Timers run in the order of their due times; between two of them
// everything that became possible (promise chains, async iterables, `setImmediate`) runs to its end.
// Leaves out: work on other threads and sockets, which no clock of ours can wait for.

import type { Clock, Timer } from '../../src/lib/clock.ts';

export interface VirtualClockOptions {
  /** Monotonic origin; not 0 by default, so that an instant mistaken for a duration shows. */
  readonly startAtMs?: number;
  /** Wall time at the start. */
  readonly startEpochMs?: number;
}

interface PendingTimer {
  readonly dueAtMs: number;
  readonly callback: () => void;
}

/** More timers than this at one instant are a loop that never lets time pass. */
const TIMERS_PER_INSTANT_LIMIT = 100_000;
/** Turns of the event loop given to each settling: the first drains promises, the others `setImmediate` chains. */
const SETTLE_TURNS = 2;

export class VirtualClock implements Clock {
  readonly #startAtMs: number;
  readonly #startEpochMs: number;
  /** In the order in which they run: by due time, then by age. */
  readonly #pending: PendingTimer[] = [];
  #nowMs: number;
  #advancing = false;
  #firedCount = 0;

  constructor({ startAtMs = 1000, startEpochMs = 1_700_000_000_000 }: VirtualClockOptions = {}) {
    this.#startAtMs = startAtMs;
    this.#startEpochMs = startEpochMs;
    this.#nowMs = startAtMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#startEpochMs + (this.#nowMs - this.#startAtMs);
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer: PendingTimer = { dueAtMs: this.#nowMs + Math.max(0, delayMs), callback };
    const position = this.#pending.findLastIndex((other) => other.dueAtMs <= timer.dueAtMs);
    this.#pending.splice(position + 1, 0, timer);
    return {
      cancel: () => {
        const index = this.#pending.indexOf(timer);
        if (index !== -1) this.#pending.splice(index, 1);
      },
    };
  }

  /** Timers that wait; 0 at the end of a test that left nothing behind. */
  get pendingTimerCount(): number {
    return this.#pending.length;
  }

  /** Timers that have run. */
  get firedCount(): number {
    return this.#firedCount;
  }

  /** When the next timer is due. */
  get nextTimerAtMs(): number | undefined {
    return this.#pending[0]?.dueAtMs;
  }

  /**
   * Lets `durationMs` pass: runs what is due until then, timers made on the way included, each after everything
   * before it has settled. Rejects with what a callback throws. One call at a time.
   */
  async advance(durationMs: number): Promise<void> {
    if (this.#advancing) throw new Error('VirtualClock.advance: another call is still advancing the time');
    this.#advancing = true;
    try {
      await this.settle();
      await this.#runUntil(this.#nowMs + durationMs);
    } finally {
      this.#advancing = false;
    }
  }

  /** Lets promise chains run to their end without any time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  /**
   * Passes time without running anything, as an event loop does that is kept busy:
   * what fell due meanwhile runs at the next `advance`, late.
   */
  block(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  async #runUntil(endAtMs: number): Promise<void> {
    let timersThisInstant = 0;
    for (;;) {
      const next = this.#pending[0];
      if (next === undefined || next.dueAtMs > endAtMs) break;
      this.#pending.shift();
      timersThisInstant = next.dueAtMs > this.#nowMs ? 0 : timersThisInstant + 1;
      if (timersThisInstant > TIMERS_PER_INSTANT_LIMIT) {
        throw new Error('VirtualClock.advance: timers keep being made at the same instant');
      }
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      this.#firedCount += 1;
      next.callback();
      await this.settle();
    }
    this.#nowMs = Math.max(this.#nowMs, endAtMs);
  }
}
