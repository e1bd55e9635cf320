// How well and how fast the offline stages hear and speak: every example of the front desk spoken by the offline voices,
// clean, with noise and in the telephone band, and speech outside the grammar, clean and with noise.
// usage: node bench/offline-speech.ts [--every=N] [--clean] [wav files (16 bit mono 16 kHz) of speech outside the grammar …]

import { readFileSync } from 'node:fs';
import { LISTENING_RATE_HZ } from '../src/audio/frame.ts';
import { systemClock } from '../src/lib/clock.ts';
import { intents } from '../src/llm/front-desk/intents.ts';
import { speechGrammar } from '../src/llm/front-desk/front-desk.ts';
import { normalise } from '../src/llm/front-desk/normalise.ts';
import { Understanding } from '../src/llm/front-desk/understand.ts';
import { DecoderFactory } from '../src/stt/offline/decoder.ts';
import { NoiseSuppressor } from '../src/stt/offline/noise-suppressor.ts';
import { Recognition } from '../src/stt/offline/recognition.ts';
import type { SttEvent } from '../src/stt/port.ts';
import { Flite, type OfflineVoice } from '../src/tts/offline/flite.ts';
import { narrowBand, withNoise } from './degraded-speech.ts';
import { outsideSentences } from './outside-sentences.ts';

const FRAME_SAMPLES = 320;
const VOICES = ['slt', 'rms', 'awb'] as const;
const CONDITIONS = {
  clean: (samples: Int16Array) => samples,
  'telephone band, µ-law': narrowBand,
  'noise at 30 dB': (samples: Int16Array) => withNoise(samples, 30),
  'noise at 20 dB': (samples: Int16Array) => withNoise(samples, 20),
  'noise at 10 dB': (samples: Int16Array) => withNoise(samples, 10),
} as const;

interface Heard {
  readonly text: string;
  readonly rejected: boolean;
}

const options = process.argv.slice(2);
const every = Number(options.find((option) => option.startsWith('--every='))?.slice(8) ?? 1);
const files = options.filter((option) => !option.startsWith('--'));

const flite = await Flite.load();
const factory = await DecoderFactory.load(speechGrammar);
const rssBefore = process.memoryUsage().rss;
const startedAtMs = systemClock.nowMs();
const decoder = await factory.create();
print(`a decoder: ${Math.round(systemClock.nowMs() - startedAtMs)} ms to make`);
const second = await factory.create();
print(`memory: ${megabytes(process.memoryUsage().rss - rssBefore) / 2} MB each`);
second.close();

const understanding = new Understanding(intents, speechGrammar);
const frameMs: number[] = [];
const finalMs: number[] = [];
const wordDelaysMs: number[] = [];
const failures: string[] = [];

const conditions = options.includes('--clean') ? { clean: CONDITIONS.clean } : CONDITIONS;
for (const [condition, degrade] of Object.entries(conditions))
  for (const voice of VOICES) measure(condition, voice, degrade);
for (const condition of ['clean', 'noise at 20 dB'] as const) if (condition in conditions) measureRejection(condition);
measureRecordings();
print(`20 ms frame: ${summary(frameMs)}   finalize → final: ${summary(finalMs)}`);
print(`end of a word → interim with it, in audio time: ${summary(wordDelaysMs)}`);
measureSuppressor();
measureVoice();
print(`\nNot understood:\n${failures.join('\n')}`);

function measure(condition: string, voice: OfflineVoice, degrade: (samples: Int16Array) => Int16Array): void {
  let understood = 0;
  let words = 0;
  let wrong = 0;
  const examples = intents.flatMap((intent) => intent.examples.map((example) => ({ intent, example })));
  const chosen = examples.filter((_, index) => index % every === 0);
  for (const { intent, example } of chosen) {
    const { text } = hear(degrade(padded(flite.synthesize(example, voice).samples)));
    const said = normalise(example);
    words += said.length;
    wrong += editDistance(said, normalise(text));
    const [only, ...more] = understanding.understand(text);
    if (only?.intent === intent && more.length === 0) understood += 1;
    else failures.push(`${condition} ${voice}: ${example} → ${text === '' ? '(rejected)' : text}`);
  }
  print(`${condition}, ${voice}: intents ${percent(understood, chosen.length)}, word errors ${percent(wrong, words)}`);
}

