// Text to speech: speakable chunks in, PCM out as it is made, each piece with the characters it speaks.

/** Mono 16 bit PCM at the voice's `sampleRateHz`. */
export interface SpokenAudio {
  readonly samples: Int16Array;
  /**
   * Which characters of the text (all chunks of this call joined) the samples speak: [start, end).
   * Pieces come in order; a piece of silence has start = end.
   */
  readonly characterStart: number;
  readonly characterEnd: number;
}

export interface TextToSpeech {
  readonly name: string;
  readonly sampleRateHz: number;
  /**
   * Speaks the chunks as they come, starting at the first. Throws a `StageError` with code TTS when synthesis failed;
   * ends early, without throwing, once the signal is aborted.
   */
  speak(chunks: AsyncIterable<string>, options: { readonly signal: AbortSignal }): AsyncIterable<SpokenAudio>;
  /** Gets ready to speak (loads the voice, opens the connection). */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}
