// Stages with set latencies for whole turns in virtual time. What a caller 'says' is carried by the level of the packets;
// its words come from a script, one for each 300 ms of voice, as a streaming recogniser would give them.

import type { VoiceDetector, VoiceEvent } from '../../src/audio/voice-activity.ts';
import type { AudioFrame } from '../../src/audio/frame.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { StageError } from '../../src/lib/errors.ts';
import { BoundedQueue } from '../../src/lib/queue.ts';
import type { ReplyModel } from '../../src/llm/port.ts';
import type { OpusCodec } from '../../src/opus/port.ts';
import { FRAME_TICKS, TICKS_PER_MS } from '../../src/rtp/packet.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import type { TextToSpeech } from '../../src/tts/port.ts';
import type { Message } from '../../src/turns/history.ts';

const LOUD = 8000;
const WORD_FRAMES = 15;

/** A payload of a voiced or a silent frame; more than three bytes, so that it is not DTX. */
export function payloadOf(voiced: boolean): Uint8Array {
  return Uint8Array.from({ length: 20 }, () => (voiced ? 1 : 0));
}

export const dtxPayload = Uint8Array.of(0xf8);

/** The sound of a telephone's key: 5. */
export const keyPayload = Uint8Array.from({ length: 20 }, () => 2);

export function isVoiced(payload: Uint8Array): boolean {
  return payload.length > 3 && payload[0] === 1;
}

/** Carries one bit a frame: voiced or not. */
export const simCodec: OpusCodec = {
  createDecoder: ({ sampleRateHz }) => {
    const samplesPerFrame = sampleRateHz / 50;
    return {
      sampleRateHz,
      decode: (payload) =>
        payload[0] === keyPayload[0]
          ? keyTone(samplesPerFrame, sampleRateHz)
          : tone(samplesPerFrame, isVoiced(payload)),
      conceal: () => tone(samplesPerFrame, false),
      close: () => undefined,
    };
  },
  createEncoder: ({ sampleRateHz }) => ({
    sampleRateHz,
    encode: (samples) => payloadOf(isLoud(samples)),
    close: () => undefined,
  }),
};

/** Voice begins after three loud frames and ends after five quiet ones. */
export function simVoiceDetector(): VoiceDetector {
  let speaking = false;
  let run = 0;
  return {
    get doubt() {
      if (run === 0) return undefined;
      return speaking ? 'mayHaveEnded' : 'mayHaveBegun';
    },
    process({ samples, timestamp }: AudioFrame): readonly VoiceEvent[] {
      const end = timestamp + (samples.length / 16) * TICKS_PER_MS;
      run = isLoud(samples) === speaking ? 0 : run + 1;
      if (run < (speaking ? 5 : 3)) return [];
      speaking = !speaking;
      const changedAt = end - run * FRAME_TICKS;
      run = 0;
      return [{ type: speaking ? 'voiceStarted' : 'voiceEnded', timestamp: changedAt }];
    },
  };
}

/**
 * Recognises the words of `script`, one for each 300 ms of voice, `lagMs` after they were spoken. With an infinite
 * `finalLagMs` its finals never come.
 */
export class SimSpeechToText implements SpeechToText {
  readonly name = 'sim';
  readonly wordTimes = false;
  openCount = 0;
  /** Streams can't be opened. */
  refusing = false;
  /** How the final writes what the interims have told. */
  finalOf: (text: string) => string = (text) => text;
  readonly finalsAtPauses: boolean;
  readonly #finalLagMs: number;
  readonly #clock: Clock;
  readonly #script: string[];
  /** Words that no final has told yet. */
  #untold: string[] = [];
  readonly #lagMs: number;
  #current: BoundedQueue<SttEvent> | undefined;
  #settle: () => void = () => undefined;

  constructor(
    clock: Clock,
    script: string,
    {
      lagMs = 150,
      finalLagMs = lagMs,
      finalsAtPauses = false,
    }: { readonly lagMs?: number; readonly finalLagMs?: number; readonly finalsAtPauses?: boolean } = {},
  ) {
    this.finalsAtPauses = finalsAtPauses;
    this.#finalLagMs = finalLagMs;
    this.#clock = clock;
    this.#script = script.split(' ');
    this.#lagMs = lagMs;
  }

