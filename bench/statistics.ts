// Order statistics for tables of figures.

/** The value below which `ratio` (0 to 1) of `values` lie (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], ratio: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? Number.NaN;
}
