// Which windows of 10 ms are loud enough for speech: above max(−45 dBFS, noise floor + 10 dB) (DESIGN 2). Pure; one per stream.
// The demo page listens with it too.

/** Below this nothing counts as speech, however quiet the line is. */
const MINIMUM_DBFS = -45;
const ABOVE_NOISE_FLOOR_DB = 10;
/** One further down would make no difference, and take longer to follow a line that becomes louder. */
const LOWEST_FLOOR_DBFS = MINIMUM_DBFS - ABOVE_NOISE_FLOOR_DB;
/** The floor follows a quieter line at once and a louder one slowly, so that speech itself does not raise it much. */
const FLOOR_RISE_DB_PER_WINDOW = 0.02;

export class SpeechLevel {
  #floorDbfs = LOWEST_FLOOR_DBFS;

  /** Takes the level of the next 10 ms in dBFS. Answers whether that is loud enough for speech. */
  isLoud(dbfs: number): boolean {
    this.#floorDbfs = Math.max(LOWEST_FLOOR_DBFS, Math.min(dbfs, this.#floorDbfs + FLOOR_RISE_DB_PER_WINDOW));
    return dbfs > this.#floorDbfs + ABOVE_NOISE_FLOOR_DB;
  }
}
