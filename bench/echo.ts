// `npm run bench:echo [-- --minutes N] [--clips N] [--voice slt|rms|awb] [--line TEXT]`: whole sessions in virtual time on lines
// that return the agent's voice; codec, voice activity and speech are real. Ends with 1 where the agent interrupts or answers
// itself, or where less than nine in ten callers who speak over the echo stop it.

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { Resampler } from '../src/audio/resampler.ts';
import { readWavHeader } from '../src/audio/wav.ts';
import { Flite, type OfflineVoice } from '../src/tts/offline/flite.ts';
import { activePower, type EchoingLine, powerIn } from '../test/fixtures/echoing-line.ts';
import { readFixtureWav } from '../test/fixtures/wav.ts';
import {
  ANSWERS,
  echoAlone,
  type EchoAlone,
  type Interruption,
  interruptions,
  SpokenTexts,
} from '../test/sim/echo-call.ts';
import { percentile } from './statistics.ts';

const VOICES: readonly OfflineVoice[] = ['slt', 'rms', 'awb'];
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clips: { type: 'string', default: '12' },
    voice: { type: 'string', default: 'slt' },
    line: { type: 'string', default: '' },
  },
});
const minutes = Number(options.minutes);
const clipCount = Number(options.clips);
const agentVoice = VOICES.find((voice) => voice === options.voice) ?? 'slt';

const LOUDER_DB = [10, 0];
/** Fainter callers than this are hard to understand on any line. */
const FAINTEST_CALLER_DBFS = -40;
/** The first words of the reply have come back by then, wherever they come back. */
const SPOKEN_BEFORE_MS = 2000;
const LONGEST_CLIP_SAMPLES = 24_000;
const FULL_SCALE = 32_768;
const SAID = [
  'Wait, I meant something else.',
  'No, stop, that is wrong.',
  'Can you make it five people?',
  'How much is that?',
  'Hold on, I have another question.',
];

interface Setting {
  readonly name: string;
  readonly line: EchoingLine;
}

const settings: readonly Setting[] = [false, true]
  .flatMap((telephone) =>
    [15, 25, 35].flatMap((attenuationDb) => [40, 150, 400].map((delayMs) => ({ attenuationDb, delayMs, telephone }))),
  )
  .map((line) => ({
    name: `−${line.attenuationDb} dB, ${line.delayMs} ms, ${line.telephone ? '8 kHz' : 'full band'}`,
    line: { ...line, ...(line.delayMs > 40 && { reverberationMs: line.delayMs === 400 ? 400 : 250 }), noise: true },
  }))
  .filter(({ name }) => name.includes(options.line));

const flite = await Flite.load();
const spoken = new SpokenTexts(flite, agentVoice);
const playedPower = activePower(spoken.speech(ANSWERS[0] ?? ''));
const clips = callers();

/** From where 50 ms of it are within 15 dB of its usual level: a breath before the first word interrupts nobody. */
function fromOnset(samples: Int16Array): Int16Array {
  const threshold = activePower(samples) / 30;
  let start = 0;
  for (let loud = 0; loud < 5; start += 160) loud = powerIn(samples, start, start + 160) > threshold ? loud + 1 : 0;
  return samples.subarray(start - 5 * 160, start - 5 * 160 + LONGEST_CLIP_SAMPLES);
}

/** Other voices than the agent's: flite, espeak-ng where it is installed, and two people. */
function callers(): readonly Int16Array[] {
  const others = VOICES.filter((voice) => voice !== agentVoice);
  return [
    ...SAID.flatMap((text) => others.map((voice) => flite.synthesize(text, voice).samples)),
    ...SAID.flatMap((text) => byEspeak(text) ?? []),
    readFixtureWav('speech/librivox-sense-0880.wav'),
    readFixtureWav('speech/digits-29340.wav'),
  ].map(fromOnset);
}

function byEspeak(text: string): Int16Array | undefined {
  const { stdout, status } = spawnSync('espeak-ng', ['--stdout', text]);
  if (status !== 0) return undefined;
  const header = readWavHeader(stdout);
  if (header === undefined || header === 'incomplete') return undefined;
  const count = (stdout.length - header.dataOffset) >> 1;
  const samples = Int16Array.from({ length: count }, (_, n) => stdout.readInt16LE(header.dataOffset + 2 * n));
  // The resampler wants a simple ratio: 22050 Hz are 22000 to within a fifth of a percent.
  return new Resampler(Math.round(header.sampleRateHz / 1000) * 1000, 16_000).push(samples);
}

