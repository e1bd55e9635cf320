// Cuts a stream of tokens into chunks that a voice can start on without sounding wrong: the first as soon as it can be,
// later ones at sentences, or at clauses of long sentences. Nothing is changed: the chunks joined are the input.

import { phraseWordsOf } from './phrase-words.ts';
import type { PhraseWords } from './phrase-words.ts';

export interface SpeakableChunkOptions {
  /** BCP 47. Without one, and in a language without data, phrases are not told apart. */
  readonly language?: string;
  /** The first chunk may end at a clause of at least this many words. Default 1: "Yes," and "Sure!" are clauses. */
  readonly firstClauseWords?: number;
  /** Or before a word that begins another phrase, after at least this many words. Default 3. */
  readonly firstPhraseWords?: number;
  /**
   * Otherwise it ends after this many words. Default 5: more than 1.5 s of speech, time for a long chunk. After a shorter one
   * comes one of middle length.
   */
  readonly firstWords?: number;
  /** A later chunk may end at a clause once it has this many words. Default 12. */
  readonly clauseWords?: number;
  /** And without a clause it ends after this many. Default 40. */
  readonly maxWords?: number;
}

/** Never the end of a sentence, though a full stop follows. */
const ABBREVIATION =
  /(?:^|[\s("'])(?:mr|mrs|ms|dr|prof|st|no|nr|vs|e\.g|i\.e|approx|dept|fig|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri|sat|sun|[b-z])\.$/iu;
/** May end a sentence: only an upper case letter after it tells. */
const OPEN_ABBREVIATION = /(?:^|[\s(\d])(?:[ap]\.m|etc|inc|ltd|co|jr|sr|min|max)\.$/iu;
/** "1." at the beginning of a line numbers what follows. */
const LIST_NUMBER = /(?:^|\n)\s*\d+\.$/u;
const SENTENCE_END = /[.!?…。！？]["'”’)\]]*$/u;
const CLAUSE_END = /(?:[,;:，；：]["'”’)\]]*|\s[–—-]|[—–])$/u;
/** Numbers stay whole: "7 30", "9 p.m.". */
const NUMBER_END = /(?:^|\s)[\p{N}.,:]+\s*$/u;
const LAST_WORD = /[\p{L}\p{M}'’]+(?=\s*$)/u;
/** Of the chunk after a short first one: it is there before that one has been played, and its phrase isn't chopped. */
const MIDDLE = { clauseWords: 3, phraseWords: 6, maxWords: 16 } as const;
const WORD = /[\p{L}\p{N}]/u;

/** Push tokens in, take chunks out. Pure; one per reply. */
export class SpeakableChunker {
  readonly #options: Required<Omit<SpeakableChunkOptions, 'language'>>;
  readonly #phraseWords: PhraseWords;
  #pending = '';
  /** Given out so far. */
  #words = 0;

  constructor({ language = '', ...options }: SpeakableChunkOptions = {}) {
    const defaults = { firstClauseWords: 1, firstPhraseWords: 3, firstWords: 5, clauseWords: 12, maxWords: 40 };
    this.#options = { ...defaults, ...options };
    this.#phraseWords = phraseWordsOf(language);
  }

  /** Takes more text and returns the chunks it completes, oldest first. A chunk keeps one white space at its end. */
  push(text: string): string[] {
    this.#pending += text;
    const chunks: string[] = [];
    for (let cut = this.#cut(); cut !== undefined; cut = this.#cut()) {
      chunks.push(this.#pending.slice(0, cut.end));
      this.#pending = this.#pending.slice(cut.end);
      this.#words += cut.words;
    }
    return chunks;
  }

  /** The rest, when no more text will come; empty where nothing is left. */
  flush(): string[] {
    const rest = this.#pending;
    this.#pending = '';
    return rest === '' ? [] : [rest];
  }

  /** Where the first chunk of the pending text ends, once that can be told. */
  #cut(): { readonly end: number; readonly words: number } | undefined {
    let words = 0;
    let wordStart = 0;
    for (const { index } of this.#pending.matchAll(/\s/gu)) {
      if (WORD.test(this.#pending.slice(wordStart, index))) words += 1;
      wordStart = index + 1;
      if (words > 0 && this.#endsAt(index, words)) return { end: index + 1, words };
    }
    return undefined;
  }

  /** Whether a chunk of `words` words may end before the white space at `index`. */
  #endsAt(index: number, words: number): boolean {
    const head = this.#pending.slice(0, index);
    // On the same line: the end of the line cuts by itself, also where it comes before anything else.
    const next = /^[^\S\n]*(\S)/u.exec(this.#pending.slice(index))?.[1];
    if (this.#pending[index] === '\n' || endsSentence(head, next)) return true;
    const { clauseWords, phraseWords, maxWords } = this.#limits();
    if (words >= clauseWords && CLAUSE_END.test(head)) return true;
    if (words >= 2 * maxWords) return true;
    if (this.#leansOnNext(head) || this.#isInName(head, words, next)) return false;
    return words >= maxWords || (words >= phraseWords && this.#beginsPhrase(index));
  }

  /** From how many words on the next chunk may end at a clause, at a phrase, anywhere. */
  #limits(): { readonly clauseWords: number; readonly phraseWords: number; readonly maxWords: number } {
    const { firstClauseWords, firstPhraseWords, firstWords, clauseWords, maxWords } = this.#options;
    if (this.#words === 0) {
      return { clauseWords: firstClauseWords, phraseWords: firstPhraseWords, maxWords: firstWords };
    }
    if (this.#words < firstWords) return MIDDLE;
    return { clauseWords, phraseWords: Infinity, maxWords };
  }

  #leansOnNext(head: string): boolean {
    return NUMBER_END.test(head) || this.#phraseWords.leansOnNext.has(wordOf(LAST_WORD.exec(head)));
  }

  /** "Main Street", "New York": a name is told by its capitals, the first word of a text isn't. */
  #isInName(head: string, words: number, next: string | undefined): boolean {
    const mayBeName = words > 1 && /(?:^|[\s"“(])\p{Lu}\S*\s*$/u.test(head);
    return mayBeName && (next === undefined || /\p{Lu}/u.test(next));
  }

  /** Whether the word behind the white space at `index`, all of it, begins a phrase. */
  #beginsPhrase(index: number): boolean {
    const word = /^[^\S\n]*([\p{L}\p{M}'’]+)\s/u.exec(this.#pending.slice(index));
    return this.#phraseWords.begins.has(wordOf(word, 1));
  }
}

function wordOf(match: RegExpExecArray | null, group: number = 0): string {
  return (match?.[group] ?? '').toLowerCase().replaceAll('’', "'");
}

function endsSentence(head: string, next: string | undefined): boolean {
  if (!SENTENCE_END.test(head) || ABBREVIATION.test(head) || LIST_NUMBER.test(head)) return false;
  return !OPEN_ABBREVIATION.test(head) || (next !== undefined && /\p{Lu}/u.test(next));
}

/** The chunks of `text`, each as soon as it is complete; the rest when `text` ends. */
export async function* speakableChunks(
  text: AsyncIterable<string>,
  options: SpeakableChunkOptions = {},
): AsyncGenerator<string, void, undefined> {
  const chunker = new SpeakableChunker(options);
  for await (const token of text) yield* chunker.push(token);
  yield* chunker.flush();
}
