// A caller's recognition by the Deepgram adapter against the stand-in, through connections that break: what was not final
// is heard again, every word is told once, and its RTP time stays where it was spoken.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { type DeepgramStandIn, refusals, startDeepgram } from '../../bench/providers/deepgram.ts';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../../src/rtp/packet.ts';
import { Recognition } from '../../src/session/recognition.ts';
import { deepgramSpeechToText } from '../../src/stt/deepgram.ts';
import type { SpeechToText, SttEvent, SttWord } from '../../src/stt/port.ts';
import { burstSpeech } from './burst-speech.ts';

const FRAME_SAMPLES = (LISTENING_RATE_HZ * 20) / 1000;
const WORD_TOLERANCE_MS = 20;
const first = burstSpeech('please tell me when you open');
const second = burstSpeech('and when do you close', 2);
/** Extended timestamps go on beyond 32 bits, here in the first sentence. */
const START = 2 ** 32 - 48_000;

let server: DeepgramStandIn;
let stt: SpeechToText;
let recognition: Recognition;
let events: SttEvent[];
let onEvent: () => void;
let timestamp: number;

beforeEach(async () => {
  server = await startDeepgram({ script: [first.script, second.script] });
  stt = deepgramSpeechToText({ apiKey: 'test-key', baseUrl: server.baseUrl, endpointingMs: 2000 });
  events = [];
  timestamp = START;
  onEvent = () => undefined;
});

afterEach(async () => {
  recognition.close();
  await stt.close();
  await server.until(() => server.openSocketCount === 0);
  await server.close();
});

function listen(): void {
  recognition = new Recognition({
    stt,
    onEvent: (event) => {
      events.push(event);
      onEvent();
    },
    onDeaf: () => undefined,
    bufferFrames: 500,
    clock: systemClock,
    log: silentLogger,
    // No wait is longer than it must be.
    random: () => 0,
    signal: new AbortController().signal,
  });
}

/** Gives the samples to recognition; returns the timestamp of the first one. */
function say(samples: Int16Array): number {
  const start = timestamp;
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    recognition.write({
      samples: samples.subarray(at, at + FRAME_SAMPLES),
      timestamp,
      origin: 'received',
      arrivedAtMs: 0,
    });
    timestamp += FRAME_TICKS;
  }
  return start;
}

/** DTX: time passes, nothing is written. */
function skip(durationMs: number): void {
  timestamp += durationMs * TICKS_PER_MS;
}

/** Asks for the final, and waits for the answer. */
async function answer(): Promise<SttEvent> {
  recognition.finalize();
  return await until((event) => event.type === 'final' && event.answersFinalize);
}

function until(matches: (event: SttEvent) => boolean): Promise<SttEvent> {
  const known = events.length;
  return new Promise((resolve) => {
    onEvent = () => {
      const found = events.slice(known).find(matches);
      if (found !== undefined) resolve(found);
    };
  });
}

/** How far the words are from where they were spoken. */
function deviationsMs(words: readonly SttWord[], speech: typeof first, start: number): number[] {
  return speech.wordStartsMs.map(
    (startMs, index) =>
      Math.abs((words[index]?.startTimestamp ?? Infinity) - start - startMs * TICKS_PER_MS) / TICKS_PER_MS,
  );
}

const wordsTold = (): SttWord[] => events.flatMap((event) => (event.type === 'final' ? event.words : []));

it('a connection that drops in mid-sentence: its words are told once, in their places, right after the reconnect', async () => {
  server.fail({ kind: 'drop', afterMs: first.pauseAtMs });
  listen();
  await server.until(() => server.connections[0]?.isOpen === true);
  const start = say(first.samples);
  await server.until(() => server.connections.length === 2 && server.connections[1]?.isOpen === true);
  const { text } = await answer();
  expect(text).toBe(first.text);
  expect(Math.max(...deviationsMs(wordsTold(), first, start))).toBeLessThanOrEqual(WORD_TOLERANCE_MS);
});

it('a drop in the next sentence, after a final and a gap of DTX: only that sentence is heard again', async () => {
  const firstMs = first.samples.length / (LISTENING_RATE_HZ / 1000);
  server.fail({ kind: 'drop', afterMs: firstMs + second.pauseAtMs });
  listen();
  const start = say(first.samples);
  await answer();
  skip(7000);
  const again = say(second.samples);
  await server.until(() => server.connections[1]?.isOpen === true);
  const { text } = await answer();
  expect(text).toBe(second.text);
  const words = wordsTold();
  expect(words.map((word) => word.text).join(' ')).toBe(`${first.text} ${second.text}`);
  expect(Math.max(...deviationsMs(words, first, start))).toBeLessThanOrEqual(WORD_TOLERANCE_MS);
  const later = words.slice(first.wordStartsMs.length);
  expect(Math.max(...deviationsMs(later, second, again))).toBeLessThanOrEqual(WORD_TOLERANCE_MS);
  expect(server.connections[1]?.sampleCount).toBe(second.samples.length);
});

it('a service that is full for a moment when it is called again: nothing is lost meanwhile', async () => {
  server.fail({ kind: 'drop', afterMs: first.pauseAtMs });
  server.fail({ kind: 'refuse', refusal: { ...refusals.tooMany, headers: { 'retry-after': '0.1' } } });
  listen();
  const start = say(first.samples);
  await server.until(() => server.connections[2]?.sampleCount === first.samples.length);
  const { text } = await answer();
  expect(text).toBe(first.text);
  expect(Math.max(...deviationsMs(wordsTold(), first, start))).toBeLessThanOrEqual(WORD_TOLERANCE_MS);
});
