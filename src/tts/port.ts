// Text to speech: speakable chunks in, PCM out as it is made, each piece with the characters it speaks.

import type { SpokenAudio } from '../audio/spoken.ts';

export type { SpokenAudio } from '../audio/spoken.ts';

export interface TextToSpeech {
  readonly name: string;
  readonly sampleRateHz: number;
  /** After the first chunk it takes text token by token, as it comes: the service waits for enough of it by itself. */
  readonly takesTokens?: boolean;
  /**
   * Speaks the chunks as they come, starting at the first. Throws a `StageError` with code TTS when synthesis failed;
   * ends early, without throwing, once the signal is aborted.
   */
  speak(chunks: AsyncIterable<string>, options: { readonly signal: AbortSignal }): AsyncIterable<SpokenAudio>;
  /** Gets ready to speak (loads the voice, opens the connection). */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}
