// The part of a reply that reached the caller's ear.

/**
 * The words of `text` that are complete within its first `heardCharacters` characters. A word that was broken off is not
 * heard text, and a text that grows has heard text that grows.
 */
export function heardText(text: string, heardCharacters: number): string {
  return text.slice(0, wholeWordsUntil(text, heardCharacters)).trimEnd();
}

/** The last place in the text, not after `characters`, at which no word is broken. */
export function wholeWordsUntil(text: string, characters: number): number {
  if (characters >= text.length) return text.length;
  const before = text.slice(0, Math.max(0, characters));
  const isWhole = /\s/.test(text.charAt(before.length));
  return isWhole ? before.length : before.replace(/\S+$/, '').length;
}
