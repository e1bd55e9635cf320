// Whether a turn sounds complete (intonation, lengthening, breath), whatever its words are: the port of a model that
// judges the sound of a pause. Implementations answer in time or not at all; the words alone decide then.

export interface SoundModel {
  /** For the log. */
  readonly name: string;
  /**
   * Loads it. Rejects with a `ConfigurationError` that says what to install or to get. Resolves where it was loaded before,
   * also if it has failed since: that is no reason to refuse a call.
   */
  warmUp(): Promise<void>;
  /**
   * The probability (0 to 1) that a turn is complete which sounds like `samples`: 16 kHz mono, its beginning or the last
   * 8 s, up to the silence after it. `undefined` where there is no answer in time, or none at all any more; never rejects
   * but with the signal's reason.
   */
  judge(samples: Int16Array, options: { readonly signal: AbortSignal }): Promise<number | undefined>;
  /** Releases what its calls share. */
  close(): Promise<void>;
}
