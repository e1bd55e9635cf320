// How long the way there and back was, around an instant. Pure.

interface RoundTrip {
  readonly atMs: number;
  readonly ms: number;
}

/** A way is taken to be as it was for so long. */
const AROUND_MS = 6000;
/** Networks are as unequal as they were for longer; what one is at the beginning, while everything starts, is soon no matter. */
const UNEQUAL_WITHIN_MS = 30_000;
/** A minute's, at one a second: accounts are final before. */
const MAX_ROUND_TRIPS = 60;

export class RoundTrips {
  readonly #trips: RoundTrip[] = [];

  /** Takes one, in the order in which they ended. Whatever the other side took to answer may be in it. */
  observe(endedAtMs: number, ms: number): void {
    this.#trips.push({ atMs: endedAtMs, ms });
    if (this.#trips.length > MAX_ROUND_TRIPS) this.#trips.shift();
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
    return this.#trips.filter((trip) => Math.abs(trip.atMs - atMs) <= aroundMs).map(({ ms }) => ms);
  }
}
