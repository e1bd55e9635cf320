// A fade that no ear hears as a click: half a period of a cosine.

/** Fades the samples out in place: full at the first, nothing after the last. */
export function fadeOut(samples: Int16Array): void {
  for (let n = 0; n < samples.length; n += 1) {
    const gain = 0.5 + 0.5 * Math.cos((Math.PI * (n + 0.5)) / samples.length);
    samples[n] = Math.round((samples[n] ?? 0) * gain);
  }
}
