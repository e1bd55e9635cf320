// When a context speaks which characters of its text: estimated by a usual pace, corrected by the word times and the marks
// that come in, whenever they do. Pure. What was said of a time before may change; its reader keeps what he has given out.

import { alignWords, comparable, tokensOf, type TextSpan } from './word-alignment.ts';

/** A word as the service says it speaks it, counted from the first sample of the context. */
export interface TimedWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** By `ms` of audio, `characters` of the text have been spoken. */
interface Anchor {
  readonly ms: number;
  readonly characters: number;
}

interface OpenWord extends TimedWord {
  readonly comparable: string;
}

/** English at an unhurried pace; a context's own pace is used as soon as it is known. */
const USUAL_CHARACTERS_PER_MS = 15 / 1000;
/** Before that many characters were timed, their pace says little. */
const PACE_CHARACTERS = 12;
/** Words that are aligned again when more come; older ones stay where they are, which bounds the work per word. */
const OPEN_WORDS = 64;
/** Tokens that are looked at beyond as many as there are open words. */
const TOKENS_AHEAD = 32;

export class TextTimeline {
  /** What was given to be spoken. */
  text = '';
  readonly #charactersPerMs: number;
  readonly #marks: Anchor[] = [];
  /** Of the words that are not aligned again. */
  readonly #fixed: Anchor[] = [];
  readonly #words: OpenWord[] = [];
  /** The first token that the open words may speak. */
  #firstToken = 0;
  #anchors: readonly Anchor[] | undefined;
  #alignedEnd = 0;

  /** `speed`: of the voice, 1 is usual. */
  constructor(speed = 1) {
    this.#charactersPerMs = USUAL_CHARACTERS_PER_MS * speed;
  }

  append(text: string): void {
    this.text += text;
    this.#anchors = undefined;
  }

  /** Takes the next words, in the order in which they are spoken. */
  addWords(words: readonly TimedWord[]): void {
    for (const { word, startMs, endMs } of words) {
      const parts = tokensOf(word);
      for (const [index, { start, end }] of parts.entries()) {
        const partMs = (endMs - startMs) / parts.length;
        this.#words.push({
          word,
          comparable: comparable(word.slice(start, end)),
          startMs: startMs + index * partMs,
          endMs: startMs + (index + 1) * partMs,
        });
      }
    }
    this.#anchors = undefined;
  }

  /** Takes back what has been given from `end` on: it is spoken elsewhere. */
  cut(end: number): void {
    this.text = this.text.slice(0, end);
    this.#anchors = undefined;
  }

  /** Says for certain that by `ms` the first `characters` have been spoken. */
  mark(ms: number, characters: number): void {
    this.#marks.push({ ms, characters });
    this.#anchors = undefined;
  }

  /** End of the last word that is known to be spoken; 0 where no word was timed. */
  get alignedEnd(): number {
    this.#known();
    return this.#alignedEnd;
  }

  /** Characters spoken by `ms`; never falls as `ms` grows, never beyond the text. */
  charactersAt(ms: number): number {
    const anchors = this.#known();
    const next = anchors.findIndex((anchor) => anchor.ms > ms);
    const before = anchors[next === -1 ? anchors.length - 1 : next - 1] ?? { ms: 0, characters: 0 };
    const after = anchors[next];
    const pace =
      after === undefined ? this.#pace(before) : (after.characters - before.characters) / (after.ms - before.ms);
    return Math.min(this.text.length, Math.floor(before.characters + Math.max(0, ms - before.ms) * pace));
  }

  /** Instants in (fromMs, toMs) at which a word begins or ends. */
  boundariesMs(fromMs: number, toMs: number): number[] {
    const inside = this.#known().filter(({ ms }) => ms > fromMs && ms < toMs);
    return Array.from(new Set(inside.map(({ ms }) => ms)));
  }

  #pace(last: Anchor): number {
    return last.characters >= PACE_CHARACTERS && last.ms > 0 ? last.characters / last.ms : this.#charactersPerMs;
  }

  /** All that is known, in order; neither time nor characters ever fall. */
  #known(): readonly Anchor[] {
    if (this.#anchors !== undefined) return this.#anchors;
    const anchors: Anchor[] = [];
    let characters = 0;
    for (const anchor of [...this.#fixed, ...this.#align(), ...this.#marks].sort((a, b) => a.ms - b.ms)) {
      characters = Math.max(characters, anchor.characters);
      anchors.push({ ms: anchor.ms, characters });
    }
    this.#anchors = anchors;
    return anchors;
  }

  #align(): Anchor[] {
    const tokens = tokensOf(this.text);
    const ahead = tokens.slice(this.#firstToken, this.#firstToken + this.#words.length + TOKENS_AHEAD);
    const aligned = alignWords(
      this.#words.map((word) => word.comparable),
      ahead.map(({ start, end }) => comparable(this.text.slice(start, end))),
    );
    const fixedCount = this.#words.length > OPEN_WORDS ? OPEN_WORDS / 2 : 0;
    const open: Anchor[] = [];
    let nextToken = this.#firstToken;
    for (const [index, word] of this.#words.entries()) {
      const pair = aligned[index];
      if (pair === undefined) continue;
      const token = this.#firstToken + pair.token;
      (index < fixedCount ? this.#fixed : open).push(...this.#anchorsOf(word, tokens, { token, isSame: pair.isSame }));
      this.#alignedEnd = tokens[token]?.end ?? 0;
      if (index < fixedCount) nextToken = token + 1;
    }
    this.#words.splice(0, fixedCount);
    this.#firstToken = nextToken;
    return open;
  }

  /** A replaced word tells when its token begins, not when it ends: it may stand for several. */
  #anchorsOf(
    { startMs, endMs }: TimedWord,
    tokens: readonly TextSpan[],
    { token, isSame }: { readonly token: number; readonly isSame: boolean },
  ): Anchor[] {
    // The first word also speaks what stands before it, and each word what stands between it and the next.
    const begin = { ms: startMs, characters: token === 0 ? 0 : (tokens[token]?.start ?? 0) };
    const end = { ms: endMs, characters: tokens[token + 1]?.start ?? this.text.length };
    return isSame ? [begin, end] : [begin];
  }
}
