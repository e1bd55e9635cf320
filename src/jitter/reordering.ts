// How long it pays to wait at a gap: an estimate of how late reordered packets come.
// Leaves out: retransmission, which would add a round trip to the wait.

/** Wi-Fi and mobile links deliver most reordered packets within two frames. */
const INITIAL_WAIT_MS = 40;
/** A neighbour that overtook by one frame must always be caught. */
const MINIMUM_WAIT_MS = 20;
/** Later than that, a listener is better served by concealment. */
const MAXIMUM_WAIT_MS = 120;
/** A packet that is this late was stuck, not reordered: waiting for its kind never pays. */
const STUCK_MS = 300;
/** Of the latest delay seen, so that a slightly later one is caught too. */
const MARGIN_RATIO = 1.25;
/** Each gap that was filled earlier, or never, brings the estimate this much of the way down. */
const DECAY_RATIO = 0.1;

/** Pure. Jumps up to what was seen, sinks slowly while waiting does not pay. */
export class ReorderingEstimate {
  #waitMs = INITIAL_WAIT_MS;

  /** How long to wait for a missing packet after the first one behind it has arrived, 20 to 120 ms. */
  get waitMs(): number {
    return this.#waitMs;
  }

  /** A missing packet came `delayMs` after the first one behind it, whether it was still awaited or not. */
  observeFilled(delayMs: number): void {
    if (delayMs > STUCK_MS) return;
    const wanted = delayMs * MARGIN_RATIO;
    if (wanted > this.#waitMs) this.#waitMs = Math.min(MAXIMUM_WAIT_MS, wanted);
    else this.#sinkTowards(wanted);
  }

  /** The wait was over and the packets had not come. */
  observeLost(): void {
    this.#sinkTowards(MINIMUM_WAIT_MS);
  }

  #sinkTowards(targetMs: number): void {
    this.#waitMs += (Math.max(MINIMUM_WAIT_MS, targetMs) - this.#waitMs) * DECAY_RATIO;
  }
}
