// How one clock reads in terms of another, from intervals in which it must have lain: every line that all of them allow is
// possible, and what the possible lines say at a point is the answer. Pure; a linear programme in two unknowns.

/** At `x` of one clock the other read something between `low` and `high`. Milliseconds on both sides. */
export interface Reading {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * How far the rates of two clocks may differ. Crystals keep ±100 ppm, and time daemons slew by up to 500 ppm
 * (RFC 5905 appendix A.1, MAXFREQ).
 */
export const MAX_DRIFT_PPM = 500;
/** How much the rate itself may change while readings are kept; crystals wander by less in a minute or two. */
const WANDER_PPM = 10;
/** Readings older than this, in terms of the newest, are forgotten. */
const WINDOW_MS = 120_000;
/** Enough to hold the narrowest ones of the window; the work grows with its square. */
const MAX_READINGS = 32;
/** Steps of the search for the extreme slope: each leaves two thirds, so that 40 leave 10⁻⁷ of 1000 ppm. */
const SEARCH_STEPS = 40;

/** The readings of one stretch in which both clocks ran steadily, and the slopes that they allow. */
interface Stretch {
  readonly readings: readonly Reading[];
  readonly slopes: Interval;
}

/**
 * Takes readings in the order in which they were made. One that contradicts those before means that a clock was set, or that
 * it was wrong itself: both stay possible until the next one says which, and the answers span both.
 */
export class BoundedLine {
  #trusted: Stretch | undefined;
  #doubted: Stretch | undefined;

  /** Whether the last reading contradicted those before. */
  get isInDoubt(): boolean {
    return this.#doubted !== undefined;
  }

  observe(reading: Reading): void {
    const continued = stretchWith(this.#trusted?.readings ?? [], reading);
    if (continued !== undefined) {
      this.#trusted = continued;
      this.#doubted = undefined;
      return;
    }
    const doubted = this.#doubted && stretchWith(this.#doubted.readings, reading);
    if (doubted === undefined) {
      this.#doubted = stretchWith([], reading);
      return;
    }
    this.#trusted = doubted;
    this.#doubted = undefined;
  }

  /** What the other clock read at `x`; undefined before the first reading. */
  at(x: number): Interval | undefined {
    if (this.#trusted === undefined) return undefined;
    const trusted = readingOf(this.#trusted, x);
    if (this.#doubted === undefined) return trusted;
    const doubted = readingOf(this.#doubted, x);
    return { low: Math.min(trusted.low, doubted.low), high: Math.max(trusted.high, doubted.high) };
  }
}

/** The readings with one more, those forgotten that no longer count; undefined where no line allows them all. */
function stretchWith(before: readonly Reading[], reading: Reading): Stretch | undefined {
  const recent = before.filter(({ x }) => reading.x - x <= WINDOW_MS);
  const kept = recent.length < MAX_READINGS ? recent : withoutWidest(recent);
  const readings = [...kept, reading];
  const slopes = possibleSlopes(readings);
  return slopes === undefined ? undefined : { readings, slopes };
}

function withoutWidest(readings: readonly Reading[]): readonly Reading[] {
  const width = ({ low, high }: Reading): number => high - low;
  const widest = readings.reduce((worst, reading) => (width(reading) > width(worst) ? reading : worst));
  return readings.filter((reading) => reading !== widest);
}

/** From each pair: a line through both intervals is at least, and at most, so steep. */
function possibleSlopes(readings: readonly Reading[]): Interval | undefined {
  let low = 1 - MAX_DRIFT_PPM / 1e6;
  let high = 1 + MAX_DRIFT_PPM / 1e6;
  for (const earlier of readings) {
    for (const later of readings) {
      const distance = later.x - earlier.x;
      const slack = (WANDER_PPM / 1e6) * Math.abs(distance);
      if (distance === 0 && later.low > earlier.high) return undefined;
      if (distance <= 0) continue;
      low = Math.max(low, (later.low - earlier.high - slack) / distance);
      high = Math.min(high, (later.high - earlier.low + slack) / distance);
    }
  }
  return low <= high ? { low, high } : undefined;
}

/** Called often, with a few tens of readings: plain loops. */
function readingOf({ readings, slopes }: Stretch, x: number): Interval {
  const highest = (slope: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (const reading of readings) {
      least = Math.min(least, reading.high + slope * (x - reading.x) + (WANDER_PPM / 1e6) * Math.abs(x - reading.x));
    }
    return least;
  };
  const negatedLowest = (slope: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (const reading of readings) {
      least = Math.min(least, -reading.low - slope * (x - reading.x) + (WANDER_PPM / 1e6) * Math.abs(x - reading.x));
    }
    return least;
  };
  return { low: -maximum(negatedLowest, slopes), high: maximum(highest, slopes) };
}

/** The greatest value of a concave function on an interval, by ternary search. */
function maximum(concave: (slope: number) => number, { low, high }: Interval): number {
  let [from, to] = [low, high];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const third = (to - from) / 3;
    if (concave(from + third) < concave(to - third)) from += third;
    else to -= third;
  }
  return Math.max(concave(low), concave(high), concave((from + to) / 2));
}
