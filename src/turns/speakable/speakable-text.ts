// Turns what a language model writes into what a voice can say, as it comes, with the place of every character in the
// original. Two halves: Markdown, HTML and emoji out (markup.ts), then words for numbers, dates, money, addresses and signs
// (words.ts). Longest hold-backs: there; together under 700 characters, in prose the word that is being written.

import { languageOf } from './language.ts';
import { Markup } from './markup.ts';
import type { SpokenText } from './spoken-text.ts';
import { Words } from './words.ts';

export { SourceMap } from './source-map.ts';
export type { SpokenText } from './spoken-text.ts';

export interface SpeakableTextOptions {
  /** BCP 47: 'en-US', 'de-DE'. A language without data in languages/ keeps its numbers, signs and abbreviations. */
  readonly language: string;
  /**
   * Whole words → how they are said. A key with an upper case letter matches as it is written, others in any case; a key
   * may be several words. What is said instead isn't filtered again.
   */
  readonly pronunciations?: Readonly<Record<string, string>>;
  /** `asIs` leaves numbers, dates and quantities to the voice. Default 'words'. */
  readonly numbers?: 'words' | 'asIs';
}

/**
 * Push source in, take runs out. The runs of all calls follow each other without a gap and cover the source; they say the
 * same however the source is split. Pure; one per reply. Never throws.
 */
export class SpeakableText {
  readonly #markup: Markup;
  readonly #words: Words;

  constructor({ language: tag, pronunciations = {}, numbers = 'words' }: SpeakableTextOptions) {
    const language = languageOf(tag);
    this.#markup = new Markup({
      codeOmitted: language?.words.codeOmitted ?? '',
      monthNames: language?.dottedDate === true ? language.months.map((month) => month.toLowerCase()) : [],
    });
    this.#words = new Words({ language, numbers, pronunciations });
  }

  /** What is certain now; what the next characters could change is held back. */
  push(source: string): SpokenText[] {
    return this.#words.push(this.#markup.push(source));
  }

  /** The rest, when no more source will come. */
  flush(): SpokenText[] {
    return [...this.#words.push(this.#markup.flush()), ...this.#words.flush()];
  }
}
