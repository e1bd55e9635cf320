// A voice that takes text as it comes, made of one that must be given what can be spoken by itself: a fallback voice takes
// text in the same way as the voice it stands in for.

import { speakableChunks } from '../turns/speakable-chunks.ts';
import type { TextToSpeech } from './port.ts';

/** `language`: BCP 47. Closing it closes `tts`. */
export function chunkedTextToSpeech(tts: TextToSpeech, language: string): TextToSpeech {
  if (tts.takesTokens === true) return tts;
  return {
    name: tts.name,
    sampleRateHz: tts.sampleRateHz,
    takesTokens: true,
    // Chunks joined are the text, so that characters count the same.
    speak: (text, options) => tts.speak(speakableChunks(text, { language }), options),
    warmUp: () => tts.warmUp(),
    close: () => tts.close(),
  };
}
