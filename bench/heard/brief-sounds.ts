// Sounds of 150 to 450 ms that want no answer: pieces of human speech, cut out of recordings; "mhm" and the like by synthetic
// voices; coughs made of noise. No recording of a human cough or "mhm" under a free licence is at hand, hence the pieces.

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { resample } from '../../test/e2e/resample.ts';
import { CALLER_VOICES, synthesise } from '../../test/e2e/speech.ts';
import { durationMs, levelDbfs, type Pcm, trimmed, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { parseWav, readWav } from '../../test/e2e/wav.ts';
import { Random } from '../turns/random.ts';

export interface BriefSound {
  readonly kind: 'human' | 'synthetic' | 'cough';
  readonly name: string;
  readonly sound: Pcm;
  /** What a recogniser makes of it; often nothing. */
  readonly heardAs: string;
}

export const SHORTEST_MS = 150;
export const LONGEST_MS = 450;
/** Ours, and those of Debian's pocketsphinx-testdata and alsa-utils where they are installed. */
const RECORDINGS: readonly string[] = [
  fileURLToPath(new URL('../../test/fixtures/speech/', import.meta.url)),
  '/usr/share/pocketsphinx/test/data/cards/',
  '/usr/share/pocketsphinx/test/data/librivox/',
  '/usr/share/sounds/alsa/',
];
const WORDS = ['mhm', 'uh-huh', 'okay', 'yeah', 'right'];

/** As many as there are up to `count`, of all kinds in turn, always the same. */
export async function briefSounds(count: number): Promise<readonly BriefSound[]> {
  const random = new Random('brief sounds');
  const human = random.shuffled(await humanPieces(random));
  const synthetic = random.shuffled(await syntheticWords());
  const coughs = Array.from({ length: count }, (_, index) => cough(index, random));
  // Half of them human, a quarter each of the others.
  const turn = [human, synthetic, human, coughs];
  const sounds: BriefSound[] = [];
  for (let index = 0; sounds.length < count; index += 1) {
    const next = turn[index % turn.length]?.shift() ?? coughs.shift();
    if (next === undefined) break;
    sounds.push(next);
  }
  return sounds;
}

async function humanPieces(random: Random): Promise<BriefSound[]> {
  const recordings = await humanRecordings();
  return recordings.flatMap(({ name, sound: recording }) =>
    stretches(recording, random).map((sound, index): BriefSound => ({
      kind: 'human',
      name: `${name} ${index + 1}`,
      sound,
      heardAs: '',
    })),
  );
}

/** Those that are there, by name. */
export async function humanRecordings(): Promise<readonly { readonly name: string; readonly sound: Pcm }[]> {
  const files = await Promise.all(RECORDINGS.map(wavFilesIn));
  return await Promise.all(
    files.flat().map(async (path) => ({ name: path.split('/').at(-1) ?? path, sound: await readWav(path) })),
  );
}

async function wavFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith('.wav') && name !== 'Noise.wav')
    .sort()
    .map((name) => `${folder}${name}`);
}

const VOICE_DBFS = -35;
/** Between two stretches. */
const GAP_WINDOWS = 3;
const FADE_MS = 8;

/** Loud stretches between quieter places, cut off in the middle of speech where they are too long, with short fades. */
export function stretches(recording: Pcm, random: Random): Pcm[] {
  const { samples, sampleRateHz } = recording;
  const window = (sampleRateHz * WINDOW_MS) / 1000;
  const isLoud = (index: number): boolean =>
    levelDbfs(samples.subarray(index * window, (index + 1) * window)) > VOICE_DBFS;
  const found: Pcm[] = [];
  let start: number | undefined;
  let quiet = 0;
  let longestMs = random.between(SHORTEST_MS, LONGEST_MS);
  for (let index = 0; index * window < samples.length; index += 1) {
    quiet = isLoud(index) ? 0 : quiet + 1;
    if (start === undefined && quiet === 0) start = index;
    if (start === undefined) continue;
    const length = index - start + 1;
    const hasEnded = quiet >= GAP_WINDOWS;
    if (!hasEnded && length * WINDOW_MS < longestMs) continue;
    const end = hasEnded ? index + 1 - quiet : index + 1;
    if ((end - start) * WINDOW_MS >= SHORTEST_MS) {
      found.push(faded({ samples: samples.slice(start * window, end * window), sampleRateHz }));
    }
    start = undefined;
    longestMs = random.between(SHORTEST_MS, LONGEST_MS);
  }
  return found;
}

export function faded({ samples, sampleRateHz }: Pcm): Pcm {
  const ramp = (FADE_MS * sampleRateHz) / 1000;
  const shaped = samples.map((sample, index) =>
    Math.round(sample * Math.min(1, index / ramp, (samples.length - index) / ramp)),
  );
  return { samples: shaped, sampleRateHz };
}

/** By flite, and by espeak-ng where it is installed. Half of them are recognised. */
async function syntheticWords(): Promise<BriefSound[]> {
  const spoken = await Promise.all(
    WORDS.flatMap((word) => [
      ...CALLER_VOICES.map(async (voice) => ({ word, voice, sound: await synthesise(word, voice) })),
      ...['en-us+m3', 'en-us+f2'].map(async (voice) => ({ word, voice, sound: await espeak(word, voice) })),
    ]),
  );
  return spoken.flatMap(({ word, voice, sound }, index): BriefSound[] => {
    if (sound === undefined) return [];
    const short = shortened(trimmed(sound, { keepMs: 0 }));
    return [{ kind: 'synthetic', name: `${word} (${voice})`, sound: short, heardAs: index % 2 === 0 ? word : '' }];
  });
}

async function espeak(word: string, voice: string): Promise<Pcm | undefined> {
  try {
    const args = ['--stdout', '-s', '230', '-v', voice, word];
    const { stdout } = await promisify(execFile)('espeak-ng', args, { encoding: 'buffer' });
    return resample(parseWav(stdout, 'espeak-ng'), LISTENING_RATE_HZ);
  } catch {
    return undefined; // it is not installed
  }
}

/** A slow voice is cut off. */
function shortened(sound: Pcm): Pcm {
  if (durationMs(sound) <= LONGEST_MS) return sound;
  const length = (LONGEST_MS * sound.sampleRateHz) / 1000;
  return faded({ samples: sound.samples.slice(0, length), sampleRateHz: sound.sampleRateHz });
}

/** A burst of noise that fades, as loud as speech. */
export function cough(number: number, random: Random): BriefSound {
  const sampleRateHz = LISTENING_RATE_HZ;
  const ms = random.between(180, 400);
  const length = Math.round((ms * sampleRateHz) / 1000);
  let last = 0;
  const samples = Int16Array.from({ length }, (_, index) => {
    last = 0.6 * last + 0.4 * random.between(-1, 1);
    return Math.round(20_000 * last * Math.min(1, index / 80) * Math.exp((-3 * index) / length));
  });
  return { kind: 'cough', name: `cough ${number + 1} (noise)`, sound: { samples, sampleRateHz }, heardAs: '' };
}
