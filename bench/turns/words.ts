// Whether a text has these words of a caller, however a transcript writes them.

import type { ScriptedTurn, ScriptedWord } from './script.ts';

export function wordsOf({ runs }: ScriptedTurn): readonly ScriptedWord[] {
  return runs.flatMap(({ words }) => words);
}

/** As they were said. */
export function textOf(words: readonly ScriptedWord[]): string {
  return words.map(({ spoken }) => spoken).join(' ');
}

/** Whether the text ends with these words, as finals or interims have them: what was meant is out of doubt. */
export function endsSaying(text: string, words: readonly ScriptedWord[]): boolean {
  const source = sourceOf(words, ({ spoken, final, interim }) => [spoken, final, interim]);
  return new RegExp(`${source}$`).test(squashed(text));
}

/** The same, and none of them misheard. */
export function endsRight(text: string, words: readonly ScriptedWord[]): boolean {
  const source = sourceOf(words, ({ spoken, final }) => [spoken, final]);
  return new RegExp(`${source}$`).test(squashed(text));
}

/** Whether it has these words, none of them misheard, and no others. */
export function isSaying(text: string, words: readonly ScriptedWord[]): boolean {
  const source = sourceOf(words, ({ spoken, final }) => [spoken, final]);
  return new RegExp(`^${source}$`).test(squashed(text));
}

/** Letters and digits only, so that joined words are the same. */
export function squashed(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function sourceOf(words: readonly ScriptedWord[], formsOf: (word: ScriptedWord) => readonly string[]): string {
  return words.map((word) => `(?:${[...new Set(formsOf(word).map(squashed))].join('|')})`).join('');
}
