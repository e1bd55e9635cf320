// The opener: first words of a reply, chosen while the caller still speaks, which the rest of the reply continues. When to
// ask for one, whether it still fits what was said, and how it is kept from being said twice.

import { normalisedWords } from './same-words.ts';

export interface OpenerRules {
  /** Shorter turns get none: what they ask for is not known before their end. */
  readonly minWords: number;
  /** How often it may be asked for in one turn. */
  readonly perTurn: number;
}

/** Another one is asked for once the turn has so many times the words; until it comes, the one before may do. */
const RENEWED_AT = 2;
const OUTDATED_AT = 3;

/**
 * Whether an opener is to be asked for at these words of a caller who goes on speaking. `asked`: the words at which it was
 * asked for before, in this turn.
 */
export function wantsOpener(text: string, asked: readonly string[], { minWords, perTurn }: OpenerRules): boolean {
  const last = asked.at(-1);
  const wordCount = normalisedWords(text).length;
  if (asked.length >= perTurn || wordCount < minWords) return false;
  return last === undefined || wordCount >= RENEWED_AT * normalisedWords(last).length || !fitsOpener(last, text);
}

/**
 * Whether an opener that was chosen at the words `chosenAt` fits `text`: it goes on as it began, and not for so long that it
 * may have taken another direction. First words can be chosen for what a turn is about, not for how it ends.
 */
export function fitsOpener(chosenAt: string, text: string): boolean {
  const before = normalisedWords(chosenAt);
  const now = normalisedWords(text);
  // The last word of an interim is often half a word.
  const certain = before.slice(0, -1);
  return (
    now.length >= before.length &&
    now.length < OUTDATED_AT * before.length &&
    certain.every((word, at) => word === now[at])
  );
}

/** Drops the opener from the beginning of its continuation, where the model has written it again. Pure; one per reply. */
export class Continuation {
  readonly #opener: string;
  /** What may be the beginning of a repetition; undefined once that is settled. */
  #held: string | undefined = '';

  constructor(opener: string) {
    this.#opener = lettersOf(opener);
  }

  /** Takes more text and returns what is certain to be new. */
  push(text: string): string {
    if (this.#held === undefined) return text;
    this.#held += text;
    return this.#opener.startsWith(lettersOf(this.#held)) ? '' : this.flush();
  }

  /** What was held back, where no more text will come for a while. */
  flush(): string {
    const held = this.#held ?? '';
    this.#held = undefined;
    return held.slice(repeatedLength(held, this.#opener)).trimStart();
  }
}

/** How much of `text` repeats the letters of the opener, with the punctuation that follows them. */
function repeatedLength(text: string, opener: string): number {
  let letters = '';
  let length = 0;
  for (const character of text) {
    if (letters.length >= opener.length) break;
    letters += lettersOf(character);
    length += character.length;
  }
  const rest = text.slice(length);
  const isRepeated = opener !== '' && letters === opener && !/^['’-]?[\p{L}\p{N}]/u.test(rest);
  return isRepeated ? length + (/^[\s.,;:!?…–—"”'’)]*/u.exec(rest)?.[0].length ?? 0) : 0;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
