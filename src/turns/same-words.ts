// Whether two transcripts say the same: recognisers add punctuation and capitals to their finals, and write numbers in figures.

/** Lower case, no punctuation but what belongs to a word or a number, single spaces. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/(?<![\p{L}\p{N}])['\-.,:/]+|['\-.,:/]+(?![\p{L}\p{N}])/gu, ' ')
    .replaceAll(/[^\p{L}\p{M}\p{N}'\-.,:/%€$£@+#*]+/gu, ' ')
    .trim();
}

/** The words of a text, normalised. */
export function normalisedWords(text: string): readonly string[] {
  return normalised(text)
    .split(' ')
    .filter((word) => word !== '');
}

/** Where a word is joined or split ("every day", "everyday") nothing else is said; digits keep their places. */
export function sameWords(one: string, other: string): boolean {
  return withoutGaps(normalised(one)) === withoutGaps(normalised(other));
}

function withoutGaps(text: string): string {
  return text.replaceAll(/(?<!\p{N}) | (?!\p{N})/gu, '');
}
