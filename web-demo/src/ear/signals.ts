// Signals for the tests of the ear.

/** So many milliseconds of a steady sound of this level, or of digital silence. */
export interface Stretch {
  readonly ms: number;
  /** dBFS, of a square wave. */
  readonly dbfs?: number;
}

/** Stretches one after the other, −1 to 1. */
export function signal(sampleRateHz: number, ...stretches: readonly Stretch[]): Float32Array {
  const parts = stretches.map(({ ms, dbfs }) => {
    const amplitude = dbfs === undefined ? 0 : 10 ** (dbfs / 20);
    return Array.from({ length: Math.round((ms * sampleRateHz) / 1000) }, (_, index) =>
      Math.floor(index / 40) % 2 === 0 ? amplitude : -amplitude,
    );
  });
  return Float32Array.from(parts.flat());
}

export function int16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(sample * 32_767));
}
