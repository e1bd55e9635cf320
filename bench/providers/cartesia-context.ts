// One context of Cartesia's stand-in: buffers what it is given, speaks it stretch by stretch, expires, is cancelled.
// https://docs.cartesia.ai/use-the-api/tts-websocket/contexts, …/buffering, …/context-flushing-and-flush-i-ds

import { errorEvent, invalid, type Generation, type Problem, type VoiceSettings } from './cartesia-protocol.ts';
import type { SyntheticSpeech } from './cartesia-speech.ts';

/** What goes wrong with a context once it has sent `afterChunks` chunks of audio (default 0). */
export type ContextFault = { readonly afterChunks?: number } & (
  | { readonly type: 'error'; readonly problem: Problem; readonly isAnonymous?: boolean }
  /** The websocket is cut without a goodbye, or closed with this code. */
  | { readonly type: 'close'; readonly code?: number }
  /** A frame as it is; `{context_id}` in it becomes the context's. The context goes on. */
  | { readonly type: 'frame'; readonly frame: string | Uint8Array }
  /** Nothing more comes. */
  | { readonly type: 'silence' }
  /** The service ends the context by itself. */
  | { readonly type: 'done' }
);

export interface ContextBehaviour {
  readonly firstByteMs: number;
  /** How much faster than real time audio is sent; Infinity: at once. */
  readonly paceFactor: number;
  readonly leadingSilenceMs: number;
  readonly contextExpiryMs: number;
  readonly wordTimes: 'before' | 'after' | 'none';
  /** How words are spoken, when times are asked for in normalised words. */
  readonly saidAs: (word: string) => readonly string[];
  readonly synthesise: (text: string, settings: VoiceSettings) => Promise<SyntheticSpeech>;
}

/** What became of a context, for tests to look at. */
export interface ContextRecord {
  readonly id: string;
  readonly settings: VoiceSettings;
  /** Inputs with text, as they came. */
  readonly transcripts: string[];
  flushCount: number;
  chunkCount: number;
  /** Told that no more comes. */
  isEnded: boolean;
  isCancelled: boolean;
  /** Why it is gone. */
  end: 'done' | 'expired' | 'error' | 'closed' | undefined;
}

export interface ContextHost {
  send(frame: string | Uint8Array): void;
  closeSocket(code: number | undefined): void;
  onGone(): void;
}

interface Stretch {
  readonly text: string;
  readonly flushId: number;
  readonly isFlushed: boolean;
}

