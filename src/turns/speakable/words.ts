// Second half of the filter: what is written as signs becomes words, phrase by phrase. Text that needs nothing passes as it
// is. Longest hold-back: a word of MAX_WORD characters behind a phrase of 80; in prose, the word that is being written.

import type { Language } from './language.ts';
import { MAX_WORD, PhraseBoundaries } from './phrase.ts';
import type { Place, Rewrite, Rule } from './rule.ts';
import { ruleSetOf, type RuleSet } from './rule-set.ts';
import { isUntouched, type SpokenText } from './spoken-text.ts';
import { SpokenRuns } from './spoken-runs.ts';
import { pronunciationRule } from './word-rules.ts';

export interface WordsOptions {
  readonly language: Language | undefined;
  readonly numbers: 'words' | 'asIs';
  readonly pronunciations: Readonly<Record<string, string>>;
}

/** How much of what precedes a rule may look at. */
const CONTEXT = 100;
/** What no rule rewrites passes by the word, so that no rule starts inside one. */
const AS_IT_IS = /[\p{L}\p{M}]+|\s+|[^]/uy;
const LONG_ADDRESS = /^(?:https?:|www\.|data:)/iu;

/** Push the runs of `Markup` in, take runs out. */
export class Words {
  readonly #boundaries: PhraseBoundaries;
  readonly #pronunciation: Rule;
  readonly #rules: RuleSet;
  readonly #runs = new SpokenRuns();
  #before = '';
  /** Behind the part of an endless address that was said: the rest of it is left out. */
  #isInAddress = false;
  /** The last phrase was left out. */
  #isAfterNothing = false;

  constructor({ language, numbers, pronunciations }: WordsOptions) {
    this.#boundaries = new PhraseBoundaries(language, Object.keys(pronunciations));
    this.#pronunciation = pronunciationRule(pronunciations);
    this.#rules = ruleSetOf(language, numbers);
  }

  push(runs: readonly SpokenText[]): SpokenText[] {
    // By the run, so that little is pending at any time.
    for (const run of runs) {
      this.#runs.append(run, isUntouched(run));
      this.#advance(false);
    }
    return this.#runs.take();
  }

  flush(): SpokenText[] {
    this.#advance(true);
    return this.#runs.take();
  }

  /** Decides what can be decided. */
  #advance(isFinal: boolean): void {
    for (;;) {
      const text = this.#runs.pending;
      if (text === '') break;
      if (this.#skipGap(text)) continue;
      const phrase = this.#boundaries.find(text, isFinal);
      if (phrase === undefined) break;
      this.#rewrite(text.slice(0, phrase.length), phrase.next);
    }
  }

  /** Moves past white space at the beginning of `text`; false where there is none. */
  #skipGap(text: string): boolean {
    const gap = /^(?:[ \t]+|\s+)/u.exec(text)?.[0];
    if (gap === undefined) return false;
    // What was left out takes one of the gaps around it along.
    if (this.#isAfterNothing && /^[ \t]/u.test(gap)) this.#runs.replace(gap.length, '');
    else {
      this.#pass(gap.length);
      this.#isAfterNothing = false;
    }
    this.#isInAddress = false;
    return true;
  }

  #rewrite(phrase: string, next: string): void {
    if (this.#isInAddress) {
      this.#runs.replace(phrase.length, '');
      this.#isInAddress = phrase.length >= MAX_WORD - 1;
      return;
    }
    const rules = /[\d½⅓⅔¼¾⅕⅛]/u.test(phrase) ? this.#rules.forNumbers : this.#rules.forWords;
    let afterNumber = false;
    this.#isAfterNothing = true;
    for (let at = 0; at < phrase.length;) {
      const place = { phrase, at, before: this.#before, next, afterNumber };
      const rewrite = this.#firstRewrite(place, rules);
      if (rewrite === undefined || rewrite.length === 0) {
        AS_IT_IS.lastIndex = at;
        const length = AS_IT_IS.exec(phrase)?.[0].length ?? 1;
        this.#pass(length);
        this.#isAfterNothing = false;
        at += length;
        afterNumber = false;
      } else {
        // "p.m." at the end of a sentence has the full stop of both.
        const hasStop = rewrite.text.endsWith('.') && /^\.(?!\.)/u.test(phrase.slice(at + rewrite.length));
        const length = rewrite.length + (hasStop ? 1 : 0);
        this.#remember(phrase.slice(at, at + length));
        this.#runs.replace(length, rewrite.text);
        if (rewrite.text !== '') this.#isAfterNothing = false;
        at += length;
        afterNumber = rewrite.isNumber;
      }
    }
    this.#isInAddress = phrase.length >= MAX_WORD - 1 && LONG_ADDRESS.test(phrase);
  }

  #firstRewrite(place: Place, rules: readonly Rule[]): Rewrite | undefined {
    const pronounced = this.#pronunciation(place);
    if (pronounced !== undefined) return pronounced;
    for (const rule of rules) {
      const rewrite = rule(place);
      if (rewrite !== undefined) return rewrite;
    }
    return undefined;
  }

  #pass(length: number): void {
    this.#remember(this.#runs.pending.slice(0, length));
    this.#runs.pass(length);
  }

  #remember(text: string): void {
    this.#before = (this.#before + text).slice(-CONTEXT);
  }
}
