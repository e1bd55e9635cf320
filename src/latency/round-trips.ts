// How long the way there and back was, around an instant. Pure.

interface RoundTrip {
  readonly atMs: number;
  readonly ms: number;
}

/** A way is taken to be as it was for so long. */
const AROUND_MS = 6000;
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
    const near = this.#trips.filter((trip) => Math.abs(trip.atMs - atMs) <= AROUND_MS);
    return near.length === 0 ? undefined : Math.min(...near.map(({ ms }) => ms));
  }

  /** By how much the slowest of all that are remembered took longer than the fastest; 0 without any. */
  get spreadMs(): number {
    if (this.#trips.length === 0) return 0;
    const times = this.#trips.map(({ ms }) => ms);
    return Math.max(...times) - Math.min(...times);
  }
}
