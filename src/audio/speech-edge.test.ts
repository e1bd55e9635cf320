import { describe, expect, it } from 'vitest';

import { withNoise } from '../../bench/degraded-speech.ts';
import { percentile } from '../../bench/statistics.ts';
import { CALLER_VOICES, synthesise } from '../../test/e2e/speech.ts';
import { opusscriptCodec } from '../opus/opusscript.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../rtp/packet.ts';
import type { OfflineVoice } from '../tts/offline/flite.ts';
import { type AudioFrame, type FrameOrigin, LISTENING_RATE_HZ } from './frame.ts';
import { levelDbfs } from './level.ts';
import { DECODED_CLEARER_DB, DECODED_SOFTER_DB, SpeechEdge } from './speech-edge.ts';
import { SpeechLevel } from './speech-level.ts';

/** 6.5 ms: the encoder's look-ahead. */
const OPUS_DELAY_SAMPLES = 104;
/** 2 s: by then the noise is known. */
const SETTLED_WINDOWS = 200;

/** A 20 ms frame of noise at `dbfs`; −Infinity is digital silence. */
function frame(index: number, dbfs: number, loudMs = 20, origin: FrameOrigin = 'received'): AudioFrame {
  const amplitude = 32_768 * 10 ** (dbfs / 20);
  const samples = Int16Array.from({ length: 320 }, (_, at) =>
    at < loudMs * 16 ? (at % 2 === 0 ? amplitude : -amplitude) : 0,
  );
  const source = { ssrc: 7, rtpTimestamp: (2 ** 32 - 50 * FRAME_TICKS + index * FRAME_TICKS) % 2 ** 32 };
  return {
    samples,
    timestamp: index * FRAME_TICKS,
    origin,
    ...(origin === 'received' && { source, decodedAtMs: 1003 + index * 20 }),
    arrivedAtMs: 1000 + index * 20,
  };
}

/** A soft sound from `firstFrame` on, a voice from frame 60 on. */
function word(firstFrame: number): SpeechEdge {
  const edge = new SpeechEdge();
  for (let index = 0; index < 60; index += 1) edge.observe(frame(index, index < firstFrame ? -70 : -38));
  for (let index = 60; index < 65; index += 1) edge.observe(frame(index, -20));
  return edge;
}

interface Coded {
  readonly before: Int16Array;
  /** As long, each sample in its place. */
  readonly after: Int16Array;
}

/** A sentence through Opus and back, after a second of what lies under it: silence, or noise. */
async function coded(voice: OfflineVoice, bitsPerSecond: number, snrDb?: number): Promise<Coded> {
  const sentence = 'What is the soup on Friday? Please book it. Is there any music, or do we stop?';
  const { samples: spoken } = await synthesise(sentence, voice);
  const clean = new Int16Array(spoken.length + 2 * LISTENING_RATE_HZ);
  clean.set(spoken, LISTENING_RATE_HZ);
  const before = snrDb === undefined ? clean : withNoise(clean, snrDb);
  const encoder = opusscriptCodec.createEncoder({ sampleRateHz: LISTENING_RATE_HZ, bitsPerSecond });
  const decoder = opusscriptCodec.createDecoder({ sampleRateHz: LISTENING_RATE_HZ });
  const decoded = new Int16Array(before.length);
  for (let start = 0; start + 320 <= before.length; start += 320) {
    decoded.set(decoder.decode(encoder.encode(before.subarray(start, start + 320))), start);
  }
  encoder.close();
  decoder.close();
  return { before, after: decoded.subarray(OPUS_DELAY_SAMPLES) };
}

/** Of windows of 10 ms one after the other: by how much they are loud enough for speech. */
function marginsDb(samples: Int16Array): number[] {
  const level = new SpeechLevel();
  const margins: number[] = [];
  for (let start = 0; start + 160 <= samples.length; start += 160) {
    margins.push(level.marginDb(levelDbfs(samples, start, start + 160)));
  }
  return margins;
}

