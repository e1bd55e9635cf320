// Coughs made of noise and pulses, in the shapes that coughs have (Korpáš, Sadloňová, Vrabec 1996): an explosive burst and the
// hiss that fades after it; the same with a voice at its end; two in a row; a throat that is cleared, which is a creak.

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import type { Pcm } from '../../test/e2e/pcm.ts';
import type { Random } from '../turns/random.ts';

export const coughShapes = ['burst', 'voiced end', 'double', 'throat'] as const;
export type CoughShape = (typeof coughShapes)[number];

const AMPLITUDE = 20_000;

/** 180 to 440 ms, as loud as speech. */
export function cough(shape: CoughShape, random: Random): Pcm {
  switch (shape) {
    case 'burst':
      return { samples: burst(random.between(180, 400), random), sampleRateHz: LISTENING_RATE_HZ };
    case 'voiced end':
      return joined(burst(random.between(140, 240), random), voicedEnd(random.between(80, 160), random));
    case 'double':
      return joined(burst(random.between(120, 190), random), burst(random.between(140, 220), random));
    case 'throat':
      return { samples: creak(random.between(250, 440), random), sampleRateHz: LISTENING_RATE_HZ };
  }
}

function samplesIn(ms: number): number {
  return Math.round((ms * LISTENING_RATE_HZ) / 1000);
}

function joined(...parts: readonly Int16Array[]): Pcm {
  return { samples: Int16Array.from(parts.flatMap((part) => [...part])), sampleRateHz: LISTENING_RATE_HZ };
}

/** Noise that begins within 5 ms and fades. */
function burst(ms: number, random: Random): Int16Array {
  const length = samplesIn(ms);
  let last = 0;
  return Int16Array.from({ length }, (_, index) => {
    last = 0.6 * last + 0.4 * random.between(-1, 1);
    return Math.round(AMPLITUDE * last * Math.min(1, index / 80) * Math.exp((-3 * index) / length));
  });
}

/** A falling tone with harmonics, rough with noise. */
function voicedEnd(ms: number, random: Random): Int16Array {
  const length = samplesIn(ms);
  const startHz = random.between(200, 380);
  let phase = 0;
  return Int16Array.from({ length }, (_, index) => {
    phase += (2 * Math.PI * startHz * (1 - (0.3 * index) / length)) / LISTENING_RATE_HZ;
    const voice = Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase) + 0.3 * random.between(-1, 1);
    return Math.round(0.1 * AMPLITUDE * voice * Math.sin((Math.PI * index) / length));
  });
}

/** Pulses at irregular times, 40 to 80 a second, each ringing on at some 600 Hz. */
function creak(ms: number, random: Random): Int16Array {
  const length = samplesIn(ms);
  const sound = new Float64Array(length);
  for (let at = 0; at < length; at += samplesIn(random.between(12, 25))) {
    for (let n = 0; n < samplesIn(20) && at + n < length; n += 1) {
      const ring = Math.sin((2 * Math.PI * 600 * n) / LISTENING_RATE_HZ) + 0.5 * random.between(-1, 1);
      sound[at + n] = (sound[at + n] ?? 0) + ring * Math.exp(-n / 80);
    }
  }
  return Int16Array.from(sound, (value, index) =>
    Math.round(0.35 * AMPLITUDE * value * Math.min(1, index / 400, (length - index) / 800)),
  );
}
