// Callers' voices: flite's, other than the agent's own, and espeak-ng's where that program is installed.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Flite, OFFLINE_VOICE_RATE_HZ, type OfflineVoice } from '../../src/tts/offline/flite.ts';
import { type Pcm, trimmed } from './pcm.ts';
import { readWav } from './wav.ts';

/** flite's voices but `slt`, with which the agent speaks. */
export const CALLER_VOICES: readonly OfflineVoice[] = ['rms', 'awb'];

let flite: Promise<Flite> | undefined;

/** Speaks a sentence, trimmed to 50 ms of quiet at both ends. 16 kHz. */
export async function synthesise(text: string, voice: OfflineVoice = 'rms'): Promise<Pcm> {
  flite ??= Flite.load();
  const { samples } = (await flite).synthesize(text, voice);
  return trimmed({ samples, sampleRateHz: OFFLINE_VOICE_RATE_HZ });
}

/** Speaks with espeak-ng, started as a program of its own; `undefined` where it isn't installed. 22.05 kHz. */
export async function synthesiseWithEspeak(text: string, voice = 'en-us'): Promise<Pcm | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'espeak-'));
  const file = join(directory, 'out.wav');
  try {
    await promisify(execFile)('espeak-ng', ['-v', voice, '-s', '150', '-w', file, text]);
    return trimmed(await readWav(file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await rm(directory, { recursive: true });
  }
}
