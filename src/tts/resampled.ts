// A voice at another sampling rate than its own: a fallback voice has that of the voice it stands in for.

import { Resampler } from '../audio/resampler.ts';
import type { TextToSpeech } from './port.ts';

export function resampledTextToSpeech(tts: TextToSpeech, sampleRateHz: number): TextToSpeech {
  if (tts.sampleRateHz === sampleRateHz) return tts;
  return {
    name: tts.name,
    sampleRateHz,
    ...(tts.takesTokens !== undefined && { takesTokens: tts.takesTokens }),
    warmUp: () => tts.warmUp(),
    close: () => tts.close(),
    async *speak(chunks, options) {
      const resampler = new Resampler(tts.sampleRateHz, sampleRateHz);
      let spokenTo = 0;
      for await (const { samples, characterStart, characterEnd } of tts.speak(chunks, options)) {
        spokenTo = characterEnd;
        yield { samples: resampler.push(samples), characterStart, characterEnd };
      }
      if (spokenTo === 0 || options.signal.aborted) return;
      yield { samples: resampler.flush(), characterStart: spokenTo, characterEnd: spokenTo };
    },
  };
}
