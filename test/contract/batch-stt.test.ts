import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDeepgram } from '../../bench/providers/deepgram.ts';
import type { AudioFrame } from '../../src/audio/frame.ts';
import { createLogger, type LogFields } from '../../src/lib/log.ts';
import { BoundedQueue } from '../../src/lib/queue.ts';
import { batchSpeechToText } from '../../src/stt/batch.ts';
import { deepgramSpeechToText } from '../../src/stt/deepgram.ts';
import { offlineSpeechToText } from '../../src/stt/offline.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import { burstSpeech } from './burst-speech.ts';
import { frontDeskGrammar, spoken } from './spoken.ts';
import { describeSpeechToText } from './stt.ts';

const url = (path: string): string => new URL(`../../src/stt/${path}`, import.meta.url).href;

describeSpeechToText('offline recognition in batch', {
  make: () => batchSpeechToText(offlineSpeechToText({ grammar: frontDeskGrammar })),
  source: `Promise.all([import('${url('batch.ts')}'), import('${url('offline.ts')}')]).then(
    ([{ batchSpeechToText }, { offlineSpeechToText }]) =>
      batchSpeechToText(offlineSpeechToText({ grammar: { sentences: ['hello'], rules: {} } })))`,
  interims: false,
  speech: async () => {
    const question = await spoken('Where can I park');
    const please = await spoken('please');
    const samples = new Int16Array(question.length + please.length);
    samples.set(question);
    samples.set(please, question.length);
    return { samples, text: 'where can i park please', pauseAtMs: Math.floor(question.length / 320) * 20 };
  },
  unintelligible: () => spoken('My brother bought a red bicycle'),
  makeBroken: () => batchSpeechToText(offlineSpeechToText({ grammar: { sentences: ['xyzzy'], rules: {} } })),
});

const deepgramSpeech = burstSpeech('please tell me when you open');
const deepgram = await startDeepgram({ script: [deepgramSpeech.script], repeats: true });
afterAll(() => deepgram.close());

describeSpeechToText('Deepgram (stand-in) in batch', {
  make: () => batchSpeechToText(deepgramSpeechToText({ apiKey: 'test-key', baseUrl: deepgram.baseUrl })),
  source: `Promise.all([import('${url('batch.ts')}'), import('${url('deepgram.ts')}')]).then(
    ([{ batchSpeechToText }, { deepgramSpeechToText }]) =>
      batchSpeechToText(deepgramSpeechToText({ apiKey: 'test-key', baseUrl: '${deepgram.baseUrl}' })))`,
  interims: false,
  speech: () => Promise.resolve(deepgramSpeech),
  makeBroken: () => batchSpeechToText(deepgramSpeechToText({ apiKey: 'wrong', baseUrl: deepgram.baseUrl })),
});

const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

function* framesOf(samples: Int16Array, timestamp = 0): Generator<AudioFrame> {
  for (let start = 0; start < samples.length; start += 320) {
    const frame = samples.subarray(start, start + 320);
    yield { samples: frame, timestamp: timestamp + start * 3, origin: 'received', arrivedAtMs: 0 };
  }
}

async function answerOf(stream: SttStream): Promise<SttEvent> {
  for await (const event of stream.events) if (event.type === 'final' && event.answersFinalize) return event;
  throw new Error('the events ended without an answer');
}

describe('recognition in batch', () => {
  let streaming: SpeechToText;
  let batch: SpeechToText;
  beforeAll(() => {
    streaming = offlineSpeechToText({ grammar: frontDeskGrammar });
    batch = batchSpeechToText(streaming);
  });
  afterAll(() => batch.close());

  it.each(['When do you open?', 'I would like to book a table for four.', 'Are dogs allowed?'])(
    'gives the words that streaming gives, at the same times: %s',
    async (sentence) => {
      const samples = await spoken(sentence);
      const answers = [];
      for (const stt of [streaming, batch]) {
        const stream = await stt.open(live());
        for (const frame of framesOf(samples)) stream.write(frame);
        stream.finalize();
        answers.push(await answerOf(stream));
        stream.close();
      }
      expect(answers[0]?.text).not.toBe('');
      expect(answers[1]).toEqual(answers[0]);
    },
  );

  it('keeps all of a long turn, whatever the recogniser takes at once', async () => {
    const lines: unknown[] = [];
    const stt = batchSpeechToText(
      offlineSpeechToText({ grammar: frontDeskGrammar, log: createLogger((...line) => lines.push(line)) }),
    );
    const stream = await stt.open(live());
    const sentence = await spoken('When do you open?');
    const silence = new Int16Array(16_000);
    let at = 0;
    for (let count = 0; count < 5; count += 1) {
      for (const part of [sentence, silence]) {
        for (const frame of framesOf(part, at)) stream.write(frame);
        at += part.length * 3;
      }
    }
    stream.finalize();
    await answerOf(stream);
    expect(at / 48_000).toBeGreaterThan(7);
    expect(lines).toEqual([]);
    await stt.close();
  });
});

