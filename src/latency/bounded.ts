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
