// Opens at sound that stands out from the background, so that the recogniser rests in silence. Far more generous than
// voice activity: it may open at a cough, it must not miss a consonant. Pure.

/** What stands out by this much may be speech. */
const ABOVE_FLOOR_DB = 9;
/** Nothing below this counts; comfort noise of telephones lies at −65 to −60 dBFS. */
const SILENCE_DBFS = -57;
/** The floor follows downwards within some frames, upwards within seconds: speech has pauses, background has none. */
const FALL_RATIO = 0.2;
const RISE_DB_PER_FRAME = 0.06;

export class SpeechGate {
  #floorDbfs = -75;

  /** Whether a frame of 20 ms stands out. */
  hears(samples: Int16Array): boolean {
    const levelDbfs = levelOf(samples);
    const stands = levelDbfs > Math.max(SILENCE_DBFS, this.#floorDbfs + ABOVE_FLOOR_DB);
    if (levelDbfs < this.#floorDbfs) this.#floorDbfs += (levelDbfs - this.#floorDbfs) * FALL_RATIO;
    else this.#floorDbfs = Math.min(levelDbfs, this.#floorDbfs + RISE_DB_PER_FRAME);
    return stands;
  }
}

/** RMS in dBFS, −90 for digital silence. */
function levelOf(samples: Int16Array): number {
  let energy = 1;
  for (const sample of samples) energy += sample * sample;
  return 10 * Math.log10(energy / Math.max(1, samples.length) / 32_768 ** 2);
}
