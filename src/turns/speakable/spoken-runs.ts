// Runs that are being rewritten: takes them apart into characters, each with its place in the source, and puts them
// together again so that they cover the source without a gap.

import type { SpokenText } from './spoken-text.ts';

interface SourceSpan {
  readonly start: number;
  readonly end: number;
}

export class SpokenRuns {
  /** Text that nothing has been decided about, and the source of each of its characters. */
  #pending = '';
  #spans: SourceSpan[] = [];
  /** How far the source is covered by what was appended, and by what is done. */
  #appendedEnd = 0;
  #doneEnd = 0;
  #done: SpokenText[] = [];
  /** The last run done is untouched text, which more of the same may lengthen. */
  #isOpen = false;

  get pending(): string {
    return this.#pending;
  }

  /** `isUntouched`: each character stands for itself; else the last one stands for the whole source of the run. */
  append({ text, sourceStart, sourceEnd }: SpokenText, isUntouched: boolean): void {
    for (let index = 0; index < text.length; index += 1) {
      const isLast = index === text.length - 1;
      const start = isUntouched ? sourceStart + index : sourceStart;
      this.#spans.push({ start, end: isUntouched ? start + 1 : isLast ? sourceEnd : start });
    }
    this.#pending += text;
    this.#appendedEnd = sourceEnd;
  }

  /** Lets the next `length` characters through. */
  pass(length: number): void {
    for (let index = 0; index < length; index += 1) {
      const span = this.#spans[index];
      if (span !== undefined) this.#emit(this.#pending.charAt(index), span, span.end - span.start === 1);
    }
    this.#drop(length);
  }

  /** Says `text` instead of the next `length` characters, and of what was left out between them. */
  replace(length: number, text: string): void {
    const [first, last] = [this.#spans[0], this.#spans[length - 1]];
    if (first !== undefined && last !== undefined) this.#emit(text, { start: first.start, end: last.end }, false);
    this.#drop(length);
  }

  /** What is done since the last call. */
  take(): SpokenText[] {
    // What was left out behind the last character waits for no other.
    if (this.#pending === '') this.#coverUntil(this.#appendedEnd);
    const done = this.#done;
    this.#done = [];
    this.#isOpen = false;
    return done;
  }

  #emit(text: string, { start, end }: SourceSpan, isUntouched: boolean): void {
    this.#coverUntil(start);
    const last = this.#done.at(-1);
    if (isUntouched && this.#isOpen && last !== undefined) {
      this.#done[this.#done.length - 1] = { text: last.text + text, sourceStart: last.sourceStart, sourceEnd: end };
    } else this.#done.push({ text, sourceStart: start, sourceEnd: end });
    this.#isOpen = isUntouched;
    this.#doneEnd = end;
  }

  /** A run without text for what was left out before `start`. */
  #coverUntil(start: number): void {
    if (start <= this.#doneEnd) return;
    this.#done.push({ text: '', sourceStart: this.#doneEnd, sourceEnd: start });
    this.#isOpen = false;
    this.#doneEnd = start;
  }

  #drop(length: number): void {
    this.#pending = this.#pending.slice(length);
    this.#spans = this.#spans.slice(length);
  }
}
