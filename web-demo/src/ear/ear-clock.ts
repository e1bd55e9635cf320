// From the ear's clock (milliseconds since its `AudioContext` began) to the page's (`performance.now()`). Pure.
// A batch can't come before it was heard: the one that came soonest of the last ten seconds tells when that was, within what
// it takes to get from the audio thread to the page. Both ends of a gap are on the ear's clock, so gaps don't depend on it.

/** The two clocks drift by less than a millisecond meanwhile (100 ppm). */
const memoryMs = 10_000;

interface Arrival {
  readonly pageMs: number;
  readonly offsetMs: number;
}

export class EarClock {
  #arrivals: Arrival[] = [];

  /** A batch that ends at `earMs` has come. */
  arrived(earMs: number, pageMs: number): void {
    const offsetMs = pageMs - earMs;
    // What came later and sooner makes an earlier one worthless.
    this.#arrivals = this.#arrivals.filter(
      (arrival) => arrival.offsetMs < offsetMs && pageMs - arrival.pageMs < memoryMs,
    );
    this.#arrivals.push({ pageMs, offsetMs });
  }

  /** Undefined before anything was heard. */
  toPageMs(earMs: number): number | undefined {
    const offsetMs = this.#arrivals[0]?.offsetMs;
    return offsetMs === undefined ? undefined : earMs + offsetMs;
  }
}