  open(): Promise<SttStream> {
    if (this.refusing) return Promise.reject(new StageError('STT', 'not now', { retryable: true }));
    this.openCount += 1;
    const events = new BoundedQueue<SttEvent>(100);
    this.#current = events;
    let loudFrames = 0;
    let words: string[] = [];
    let endTimestamp = 0;
    const later = (make: () => SttEvent, lagMs = this.#lagMs): void => {
      if (lagMs !== Infinity) this.#clock.after(lagMs, () => events.push(make()));
    };
    const settle = (answersFinalize: boolean): void => {
      const text = words.join(' ');
      const end = endTimestamp;
      const count = words.length;
      words = [];
      later(() => {
        if (!events.closed) this.#untold.splice(0, count);
        const final = text === '' ? '' : this.finalOf(text);
        return { type: 'final', text: final, words: [], endTimestamp: end, rejected: false, answersFinalize };
      }, this.#finalLagMs);
    };
    this.#settle = () => settle(false);
    return Promise.resolve({
      events,
      write: (frame: AudioFrame) => {
        endTimestamp = frame.timestamp + FRAME_TICKS;
        if (!isLoud(frame.samples)) return;
        loudFrames += 1;
        if (loudFrames % WORD_FRAMES !== 0) return;
        const word = this.#script.shift() ?? 'er';
        words = [...words, word];
        this.#untold.push(word);
        const text = words.join(' ');
        const end = endTimestamp;
        later(() => ({ type: 'interim', text, words: [], endTimestamp: end }));
      },
      finalize: () => settle(true),
      close: () => events.close(),
    });
  }

  /** Gives a final of its own accord, of what there is. */
  settle(): void {
    this.#settle();
  }

  /** The service drops the connection; it will hear again what no final has told. */
  break(): void {
    this.#script.unshift(...this.#untold.splice(0));
    this.#current?.fail(new StageError('STT', 'the connection was lost', { retryable: true }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Answers with `reply(question)`, the first word after `firstTokenMs`, the others `tokenMs` apart. */
export class SimModel implements ReplyModel {
  readonly name = 'sim';
  readonly questions: string[] = [];
  /** What it was shown, call by call. */
  readonly histories: (readonly Message[])[] = [];
  activeCount = 0;
  /** Said instead of replies, one each: an error is thrown, 'nothing' ends at once, 'silence' never ends. */
  readonly faults: (Error | 'nothing' | 'silence')[] = [];
  /** When the last word was written. */
  endedAtMs: number | undefined;
  readonly #clock: Clock;
  readonly #reply: (question: string) => string;

  constructor(clock: Clock, reply: (question: string) => string) {
    this.#clock = clock;
    this.#reply = reply;
  }

  async *reply(
    messages: readonly Message[],
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<string, void> {
    const question = messages.findLast((message) => message.role === 'user')?.text ?? '';
    this.questions.push(question);
    this.histories.push(messages);
    this.activeCount += 1;
    try {
      const fault = this.faults.shift();
      if (fault instanceof Error) throw fault;
      if (fault === 'nothing') return;
      if (fault === 'silence') await wait(this.#clock, 1e9, signal);
      const words = this.#reply(question).match(/\S+\s*/g) ?? [];
      for (const [index, word] of words.entries()) {
        await wait(this.#clock, index === 0 ? 350 : 20, signal);
        if (signal.aborted) return;
        yield word;
      }
      this.endedAtMs = this.#clock.nowMs();
    } finally {
      this.activeCount -= 1;
    }
  }
}

/** Speaks 50 ms a character, the first audio of each chunk after `firstByteMs`. */
export class SimTextToSpeech implements TextToSpeech {
  readonly name: string = 'sim';
  readonly sampleRateHz = 16_000;
  /** What it was given to say. */
  readonly said: string[] = [];
  /** Happen instead of speech, one each: an error is thrown, 'silence' never ends. */
  readonly faults: (Error | 'silence')[] = [];
  /** When the first audio of all was made. */
  firstAudioAtMs: number | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async *speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): ReturnType<TextToSpeech['speak']> & AsyncGenerator {
    let spoken = 0;
    const fault = this.faults.shift();
    if (fault instanceof Error) throw fault;
    for await (const chunk of chunks) {
      await wait(this.#clock, fault === 'silence' ? 1e9 : 150, signal);
      if (signal.aborted) return;
      this.said.push(chunk);
      this.firstAudioAtMs ??= this.#clock.nowMs();
      yield { samples: tone(chunk.length * 800, true), characterStart: spoken, characterEnd: spoken + chunk.length };
      spoken += chunk.length;
    }
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A square wave, about −12 dBFS, or silence. */
export function tone(length: number, loud: boolean): Int16Array {
  const samples = new Int16Array(length);
  if (!loud) return samples;
  for (let index = 0; index < length; index += 1) samples[index] = index % 16 < 8 ? LOUD : -LOUD;
  return samples;
}

/** Loud enough for any voice detector of here. */
function keyTone(length: number, sampleRateHz: number): Int16Array {
  const sine = (hz: number, n: number): number => Math.sin((2 * Math.PI * hz * n) / sampleRateHz);
  return Int16Array.from({ length }, (_, n) => LOUD * (sine(770, n) + sine(1336, n)));
}

/** Looks at one sample in forty: a tone is as loud in each. */
function isLoud(samples: Int16Array): boolean {
  for (let index = 0; index < samples.length; index += 40) if (Math.abs(samples[index] ?? 0) > LOUD / 4) return true;
  return false;
}

/** Resolves after `ms`, or once aborted. */
export function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
