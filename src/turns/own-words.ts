// Whether a transcript is what the agent itself has just said, come back through a loudspeaker and the recogniser.
// Left out: numbers written in words in other languages than English; there figures match figures only.

import { normalised } from './same-words.ts';

/** Of the transcript's weight, what must be found in one stretch of what was spoken: recognisers of an echo err. */
const MATCHING_RATIO = 0.7;
/** How much a match must weigh to be no chance: two words, or two digits. */
const ENOUGH_WEIGHT = 2;
/** Callers say common words at any time; a stretch of echo holds them too, but they prove little. */
const COMMON_WEIGHT = 0.25;
/** Words of the agent that the recogniser may have left out between two that it got. */
const LONGEST_GAP_WORDS = 2;

const COMMON = new Set(
  (
    "a an and are at be can do for good great have hello hi i i'm in is it it's just me much my of oh ok okay on or please " +
    "right so sorry sure thank thanks that that's the then there this to uh um very wait was we well what when which who " +
    'will with would yeah yep yes you your'
  ).split(' '),
);
/** A word that turns a sentence round; with a digit, what a caller corrects the agent by. */
const VITAL = /^(\d|no|not|never|none|nicht|kein\p{L}*|nein|.*n't)$/u;
const UNITS = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** Words of the transcript that are found in what was spoken. */
interface Run {
  readonly weight: number;
  readonly vitalCount: number;
}

const EMPTY: Run = { weight: 0, vitalCount: 0 };

/**
 * Whether `transcript` is, but for a few misheard words, a run of words in `recentlySpoken`: in the same order, with little
 * left out. Common words ("yes", "okay, thank you") are not enough, nor is a single word. A digit or a negation that the agent
 * did not say there makes it the caller's, who may repeat the rest of a sentence to correct it.
 *
 * `recentlySpoken`: what was on the air while the transcript's words were heard and up to a second before. With more,
 * callers who answer in the agent's words ("Friday after lunch") are taken for its echo.
 */
export function matchesOwnWords(transcript: string, recentlySpoken: string): boolean {
  const said = wordsOf(transcript);
  const all = said.reduce(extended, EMPTY);
  const found = heaviestRun(said, wordsOf(recentlySpoken));
  return (
    found.weight >= ENOUGH_WEIGHT && found.weight >= MATCHING_RATIO * all.weight && found.vitalCount === all.vitalCount
  );
}

function heaviestRun(said: readonly string[], spoken: readonly string[]): Run {
  let heaviest = EMPTY;
  // For each spoken word, the heaviest run of the transcript's words so far that ends there.
  const ending = spoken.map(() => EMPTY);
  for (const word of said) {
    // From the end: what a run goes on from must not hold this very word already.
    for (let s = spoken.length - 1; s >= 0; s -= 1) {
      if (spoken[s] !== word) continue;
      const before = ending.slice(Math.max(0, s - LONGEST_GAP_WORDS - 1), s).reduce(heavier, EMPTY);
      const run = heavier(ending[s] ?? EMPTY, extended(before, word));
      ending[s] = run;
      heaviest = heavier(heaviest, run);
    }
  }
  return heaviest;
}

function heavier(one: Run, other: Run): Run {
  return other.weight > one.weight ? other : one;
}

function extended({ weight, vitalCount }: Run, word: string): Run {
  return {
    weight: weight + (COMMON.has(word) ? COMMON_WEIGHT : 1),
    vitalCount: vitalCount + (VITAL.test(word) ? 1 : 0),
  };
}

/** Words without punctuation; numbers digit by digit, whether they were written in figures or in words. */
function wordsOf(text: string): readonly string[] {
  const words = normalised(text)
    .split(/[\s\-:/]+/u)
    .filter((word) => word !== '' && word !== 'hundred');
  return words.flatMap((word, index) => digitsOf(word, words[index + 1]) ?? word);
}

/** "43" and "forty", "three" are 4, 3; "forty" alone is 4, 0. Hundreds are read over: "1", "hundred", "twenty" is 1, 2, 0. */
function digitsOf(word: string, next: string | undefined): readonly string[] | undefined {
  if (/^[\d.,€$£%]+$/u.test(word)) return word.match(/\d/gu) ?? [];
  const unit = UNITS.indexOf(word);
  if (unit >= 0) return String(unit).split('');
  const ten = TENS.indexOf(word);
  if (ten < 0) return undefined;
  const nextUnit = next === undefined ? -1 : UNITS.indexOf(next);
  return nextUnit >= 1 && nextUnit <= 9 ? [String(ten + 2)] : [String(ten + 2), '0'];
}
