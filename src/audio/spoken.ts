// Synthesised speech on its way from a voice to the playout.

/** Mono 16 bit PCM at the voice's `sampleRateHz`. */
export interface SpokenAudio {
  readonly samples: Int16Array;
  /**
   * Which characters of the text (all chunks of a reply joined) the samples speak: [start, end).
   * Pieces come in order; a piece of silence has start = end.
   */
  readonly characterStart: number;
  readonly characterEnd: number;
}
