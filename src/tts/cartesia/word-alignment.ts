// Finds the words that a voice reports in the text it was given: both in order, though the voice normalises ("$5" becomes
// "five dollars"), splits and drops words as it likes. Needleman–Wunsch alignment, the rest of the text free. Pure.

/** Characters [start, end) of a text. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** How a reported word relates to a token of the text: the same word, or another in its place. */
export interface AlignedWord {
  readonly token: number;
  readonly isSame: boolean;
}

/** Scripts that are written without spaces are aligned by the character. */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;
const SPEAKABLE = /[\p{L}\p{N}]/u;

const SAME = 1;
/** Another word in the place of one: less than skipping both, so that replaced words keep their place. */
const OTHER = -0.5;
/** Skipping three words for one that is the same pays, four don't: common words can't lead far astray. */
const SKIP = -0.4;

/** The words of `text`, in order: what is separated by white space and has a letter or a digit. */
export function tokensOf(text: string): TextSpan[] {
  return Array.from(text.matchAll(TOKEN), ({ index, 0: token }) => ({
    start: index,
    end: index + token.length,
  })).filter(({ start, end }) => SPEAKABLE.test(text.slice(start, end)));
}

/** As words are compared: letters and digits alone, without case and accents. */
export function comparable(word: string): string {
  return word
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * For each of `words` the token that it speaks, or undefined where it speaks none of its own; tokens strictly increase.
 * Both are given as `comparable`. Takes time and space in words × tokens.
 */
export function alignWords(words: readonly string[], tokens: readonly string[]): (AlignedWord | undefined)[] {
  const width = tokens.length + 1;
  const scores = new Float64Array((words.length + 1) * width);
  for (let token = 1; token < width; token += 1) scores[token] = token * SKIP;
  for (let word = 1; word <= words.length; word += 1) {
    scores[word * width] = word * SKIP;
    for (let token = 1; token < width; token += 1) {
      const at = word * width + token;
      scores[at] = Math.max(
        scoreAt(scores, at - width - 1) + pairScore(words[word - 1], tokens[token - 1]),
        scoreAt(scores, at - width) + SKIP,
        scoreAt(scores, at - 1) + SKIP,
      );
    }
  }
  return traceBack(scores, words, tokens);
}

function traceBack(
  scores: Float64Array,
  words: readonly string[],
  tokens: readonly string[],
): (AlignedWord | undefined)[] {
  const width = tokens.length + 1;
  const aligned = Array.from<AlignedWord | undefined>({ length: words.length });
  const last = scores.subarray(words.length * width);
  let token = last.indexOf(last.reduce((best, score) => Math.max(best, score), -Infinity));
  let word = words.length;
  while (word > 0) {
    const at = word * width + token;
    const pair = pairScore(words[word - 1], tokens[token - 1]);
    // Among equals the earliest place in the text, and the first of several words that replace one.
    if (token > 0 && scores[at] === scoreAt(scores, at - 1) + SKIP) {
      token -= 1;
    } else if (token === 0 || (pair !== SAME && scores[at] === scoreAt(scores, at - width) + SKIP)) {
      word -= 1;
    } else if (scores[at] === scoreAt(scores, at - width - 1) + pair) {
      word -= 1;
      token -= 1;
      aligned[word] = { token, isSame: pair === SAME };
    } else {
      word -= 1;
    }
  }
  return aligned;
}

function pairScore(word: string | undefined, token: string | undefined): number {
  return word === token ? SAME : OTHER;
}

function scoreAt(scores: Float64Array, index: number): number {
  return scores[index] ?? -Infinity;
}
