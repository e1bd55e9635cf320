// The part of a reply that reached the caller's ear.

/**
 * The words of `text` that are complete within its first `heardCharacters` characters. A word that was broken off is not
 * heard text.
 */
export function heardText(text: string, heardCharacters: number): string {
  if (heardCharacters >= text.length) return text;
  const heard = text.slice(0, Math.max(0, heardCharacters));
  const next = text.charAt(heard.length);
  if (heard === '' || /\s/.test(next) || /\s$/.test(heard)) return heard.trimEnd();
  return heard.replace(/\S+$/, '').trimEnd();
}
