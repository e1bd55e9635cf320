// A periodic call that does not drift: due instants are counted from the start, and missed ones are skipped.

import type { Clock, Timer } from './clock.ts';

export class Ticker {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #callback: () => void;
  #dueAtMs: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, periodMs: number, callback: () => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#callback = callback;
    this.#dueAtMs = clock.nowMs();
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    const nowMs = this.#clock.nowMs();
    const periods = Math.max(1, Math.ceil((nowMs - this.#dueAtMs) / this.#periodMs));
    this.#dueAtMs += periods * this.#periodMs;
    this.#timer = this.#clock.after(this.#dueAtMs - nowMs, () => {
      this.#schedule();
      this.#callback();
    });
  }
}
