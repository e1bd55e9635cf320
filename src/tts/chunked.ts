// A voice that takes text as it comes, made of one that must be given what can be spoken by itself: a fallback voice takes
// text in the same way as the voice it stands in for.

import { speakableChunks } from '../turns/speakable-chunks.ts';
import type { TextToSpeech } from './port.ts';

/** Closing it closes `tts`. */
export function chunkedTextToSpeech(tts: TextToSpeech): TextToSpeech {
  if (tts.takesTokens === true) return tts;
  return {
    name: tts.name,
    sampleRateHz: tts.sampleRateHz,
    takesTokens: true,
    // Chunks joined are the text, so that characters count the same.
    speak: (text, options) => tts.speak(speakableChunks(text), options),
    warmUp: () => tts.warmUp(),
    close: () => tts.close(),
  };
}
