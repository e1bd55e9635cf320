import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveStream } from '../../../bench/providers/deepgram-live.ts';
import { Script, ScriptRecognizer } from '../../../bench/providers/deepgram-recognition.ts';
import { burstSpeech } from '../../../test/contract/burst-speech.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../../rtp/packet.ts';
import type { SttEvent } from '../port.ts';
import { SampleTimeline } from '../timeline.ts';
import { parseMessage, type Results } from './messages.ts';
import { LiveTranscript } from './transcript.ts';

const FRAME_SAMPLES = 320;

function frame(timestamp: number, samples: Int16Array = new Int16Array(FRAME_SAMPLES)) {
  return { samples, timestamp, origin: 'received', arrivedAtMs: 0 } as const;
}

function framesOf(samples: Int16Array): Int16Array[] {
  return Array.from({ length: samples.length / FRAME_SAMPLES }, (_, index) =>
    samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
  );
}

/** `count` frames with sound in all of them. */
function speak(transcript: LiveTranscript, count: number, timestamp = 0): number {
  for (let n = 0; n < count; n += 1) transcript.sent(frame(timestamp + n * FRAME_TICKS), true);
  return timestamp + count * FRAME_TICKS;
}

function results(said: string, startSeconds: number, endSeconds: number, more: Partial<Results> = {}): Results {
  const words = said.split(' ').filter((word) => word !== '');
  const each = (endSeconds - startSeconds) / Math.max(1, words.length);
  return {
    type: 'results',
    startSeconds,
    endSeconds,
    isFinal: true,
    fromFinalize: false,
    transcript: said,
    words: words.map((text, index) => ({
      text,
      startSeconds: startSeconds + index * each,
      endSeconds: startSeconds + (index + 1) * each,
    })),
    ...more,
  };
}

function setUp(): { events: SttEvent[]; transcript: LiveTranscript; told: () => string[] } {
  const events: SttEvent[] = [];
  const transcript = new LiveTranscript((event) => events.push(event));
  const told = (): string[] =>
    events.map((event) => `${event.type}${event.type === 'final' && event.answersFinalize ? '!' : ''} ${event.text}`);
  return { events, transcript, told };
}

