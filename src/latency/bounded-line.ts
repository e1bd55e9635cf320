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
/** How much the rate itself may change while readings are kept; crystals wander by less in some minutes. */
const WANDER_PPM = 10;
/**
 * Readings older than this, in terms of the newest, are forgotten. For so long a way that became longer is told from a clock that
 * was set, or drifts.
 */
const WINDOW_MS = 300_000;
/** Enough to hold the narrowest ones of the window; the work grows with its square. */
const MAX_READINGS = 32;
/** Far below what any clock shows. */
const EXACT_TO_MS = 1e-9;
/** Two readings are rounded, and their difference is: of numbers like milliseconds since 1970, a thousandth of one. */
const ROUNDED_BY = 4 * Number.EPSILON;

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
      const slack = (WANDER_PPM / 1e6) * Math.abs(distance) + ROUNDED_BY * Math.abs(later.high);
      if (distance === 0 && later.low > earlier.high + slack) return undefined;
      if (distance <= 0) continue;
      low = Math.max(low, (later.low - earlier.high - slack) / distance);
      high = Math.min(high, (later.high - earlier.low + slack) / distance);
    }
  }
  return low <= high ? { low, high } : undefined;
}

function readingOf({ readings, slopes }: Stretch, x: number): Interval {
  return { low: -greatestLeast(readings, slopes, x, LOWER), high: greatestLeast(readings, slopes, x, UPPER) };
}

/** What readings bound: the value from above, or its negative. */
type Side = typeof UPPER | typeof LOWER;
const UPPER = 1;
const LOWER = -1;

/** What one reading allows at `x` with a line so steep. */
function allowed(reading: Reading, x: number, slope: number, side: Side): number {
  const distance = x - reading.x;
  const bound = side === UPPER ? reading.high : -reading.low;
  return bound + side * slope * distance + (WANDER_PPM / 1e6) * Math.abs(distance);
}

/** The reading that allows least. Called often, with a few tens of readings: a plain loop. */
function tightest(readings: readonly Reading[], x: number, slope: number, side: Side): Reading | undefined {
  let found: Reading | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const reading of readings) {
    const value = allowed(reading, x, slope, side);
    if (value >= least) continue;
    least = value;
    found = reading;
  }
  return found;
}

/**
 * The most that all readings allow, over the slopes. Each reading allows what grows or falls steadily with the slope, so that
 * the least of them rises to one top: at an end of the slopes, or where one that grows and one that falls meet. Of such a
 * pair each further step replaces one by what is tighter where they meet (cutting planes, Kelley 1960).
 */
function greatestLeast(readings: readonly Reading[], { low, high }: Interval, x: number, side: Side): number {
  const [first] = readings;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  let growing: Reading = tightest(readings, x, low, side) ?? first;
  let falling: Reading = tightest(readings, x, high, side) ?? first;
  if (side * (x - growing.x) <= 0) return allowed(growing, x, low, side);
  if (side * (x - falling.x) >= 0) return allowed(falling, x, high, side);
  for (let step = 0; ; step += 1) {
    const slope = meetingSlope(growing, falling, x, side);
    const top = allowed(growing, x, slope, side);
    const tighter: Reading = tightest(readings, x, slope, side) ?? growing;
    const isTop = allowed(tighter, x, slope, side) >= top - EXACT_TO_MS || tighter.x === x;
    if (isTop) return allowed(tighter, x, slope, side);
    // Rounding could have two pairs take turns: what was found so far bounds the top from above.
    if (step > readings.length) return top;
    if (side * (x - tighter.x) > 0) growing = tighter;
    else falling = tighter;
  }
}

/** With which slope two readings allow the same. */
function meetingSlope(growing: Reading, falling: Reading, x: number, side: Side): number {
  return (allowed(falling, x, 0, side) - allowed(growing, x, 0, side)) / (side * (falling.x - growing.x));
}
