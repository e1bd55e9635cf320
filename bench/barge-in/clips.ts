// What callers say into a reply: interruptions and brief sounds, by synthetic voices and cut out of recordings of people, in
// two halves that share neither a voice nor a text: a rule is chosen on one and judged on the other.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import type { OfflineVoice } from '../../src/tts/offline/flite.ts';
import { durationMs, type Pcm, trimmed } from '../../test/e2e/pcm.ts';
import { resample } from '../../test/e2e/resample.ts';
import { synthesise } from '../../test/e2e/speech.ts';
import { parseWav } from '../../test/e2e/wav.ts';
import { narrowBand } from '../degraded-speech.ts';
import { LONGEST_MS, SHORTEST_MS } from '../heard/brief-sounds.ts';
import { Random } from '../turns/random.ts';
import { cough, coughShapes } from './coughs.ts';
import { humanClips } from './human-clips.ts';

/** An interruption that pauses after its first word ("stop, I know") sounds like a backchannel until it goes on. */
export const kinds = [
  'interruption',
  'interruption, human',
  'interruption with a pause in it',
  'backchannel',
  'cough',
  'hum, human',
  'word, human',
  'piece of speech, human',
] as const;
export type Kind = (typeof kinds)[number];

/** As it is; with noise 20 dB below it, all the time; 300 to 3400 Hz in the steps of G.711. */
export const conditions = ['clean', 'noise', 'telephone'] as const;
export type Condition = (typeof conditions)[number];

export interface Clip {
  readonly kind: Kind;
  readonly name: string;
  readonly half: 0 | 1;
  /** 16 kHz; begins with the first and ends with the last 10 ms above −45 dBFS. */
  readonly samples: Int16Array;
  /** What a recogniser makes of it; empty: nothing. */
  readonly heardAs: string;
}

const EDGE_DBFS = -45;
/** Peak of all clips: −9 dBFS. */
const PEAK = 11_600;

type Speaker = { readonly flite: OfflineVoice } | { readonly espeak: string };
const SPEAKERS: readonly (readonly Speaker[])[] = [
  [
    { flite: 'rms' },
    { espeak: 'en-us+m3' },
    { espeak: 'en-gb+f4' },
    { espeak: 'en-us+Andy' },
    { espeak: 'en-us+klatt2' },
  ],
  [{ flite: 'awb' }, { flite: 'slt' }, { espeak: 'en-us+f2' }, { espeak: 'en-gb-scotland' }],
];
const INTERRUPTIONS: readonly (readonly string[])[] = [
  [
    'No, that is not what I meant.',
    'Stop, I know that already.',
    'Can you tell me where I can park?',
    'Hold on please, one second.',
    'But what about Friday evening?',
    'How much does it cost?',
    'I have another question.',
    'Yes, but I need it today.',
    'Let me stop you there.',
    'Okay, can you book it then?',
  ],
  [
    'Wait a moment, please.',
    "That's enough, thank you.",
    'Excuse me, one question.',
    'Actually I want to cancel.',
    'Sorry, can I ask something?',
    'What time is it now?',
    'Do you have a table?',
    'No, no, the other one.',
    'Right, and what about children?',
    'Please just give me the price.',
  ],
];
const BACKCHANNELS: readonly (readonly string[])[] = [
  ['mhm', 'yeah', 'right', 'oh', 'yep', 'I see', 'really', 'hm', 'aha'],
  ['uh-huh', 'okay', 'mm', 'sure', 'ah', 'good', 'yes', 'mm-hm', 'hmm'],
];
/** Of each shape. */
const COUGHS = 3;

export async function clips(): Promise<readonly Clip[]> {
  const halves = await Promise.all(([0, 1] as const).map(syntheticHalf));
  return [...halves.flat(), ...(await clipsOfPeople())];
}

/** Peak of the noise of a quiet microphone, and of noise 20 dB below speech of RMS 1: uniform, so √3 times its own RMS. */
const QUIET_PEAK = 20;
const NOISE_PEAK = 0.1 * Math.sqrt(3);
/** What counts as speech when its level is taken. */
const ACTIVE = 300;

