// What every implementation of the speech-to-text port must do.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LISTENING_RATE_HZ } from '../../src/audio/frame.ts';
import { FRAME_MS, FRAME_TICKS, OPUS_CLOCK_HZ, TICKS_PER_MS } from '../../src/rtp/packet.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import { runToItsEnd } from './process-exit.ts';

export interface SpeechToTextSubject {
  make(): SpeechToText;
  /** Expression that makes one in a program of its own (it may await). */
  readonly source: string;
  /** Speech that it recognises, 16 kHz; its text without case and punctuation. `pauseAtMs` lies in a silent pause of at least 100 ms between two of its words. */
  speech(): Promise<{ readonly samples: Int16Array; readonly text: string; readonly pauseAtMs: number }>;
  /** Whether it tells words while they are spoken. Default true. */
  readonly interims?: boolean;
  /** What its `wordTimes` says. Default true. */
  readonly wordTimes?: boolean;
  /** Speech that it can't put into words, where it has such a notion. */
  readonly unintelligible?: () => Promise<Int16Array>;
  /** One whose streams can't be opened. */
  readonly makeBroken?: () => SpeechToText;
}

type Final = Extract<SttEvent, { type: 'final' }>;
const FRAME_SAMPLES = (LISTENING_RATE_HZ * FRAME_MS) / 1000;
const TICKS_PER_SAMPLE = OPUS_CLOCK_HZ / LISTENING_RATE_HZ;
const START = 2 ** 32 - 3 * FRAME_TICKS;
const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

/** Reads a stream's events up to a number of finals. */
class Listener {
  readonly events: SttEvent[] = [];
  readonly #iterator: AsyncIterator<SttEvent>;

  constructor(stream: SttStream) {
    this.#iterator = stream.events[Symbol.asyncIterator]();
  }

  /** What is final with the next answer to a `finalize`: that answer, and the finals that came unasked before it. */
  async answer(): Promise<Final> {
    const finals: Final[] = [];
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done === true) throw new Error('the events ended without an answer');
      this.events.push(value);
      if (value.type !== 'final') continue;
      finals.push(value);
      if (!value.answersFinalize) continue;
      const texts = finals.map(({ text }) => text).filter((text) => text !== '');
      return { ...value, text: texts.join(' '), words: finals.flatMap(({ words }) => words) };
    }
  }

  next(): Promise<IteratorResult<SttEvent>> {
    return this.#iterator.next();
  }
}

/** Writes PCM in frames from `timestamp` on, jumping ahead by `gapTicks` before the first frame at or after `gapAtMs`. */
function writeAll(
  stream: SttStream,
  samples: Int16Array,
  { timestamp = START, gapAtMs = Infinity, gapTicks = 0 } = {},
): number {
  let at = timestamp;
  for (let start = 0; start < samples.length; start += FRAME_SAMPLES) {
    const startMs = (start * 1000) / LISTENING_RATE_HZ;
    const jumped = startMs >= gapAtMs ? gapTicks : 0;
    const frame = samples.subarray(start, start + FRAME_SAMPLES);
    stream.write({ samples: frame, timestamp: at + jumped, origin: 'received', arrivedAtMs: 0 });
    at += frame.length * TICKS_PER_SAMPLE;
  }
  return at;
}

function silence(durationMs: number): Int16Array {
  return new Int16Array((durationMs * LISTENING_RATE_HZ) / 1000);
}

/** Recognisers differ in case and punctuation. */
function plainText(text: string): string {
  return text.toLowerCase().replaceAll(/[.,!?]/g, '');
}

