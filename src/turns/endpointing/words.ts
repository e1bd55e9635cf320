// The words of a transcript, and tables of phrases to look their ends and beginnings up in.

/** Lower case, without punctuation but what belongs to a word: apostrophes, "7:30", "555-1234", "ann@example.org". */
export function wordsOf(text: string): readonly string[] {
  const found =
    text
      .toLowerCase()
      .replaceAll(/[’‘]/g, "'")
      .match(/[\p{L}\p{N}@+][\p{L}\p{M}\p{N}@'.:_/+-]*/gu) ?? [];
  return found.map((word) => {
    const bare = word.replace(/['.:_/+-]+$/u, '');
    // a.m → am
    return /^(?:\p{L}\.)+\p{L}$/u.test(bare) ? bare.replaceAll('.', '') : bare;
  });
}

/** A phrase with its alternatives, `(do|did) you (know|have)`, written out; an alternative may be empty. */
export function alternatives(phrase: string): readonly string[] {
  const match = /\(([^()]*)\)/u.exec(phrase);
  if (match === null) return [phrase.replaceAll(/\s+/gu, ' ').trim()];
  const before = phrase.slice(0, match.index);
  const behind = phrase.slice(match.index + match[0].length);
  return (match[1] ?? '').split('|').flatMap((choice) => alternatives(`${before}${choice}${behind}`));
}

/** Phrases of a few words, each with a meaning; a phrase listed twice has its first one. */
export class Phrases<Meaning extends string> {
  readonly #meanings = new Map<string, Meaning>();
  #longest = 0;

  constructor(phrases: Readonly<Record<Meaning, readonly string[]>>) {
    for (const meaning in phrases) {
      for (const phrase of phrases[meaning].flatMap(alternatives)) {
        if (!this.#meanings.has(phrase)) this.#meanings.set(phrase, meaning);
        this.#longest = Math.max(this.#longest, phrase.split(' ').length);
      }
    }
  }

  /** What the words mean as a whole. */
  whole(words: readonly string[]): Meaning | undefined {
    return words.length > this.#longest ? undefined : this.#meanings.get(words.join(' '));
  }

  /** The longest phrase that the words end with. */
  atEnd(words: readonly string[]): Found<Meaning> | undefined {
    for (let length = Math.min(this.#longest, words.length); length > 0; length -= 1) {
      const meaning = this.#meanings.get(words.slice(-length).join(' '));
      if (meaning !== undefined) return { meaning, start: words.length - length, length };
    }
    return undefined;
  }

  /** The longest phrase at `start`. */
  at(words: readonly string[], start: number): Found<Meaning> | undefined {
    for (let length = Math.min(this.#longest, words.length - start); length > 0; length -= 1) {
      const meaning = this.#meanings.get(words.slice(start, start + length).join(' '));
      if (meaning !== undefined) return { meaning, start, length };
    }
    return undefined;
  }

  /** The last phrase that begins in `[from, before)`. */
  last(words: readonly string[], before: number = words.length, from: number = 0): Found<Meaning> | undefined {
    for (let start = before - 1; start >= from; start -= 1) {
      const found = this.at(words, start);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

export interface Found<Meaning> {
  readonly meaning: Meaning;
  /** Index of its first word. */
  readonly start: number;
  /** In words. */
  readonly length: number;
}
