// How late packets went out, over the last ten seconds of speech.

export interface Lateness {
  /** Sent minus due, in milliseconds, of the median packet; undefined before the first. Timers may fire a little early. */
  readonly latenessP50Ms: number | undefined;
  readonly latenessP99Ms: number | undefined;
}

const MEMORY = 500;

export class LatenessStatistics {
  readonly #recentMs: number[] = [];
  #next = 0;

  observe(latenessMs: number): void {
    this.#recentMs[this.#next] = latenessMs;
    this.#next = (this.#next + 1) % MEMORY;
  }

  summary(): Lateness {
    const sorted = this.#recentMs.toSorted((a, b) => a - b);
    const quantile = (ratio: number): number | undefined => sorted[Math.ceil(ratio * sorted.length) - 1];
    return { latenessP50Ms: quantile(0.5), latenessP99Ms: quantile(0.99) };
  }
}