/** The clip as the line carries it, and the peak of the noise that is on the line all the time. */
export function lineOf(
  { samples }: Clip,
  condition: Condition,
): { readonly samples: Int16Array; readonly noisePeak: number } {
  switch (condition) {
    case 'clean':
      return { samples, noisePeak: QUIET_PEAK };
    case 'noise': {
      const active = samples.filter((sample) => Math.abs(sample) > ACTIVE);
      const power = active.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, active.length);
      return { samples, noisePeak: NOISE_PEAK * Math.sqrt(power) };
    }
    case 'telephone':
      return { samples: narrowBand(samples), noisePeak: QUIET_PEAK };
  }
}

async function syntheticHalf(half: 0 | 1): Promise<Clip[]> {
  const random = new Random('barge-in', half);
  const interruptions = await spokenBy(half, INTERRUPTIONS[half] ?? []);
  const backchannels = await spokenBy(half, BACKCHANNELS[half] ?? []);
  return [
    ...interruptions.map(({ text, name, sound }) => {
      const kind = /^\w+,/u.test(text) ? 'interruption with a pause in it' : 'interruption';
      return clip(kind, half, name, sound, text);
    }),
    // Half of them are recognised.
    ...backchannels
      .filter(({ sound }) => durationMs(sound) >= SHORTEST_MS && durationMs(sound) <= LONGEST_MS)
      .map(({ text, name, sound }, index) => clip('backchannel', half, name, sound, index % 2 === 0 ? text : '')),
    ...coughShapes.flatMap((shape) =>
      Array.from({ length: COUGHS }, (_, index) =>
        clip('cough', half, `${shape} ${index + 1}`, cough(shape, random), ''),
      ),
    ),
  ];
}

interface Spoken {
  readonly text: string;
  readonly name: string;
  readonly sound: Pcm;
}

async function spokenBy(half: 0 | 1, texts: readonly string[]): Promise<Spoken[]> {
  const voices = SPEAKERS[half] ?? [];
  return await Promise.all(
    voices.flatMap((speaker) =>
      texts.map(async (text) => {
        const sound = 'flite' in speaker ? await synthesise(text, speaker.flite) : await espeak(text, speaker.espeak);
        const name = `${text} (${'flite' in speaker ? speaker.flite : speaker.espeak})`;
        return { text, name, sound: trimmed(levelled(sound), { thresholdDbfs: EDGE_DBFS, keepMs: 0 }) };
      }),
    ),
  );
}

async function espeak(text: string, voice: string): Promise<Pcm> {
  const { stdout } = await promisify(execFile)('espeak-ng', ['--stdout', '-v', voice, text], { encoding: 'buffer' });
  return resample(parseWav(stdout, 'espeak-ng'), LISTENING_RATE_HZ);
}

async function clipsOfPeople(): Promise<Clip[]> {
  const cut = await humanClips(levelled);
  return cut.map(({ kind, half, name, sound }) =>
    clip(kind, half, name, sound, kind === 'interruption, human' ? wordsFor(sound) : ''),
  );
}

/** Words of about the right number: nobody has written down where in the recording each is. */
function wordsFor(phrase: Pcm): string {
  return Array.from({ length: Math.max(3, Math.round(durationMs(phrase) / 300)) }, (_, index) =>
    String.fromCharCode(97 + (index % 26)).repeat(4),
  ).join(' ');
}

function levelled({ samples, sampleRateHz }: Pcm): Pcm {
  const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 1);
  return { samples: samples.map((sample) => Math.round((sample * PEAK) / peak)), sampleRateHz };
}

function clip(kind: Kind, half: 0 | 1, name: string, sound: Pcm, heardAs: string): Clip {
  const { samples } = trimmed(sound, { thresholdDbfs: EDGE_DBFS, keepMs: 0 });
  return { kind, half, name, samples, heardAs };
}