/** Notes what it is given; tests say what it answers. */
class Recorder implements SpeechToText {
  readonly name = 'recorder';
  readonly wordTimes = true;
  readonly written: (AudioFrame | 'finalize')[] = [];
  readonly events = new BoundedQueue<SttEvent>(100);

  open(): Promise<SttStream> {
    return Promise.resolve({
      events: this.events,
      write: (frame) => this.written.push(frame),
      finalize: () => this.written.push('finalize'),
      close: () => this.events.close(),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function voice(durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * 16 }, (_, index) => (index % 16 < 8 ? 8000 : -8000));
}

const final = { type: 'final', words: [], endTimestamp: 0, rejected: false, answersFinalize: true } as const;

describe('what a recogniser in batch is given', () => {
  it('is nothing before a final is asked for, then all of the turn with half a second before it', async () => {
    const recorder = new Recorder();
    const stream = await batchSpeechToText(recorder).open(live());
    const frames = [...framesOf(new Int16Array(16_000 * 5)), ...framesOf(voice(400), 5 * 48_000)];
    for (const frame of frames) stream.write(frame);
    expect(recorder.written).toEqual([]);
    stream.finalize();
    expect(recorder.written).toEqual([...frames.slice(-45), 'finalize']);
  });

  it('is a copy, since frames may be used again', async () => {
    const recorder = new Recorder();
    const stream = await batchSpeechToText(recorder).open(live());
    const samples = voice(20);
    const [frame] = framesOf(samples);
    if (frame !== undefined) for (let count = 0; count < 5; count += 1) stream.write(frame);
    samples.fill(0);
    stream.finalize();
    expect(recorder.written.slice(0, -1)).toEqual(Array.from({ length: 5 }, () => ({ ...frame, samples: voice(20) })));
  });

  it('is at most a minute: the oldest is dropped, and the log says so', async () => {
    const recorder = new Recorder();
    const lines: LogFields[] = [];
    const log = createLogger((_level, _message, fields) => lines.push(fields));
    const stream = await batchSpeechToText(recorder, { log }).open(live());
    // With pauses, as people speak: a sound that goes on and on is background.
    const sentence = Array.from({ length: 101 }, () => [...voice(400), ...new Int16Array(200 * 16)]).flat();
    const frames = Array.from(framesOf(Int16Array.from(sentence)));
    for (const frame of frames) stream.write(frame);
    stream.finalize();
    expect(recorder.written).toHaveLength(3001);
    expect(recorder.written[0]).toEqual(frames[30]);
    expect(lines).toEqual([{ droppedMs: 600 }]);
  });

  it('does not begin with a click long before the voice', async () => {
    const recorder = new Recorder();
    const stream = await batchSpeechToText(recorder).open(live());
    const frames = [
      ...framesOf(voice(20)),
      ...framesOf(new Int16Array(16_000 * 10), 960),
      ...framesOf(voice(200), 960 + 480_000),
    ];
    for (const frame of frames) stream.write(frame);
    stream.finalize();
    expect(recorder.written).toEqual([...frames.slice(-35), 'finalize']);
  });

  it('comes back as one final, with what the recogniser had ended by itself, and covers all that was heard', async () => {
    const recorder = new Recorder();
    const stream = await batchSpeechToText(recorder).open(live());
    for (const frame of framesOf(voice(400))) stream.write(frame);
    stream.finalize();
    for (const frame of framesOf(new Int16Array(16_000), 400 * 48)) stream.write(frame);
    stream.finalize();
    recorder.events.push({ type: 'interim', text: 'a tab', words: [], endTimestamp: 10 });
    recorder.events.push({ ...final, text: 'a table', answersFinalize: false });
    recorder.events.push({ ...final, text: 'for four' });
    recorder.events.push({ ...final, text: '' });
    recorder.events.close();
    const events = [];
    for await (const event of stream.events) events.push(event);
    expect(events).toEqual([
      { ...final, text: 'a table for four', endTimestamp: 400 * 48 },
      { ...final, text: '', endTimestamp: 1400 * 48 },
    ]);
  });
});
