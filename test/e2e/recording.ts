// What a caller hears, 10 ms at a time with the instant at which each was heard, and where in it there are answers.

import { type Changes } from './changes.ts';
import { levelDbfs, type Pcm, WINDOW_MS } from './pcm.ts';

/** Above this a window is audible (DESIGN section 2, 'first audible'). */
const AUDIBLE_DBFS = -40;
/** Sound that begins after less quiet than this goes on with what was heard before it. */
const ONSET_QUIET_MS = 150;
/** Ten minutes. */
const WINDOW_LIMIT = 60_000;
/** Kept around an answer, for the recogniser. */
const MARGIN_MS = 150;

/** 10 ms, and when they had been heard (monotonic). */
export interface HeardWindow {
  readonly samples: Int16Array;
  readonly heardAtMs: number;
}

interface Window extends HeardWindow {
  readonly audible: boolean;
}

/** Something audible, from the first of two consecutive audible windows to the last audible one. */
export interface HeardAnswer extends Pcm {
  readonly firstAudibleAtMs: number;
  readonly lastAudibleAtMs: number;
}

export interface AnswerOptions {
  /** Only what begins after this instant. */
  readonly after: number;
  /** An answer has ended when nothing was audible for so long. */
  readonly quietMs?: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

export class Recording {
  readonly sampleRateHz: number;
  readonly #changes: Changes;
  readonly #windows: Window[] = [];

  constructor(sampleRateHz: number, changes: Changes) {
    this.sampleRateHz = sampleRateHz;
    this.#changes = changes;
  }

  /** Takes the next 10 ms. The oldest minute is forgotten when there are more than ten. */
  push(samples: Int16Array, heardAtMs: number): void {
    if (this.#windows.length >= WINDOW_LIMIT) this.#windows.splice(0, WINDOW_LIMIT / 10);
    this.#windows.push({ samples, heardAtMs, audible: levelDbfs(samples) > AUDIBLE_DBFS });
    this.#changes.notify();
  }

  /** All that was heard since, silence included. */
  since(afterMs: number): Pcm {
    return this.#cut(this.#firstIndexAfter(afterMs), this.#windows.length);
  }

  /** The same, window by window. */
  windowsSince(afterMs: number): readonly HeardWindow[] {
    return this.#windows.slice(this.#firstIndexAfter(afterMs));
  }

  /** Whether anything was audible within the last `withinMs`. */
  isAudible(withinMs = ONSET_QUIET_MS): boolean {
    return this.#windows.slice(-withinMs / WINDOW_MS).some(({ audible }) => audible);
  }

  /** Everything audible that began after `after`, in pieces between which it was quiet for `quietMs`. The last may go on. */
  answers({ after, quietMs = 1000 }: AnswerOptions): readonly HeardAnswer[] {
    return this.#spans(after, quietMs).map((span) => this.#answer(span));
  }

  /** Resolves with the first answer once it has ended. */
  async waitForAnswer({
    after,
    quietMs = 1000,
    timeoutMs = 20_000,
  }: AnswerOptions & { readonly timeoutMs?: number }): Promise<HeardAnswer> {
    return await this.#changes.until(
      () => {
        const [span] = this.#spans(after, quietMs);
        const ended = span !== undefined && this.#windows.length - 1 - span.last >= quietMs / WINDOW_MS;
        return ended ? this.#answer(span) : undefined;
      },
      { timeoutMs, what: 'an answer and the quiet after it' },
    );
  }

  /** Resolves with the instant of the first audible window after `after`. */
  async waitForSound({
    after,
    timeoutMs = 20_000,
  }: {
    readonly after: number;
    readonly timeoutMs?: number;
  }): Promise<number> {
    return await this.#changes.until(() => this.answers({ after })[0]?.firstAudibleAtMs, {
      timeoutMs,
      what: 'something audible',
    });
  }

  #spans(after: number, quietMs: number): readonly Span[] {
    const from = this.#firstIndexAfter(after);
    const onsetQuiet = ONSET_QUIET_MS / WINDOW_MS;
    // One audible window alone is a click: it neither begins a sound nor is one that the next goes on with.
    const isSound = (index: number): boolean =>
      this.#isAudible(index) && (this.#isAudible(index - 1) || this.#isAudible(index + 1));
    const heardBefore = this.#windows.findLastIndex((_, index) => index < from && isSound(index));
    let lastAudible = heardBefore === -1 ? Number.NEGATIVE_INFINITY : heardBefore;
    const spans: { first: number; last: number }[] = [];
    for (let index = from; index < this.#windows.length; index += 1) {
      if (!this.#isAudible(index)) continue;
      const current = spans.at(-1);
      if (current !== undefined && index - current.last <= quietMs / WINDOW_MS) current.last = index;
      else if (this.#isAudible(index + 1) && index - lastAudible > onsetQuiet) {
        spans.push({ first: index, last: index });
      }
      if (isSound(index)) lastAudible = index;
    }
    return spans;
  }

  #isAudible(index: number): boolean {
    return this.#windows[index]?.audible === true;
  }

  #answer({ first, last }: Span): HeardAnswer {
    const margin = MARGIN_MS / WINDOW_MS;
    const heardAtMs = (index: number): number => this.#windows[index]?.heardAtMs ?? Number.NaN;
    return {
      ...this.#cut(Math.max(0, first - margin), last + 1 + margin),
      firstAudibleAtMs: heardAtMs(first),
      lastAudibleAtMs: heardAtMs(last),
    };
  }

  #cut(start: number, end: number): Pcm {
    const pieces = this.#windows.slice(start, end).map(({ samples }) => samples);
    const samples = new Int16Array(pieces.reduce((total, { length }) => total + length, 0));
    let position = 0;
    for (const piece of pieces) {
      samples.set(piece, position);
      position += piece.length;
    }
    return { samples, sampleRateHz: this.sampleRateHz };
  }

  #firstIndexAfter(afterMs: number): number {
    const index = this.#windows.findIndex(({ heardAtMs }) => heardAtMs >= afterMs);
    return index === -1 ? this.#windows.length : index;
  }
}
