// Callers' voices: flite's, other than the agent's own. (The offline recogniser understands next to nothing of espeak-ng's.)

import { Flite, OFFLINE_VOICE_RATE_HZ, type OfflineVoice } from '../../src/tts/offline/flite.ts';
import { type Pcm, trimmed } from './pcm.ts';

/** flite's voices but `slt`, with which the agent speaks. */
export const CALLER_VOICES: readonly OfflineVoice[] = ['rms', 'awb'];

let flite: Promise<Flite> | undefined;

/** Speaks a sentence, trimmed to 50 ms of quiet at both ends. 16 kHz. */
export async function synthesise(text: string, voice: OfflineVoice = 'rms'): Promise<Pcm> {
  flite ??= Flite.load();
  const { samples } = (await flite).synthesize(text, voice);
  return trimmed({ samples, sampleRateHz: OFFLINE_VOICE_RATE_HZ });
}
