// What is known of an instant that nobody of ours saw: an interval that it lies in for certain. Where there is no basis for
// one, the value is `undefined`, and reports say 'unknown'; never 0.

/** An instant on our monotonic clock, known to lie within `atMs` ± `errorMs`. */
export interface BoundedInstant {
  readonly atMs: number;
  /** Half the width of what is possible; 0 where we read our own clock. */
  readonly errorMs: number;
}

/** What we saw ourselves. */
export function seenAt(atMs: number): BoundedInstant {
  return { atMs, errorMs: 0 };
}

/** Somewhere between the two. */
export function between(earliestMs: number, latestMs: number): BoundedInstant {
  return { atMs: (earliestMs + latestMs) / 2, errorMs: Math.max(0, latestMs - earliestMs) / 2 };
}

/** Later by something between `leastMs` and `mostMs`; negative values are earlier. */
export function shifted({ atMs, errorMs }: BoundedInstant, leastMs: number, mostMs: number = leastMs): BoundedInstant {
  return { atMs: atMs + (leastMs + mostMs) / 2, errorMs: errorMs + (mostMs - leastMs) / 2 };
}

/** In so many of a hundred cases what is said to lie within a bound of two ends does. */
const COVERED_RATIO = 0.95;

/**
 * How far the time between two instants may be off in 19 of 20 cases. Each lies in its interval for certain, and anywhere in it
 * with the same chance, whatever the other does: the sum of two uniform errors, whose density is a trapezium.
 */
export function durationErrorMs({ errorMs: one }: BoundedInstant, { errorMs: other }: BoundedInstant): number {
  const [narrow, wide] = [Math.min(one, other), Math.max(one, other)];
  const missed = 1 - COVERED_RATIO;
  // The tails of the trapezium are within its level part where one error is small beside the other, else on its slopes, where
  // both together have the area (narrow + wide - bound)² / (4 narrow wide).
  return narrow < wide * missed ? wide * COVERED_RATIO : narrow + wide - Math.sqrt(4 * missed * narrow * wide);
}
