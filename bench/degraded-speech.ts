// What telephones and rooms do to 16 kHz speech: noise at a given distance, and the band and the steps of G.711.

const FULL_SCALE = 32_767;
/** What counts as speech when its level is taken. */
const ACTIVE = 300;

/** Adds noise with a falling spectrum, as rooms have it, `snrDb` below the level of the speech. Seeded: always the same. */
export function withNoise(samples: Int16Array, snrDb: number): Int16Array {
  const active = samples.filter((sample) => Math.abs(sample) > ACTIVE);
  const speech = Math.sqrt(active.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, active.length));
  const shaped = shapedNoise(samples.length);
  const power = Math.sqrt(shaped.reduce((sum, value) => sum + value * value, 0) / shaped.length);
  const gain = (speech / power) * 10 ** (-snrDb / 20);
  return samples.map((sample, index) => clip(sample + gain * (shaped[index] ?? 0)));
}

function shapedNoise(length: number): Float64Array {
  let seed = 1;
  const uniform = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed / 0x7fff_ffff - 0.5;
  };
  let last = 0;
  return Float64Array.from({ length }, () => {
    last = 0.7 * last + uniform() + uniform() + uniform();
    return last;
  });
}

/** 300 to 3400 Hz, sampled at 8 kHz in µ-law (ITU-T G.711), and back to 16 kHz. */
export function narrowBand(samples: Int16Array): Int16Array {
  const filtered = filter(samples, bandPass(300, 3400));
  const stuffed = filtered.map((value, index) => (index % 2 === 0 ? 2 * muLaw(value) : 0));
  return Int16Array.from(filter(stuffed, bandPass(0, 3800)), clip);
}

/** Compressed to eight bits and expanded again; the continuous law of G.711, μ = 255. */
function muLaw(value: number): number {
  const compressed = Math.sign(value) * (Math.log1p((255 * Math.abs(value)) / FULL_SCALE) / Math.log(256));
  const stepped = Math.round(compressed * 127) / 127;
  return Math.sign(stepped) * (FULL_SCALE / 255) * (256 ** Math.abs(stepped) - 1);
}

/** Low pass, `x` samples from its middle. */
function sinc(hz: number, x: number): number {
  return x === 0 ? (2 * hz) / 16_000 : Math.sin((2 * Math.PI * hz * x) / 16_000) / (Math.PI * x);
}

/** Windowed sinc of 127 taps for 16 kHz. */
function bandPass(lowHz: number, highHz: number): number[] {
  return Array.from({ length: 127 }, (_, index) => {
    const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * index) / 126);
    return window * (sinc(highHz, index - 63) - sinc(lowHz, index - 63));
  });
}

function filter(samples: ArrayLike<number>, taps: readonly number[]): Float64Array {
  return Float64Array.from({ length: samples.length }, (_, at) =>
    taps.reduce((sum, tap, index) => sum + tap * (samples[at + 63 - index] ?? 0), 0),
  );
}

function clip(value: number): number {
  return Math.max(-FULL_SCALE - 1, Math.min(FULL_SCALE, Math.round(value)));
}
