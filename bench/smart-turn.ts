// How well and how fast Smart Turn tells complete turns from broken ones: each recording as it is, and broken off at a
// quarter, a half and three quarters of its speech, where it is quietest within 150 ms. Needs onnxruntime-node and the
// weights (repartee fetch-smart-turn, or --weights=FILE); prints nothing but the reason without them.
// usage: node bench/smart-turn.ts [--weights=FILE] [--list] WAV … (16 bit mono 16 kHz, one complete turn each)

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LISTENING_RATE_HZ } from '../src/audio/frame.ts';
import { levelDbfs } from '../src/audio/level.ts';
import { smartTurn } from '../src/audio/smart-turn.ts';
import { readWavHeader } from '../src/audio/wav.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger, stderrSink } from '../src/lib/log.ts';
import { percentile } from './statistics.ts';

const WINDOW = LISTENING_RATE_HZ / 100;
/** Silence that the model hears after the speech; sessions ask about 0.1 s after it. */
const SILENCES_MS = [60, 100, 200, 400] as const;
const BREAKS = [0.25, 0.5, 0.75] as const;
const SNAP_WINDOWS = 15;

interface Case {
  readonly name: string;
  readonly isComplete: boolean;
  readonly speech: Int16Array;
  readonly floorDbfs: number;
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const weightsPath = options.find((option) => option.startsWith('--weights='))?.slice(10);
const model = smartTurn({ weightsPath, log: createLogger(stderrSink, 'warn') });
const { signal } = new AbortController();
const startedAtMs = systemClock.nowMs();
await model.warmUp();
print(`loaded in ${Math.round(systemClock.nowMs() - startedAtMs)} ms`);

const cases = files.flatMap(casesOf);
const tookMs: number[] = [];
const blockedMs: number[] = [];
print(
  '\nsilence after it   complete, p > 0.5   broken off, p < 0.5   told apart   p of complete / broken, P25 P50 P75',
);
for (const silenceMs of SILENCES_MS) await measure(silenceMs);
print(`\na judgement, as the calls wait for it: ${percentiles(tookMs)} (${tookMs.length})`);
print(`of it, on the thread of the calls: ${percentiles(blockedMs)}`);
await model.close();

async function measure(silenceMs: number): Promise<void> {
  const complete: number[] = [];
  const broken: number[] = [];
  for (const one of cases) {
    const samples = withSilence(one, silenceMs);
    const askedAtMs = systemClock.nowMs();
    const asked = model.judge(samples, { signal });
    blockedMs.push(systemClock.nowMs() - askedAtMs);
    const probability = await asked;
    tookMs.push(systemClock.nowMs() - askedAtMs);
    if (options.includes('--list')) print(`${silenceMs} ms  ${probability?.toFixed(3)}  ${one.name}`);
    if (probability !== undefined) (one.isComplete ? complete : broken).push(probability);
  }
  print(
    [
      `${silenceMs} ms`.padEnd(19),
      `${complete.filter((p) => p > 0.5).length} of ${complete.length}`.padEnd(20),
      `${broken.filter((p) => p < 0.5).length} of ${broken.length}`.padEnd(22),
      `${Math.round(100 * toldApart(complete, broken))} %`.padEnd(13),
      `${quartiles(complete)} / ${quartiles(broken)}`,
    ].join(''),
  );
}

/** How often a complete turn sounds more complete than a broken one: 0.5 by chance (the area under the ROC curve). */
function toldApart(complete: readonly number[], broken: readonly number[]): number {
  const pairs = complete.flatMap((one) => broken.map((other) => (Math.sign(one - other) + 1) / 2));
  return pairs.reduce((sum, won) => sum + won, 0) / pairs.length;
}

function quartiles(values: readonly number[]): string {
  return [0.25, 0.5, 0.75].map((ratio) => percentile(values, ratio).toFixed(2)).join(' ');
}

function casesOf(path: string): Case[] {
  const samples = readSamples(path);
  const levels = Array.from({ length: Math.floor(samples.length / WINDOW) }, (_, n) =>
    levelDbfs(samples, n * WINDOW, (n + 1) * WINDOW),
  );
  const floorDbfs = percentile(levels, 0.05);
  const audible = (level: number): boolean => level > Math.max(-45, floorDbfs + 10);
  const first = levels.findIndex(audible);
  const last = levels.findLastIndex(audible);
  const name = basename(path, '.wav');
  const before = Math.max(0, first - 50);
  const until = (window: number): Int16Array => samples.subarray(before * WINDOW, (window + 1) * WINDOW);
  return [
    { name, isComplete: true, speech: until(last), floorDbfs },
    ...BREAKS.map((ratio) => {
      const at = quietest(levels, Math.round(first + ratio * (last - first)));
      return { name: `${name} … ${ratio * 100} %`, isComplete: false, speech: until(at), floorDbfs };
    }),
  ];
}

function quietest(levels: readonly number[], around: number): number {
  let best = around;
  for (let at = around - SNAP_WINDOWS; at <= around + SNAP_WINDOWS; at += 1) {
    if ((levels[at] ?? 0) < (levels[best] ?? 0)) best = at;
  }
  return best;
}

/** The recording's own noise goes on. */
function withSilence({ speech, floorDbfs }: Case, silenceMs: number): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(speech.length + (silenceMs * LISTENING_RATE_HZ) / 1000);
  samples.set(speech);
  const peak = Math.sqrt(3) * 32_768 * 10 ** (Math.max(-96, floorDbfs) / 20);
  let seed = 1;
  for (let n = speech.length; n < samples.length; n += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    samples[n] = Math.round(peak * ((2 * seed) / 0x7fff_ffff - 1));
  }
  return samples;
}

function readSamples(path: string): Int16Array {
  const bytes = Uint8Array.from(readFileSync(path));
  const format = readWavHeader(bytes);
  if (format === undefined || format === 'incomplete' || format.channelCount !== 1 || format.sampleRateHz !== 16_000) {
    throw new Error(`${path} is not a WAV file of 16 bit mono 16 kHz`);
  }
  const data = bytes.slice(format.dataOffset);
  return new Int16Array(data.buffer, 0, Math.floor(data.length / 2));
}

function percentiles(values: readonly number[]): string {
  const [p50, p95] = [0.5, 0.95].map((ratio) => Number(percentile(values, ratio).toPrecision(2)));
  return `P50 ${p50} P95 ${p95} ms`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
