// Instants on the ear's clock: milliseconds since its `AudioContext` began. Detectors that look in windows leave a span.

/** Somewhere from `earliestMs` to `latestMs`. */
export interface InstantSpan {
  readonly earliestMs: number;
  readonly latestMs: number;
}

export function middleMs({ earliestMs, latestMs }: InstantSpan): number {
  return (earliestMs + latestMs) / 2;
}

export function halfWidthMs({ earliestMs, latestMs }: InstantSpan): number {
  return (latestMs - earliestMs) / 2;
}

export function spanOf(instants: readonly number[]): InstantSpan | undefined {
  return instants.length === 0 ? undefined : { earliestMs: Math.min(...instants), latestMs: Math.max(...instants) };
}
