// First half of the filter: takes Markdown, HTML and emoji out of a stream, character by character where nothing is marked
// up. CommonMark 0.31 and GitHub's tables, task lists and footnotes, as far as they can be heard; lines are read on their
// own, so indented code, reference definitions and TeX stay text. Longest hold-back: WINDOW, for what isn't closed.

import { inlineStep, type InlineContext } from './inline-markup.ts';
import { blockStep, closesFence, type Fence } from './block-markup.ts';
import type { SpokenText } from './spoken-text.ts';

/** What isn't closed within so many characters was no markup. */
export const WINDOW = 400;

/** What becomes of the next `length` characters of the source: `text` instead, or left as they are. */
export interface Step {
  readonly length: number;
  readonly text?: string;
}

export interface MarkupOptions {
  /** Said instead of a block of code; '' for nothing. */
  readonly codeOmitted: string;
  /** Names that make a numbered line a date where numbers have full stops ("5. März"). */
  readonly monthNames: readonly string[];
}

/** How a line ends: what was set off by its layout is set off by a pause. */
type LineKind = 'text' | 'setOff' | 'row';

const ENDS_WITH_PAUSE = /[.!?…:;,。！？]["'”’)\]]*\s*$/u;

/** Push source in, take runs out. Pure; one per reply. */
export class Markup {
  readonly #options: MarkupOptions;
  #pending = '';
  /** Source position of the first pending character. */
  #position = 0;
  #atLineStart = true;
  #line: LineKind = 'text';
  #fence: Fence | undefined;
  #inCode = false;
  /** The source character before the pending ones. */
  #previous = '';
  /** The end of what was let through on this line. */
  #shown = '';
  /** Something was left out since. */
  #hasDropped = false;
  #afterPictograph = false;

  constructor(options: MarkupOptions) {
    this.#options = options;
  }

  push(source: string): SpokenText[] {
    this.#pending += source;
    return this.#drain(false);
  }

  flush(): SpokenText[] {
    return this.#drain(true);
  }

  #drain(isFinal: boolean): SpokenText[] {
    const runs: SpokenText[] = [];
    while (this.#pending !== '') {
      const step = this.#next(this.#pending.slice(0, WINDOW), isFinal || this.#pending.length >= WINDOW);
      if (step === undefined) break;
      runs.push(this.#take(step));
    }
    return runs;
  }

  #next(window: string, isWhole: boolean): Step | undefined {
    if (this.#fence !== undefined) return this.#insideFence(window, isWhole, this.#fence);
    if (this.#atLineStart) {
      const block = blockStep(window, isWhole, this.#options);
      if (block === undefined) return undefined;
      if (block.kind !== 'none') {
        if (block.kind === 'fence') this.#fence = block.fence;
        if (block.kind === 'row' || (block.kind === 'setOff' && this.#line !== 'row')) this.#line = block.kind;
        return block.step;
      }
      this.#atLineStart = false;
    }
    return this.#inline(window, isWhole);
  }

  /** A line of code, or the fence that closes it; both are left out. */
  #insideFence(window: string, isWhole: boolean, fence: Fence): Step | undefined {
    if (this.#atLineStart) {
      const closing = closesFence(window, isWhole, fence);
      if (closing === undefined) return undefined;
      if (closing > 0) {
        this.#fence = undefined;
        return { length: closing, text: '' };
      }
      this.#atLineStart = false;
    }
    const lineEnd = window.indexOf('\n') + 1;
    return { length: lineEnd === 0 ? window.length : lineEnd, text: '' };
  }

  #inline(window: string, isWhole: boolean): Step | undefined {
    if (window.startsWith('\n')) return { length: 1, ...(this.#needsPause() && { text: '.\n' }) };
    const gap = /^[ \t]+/u.exec(window)?.[0].length ?? 0;
    if (gap > 0 && this.#hasDropped && /^$|\s$/u.test(this.#shown)) return { length: gap, text: '' };
    const context: InlineContext = {
      previous: this.#previous,
      isCode: this.#inCode,
      isRow: this.#line === 'row',
      afterPictograph: this.#afterPictograph,
      afterPause: this.#shown === '' || ENDS_WITH_PAUSE.test(this.#shown),
    };
    const step = inlineStep(window, isWhole, context);
    if (step === undefined) return undefined;
    this.#afterPictograph = step.isPictograph === true;
    if (step.togglesCode === true) this.#inCode = !this.#inCode;
    return step;
  }

  #needsPause(): boolean {
    return this.#line !== 'text' && /\S/u.test(this.#shown) && !ENDS_WITH_PAUSE.test(this.#shown);
  }

  /** Moves past the step's characters. */
  #take({ length, text: replacement }: Step): SpokenText {
    const source = this.#pending.slice(0, length);
    const text = replacement ?? source;
    const run = { text, sourceStart: this.#position, sourceEnd: this.#position + length };
    this.#pending = this.#pending.slice(length);
    this.#position += length;
    this.#previous = source.slice(-1);
    if (text === '') this.#hasDropped = true;
    else {
      this.#hasDropped = false;
      this.#shown = (this.#shown + text).slice(-20);
    }
    if (source.endsWith('\n')) this.#startLine();
    return run;
  }

  #startLine(): void {
    this.#atLineStart = true;
    this.#line = 'text';
    this.#inCode = false;
    this.#shown = '';
    this.#previous = '';
    this.#afterPictograph = false;
  }
}
