// Speech for tests, made by the offline voice.

import { speechGrammar } from '../../src/llm/front-desk/front-desk.ts';
import type { SpeechGrammar } from '../../src/stt/offline.ts';
import { Flite, type OfflineVoice } from '../../src/tts/offline/flite.ts';

export const frontDeskGrammar: SpeechGrammar = speechGrammar;

let flite: Promise<Flite> | undefined;

/** 16 kHz, with the short silences that flite leaves on both sides. */
export async function spoken(text: string, voice: OfflineVoice = 'slt'): Promise<Int16Array> {
  flite ??= Flite.load();
  return (await flite).synthesize(text, voice).samples;
}
