// What a caller says in the comparison of account and truth: one track, a question at set places, each in other words, so
// that each turn of the agent's report is known by them.

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { CALLER_VOICES, synthesise } from '../../test/e2e/speech.ts';
import { levelDbfs, type Pcm } from '../../test/e2e/pcm.ts';
import { resample } from '../../test/e2e/resample.ts';
import { withNoise } from '../degraded-speech.ts';
import { type ScriptedUtterance, utteranceOf } from '../providers/deepgram.ts';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const QUESTIONS = [
  (day: string) => `are you open on ${day}`,
  (day: string) => `can i book a table for ${day}`,
  (day: string) => `is there any music on ${day}`,
  (day: string) => `do you serve breakfast on ${day}`,
  (day: string) => `what is the soup on ${day}`,
  (day: string) => `when does the kitchen close on ${day}`,
];

/** Where the agent's answer has ended and the caller has drawn breath. */
export const SLOT_MS = 4000;
const BREATH_MS = 150;
/** After the last slot: an answer that comes late is still heard. */
const TAIL_MS = 2000;
/** A noise gate of the recogniser, above the noise of its line. */
const ABOVE_NOISE_DB = 6;

export interface ScriptedTurn {
  /** As the recogniser tells it, and the agent's report. */
  readonly text: string;
  /** In the track: its slot, in which nothing else is said. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Script {
  readonly turns: readonly ScriptedTurn[];
  /** 16 kHz, from before the first slot to after the last one. */
  readonly track: Pcm;
  /** For the recogniser. */
  readonly words: readonly ScriptedUtterance[];
  readonly voiceDbfs: number | undefined;
}

/** `leadMs`: quiet, or noise, before the first question. `snrDb`: noise all the way, as rooms have it; undefined: none. */
export async function scriptOf(count: number, leadMs: number, snrDb?: number): Promise<Script> {
  const samples = new Int16Array(((leadMs + count * SLOT_MS + TAIL_MS) * LISTENING_RATE_HZ) / 1000);
  const turns: ScriptedTurn[] = [];
  const words: ScriptedUtterance[] = [];
  for (let index = 0; index < count; index += 1) {
    const question = QUESTIONS[index % QUESTIONS.length];
    const day = DAYS[Math.floor(index / QUESTIONS.length) % DAYS.length];
    const voice = CALLER_VOICES[index % CALLER_VOICES.length];
    if (question === undefined || day === undefined || voice === undefined) throw new Error('nothing to ask');
    const text = question(day);
    const speech = await synthesise(text, voice);
    const fromMs = leadMs + index * SLOT_MS;
    // Not always at the same place within packets and blocks.
    const startSample = ((fromMs + BREATH_MS) * LISTENING_RATE_HZ) / 1000 + ((index * 37) % 320);
    samples.set(speech.samples, startSample);
    turns.push({ text, fromMs, toMs: fromMs + SLOT_MS });
    words.push(utteranceOf(text, speech.samples));
  }
  if (snrDb === undefined) {
    return { turns, track: { samples, sampleRateHz: LISTENING_RATE_HZ }, words, voiceDbfs: undefined };
  }
  const noisy = withNoise(samples, snrDb);
  const noiseDbfs = levelDbfs(noisy.subarray(0, (Math.max(100, leadMs) * LISTENING_RATE_HZ) / 1000));
  return {
    turns,
    track: { samples: noisy, sampleRateHz: LISTENING_RATE_HZ },
    words,
    voiceDbfs: noiseDbfs + ABOVE_NOISE_DB,
  };
}

/** As a sound card takes it. */
export function atMicrophoneRate(track: Pcm): Pcm {
  return resample(track, 48_000);
}
