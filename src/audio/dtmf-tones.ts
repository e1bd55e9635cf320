// The sound of telephone keys (DTMF) in a caller's audio, by the Goertzel algorithm on frames of 20 ms.
// ITU-T Q.23 (frequencies), Q.24 Annex A (what receivers accept). It tells the tones from voice, to keep them from voice
// detection and recognition. Which keys were pressed comes out of band; it is not taken from the sound.

import type { DtmfKey } from '../rtp/dtmf.ts';
import { FRAME_MS } from '../rtp/packet.ts';
import { LISTENING_RATE_HZ } from './frame.ts';

const LOW_HZ = [697, 770, 852, 941];
const HIGH_HZ = [1209, 1336, 1477, 1633];
const KEYS: readonly (readonly DtmfKey[])[] = [
  ['1', '2', '3', 'A'],
  ['4', '5', '6', 'B'],
  ['7', '8', '9', 'C'],
  ['*', '0', '#', 'D'],
];

/** Tones may be off by 1.5 % and 2 Hz; at 20 ms one filter would take 5 dB from the upper ones there. */
const ACCEPTED_OFFSETS = [-0.0115, 0.0115];
/** Tones off by 3.5 % are no keys: they are stronger here than anywhere in between. */
const REFUSED_OFFSETS = [-0.045, 0.045];
/**
 * Share of the two tones in the energy of the frame. Whole frames of keys have 0.9 and more, at 15 dB over noise too and
 * through Opus. Of 28 minutes of voices (human, flite, espeak) at 16 kHz no frame has 0.8, at 8 kHz two.
 */
const LEAST_SHARE = 0.8;
/** The same for the frame after one: the end of a tone somewhere in it spreads its energy. */
const LEAST_SHARE_AT_END = 0.4;
/** Of what the filters at the nominal frequencies must find for a closer look: of a tone at the edge they find 0.28. */
const LEAST_NOMINAL_SHARE = 0.25;
/** The lower tone may be 8 dB stronger than the upper one, or 4 dB weaker; a decibel more for codecs. */
const MOST_LOW_OVER_HIGH = 10 ** (9 / 10);
const LEAST_LOW_OVER_HIGH = 10 ** (-5 / 10);
/** Mean square at −45 dBFS, some 10 dB below the faintest that must be accepted. */
const LEAST_POWER = (32_768 * 10 ** (-45 / 20)) ** 2;

interface Tones {
  readonly key: DtmfKey;
  readonly lowHz: number;
  readonly highHz: number;
}

const FRAME_SAMPLES = (LISTENING_RATE_HZ * FRAME_MS) / 1000;

/** Listens to one caller, frame by frame. */
export class DtmfToneDetector {
  #key: DtmfKey | undefined;

  /** Samples of any length, the next in order, with silence in place of keys: the same array where there are none. */
  silenceKeys(samples: Int16Array): Int16Array {
    let silenced = samples;
    for (let from = 0; from < samples.length; from += FRAME_SAMPLES) {
      if (this.process(samples.subarray(from, from + FRAME_SAMPLES)) === undefined) continue;
      if (silenced === samples) silenced = samples.slice();
      silenced.fill(0, from, from + FRAME_SAMPLES);
    }
    return silenced;
  }

  /** Which key's sound these samples (16 kHz, about 20 ms, the next in order) are; undefined for any other sound. */
  process(samples: Int16Array): DtmfKey | undefined {
    const energy = energyOf(samples);
    this.#key = energy < LEAST_POWER * samples.length ? undefined : keyIn(samples, energy, this.#key);
    return this.#key;
  }
}

function keyIn(samples: Int16Array, energy: number, before: DtmfKey | undefined): DtmfKey | undefined {
  // The energy of a sine of n samples is 2/n of the square of its Goertzel magnitude.
  const shareOf = (hz: number): number => (2 * goertzel(samples, hz)) / (samples.length * energy);
  const lowShares = LOW_HZ.map(shareOf);
  const highShares = HIGH_HZ.map(shareOf);
  const nominalLow = Math.max(...lowShares);
  const nominalHigh = Math.max(...highShares);
  if (nominalLow + nominalHigh < LEAST_NOMINAL_SHARE) return undefined;
  const row = lowShares.indexOf(nominalLow);
  const column = highShares.indexOf(nominalHigh);
  const tones: Tones | undefined = tonesAt(row, column);
  if (tones === undefined) return undefined;
  const low = Math.max(nominalLow, ...near(tones.lowHz, ACCEPTED_OFFSETS).map(shareOf));
  const high = Math.max(nominalHigh, ...near(tones.highHz, ACCEPTED_OFFSETS).map(shareOf));
  const leastShare = tones.key === before ? LEAST_SHARE_AT_END : LEAST_SHARE;
  const isTwisted = low > MOST_LOW_OVER_HIGH * high || low < LEAST_LOW_OVER_HIGH * high;
  if (low + high < leastShare || isTwisted) return undefined;
  const isElsewhere =
    near(tones.lowHz, REFUSED_OFFSETS).some((hz) => shareOf(hz) > low) ||
    near(tones.highHz, REFUSED_OFFSETS).some((hz) => shareOf(hz) > high);
  return isElsewhere ? undefined : tones.key;
}

function tonesAt(row: number, column: number): Tones | undefined {
  const key = KEYS[row]?.[column];
  const lowHz = LOW_HZ[row];
  const highHz = HIGH_HZ[column];
  return key === undefined || lowHz === undefined || highHz === undefined ? undefined : { key, lowHz, highHz };
}

function near(hz: number, offsets: readonly number[]): readonly number[] {
  return offsets.map((offset) => hz * (1 + offset));
}

/** Squared magnitude of the samples at one frequency (Goertzel 1958). */
function goertzel(samples: Int16Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / LISTENING_RATE_HZ);
  let last = 0;
  let beforeLast = 0;
  for (const sample of samples) {
    const next = sample + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  return last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
}

function energyOf(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return energy;
}