export function describeSpeechToText(name: string, subject: SpeechToTextSubject): void {
  describe(`${name} as speech to text`, () => {
    let stt: SpeechToText;
    let speech: Awaited<ReturnType<SpeechToTextSubject['speech']>>;
    beforeAll(async () => {
      stt = subject.make();
      speech = await subject.speech();
    });
    afterAll(() => stt.close());

    it('tells what was said, and interims before it where it has them', async () => {
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      const end = writeAll(stream, speech.samples);
      stream.finalize();
      const final = await listener.answer();
      expect(plainText(final.text)).toBe(speech.text);
      expect(final.rejected).toBe(false);
      expect(listener.events.some(({ type }) => type === 'interim')).toBe(subject.interims ?? true);
      expect(final.endTimestamp).toBeLessThanOrEqual(end);
      stream.close();
    });

    const hasWordTimes = subject.wordTimes ?? true;
    it('says whether it has word times', async () => {
      expect(stt.wordTimes).toBe(hasWordTimes);
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      writeAll(stream, speech.samples);
      stream.finalize();
      expect((await listener.answer()).words.length > 0).toBe(hasWordTimes);
      stream.close();
    });

    if (hasWordTimes) {
      it('places words in order on the RTP time line, across its 32 bit boundary', async () => {
        const stream = await stt.open(live());
        const listener = new Listener(stream);
        const end = writeAll(stream, speech.samples);
        stream.finalize();
        const { words } = await listener.answer();
        expect(plainText(words.map((word) => word.text).join(' '))).toBe(speech.text);
        const instants = words.flatMap((word) => [word.startTimestamp, word.endTimestamp]);
        expect(instants).toEqual(instants.toSorted((a, b) => a - b));
        expect(instants[0]).toBeGreaterThanOrEqual(START);
        expect(instants.at(-1)).toBeLessThanOrEqual(end);
        stream.close();
      });

      it('keeps words within 20 ms of their place when frames were left out before them', async () => {
        const gapTicks = 400 * TICKS_PER_MS;
        const words = [];
        for (const gap of [0, gapTicks]) {
          const stream = await stt.open(live());
          const listener = new Listener(stream);
          writeAll(stream, speech.samples, { gapAtMs: speech.pauseAtMs, gapTicks: gap });
          stream.finalize();
          words.push((await listener.answer()).words);
          stream.close();
        }
        const [plain = [], jumped = []] = words;
        expect(jumped.map((word) => word.text)).toEqual(plain.map((word) => word.text));
        const jumpAt = START + speech.pauseAtMs * TICKS_PER_MS;
        expect(plain.some((word) => word.startTimestamp > jumpAt)).toBe(true);
        for (const [index, word] of plain.entries()) {
          const shift = word.startTimestamp > jumpAt ? gapTicks : 0;
          const difference = (jumped[index]?.startTimestamp ?? 0) - word.startTimestamp - shift;
          expect(Math.abs(difference)).toBeLessThanOrEqual(20 * TICKS_PER_MS);
        }
      });
    }

    it('answers each finalize with exactly one final, also when nothing was said', async () => {
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      stream.finalize();
      stream.finalize();
      const end = writeAll(stream, speech.samples);
      stream.finalize();
      writeAll(stream, silence(200), { timestamp: end });
      stream.finalize();
      const texts = [];
      for (let count = 0; count < 4; count += 1) texts.push(plainText((await listener.answer()).text));
      expect(texts).toEqual(['', '', speech.text, '']);
      stream.close();
      expect(await listener.next()).toMatchObject({ done: true });
    });

    it('begins afresh after a final', async () => {
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      const texts = [];
      let timestamp = START;
      for (let count = 0; count < 3; count += 1) {
        timestamp = writeAll(stream, speech.samples, { timestamp });
        stream.finalize();
        const { text, words } = await listener.answer();
        texts.push(plainText(text));
        const wordsStart = words[0]?.startTimestamp ?? (stt.wordTimes ? 0 : timestamp);
        expect(wordsStart).toBeGreaterThan(timestamp - speech.samples.length * TICKS_PER_SAMPLE);
      }
      expect(texts).toEqual([speech.text, speech.text, speech.text]);
      stream.close();
    });

    it('recognises after a minute of silence', async () => {
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      let timestamp = START;
      // In portions, so that an implementation that bounds its backlog keeps up.
      for (let portion = 0; portion < 60; portion += 1) {
        timestamp = writeAll(stream, silence(1000), { timestamp });
        if (portion % 4 !== 3) continue;
        stream.finalize();
        expect(await listener.answer()).toMatchObject({ text: '', rejected: false });
      }
      writeAll(stream, speech.samples, { timestamp });
      stream.finalize();
      expect(plainText((await listener.answer()).text)).toBe(speech.text);
      stream.close();
    });

    it('keeps two callers apart', async () => {
      const streams = await Promise.all([stt.open(live()), stt.open(live())]);
      const [speaking, silent] = streams;
      const listeners = streams.map((stream) => new Listener(stream));
      writeAll(speaking, speech.samples);
      writeAll(silent, silence(1000));
      for (const stream of streams) stream.finalize();
      const answers = await Promise.all(listeners.map((listener) => listener.answer()));
      expect(answers.map(({ text }) => plainText(text))).toEqual([speech.text, '']);
      for (const stream of streams) stream.close();
    });

    const { unintelligible, makeBroken } = subject;
    if (unintelligible !== undefined) {
      it('says so when it cannot tell what was said', async () => {
        const stream = await stt.open(live());
        const listener = new Listener(stream);
        writeAll(stream, await unintelligible());
        stream.finalize();
        expect(await listener.answer()).toMatchObject({ text: '', words: [], rejected: true });
        stream.close();
      });
    }

    it('ends its events when closed in mid-speech; closing again or writing on does nothing', async () => {
      const stream = await stt.open(live());
      const listener = new Listener(stream);
      writeAll(stream, speech.samples.subarray(0, speech.samples.length / 2));
      stream.close();
      stream.close();
      writeAll(stream, speech.samples);
      stream.finalize();
      let last = await listener.next();
      while (last.done !== true) last = await listener.next();
      expect(last.done).toBe(true);
    });

    it('does not open for a signal that is aborted, before or while it opens', async () => {
      const reason = new Error('hung up');
      await expect(stt.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const opening = stt.open({ signal: controller.signal });
      controller.abort(reason);
      await expect(opening).rejects.toBe(reason);
    });

    if (makeBroken !== undefined) {
      it('rejects with a StageError when it cannot recognise', async () => {
        const broken = makeBroken();
        await expect(broken.open(live())).rejects.toMatchObject({ name: 'StageError', code: 'STT' });
        await broken.close();
      });
    }

    it('refuses to open once closed, and closes twice', async () => {
      const closed = subject.make();
      await closed.close();
      await closed.close();
      await expect(closed.open(live())).rejects.toMatchObject({ code: 'STT' });
    });

    it('keeps no process alive once closed', async () => {
      const program = `
        const stt = await ${subject.source};
        const stream = await stt.open({ signal: new AbortController().signal });
        stream.close();
        await stt.close();
        console.log('closed');`;
      expect(await runToItsEnd(program)).toContain('closed');
    });
  });
}