/** Margin after less margin before, of windows within `nearDb` of loud enough, from the least to the most. */
function codingDifferencesDb({ before, after }: Coded, nearDb: number): number[] {
  const margins = marginsDb(before);
  return marginsDb(after)
    .map((margin, window) => ({ differenceDb: margin - (margins[window] ?? NaN), window }))
    .filter(({ window }) => window > SETTLED_WINDOWS && Math.abs(margins[window] ?? NaN) < nearDb)
    .map(({ differenceDb }) => differenceDb);
}

describe('SpeechEdge', () => {
  it('finds the end of speech to 10 ms, with the arrival of the packet that holds it', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, -70));
    for (let index = 50; index < 99; index += 1) edge.observe(frame(index, -20));
    edge.observe(frame(99, -20, 10));
    for (let index = 100; index < 150; index += 1) edge.observe(frame(index, -70));
    const end = edge.endOfSpeech(99 * FRAME_TICKS);
    expect(end).toEqual({
      timestamp: (99 * 20 + 10) * TICKS_PER_MS,
      laterTicks: 0,
      source: { ssrc: 7, rtpTimestamp: (49 * 20 + 10) * TICKS_PER_MS },
      arrivedAtMs: 1000 + 99 * 20,
      decodedAtMs: 1003 + 99 * 20,
    });
  });

  it('finds where a word began before its first vowel, and what was another sound before it', () => {
    expect(word(57).startOfSpeech(60 * FRAME_TICKS)).toBe(57 * FRAME_TICKS);
    expect(word(40).startOfSpeech(60 * FRAME_TICKS)).toBe(54 * FRAME_TICKS);
    expect(word(60).startOfSpeech(60 * FRAME_TICKS)).toBe(60 * FRAME_TICKS);
    const knocked = word(60);
    expect(knocked.startOfSpeech(58 * FRAME_TICKS)).toBe(58 * FRAME_TICKS);
  });

  it('has the onset of a word by its first loud window, with the arrival of its packet, across the wrap of timestamps', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, -70));
    for (let index = 50; index < 55; index += 1) edge.observe(frame(index, -20));
    expect(edge.onsetSince(48 * FRAME_TICKS)).toEqual({
      timestamp: 50 * FRAME_TICKS,
      source: { ssrc: 7, rtpTimestamp: 0 },
      arrivedAtMs: 2000,
      decodedAtMs: 2003,
    });
    expect(edge.onsetSince(55 * FRAME_TICKS)).toBeUndefined();
  });

  it('tells at once when speech falls silent, and nothing of softer sounds in it', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 20; index += 1) edge.observe(frame(index, -20));
    edge.observe(frame(20, -45));
    expect(edge.hasFallen).toBe(false);
    edge.observe(frame(21, -20, 10));
    expect(edge.hasFallen).toBe(true);
    edge.observe(frame(22, -30));
    expect(edge.hasFallen).toBe(false);
    edge.observe({ ...frame(23, -90), origin: 'silence' });
    expect(edge.hasFallen).toBe(true);
  });

  it('does not take a steady noise for speech', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 3000; index += 1) edge.observe(frame(index, -40));
    for (let index = 3000; index < 3050; index += 1) edge.observe(frame(index, -20));
    for (let index = 3050; index < 3060; index += 1) edge.observe(frame(index, -40));
    expect(edge.endOfSpeech(3050 * FRAME_TICKS)?.timestamp).toBe(3050 * FRAME_TICKS);
  });

  it('knows the noise of a line that was silent before', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 500; index += 1) edge.observe(frame(index, Number.NEGATIVE_INFINITY));
    for (let index = 500; index < 900; index += 1) edge.observe(frame(index, -40));
    for (let index = 900; index < 950; index += 1) edge.observe(frame(index, -20));
    for (let index = 950; index < 960; index += 1) edge.observe(frame(index, -40));
    expect(edge.endOfSpeech(950 * FRAME_TICKS)?.timestamp).toBe(950 * FRAME_TICKS);
  });

  it('leaves out a sound that comes long after the voice', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, index < 10 ? -70 : -20));
    for (let index = 50; index < 70; index += 1) edge.observe(frame(index, Number.NEGATIVE_INFINITY));
    edge.observe(frame(70, -20));
    expect(edge.endOfSpeech(48 * FRAME_TICKS)?.timestamp).toBe(50 * FRAME_TICKS);
  });

  it('knows nothing where nothing was loud', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, -70));
    expect(edge.endOfSpeech(50 * FRAME_TICKS)).toBeUndefined();
  });

  it('does not take what stands in for lost audio for speech, and says how much may have been', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, index < 10 ? -70 : -20));
    for (let index = 50; index < 53; index += 1) edge.observe(frame(index, -22, 20, 'concealed'));
    for (let index = 53; index < 60; index += 1) edge.observe(frame(index, -70));
    expect(edge.endOfSpeech(52 * FRAME_TICKS)).toMatchObject({
      timestamp: 50 * FRAME_TICKS,
      laterTicks: 3 * FRAME_TICKS,
    });
  });

  it('says how much later it may have ended where what follows is nearly loud enough', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, index < 10 ? -70 : -20));
    edge.observe(frame(50, -44));
    edge.observe(frame(51, -44));
    edge.observe(frame(52, -46.5));
    edge.observe(frame(53, -50));
    expect(edge.endOfSpeech(50 * FRAME_TICKS)).toMatchObject({
      timestamp: 52 * FRAME_TICKS,
      laterTicks: FRAME_TICKS,
    });
  });

  it('knows by how much the levels of decoded speech differ from what was encoded', async () => {
    const voices = await Promise.all(CALLER_VOICES.map(async (voice) => coded(voice, 24_000)));
    const median = percentile(
      voices.flatMap((voice) => codingDifferencesDb(voice, 7)),
      0.5,
    );
    expect(median).toBeLessThan(-1);
    expect(median).toBeGreaterThan(-DECODED_SOFTER_DB);
  });

  it.each([20, 10])('knows how much farther decoded speech lies above a noise %s dB below it', async (snrDb) => {
    for (const bitsPerSecond of [24_000, 48_000]) {
      const voices = await Promise.all(CALLER_VOICES.map(async (voice) => coded(voice, bitsPerSecond, snrDb)));
      const differencesDb = voices.flatMap((voice) => codingDifferencesDb(voice, 2));
      expect(percentile(differencesDb, 0.5)).toBeGreaterThan(0.5);
      expect(percentile(differencesDb, 0.1)).toBeGreaterThan(-0.2);
      expect(percentile(differencesDb, 0.95)).toBeLessThan(DECODED_CLEARER_DB);
    }
  });

  it('says where speech may have ended in noise: what is only just loud enough may not have been, before it was encoded', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 500; index += 1) edge.observe(frame(index, -48));
    for (let index = 500; index < 520; index += 1) edge.observe(frame(index, -20));
    edge.observe(frame(520, -33));
    edge.observe(frame(521, -36));
    edge.observe(frame(522, -39));
    for (let index = 523; index < 530; index += 1) edge.observe(frame(index, -48));
    expect(edge.endOfSpeech(520 * FRAME_TICKS)).toMatchObject({
      timestamp: 521 * FRAME_TICKS,
      laterTicks: FRAME_TICKS,
    });
  });

  it('is certain again once speech was heard after a loss', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 50; index += 1) edge.observe(frame(index, index < 10 ? -70 : -20));
    edge.observe(frame(50, -22, 20, 'concealed'));
    edge.observe(frame(51, -20));
    for (let index = 52; index < 60; index += 1) edge.observe(frame(index, Number.NEGATIVE_INFINITY, 20, 'silence'));
    // Lost in the pause: nothing loud came right before it.
    edge.observe(frame(60, -30, 20, 'concealed'));
    expect(edge.endOfSpeech(52 * FRAME_TICKS)).toMatchObject({ timestamp: 52 * FRAME_TICKS, laterTicks: 0 });
  });

  it('keeps its noise floor through the silence of DTX', () => {
    const edge = new SpeechEdge();
    for (let index = 0; index < 500; index += 1) edge.observe(frame(index, -48));
    for (let index = 500; index < 600; index += 1) {
      edge.observe(frame(index, Number.NEGATIVE_INFINITY, 20, 'silence'));
    }
    for (let index = 600; index < 620; index += 1) edge.observe(frame(index, -42));
    expect(edge.endOfSpeech(620 * FRAME_TICKS)).toBeUndefined();
  });
});
