// Median and 95th percentile of durations. Pure.

export interface Distribution {
  /** 1 or more. */
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

/** By nearest rank: each figure is one that occurred. Undefined without any. */
export function distribution(values: readonly (number | undefined)[]): Distribution | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((one, other) => one - other);
  const atRank = (ratio: number): number | undefined => sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)];
  const [p50, p95] = [atRank(0.5), atRank(0.95)];
  return p50 === undefined || p95 === undefined ? undefined : { count: sorted.length, p50, p95 };
}