describe('LiveTranscript', () => {
  it('tells finals that nobody asked for, and leaves out empty ones', () => {
    const { transcript, told } = setUp();
    speak(transcript, 100);
    transcript.onResults(results('', 0, 0.5));
    transcript.onResults(results('good morning', 0.5, 1));
    expect(told()).toEqual(['final good morning']);
  });

  it('takes back an interim that came to nothing', () => {
    const { transcript, told } = setUp();
    speak(transcript, 100);
    transcript.onResults(results('hm', 0, 0.5, { isFinal: false }));
    transcript.onResults(results('', 0, 1, { isFinal: false }));
    transcript.onResults(results('no', 0, 1.5, { isFinal: false }));
    transcript.onResults(results('', 0, 2));
    expect(told()).toEqual(['interim hm', 'interim ', 'interim no', 'interim ']);
  });

  it('answers with the first final that holds all sound, flushed or not', () => {
    const { transcript, told } = setUp();
    const quiet = speak(transcript, 50);
    transcript.sent(frame(quiet), false);
    expect(transcript.finalize(0)).toBe(true);
    transcript.onResults(results('yes', 0, 1));
    expect(told()).toEqual(['final! yes']);
    expect(transcript.oldestPending).toBeUndefined();
    transcript.onResults(results('', 1, 1.02, { fromFinalize: true }));
    expect(told()).toEqual(['final! yes']);
  });

  it('answers two calls with one flush where nothing came between them', () => {
    const { transcript, told } = setUp();
    speak(transcript, 50);
    transcript.finalize(0);
    transcript.finalize(0);
    transcript.onResults(results('yes', 0, 1, { fromFinalize: true }));
    expect(told()).toEqual(['final! yes', 'final! ']);
  });

  it('takes a flush that ends early for the answer all the same', () => {
    const { transcript, told } = setUp();
    speak(transcript, 50);
    transcript.finalize(0);
    transcript.onResults(results('yes', 0, 0.7, { fromFinalize: true }));
    expect(told()).toEqual(['final! yes']);
  });

  it('does not take a late answer for the answer to the next call', () => {
    const { transcript, told } = setUp();
    const more = speak(transcript, 50);
    transcript.finalize(0);
    transcript.answerUnaided();
    speak(transcript, 20, more);
    transcript.finalize(0);
    transcript.onResults(results('yes', 0, 1, { fromFinalize: true }));
    transcript.onResults(results('please', 1, 1.4, { fromFinalize: true }));
    expect(told()).toEqual(['final! ', 'final yes', 'final! please']);
  });

  it('does not tell words twice that it told unaided', () => {
    const { transcript, told } = setUp();
    const more = speak(transcript, 50);
    transcript.onResults(results('good morning', 0, 1, { isFinal: false }));
    transcript.finalize(0);
    transcript.answerUnaided();
    expect(transcript.isUnsettled).toBe(false);
    speak(transcript, 50, more);
    transcript.onResults(results('good morning my friend', 0, 2, { isFinal: false }));
    transcript.onResults(results('good morning my friend', 0, 2));
    expect(told()).toEqual(['interim good morning', 'final! good morning', 'interim my friend', 'final my friend']);
  });

  it('keeps only the jumps that lie ahead of what is final, however long the call', () => {
    const timeline = new SampleTimeline();
    const transcript = new LiveTranscript(() => undefined, timeline);
    for (let second = 0; second < 3600; second += 1) {
      const timestamp = second * 100_000;
      speak(transcript, 50, timestamp);
      if (second % 5 === 4) transcript.onResults(results('yes', second - 4, second + 1));
      expect(timeline.stretchCount).toBeLessThan(8);
    }
  });

  const speech = burstSpeech('one two three four five six seven eight');
  const other = burstSpeech('alpha beta gamma delta epsilon zeta', 2);

  const spoken = [...framesOf(speech.samples), ...framesOf(other.samples)];
  const somewhere = (maxLength: number): fc.Arbitrary<number[]> =>
    fc.uniqueArray(fc.nat(spoken.length - 1), { maxLength });

  it('tells each word once, in its place, and answers each call once, however late results are', () => {
    const scenario = fc.record({
      start: fc.constantFrom(0, 2 ** 32 - 960),
      jumps: fc.dictionary(fc.nat(spoken.length - 1).map(String), fc.nat(100), { maxKeys: 10 }),
      finalizes: somewhere(12),
      givesUp: somewhere(6),
      lateByFrames: fc.nat(60),
      endpointingMs: fc.constantFrom(undefined, 20, 100),
      finalizeMinimumMs: fc.constantFrom(0, 100, 400),
    });
    fc.assert(
      fc.property(scenario, (options) => {
        const { events, calls, starts } = converse(options);
        const finals = events.filter((event) => event.type === 'final');
        expect(finals.filter((event) => event.answersFinalize).length).toBe(calls);
        const words = finals.flatMap((event) => event.words);
        const text = `${speech.text} ${other.text}`;
        expect(words.map((word) => word.text).join(' ')).toBe(text);
        expect(finals.flatMap((final) => (final.text === '' ? [] : [final.text])).join(' ')).toBe(text);
        const speechMs = speech.samples.length / 16;
        const places = [...speech.wordStartsMs, ...other.wordStartsMs.map((ms) => speechMs + ms)];
        for (const [index, place] of places.entries()) {
          const deviation = (words[index]?.startTimestamp ?? 0) - (starts[place / 20] ?? 0);
          expect(Math.abs(deviation)).toBeLessThanOrEqual(20 * TICKS_PER_MS);
        }
      }),
      { numRuns: 300 },
    );
  });

  interface Scenario {
    readonly start: number;
    /** Frames that stay away, by the frame that they stay away before. */
    readonly jumps: Readonly<Record<string, number>>;
    readonly finalizes: readonly number[];
    readonly givesUp: readonly number[];
    readonly lateByFrames: number;
    readonly endpointingMs: number | undefined;
    readonly finalizeMinimumMs: number;
  }

  /** Says it all through the stand-in's recognition. Things happen only where nobody speaks: it doesn't tell half words. */
  function converse(scenario: Scenario): { events: SttEvent[]; calls: number; starts: number[] } {
    const { events, transcript } = setUp();
    const late: { readonly text: string; readonly dueAtFrame: number }[] = [];
    let now = 0;
    const live = new LiveStream({
      settings: { endpointingMs: scenario.endpointingMs, interimResults: true, model: 'nova-3' },
      recognizer: new ScriptRecognizer(new Script([speech.script, other.script])),
      requestId: 'none',
      interimEveryMs: 100,
      finalizeMinimumMs: scenario.finalizeMinimumMs,
      send: (message) => late.push({ text: JSON.stringify(message), dueAtFrame: now + scenario.lateByFrames }),
    });
    const deliver = (untilFrame: number): void => {
      for (let next = late[0]; next !== undefined && next.dueAtFrame <= untilFrame; next = late[0]) {
        late.shift();
        const message = parseMessage(next.text);
        if (message.type === 'results') transcript.onResults(message);
      }
    };
    const starts: number[] = [];
    let calls = 0;
    let timestamp = scenario.start;
    for (const [index, samples] of spoken.entries()) {
      now = index;
      const mayBeSpeech = samples.some((sample) => sample !== 0);
      if (!mayBeSpeech) timestamp += (scenario.jumps[index] ?? 0) * FRAME_TICKS;
      starts.push(timestamp);
      transcript.sent(frame(timestamp, samples), mayBeSpeech);
      live.hear(samples);
      timestamp += FRAME_TICKS;
      if (scenario.finalizes.includes(index) && !mayBeSpeech) {
        calls += 1;
        if (transcript.finalize(0)) live.finalize();
      }
      deliver(index);
      if (scenario.givesUp.includes(index)) transcript.answerUnaided();
    }
    live.end();
    deliver(Infinity);
    while (transcript.oldestPending !== undefined) transcript.answerUnaided();
    return { events, calls, starts };
  }
});

describe('parseMessage', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constantFrom('', 'null', '[]', '{"type":1}')), (text) => {
        expect(['garbage', 'other', 'error', 'results']).toContain(parseMessage(text).type);
      }),
    );
  });

  it('takes results without what is optional', () => {
    const text = '{"type":"Results","start":1,"duration":0.5,"channel":{"alternatives":[]}}';
    expect(parseMessage(text)).toEqual({
      type: 'results',
      startSeconds: 1,
      endSeconds: 1.5,
      isFinal: false,
      fromFinalize: false,
      transcript: '',
      words: [],
    });
  });
});
