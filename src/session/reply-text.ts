// The text of one reply: as the model writes it, as the voice gets it, and which part of it was heard.

import { type ReplyPart, textOf } from '../llm/port.ts';
import { heardText, wholeWordsUntil } from '../turns/heard-text.ts';
import { SpeakableChunker } from '../turns/speakable-chunks.ts';
import { SourceMap, SpeakableText } from '../turns/speakable/speakable-text.ts';
import type { SpeakableTextOptions, SpokenText } from '../turns/speakable/speakable-text.ts';

export interface ReplyTextOptions extends SpeakableTextOptions {
  /** The voice takes text as it comes: only the first chunk must be speakable by itself. */
  readonly takesTokens: boolean;
  /** What the reply begins with, before the model writes anything. */
  readonly opener?: string | undefined;
}

/** A voice that takes tokens goes on as in one breath: it can begin sooner. Three words last until its next audio comes. */
const OPENING_OF_TOKENS = { firstWords: 3, firstClauseWords: 2 } as const;

export class ReplyText {
  readonly #filter: SpeakableText;
  readonly #chunker: SpeakableChunker;
  readonly #map = new SourceMap();
  readonly #takesTokens: boolean;
  #written = '';
  /** All chunks so far: what positions in the playout count in. */
  #spoken = '';
  #begun = false;
  readonly #opener: string;
  #contentFrom: number | undefined;

  constructor(options: ReplyTextOptions) {
    this.#opener = options.opener ?? '';
    this.#contentFrom = this.#opener === '' ? 0 : undefined;
    this.#filter = new SpeakableText(options);
    this.#takesTokens = options.takesTokens;
    this.#chunker = new SpeakableChunker({
      language: options.language,
      ...(options.takesTokens && OPENING_OF_TOKENS),
    });
  }

  /** What the model has written so far. */
  get written(): string {
    return this.#written;
  }

  /** Where in all chunks the opener ends; undefined until it has been given. */
  get contentFrom(): number | undefined {
    return this.#contentFrom;
  }

  /** Takes what the model writes and gives what is to be spoken, as soon as it can be. Read once. */
  async *chunks(parts: AsyncIterable<ReplyPart>): AsyncGenerator<string, void, undefined> {
    for await (const chunk of this.#cut(parts)) {
      this.#spoken += chunk;
      yield chunk;
    }
  }

  /** The words, as they were written, of which the first `spokenCharacters` characters of all chunks tell. */
  heard(spokenCharacters: number): string {
    return heardText(this.#written, this.#map.sourceCharacters(spokenCharacters));
  }

  /** Where in all chunks the word begins that is broken after the first `spokenCharacters` characters. */
  wordStart(spokenCharacters: number): number {
    return wholeWordsUntil(this.#spoken, spokenCharacters);
  }

  /** Where in all chunks that word ends. */
  wordEnd(spokenCharacters: number): number {
    const rest = this.#spoken.slice(spokenCharacters).search(/\s/);
    return rest === -1 ? this.#spoken.length : spokenCharacters + rest;
  }

  async *#cut(parts: AsyncIterable<ReplyPart>): AsyncGenerator<string, void, undefined> {
    if (this.#opener !== '') {
      yield* this.#take(this.#opener);
      yield* this.#rest();
      this.#contentFrom = this.#spoken.length;
    }
    try {
      for await (const part of parts) {
        yield* this.#take(textOf(part));
        if (typeof part !== 'string') yield* this.#rest();
      }
    } catch (error) {
      // What was written before a fault is said before it is told.
      yield* this.#rest();
      throw error;
    }
    yield* this.#rest();
  }

  #take(text: string): Generator<string, void, undefined> {
    this.#written += text;
    return this.#speakable(this.#filter.push(text));
  }

  /** What was held back for what might follow. */
  *#rest(): Generator<string, void, undefined> {
    yield* this.#speakable(this.#filter.flush());
    const rest = this.#chunker.flush();
    this.#begun ||= rest.length > 0;
    yield* rest;
  }

  *#speakable(runs: readonly SpokenText[]): Generator<string, void, undefined> {
    for (const run of runs) {
      this.#map.append(run);
      if (run.text === '') continue;
      const chunks = this.#chunker.push(run.text);
      if (this.#takesTokens && (this.#begun || chunks.length > 0)) chunks.push(...this.#chunker.flush());
      this.#begun ||= chunks.length > 0;
      yield* chunks;
    }
  }
}

/** Has the rules of a language compiled, which takes some 10 ms, before the first reply needs them. */
export function prepareReplyText(language: string): void {
  const filter = new SpeakableText({ language });
  filter.push('On March 5 at 7:30 pm it costs **$12.50**, says [Ann](https://example.com). ');
  filter.flush();
}
