// Cuts a stream of tokens into chunks that a voice can start on without sounding wrong: the first at the first clause,
// later ones at sentences, or at clauses of long sentences. Nothing is changed: the chunks joined are the input.

export interface SpeakableChunkOptions {
  /** The first chunk may end at a clause of at least this many words. Default 2. */
  readonly firstClauseWords?: number;
  /** Without a clause, the first chunk ends after this many words. Default 6: about 2 s of speech, time for the next chunk. */
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
/** A chunk that runs out of words doesn't end on these: the voice would fall in mid-phrase. */
const LEANS_ON_NEXT =
  /(?:^|\s)(?:a|an|the|of|to|in|on|at|for|from|with|by|and|or|but|is|are|was|my|your|our|his|her|their|its|not|very|[\p{N}.,:]+)$/iu;
const WORD = /[\p{L}\p{N}]/u;

/** Push tokens in, take chunks out. Pure; one per reply. */
export class SpeakableChunker {
  readonly #options: Required<SpeakableChunkOptions>;
  #pending = '';
  #first = true;

  constructor(options: SpeakableChunkOptions = {}) {
    this.#options = { firstClauseWords: 2, firstWords: 6, clauseWords: 12, maxWords: 40, ...options };
  }

  /** Takes more text and returns the chunks it completes, oldest first. A chunk keeps one white space at its end. */
  push(text: string): string[] {
    this.#pending += text;
    const chunks: string[] = [];
    for (let end = this.#cut(); end !== undefined; end = this.#cut()) {
      chunks.push(this.#pending.slice(0, end));
      this.#pending = this.#pending.slice(end);
      this.#first = false;
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
  #cut(): number | undefined {
    let words = 0;
    let wordStart = 0;
    for (const { index } of this.#pending.matchAll(/\s/gu)) {
      if (WORD.test(this.#pending.slice(wordStart, index))) words += 1;
      wordStart = index + 1;
      if (words > 0 && this.#endsAt(index, words)) return index + 1;
    }
    return undefined;
  }

  /** Whether a chunk of `words` words may end before the white space at `index`. */
  #endsAt(index: number, words: number): boolean {
    const head = this.#pending.slice(0, index);
    // On the same line: the end of the line cuts by itself, also where it comes before anything else.
    const next = /^[^\S\n]*(\S)/u.exec(this.#pending.slice(index))?.[1];
    if (this.#pending[index] === '\n' || endsSentence(head, next)) return true;
    const { firstClauseWords, firstWords, clauseWords, maxWords } = this.#options;
    if (words >= (this.#first ? firstClauseWords : clauseWords) && CLAUSE_END.test(head)) return true;
    const enough = this.#first ? firstWords : maxWords;
    if (words < enough) return false;
    // Numbers and times stay whole: "7 30" and "9 p.m." are seen only with the word after the gap.
    const whole = next !== undefined && !/\p{N}/u.test(next) && !LEANS_ON_NEXT.test(head);
    return whole || words >= 2 * enough;
  }
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