const CHUNK_MS = 100;
/** What managed buffering takes as enough to speak: a sentence. */
const SENTENCE_END = /[.!?…]["'”’)\]]*\s/u;

export class StandInContext {
  readonly record: ContextRecord;
  readonly #behaviour: ContextBehaviour;
  readonly #host: ContextHost;
  readonly #fault: ContextFault | undefined;
  readonly #queue: Stretch[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #buffer = '';
  #flushId = 1;
  #spokenSamples = 0;
  #speaking = false;
  #faulted = false;
  #bufferTimer: NodeJS.Timeout | undefined;
  #expiryTimer: NodeJS.Timeout | undefined;

  constructor(
    first: Generation,
    settings: VoiceSettings,
    options: {
      readonly behaviour: ContextBehaviour;
      readonly host: ContextHost;
      readonly fault: ContextFault | undefined;
    },
  ) {
    this.#behaviour = options.behaviour;
    this.#host = options.host;
    this.#fault = options.fault;
    this.record = {
      id: first.context_id,
      settings,
      transcripts: [],
      flushCount: 0,
      chunkCount: 0,
      isEnded: false,
      isCancelled: false,
      end: undefined,
    };
  }

  take(input: Generation, settings: VoiceSettings): void {
    const { record } = this;
    if (JSON.stringify(settings) !== JSON.stringify(record.settings)) {
      this.#fail(invalid('Inputs on the same context must keep all fields except transcript and continue the same.'));
      return;
    }
    if (record.isEnded) {
      this.#fail(invalid('The context was ended.'));
      return;
    }
    if (input.flush && (input.transcript !== '' || !input.continue)) {
      this.#fail(invalid('A flush has an empty transcript and continues.'));
      return;
    }
    if (input.transcript !== '') record.transcripts.push(input.transcript);
    this.#buffer += input.transcript;
    record.isEnded = !input.continue;
    if (record.isEnded && record.transcripts.join('').trim() === '') {
      this.#fail(invalid('No valid transcripts passed.'));
      return;
    }
    this.#fill(input);
    void this.#speak();
  }

  /** Stretches that have not begun are dropped; the one that is being spoken goes on to its end. */
  cancel(): void {
    this.record.isCancelled = true;
    this.record.isEnded = true;
    this.#queue.length = 0;
    this.#buffer = '';
    this.#stopWaiting();
    if (!this.#speaking) this.#finish('done');
  }

  /** The websocket is gone. */
  drop(): void {
    this.record.end ??= 'closed';
    this.#stopWaiting();
    clearTimeout(this.#expiryTimer);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #fill({ flush, continue: goesOn }: Generation): void {
    const delayMs = this.record.settings.max_buffer_delay_ms;
    if (flush) {
      this.record.flushCount += 1;
      this.#release(this.#buffer.length, true);
      this.#flushId += 1;
    } else if (!goesOn || delayMs === 0) {
      this.#release(this.#buffer.length);
    } else {
      const sentence = this.#buffer.search(SENTENCE_END);
      if (sentence !== -1) this.#release(this.#buffer.search(/\s\S*$/u) + 1);
      if (this.#buffer.trim() === '' || this.#bufferTimer !== undefined) return;
      // Counted from the first text that waits.
      this.#bufferTimer = setTimeout(() => {
        this.#release(this.#buffer.search(/\s\S*$/u) + 1 || this.#buffer.length);
        void this.#speak();
      }, delayMs);
    }
  }

  #release(end: number, isFlushed = false): void {
    const text = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end);
    this.#stopWaiting();
    if (text !== '' || isFlushed) this.#queue.push({ text, flushId: this.#flushId, isFlushed });
  }

  #stopWaiting(): void {
    clearTimeout(this.#bufferTimer);
    this.#bufferTimer = undefined;
  }

  async #speak(): Promise<void> {
    if (this.#speaking || this.record.end !== undefined) return;
    this.#speaking = true;
    clearTimeout(this.#expiryTimer);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (next.text.trim() !== '') await this.#say(next);
      if (this.#isGone) return;
      if (next.isFlushed) this.#sendEvent({ type: 'flush_done', flush_done: true, flush_id: next.flushId });
    }
    this.#speaking = false;
    if (this.record.isEnded) this.#finish('done');
    else this.#expiryTimer = setTimeout(() => this.#finish('expired'), this.#behaviour.contextExpiryMs);
  }

  get #isGone(): boolean {
    return this.record.end !== undefined || this.#faulted;
  }

  async #say({ text, flushId }: Stretch): Promise<void> {
    const { settings } = this.record;
    const { sample_rate: rateHz } = settings.output_format;
    const { firstByteMs, paceFactor, leadingSilenceMs, wordTimes, synthesise } = this.#behaviour;
    const { samples, words } = await synthesise(text, settings);
    await this.#wait(firstByteMs);
    const silence = this.#spokenSamples === 0 ? (leadingSilenceMs * rateHz) / 1000 : 0;
    const whole = new Int16Array(silence + samples.length);
    whole.set(samples, silence);
    const chunkSamples = (CHUNK_MS * rateHz) / 1000;
    for (let start = 0; start < whole.length; start += chunkSamples) {
      if (this.#meetFault() || this.#isGone) return;
      const end = Math.min(whole.length, start + chunkSamples);
      const begun = words.filter(({ startSample }) => startSample + silence >= start && startSample + silence < end);
      const times = begun.map(({ word, startSample, endSample }) => ({
        word,
        startS: (this.#spokenSamples + silence + startSample) / rateHz,
        endS: (this.#spokenSamples + silence + endSample) / rateHz,
      }));
      if (wordTimes === 'before') this.#sendTimes(times, flushId);
      this.#sendChunk(whole.subarray(start, end), flushId);
      if (wordTimes === 'after') this.#sendTimes(times, flushId);
      await this.#wait(CHUNK_MS / paceFactor);
    }
    if (this.#meetFault()) return;
    this.#spokenSamples += whole.length;
  }

  #sendChunk(samples: Int16Array, flushId: number): void {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    this.record.chunkCount += 1;
    this.#sendEvent({ type: 'chunk', data: bytes.toString('base64'), step_time: 12.5, flush_id: flushId });
  }

  #sendTimes(
    times: readonly { readonly word: string; readonly startS: number; readonly endS: number }[],
    flushId: number,
  ): void {
    const { add_timestamps: asked, use_normalized_timestamps: isNormalised } = this.record.settings;
    if (!asked || times.length === 0) return;
    const said = times.flatMap(({ word, startS, endS }) => {
      const words = isNormalised ? this.#behaviour.saidAs(word) : [word];
      const partS = (endS - startS) / words.length;
      return words.map((part, index) => ({ part, startS: startS + index * partS, endS: startS + (index + 1) * partS }));
    });
    this.#sendEvent({
      type: 'timestamps',
      flush_id: flushId,
      word_timestamps: {
        words: said.map(({ part }) => part),
        start: said.map(({ startS }) => startS),
        end: said.map(({ endS }) => endS),
      },
    });
  }

  /** Whether the fault, if there is one, has ended the context. */
  #meetFault(): boolean {
    const fault = this.#fault;
    if (fault === undefined || this.#faulted || this.record.chunkCount < (fault.afterChunks ?? 0)) return this.#faulted;
    if (fault.type === 'frame') {
      if (this.record.chunkCount > (fault.afterChunks ?? 0)) return false;
      const { frame } = fault;
      this.#host.send(typeof frame === 'string' ? frame.replaceAll('{context_id}', this.record.id) : frame);
      return false;
    }
    this.#faulted = true;
    if (fault.type === 'error') this.#fail(fault.problem, fault.isAnonymous);
    else if (fault.type === 'close') this.#host.closeSocket(fault.code);
    else if (fault.type === 'done') this.#finish('done');
    return true;
  }

  #finish(end: 'done' | 'expired'): void {
    if (this.record.end !== undefined) return;
    this.#sendEvent({ type: 'done' });
    this.#leave(end);
  }

  #fail(problem: Problem, isAnonymous = false): void {
    if (this.record.end !== undefined) return;
    this.#host.send(errorEvent(problem, isAnonymous ? undefined : this.record.id));
    this.#leave('error');
  }

  #leave(end: 'done' | 'expired' | 'error'): void {
    this.record.end = end;
    this.#stopWaiting();
    clearTimeout(this.#expiryTimer);
    this.#host.onGone();
  }

  #sendEvent(event: Record<string, unknown>): void {
    const isDone = event['type'] === 'done';
    this.#host.send(
      JSON.stringify({ ...event, done: isDone, status_code: isDone ? 200 : 206, context_id: this.record.id }),
    );
  }

  async #wait(ms: number): Promise<void> {
    if (ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }
}