function measureRejection(condition: keyof typeof CONDITIONS): void {
  const degrade = CONDITIONS[condition];
  const clips = VOICES.flatMap((voice) =>
    outsideSentences.map((text) => ({
      label: `${condition} ${voice}: ${text}`,
      samples: degrade(padded(flite.synthesize(text, voice).samples)),
    })),
  );
  const accepted = clips.filter(isAccepted).length;
  print(`speech outside the grammar, ${condition}: accepted ${percent(accepted, clips.length)} of ${clips.length}`);
}

function measureRecordings(): void {
  if (files.length === 0) return;
  const clips = files.map((file) => ({ label: file, samples: padded(pcmOf(file)) }));
  const accepted = clips.filter(isAccepted).length;
  print(`speech outside the grammar, recordings: accepted ${percent(accepted, clips.length)} of ${clips.length}`);
}

function isAccepted({ label, samples }: { readonly label: string; readonly samples: Int16Array }): boolean {
  const { text } = hear(samples);
  if (text !== '') failures.push(`outside, ${label} → ${text}`);
  return text !== '';
}

/** Each second of audio by itself; the first ones warm it up. */
function measureSuppressor(): void {
  const sound = new Int16Array(LISTENING_RATE_HZ);
  sound.set(flite.synthesize('We are open from Tuesday to Sunday', 'slt').samples.subarray(0, sound.length));
  const noisy = withNoise(sound, 20);
  const suppressor = new NoiseSuppressor();
  const times = Array.from({ length: 60 }, () => {
    const at = systemClock.nowMs();
    for (let start = 0; start < noisy.length; start += FRAME_SAMPLES)
      suppressor.process(noisy.subarray(start, start + FRAME_SAMPLES));
    return systemClock.nowMs() - at;
  });
  print(`noise suppressor, a second of audio: ${summary(times.slice(10))}`);
}

function measureVoice(): void {
  for (const text of [
    'Of course,',
    'How can I help you?',
    'We are open from Tuesday to Sunday, from eleven in the morning until ten at night.',
  ]) {
    const times = Array.from({ length: 5 }, () => {
      const at = systemClock.nowMs();
      flite.synthesize(text, 'slt');
      return systemClock.nowMs() - at;
    });
    print(`voice, ${text.length} characters: ${summary(times)}`);
  }
}

/** One utterance through the recogniser, as a stream would be. */
function hear(samples: Int16Array): Heard {
  const events: { readonly event: SttEvent; readonly atTicks: number }[] = [];
  let writtenTicks = 0;
  const recognition = new Recognition(decoder, (event) => events.push({ event, atTicks: writtenTicks }));
  for (let start = 0; start + FRAME_SAMPLES <= samples.length; start += FRAME_SAMPLES) {
    const at = systemClock.nowMs();
    const timestamp = writtenTicks;
    writtenTicks += FRAME_SAMPLES * 3;
    recognition.write({ samples: samples.subarray(start, start + FRAME_SAMPLES), timestamp });
    frameMs.push(systemClock.nowMs() - at);
  }
  const at = systemClock.nowMs();
  recognition.finalize();
  finalMs.push(systemClock.nowMs() - at);
  const final = events.at(-1)?.event;
  if (final?.type !== 'final') throw new Error('no final');
  for (const [index, word] of final.words.entries()) {
    const prefix = final.words
      .slice(0, index + 1)
      .map(({ text }) => text)
      .join(' ');
    const told = events.find(({ event }) => event.text === prefix || event.text.startsWith(`${prefix} `));
    // The last word's end takes in the silence after it.
    if (told !== undefined && index < final.words.length - 1)
      wordDelaysMs.push((told.atTicks - word.endTimestamp) / 48);
  }
  return final;
}

/** With 300 ms of silence on both sides. */
function padded(samples: Int16Array): Int16Array {
  const result = new Int16Array(samples.length + 2 * 4800);
  result.set(samples, 4800);
  return result;
}

function pcmOf(file: string): Int16Array {
  const bytes = readFileSync(file);
  const data = Uint8Array.from(bytes.subarray(bytes.indexOf('data') + 8));
  return new Int16Array(data.buffer, 0, data.length >> 1);
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      const change = (row[j] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function summary(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `P50 ${at(0.5)} P95 ${at(0.95)} P99 ${at(0.99)} ms`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
