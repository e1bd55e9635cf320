// A rule rewrites what stands at one place of a phrase. Rules are tried in order, from left to right.

/** Where a rule is tried. */
export interface Place {
  readonly phrase: string;
  readonly at: number;
  /** What precedes in the text, the head of the phrase included; its last hundred characters or so. */
  readonly before: string;
  /** The first character after the phrase; '' where the line or the text ends, or where nothing depends on it. */
  readonly next: string;
  /** A number ends here that has just been rewritten. */
  readonly afterNumber: boolean;
}

export interface Rewrite {
  readonly length: number;
  readonly text: string;
  readonly isNumber: boolean;
}

export type Rule = (place: Place) => Rewrite | undefined;

/** `pattern` is sticky; `say` returns undefined where the rule doesn't apply after all. */
export function rule(pattern: RegExp, say: (match: RegExpExecArray, place: Place) => string | undefined): Rule {
  return (place) => {
    pattern.lastIndex = place.at;
    const match = pattern.exec(place.phrase);
    const text = match === null ? undefined : say(match, place);
    return match === null || text === undefined ? undefined : { length: match[0].length, text, isNumber: false };
  };
}

/** A rule for something that counts as a number: ranges, signs and 'per' may follow. */
export function numberRule(pattern: RegExp, say: (match: RegExpExecArray, place: Place) => string | undefined): Rule {
  const plain = rule(pattern, say);
  return (place) => {
    const rewrite = plain(place);
    return rewrite && { ...rewrite, isNumber: true };
  };
}

/** A literal as a regular expression with the flag u. */
export function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

/** Literal strings as one alternation, the longest first. */
export function anyOf(literals: readonly string[]): string {
  const sorted = literals.toSorted((one, other) => other.length - one.length);
  return sorted.map(escaped).join('|');
}

/** The last words before a place, lower case, the nearest first; none from the sentence before. */
export function wordsBefore({ before }: Place): string[] {
  const sentence = /[^.!?\n]*$/u.exec(before)?.[0] ?? '';
  return (sentence.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? []).toReversed();
}

/** A word in place of a sign: set off from what stands directly beside it. */
export function setOff(word: string, match: string, { phrase, at }: Place): string {
  const isAfterWord = /[^\s([{"'“‘-]/u.test(phrase.slice(at - 1, at)) && at > 0;
  const isBeforeWord = /[\p{L}\p{N}$€£]/u.test(phrase.slice(at + match.length, at + match.length + 1));
  return `${isAfterWord ? ' ' : ''}${word}${isBeforeWord ? ' ' : ''}`;
}

/** The full stop of an abbreviation ends the sentence too where the line ends. */
export function keepingFullStop(said: string, match: string, { phrase, at, next }: Place): string {
  return match.endsWith('.') && at + match.length === phrase.length && next === '' ? `${said}.` : said;
}
