// Clips cut out of recordings of people: phrases that interrupt; whole words, hums and pieces of speech that are brief.
// The recordings: those of the benchmark at the real ear, and telephone prompts (Debian's asterisk-core-sounds-*-wav) where
// they are installed. No recording of a human cough or "mhm" under a free licence is at hand.

import { readdir } from 'node:fs/promises';

import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { durationMs, levelDbfs, type Pcm, trimmed, WINDOW_MS } from '../../test/e2e/pcm.ts';
import { resample } from '../../test/e2e/resample.ts';
import { readWav } from '../../test/e2e/wav.ts';
import { faded, humanRecordings, LONGEST_MS, SHORTEST_MS, stretches } from '../heard/brief-sounds.ts';
import { percentile } from '../statistics.ts';
import { Random } from '../turns/random.ts';

export type HumanKind = 'interruption, human' | 'word, human' | 'hum, human' | 'piece of speech, human';

export interface HumanClip {
  readonly kind: HumanKind;
  readonly name: string;
  readonly half: 0 | 1;
  readonly sound: Pcm;
}

/** Who speaks, in which language, and in which half. */
const PROMPTS: readonly { readonly speaker: string; readonly half: 0 | 1 }[] = [
  { speaker: 'en_US_f_Allison', half: 0 },
  { speaker: 'it_IT_m_Carlo', half: 0 },
  { speaker: 'fr_CA_f_June', half: 1 },
  { speaker: 'ru_RU_f_IvrvoiceRU', half: 1 },
];
const PROMPTS_FOLDER = '/usr/share/asterisk/sounds/';
/** Of each speaker, as many of each kind. */
const PER_SPEAKER = 7;
/** Of each reading, as many pieces. */
const PER_RECORDING = 2;
/** One reader; everybody else says cards, digits and loudspeakers. */
const READER = /librivox|sense/u;

const EDGE_DBFS = -45;
const FLOOR_RATIO = 0.1;
const ABOVE_FLOOR_DB = 10;
const PAUSE_MS = 200;
const PHRASE_MS = 900;
/** Letters whose names end in a nasal: so much of their end is one. */
const NASALS = ['letters/m.wav', 'letters/n.wav'];
const NASAL_PART = 0.5;

/** `levelled`: brings all recordings to one level. */
export async function humanClips(levelled: (sound: Pcm) => Pcm): Promise<HumanClip[]> {
  const random = new Random('barge-in, human');
  const readings = await humanRecordings();
  const read = readings.flatMap(({ name, sound }): HumanClip[] => {
    const half = READER.test(name) ? 0 : 1;
    const recording = levelled(resample(sound, LISTENING_RATE_HZ));
    return [
      ...named(
        'piece of speech, human',
        half,
        name,
        random.shuffled(stretches(recording, random)).slice(0, PER_RECORDING),
      ),
      ...named('interruption, human', half, name, phrases(recording)),
    ];
  });
  const prompted = await Promise.all(PROMPTS.map(async (prompts) => await promptClips(prompts, levelled)));
  return [...read, ...prompted.flat()];
}

async function promptClips(
  { speaker, half }: { readonly speaker: string; readonly half: 0 | 1 },
  levelled: (sound: Pcm) => Pcm,
): Promise<HumanClip[]> {
  const random = new Random('barge-in', speaker);
  const folder = `${PROMPTS_FOLDER}${speaker}/`;
  const paths: readonly string[] = await readdir(folder, { recursive: true }).catch(() => []);
  const wanted = random.shuffled(paths.filter((path) => path.endsWith('.wav') && !path.startsWith('silence')).sort());
  const found: Record<HumanKind, HumanClip[]> = {
    'interruption, human': [],
    'word, human': [],
    'hum, human': [],
    'piece of speech, human': [],
  };
  const read = async (path: string): Promise<Pcm> => {
    const sound = levelled(resample(await readWav(`${folder}${path}`), LISTENING_RATE_HZ));
    return trimmed(sound, { thresholdDbfs: EDGE_DBFS, keepMs: 0 });
  };
  for (const path of wanted) {
    if (!isSpeech(path)) continue;
    const sound = await read(path);
    const name = `${speaker}/${path}`;
    if (isBrief(sound)) found['word, human'].push(...named('word, human', half, name, [sound]));
    found['interruption, human'].push(...named('interruption, human', half, name, phrases(sound)).slice(0, 1));
    if (durationMs(sound) > PHRASE_MS) {
      found['piece of speech, human'].push(
        ...named('piece of speech, human', half, name, random.shuffled(stretches(sound, random)).slice(0, 1)),
      );
    }
    if (Object.entries(found).every(([kind, { length }]) => kind === 'hum, human' || length >= PER_SPEAKER)) break;
  }
  for (const path of NASALS.filter((nasal) => paths.includes(nasal))) {
    found['hum, human'].push(...named('hum, human', half, `${speaker}/${path}`, [nasalOf(await read(path))]));
  }
  return Object.values(found).flatMap((clips) => clips.slice(0, PER_SPEAKER));
}

/** Some prompts are tones, apes and crowds. */
function isSpeech(path: string): boolean {
  return !/tone|beep|monkey|confbridge|silence|rings/u.test(path);
}

function isBrief(sound: Pcm): boolean {
  return durationMs(sound) >= SHORTEST_MS && durationMs(sound) <= LONGEST_MS;
}

function nasalOf({ samples, sampleRateHz }: Pcm): Pcm {
  const longest = (LONGEST_MS * sampleRateHz) / 1000;
  const length = Math.min(longest, Math.floor(samples.length * NASAL_PART));
  return faded({ samples: samples.slice(samples.length - length), sampleRateHz });
}

function named(kind: HumanKind, half: 0 | 1, name: string, sounds: readonly Pcm[]): HumanClip[] {
  return sounds.map((sound, index) => ({ kind, half, name: `${name} ${index + 1}`, sound }));
}

/** Speech of 0.9 s and more that begins after a pause, by the edges of DESIGN 2; the noise floor is what a tenth is below. */
function phrases({ samples, sampleRateHz }: Pcm): Pcm[] {
  const window = (sampleRateHz * WINDOW_MS) / 1000;
  const levels = Array.from({ length: Math.floor(samples.length / window) }, (_, index) =>
    levelDbfs(samples.subarray(index * window, (index + 1) * window)),
  );
  const edgeDbfs = Math.max(EDGE_DBFS, percentile(levels, FLOOR_RATIO) + ABOVE_FLOOR_DB);
  const found: Pcm[] = [];
  let start: number | undefined;
  let quiet = 0;
  for (const [index, level] of [...levels, ...Array.from({ length: 30 }, () => -Infinity)].entries()) {
    quiet = level > edgeDbfs ? 0 : quiet + 1;
    if (quiet === 0) start ??= index;
    if (start === undefined || quiet * WINDOW_MS < PAUSE_MS) continue;
    const end = index + 1 - quiet;
    if ((end - start) * WINDOW_MS >= PHRASE_MS) {
      found.push({ samples: samples.slice(start * window, end * window), sampleRateHz });
    }
    start = undefined;
  }
  return found;
}
