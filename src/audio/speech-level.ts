// Which windows of 10 ms are loud enough for speech: above max(−45 dBFS, noise floor + 10 dB) (DESIGN 2). Pure; one per stream.
// The demo page listens with it too.

/** Below this nothing counts as speech, however quiet the line is. */
const MINIMUM_DBFS = -45;
const ABOVE_NOISE_FLOOR_DB = 10;
/** A floor further down would make no difference. */
const LOWEST_FLOOR_DBFS = MINIMUM_DBFS - ABOVE_NOISE_FLOOR_DB;
/**
 * The floor is the quietest window of the last three seconds (minimum statistics; R. Martin, "Noise power spectral density
 * estimation", IEEE Trans. Speech Audio Process. 9, 2001): nobody speaks for so long without a closure or a breath in which the
 * noise alone is heard, and a line that becomes louder is followed in that time. Kept as minima of stretches of 250 ms.
 */
const STRETCH_WINDOWS = 25;
const STRETCHES = 12;

export class SpeechLevel {
  /** Quietest window of each stretch; the last is still being heard. A line is taken to have been quiet before. */
  readonly #minima: number[] = Array.from({ length: STRETCHES }, () => LOWEST_FLOOR_DBFS);
  #heardWindows = 0;

  /** Takes the level of the next 10 ms in dBFS. Answers whether that is loud enough for speech. */
  isLoud(dbfs: number): boolean {
    return this.marginDb(dbfs) > 0;
  }

  /** The same in dB: how far above what is loud enough. */
  marginDb(dbfs: number): number {
    const minima = this.#minima;
    if (this.#heardWindows % STRETCH_WINDOWS === 0) {
      minima.shift();
      minima.push(dbfs);
    }
    this.#heardWindows += 1;
    minima[STRETCHES - 1] = Math.min(minima[STRETCHES - 1] ?? dbfs, dbfs);
    return dbfs - this.#floorDbfs - ABOVE_NOISE_FLOOR_DB;
  }

  /** Whether noise is what speech has to be louder than. */
  get isNoisy(): boolean {
    return this.#floorDbfs > LOWEST_FLOOR_DBFS;
  }

  get #floorDbfs(): number {
    return Math.max(LOWEST_FLOOR_DBFS, Math.min(...this.#minima));
  }
}
