// How long messages were on a way, around an instant: there and back, or back alone. Pure.

interface Travel {
  readonly atMs: number;
  readonly ms: number;
}

/** A way is taken to be as it was for so long. */
const AROUND_MS = 6000;
/** Networks are as unequal as they were for longer; what one is at the beginning, while everything starts, is soon no matter. */
const UNEQUAL_WITHIN_MS = 30_000;
/** A minute's of pings, at one a second: accounts are final before. */
const MAX_TRAVELS = 60;

export class TravelTimes {
  readonly #travels: Travel[] = [];

  /** Takes one, in the order in which they ended. Whatever the other side took to answer may be in it. */
  observe(endedAtMs: number, ms: number): void {
    this.#travels.push({ atMs: endedAtMs, ms });
    if (this.#travels.length > MAX_TRAVELS) this.#travels.shift();
  }

  /** Of the fastest within some seconds of that instant; undefined where there was none. */
  fastestAround(atMs: number): number | undefined {
    const near = this.#within(AROUND_MS, atMs);
    return near.length === 0 ? undefined : Math.min(...near);
  }

  /** By how much the slowest within half a minute of that instant took longer than the fastest; 0 without any. */
  spreadAround(atMs: number): number {
    const times = this.#within(UNEQUAL_WITHIN_MS, atMs);
    return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
  }

  #within(aroundMs: number, atMs: number): readonly number[] {
    return this.#travels.filter(({ atMs: endedAtMs }) => Math.abs(endedAtMs - atMs) <= aroundMs).map(({ ms }) => ms);
  }
}