function scaled(samples: Int16Array, power: number): Float32Array {
  const gain = Math.sqrt(power / activePower(samples));
  return Float32Array.from(samples, (sample) => gain * sample);
}

interface Counted {
  readonly stopped: number;
  readonly all: number;
  readonly noticedP50: number;
  readonly noticedP95: number;
  readonly silencedP50: number;
  readonly silencedP95: number;
}

function counted(found: readonly Interruption[]): Counted {
  const noticed = found.flatMap(({ noticedAfterMs }) => noticedAfterMs ?? []);
  const silenced = found.flatMap(({ silencedAfterMs }) => silencedAfterMs ?? []);
  return {
    stopped: silenced.length,
    all: found.length,
    noticedP50: percentile(noticed, 0.5),
    noticedP95: percentile(noticed, 0.95),
    silencedP50: percentile(silenced, 0.5),
    silencedP95: percentile(silenced, 0.95),
  };
}

/** Callers over the echo of a line, and the same where nothing comes back. */
async function overEcho({ line }: Setting, louderDb: number): Promise<{ over: Counted; without: Counted }> {
  const echoPower = playedPower / 10 ** (line.attenuationDb / 10);
  const power = Math.max(echoPower * 10 ** (louderDb / 10), FULL_SCALE ** 2 * 10 ** (FAINTEST_CALLER_DBFS / 10));
  const chosen = Array.from({ length: clipCount }, (_, n) =>
    scaled(clips[(n * 5) % clips.length] ?? new Int16Array(), power),
  );
  const audiblePower = echoPower / 10;
  const silent: EchoingLine = { ...line, attenuationDb: 200 };
  return {
    over: counted(await interruptions({ line, spoken, audiblePower }, chosen, SPOKEN_BEFORE_MS)),
    without: counted(await interruptions({ line: silent, spoken, audiblePower }, chosen, SPOKEN_BEFORE_MS)),
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function row(
  name: string,
  { interrupted, answered, voices, statistics }: EchoAlone,
  shares: readonly string[],
): string {
  const { echoDelayMs, echoLevelDb } = statistics;
  return `| ${[name, interrupted, answered, voices, `${String(echoDelayMs)} ms, ${String(echoLevelDb)} dB`, ...shares].join(' | ')} |`;
}

function share({ stopped, all, noticedP50, noticedP95, silencedP50, silencedP95 }: Counted): string {
  return `${stopped}/${all}, ${noticedP50}/${noticedP95}, ${silencedP50}/${silencedP95}`;
}

print(
  `Agent: flite ${agentVoice}; ${minutes} minutes of echo alone in each setting; ${clipCount} callers at each level.`,
);
print(
  'Callers: share that stops the reply; ms from their first sample until a voice is known (the reply is lowered within',
);
print(
  '40 ms), and until the reply is silent for good, P50/P95; in brackets the same callers where nothing comes back.\n',
);
print('| | own voice interrupts | is answered | is taken for a voice | found at | +10 dB | 0 dB |');
print('|---|---|---|---|---|---|---|');
const sums = { interrupted: 0, answered: 0, voices: 0, stopped: 0, all: 0 };
for (const setting of settings) {
  const echoPower = playedPower / 10 ** (setting.line.attenuationDb / 10);
  const alone = await echoAlone({ line: setting.line, spoken, audiblePower: echoPower / 10 }, minutes);
  const shares: string[] = [];
  for (const louderDb of LOUDER_DB) {
    const { over, without } = await overEcho(setting, louderDb);
    shares.push(`${share(over)} (${share(without)})`);
    sums.stopped += over.stopped;
    sums.all += over.all;
  }
  sums.interrupted += alone.interrupted;
  sums.answered += alone.answered;
  sums.voices += alone.voices;
  print(row(setting.name, alone, shares));
}
const holds = sums.interrupted === 0 && sums.answered === 0 && sums.stopped >= 0.9 * sums.all;
print(
  `\n${sums.interrupted} interruptions by itself, ${sums.answered} answers to itself, ${sums.voices} voices found in ${minutes * settings.length} ` +
    `minutes; ${sums.stopped} of ${sums.all} callers stopped it: ${holds ? 'holds' : 'does not hold'}.`,
);
process.exitCode = holds ? 0 : 1;
