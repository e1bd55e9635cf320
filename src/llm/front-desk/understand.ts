// From a caller's words to intents: by the phrases first, then, for free text, by the words that hint at an intent.

import type { Intent } from './intent.ts';
import { normalise } from './normalise.ts';
import { type Match, PhraseBook, type Rules, type Slot, wordsOf } from './phrases.ts';

/** An intent with the slots that were filled. */
export interface Understood {
  readonly intent: Intent;
  readonly slots: readonly Slot[];
}

interface Sentence {
  readonly intent: Intent;
  readonly match: (words: readonly string[], start: number) => Iterable<Match>;
}

/** At least this much of the weight of what was said must point to one intent. Tuned on the table's own examples, reworded. */
const MINIMUM_SCORE = 0.5;
/** And it must be ahead of the next intent by this much. */
const MINIMUM_LEAD = 0.08;

/** Between sentences, and before the first. */
const JOINING_WORDS = new Set(['and', 'so', 'but', 'um', 'uh', 'then', 'also']);

const FUNCTION_WORDS = new Set(
  normalise(
    `a an the i me my we us our you your it its is are am was be been do does did have has had can could would will
     shall should may might to of for in on at by with from and or so if that this there here what when where which who
     how much many please thank not no yes some any still really guys chance possible want like need get got tell know just about hello okay go make`,
  ),
);

export interface Phrasing {
  readonly rules: Rules;
  readonly lead: string;
  readonly tail: string;
}

/** Understands what callers say, by a table of intents. Pure: the same words always give the same result. */
export class Understanding {
  readonly #sentences: readonly Sentence[];
  readonly #lead: Sentence['match'];
  readonly #tail: Sentence['match'];
  readonly #anywhere: readonly Sentence['match'][];
  readonly #hints: ReadonlyMap<string, ReadonlySet<Intent>>;

  constructor(intents: readonly Intent[], { rules, lead, tail }: Phrasing) {
    const book = new PhraseBook(rules);
    this.#sentences = intents.map((intent) => ({ intent, match: book.matcher(intent.says) }));
    this.#lead = book.matcher(lead);
    this.#tail = book.matcher(tail);
    this.#anywhere = ['<details>', '<count> (people | persons | guests)'].map((phrase) => book.matcher(phrase));
    this.#hints = hintsOf(intents);
  }

  /** What `text` asks for, in spoken order; empty when it isn't understood. */
  understand(text: string): readonly Understood[] {
    const words = normalise(text);
    if (words.length === 0) return [];
    const exact = this.#segment(words, 0);
    if (exact !== undefined) return exact;
    const { slots, others } = this.#slotsAnywhere(words);
    const guess = this.#guess(others, slots);
    return guess === undefined ? [] : [{ intent: guess, slots }];
  }

  /** Splits all the words into sentences of the table, with lead, joining and tail words around them. */
  #segment(words: readonly string[], start: number, failed = new Set<number>()): readonly Understood[] | undefined {
    if (failed.has(start)) return undefined;
    const sentences = this.#sentenceEnds(words, start);
    const whole =
      sentences.find(({ end }) => end === words.length) ?? sentences.find(({ end }) => this.#isTail(words, end));
    if (whole !== undefined) return [whole.understood];
    const joined = JOINING_WORDS.has(words[start] ?? '') ? [{ end: start + 1 }] : [];
    for (const { end } of [...joined, ...this.#lead(words, start)]) {
      const rest = this.#segment(words, end, failed);
      if (rest !== undefined) return rest;
    }
    for (const { end, understood } of sentences) {
      const rest = this.#segment(words, end, failed);
      if (rest !== undefined) return [understood, ...rest];
    }
    failed.add(start);
    return undefined;
  }

  #isTail(words: readonly string[], start: number): boolean {
    return Array.from(this.#tail(words, start)).some(({ end }) => end === words.length);
  }

  /** Longest first. */
  #sentenceEnds(words: readonly string[], start: number): { readonly end: number; readonly understood: Understood }[] {
    return this.#sentences
      .flatMap(({ intent, match }) =>
        Array.from(match(words, start), ({ end, slots }) => ({ end, understood: { intent, slots } })),
      )
      .toSorted((a, b) => b.end - a.end);
  }

  /** The intent that the words hint at, weighing rare words more; undefined where none is clear. */
  #guess(words: readonly string[], slots: readonly Slot[]): Intent | undefined {
    const scores = new Map<Intent, number>();
    const hint = (key: string): number => {
      const hinted = this.#hints.get(key);
      const weight = hinted === undefined ? 1 : 1 / hinted.size ** 0.5;
      for (const intent of hinted ?? []) scores.set(intent, (scores.get(intent) ?? 0) + weight);
      return weight;
    };
    let total = 0;
    for (const word of new Set(words)) if (!FUNCTION_WORDS.has(word)) total += hint(stem(word));
    if (total === 0) return undefined;
    // A day, a time or a number speaks for the intents that take the details of a booking.
    if (slots.length > 0) hint('<details>');
    const [best, second] = Array.from(scores).toSorted(([, a], [, b]) => b - a);
    if (best === undefined) return undefined;
    const lead = (best[1] - (second?.[1] ?? 0)) / total;
    return best[1] / total >= MINIMUM_SCORE && lead >= MINIMUM_LEAD ? best[0] : undefined;
  }

  /** Days, times and numbers wherever they stand, and the words that are not part of one. */
  #slotsAnywhere(words: readonly string[]): { readonly slots: readonly Slot[]; readonly others: readonly string[] } {
    const slots: Slot[] = [];
    const others: string[] = [];
    for (let start = 0; start < words.length;) {
      const longest = this.#anywhere
        .flatMap((match) => Array.from(match(words, start)))
        .reduce<Match | undefined>((best, match) => (match.end > (best?.end ?? start) ? match : best), undefined);
      slots.push(...(longest?.slots ?? []));
      if (longest === undefined) others.push(...words.slice(start, start + 1));
      start = longest?.end ?? start + 1;
    }
    return { slots, others };
  }
}

function hintsOf(intents: readonly Intent[]): ReadonlyMap<string, ReadonlySet<Intent>> {
  const hints = new Map<string, Set<Intent>>();
  for (const intent of intents) {
    const words = normalise([...wordsOf(intent.says), intent.hints ?? ''].join(' '));
    const keys = words.filter((word) => !FUNCTION_WORDS.has(word)).map(stem);
    for (const key of [...keys, ...(intent.says.match(/<\w+>/g) ?? [])]) {
      hints.set(key, (hints.get(key) ?? new Set()).add(intent));
    }
  }
  return hints;
}

/** Takes off the endings that make no difference here: "parking" and "park", "vouchers" and "voucher". */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(ing|ies|es|s|ed|y|e)$/, '') : word;
}
