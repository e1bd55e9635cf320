// A periodic call that does not drift: due instants are a period apart, and missed ones are skipped.
// The next one can be put off, or brought forward.

import type { Clock, Timer } from './clock.ts';

/** Timers count whole milliseconds from the start of a turn of the event loop: they may wake this much early. */
const TIMER_GRAIN_MS = 2;

export class Ticker {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #callback: () => void;
  #dueAtMs: number;
  /** When the timer wakes: not after the call is due, but perhaps before, if that was put off. */
  #wakesAtMs = 0;
  #timer: Timer | undefined;

  /** Calls `callback` every `periodMs`, for the first time one period from now. */
  constructor(clock: Clock, periodMs: number, callback: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#callback = callback;
    this.#dueAtMs = clock.nowMs() + periodMs;
    this.#setTimer();
  }

  /** When the next call is due (monotonic). */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /**
   * Makes the next call due at `atMs`, at once if that is past; the following ones are counted from it. To put it off costs
   * next to nothing: the timer stays, and looks at the clock when it wakes.
   */
  nextAt(atMs: number): void {
    this.#dueAtMs = atMs;
    if (this.#timer === undefined || atMs >= this.#wakesAtMs) return;
    this.#timer.cancel();
    this.#setTimer();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #setTimer(): void {
    this.#wakesAtMs = this.#dueAtMs;
    this.#timer = this.#clock.after(Math.max(0, this.#dueAtMs - this.#clock.nowMs()), () => this.#wake());
  }

  #wake(): void {
    const lateByMs = this.#clock.nowMs() - this.#dueAtMs;
    const isDue = lateByMs > -TIMER_GRAIN_MS;
    if (isDue) this.#dueAtMs += Math.max(1, Math.ceil(lateByMs / this.#periodMs)) * this.#periodMs;
    this.#setTimer();
    if (isDue) this.#callback();
  }
}
