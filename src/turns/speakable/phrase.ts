// How far a phrase reaches that has to be read as one: "7:30 pm", "5. März 2026", "$3.5 million", "+49 30 1234567". A word
// that begins none is a phrase of its own. A phrase is known once the first character that can't belong to it is.

import type { Language } from './language.ts';

/** A phrase is cut at the first gap after so many characters, a word without white space after MAX_WORD. */
const MAX_PHRASE = 80;
export const MAX_WORD = 200;

/** Scripts that write no spaces: their text isn't held back for a word's end. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303F\uFF00-\uFFEF]+/u;
const WORD =
  /^[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303F\uFF00-\uFFEF]+/u;
/** Between the words of a phrase; a longer one ends it. */
const GAP = /^[ \t\u00A0\u2009\u202F]{1,8}/u;

const NUMBER_BEGINNING = /^[([]?[+\-−–—~≈<>=×*x]?(?:US)?[$€£¥#]?[\d½¼¾]/u;
/** What more characters could make a number's beginning of. */
const MAYBE_NUMBER = /^[([]?[+\-−–—~≈<>=×*x]?(?:US?)?[$€£¥#]?$/u;
const SIGN = /^[-−–—*×x÷/=+~≈<>±$€£¥#]$/u;

/** What may follow the last word of a phrase. */
type Following = 'number' | 'sign' | 'unit' | 'calendar' | 'anything';

export interface Phrase {
  readonly length: number;
  /** The first character after the gap behind it; '' where the line or the text ends. */
  readonly next: string;
}

/** The words that lengthen phrases, of one language and one pronunciation table. */
export class PhraseBoundaries {
  /** Lower case, without full stops; sorted out by what they may stand behind. */
  readonly #units: ReadonlySet<string>;
  readonly #calendar: ReadonlySet<string>;
  readonly #numberPrefixes: ReadonlySet<string>;
  /** Entries of more than one word, lower case, with single spaces. */
  readonly #compounds: readonly string[];
  readonly #leading: ReadonlySet<string>;
  readonly #ordinalDots: boolean;
  readonly #dayOf: string | undefined;

  constructor(language: Language | undefined, pronounced: readonly string[]) {
    const currencies = keys(language?.currencies);
    this.#units = new Set(
      [...keys(language?.units).flatMap((unit) => unit.split(' ')), ...currencies, ...keys(language?.multipliers)]
        .concat(keys(language?.timeWords), language?.dayOf ?? [])
        .map(bare),
    );
    this.#calendar = new Set(
      [...(language?.months ?? []), ...keys(language?.monthAbbreviations)]
        .concat(language?.days ?? [], keys(language?.dayAbbreviations))
        .map(bare),
    );
    this.#numberPrefixes = new Set([...currencies.map(bare), 'no', 'nr']);
    const abbreviations = keys(language?.abbreviations).filter((key) => /\.\p{L}/u.test(key));
    this.#compounds = [...abbreviations.map((key) => key.replaceAll('.', '. ')), ...pronounced]
      .map((key) => key.trim().toLowerCase())
      .filter((key) => /\s/u.test(key));
    this.#leading = new Set(
      Object.entries(language?.abbreviations ?? {})
        .filter(([, expansion]) => typeof expansion !== 'string')
        .map(([key]) => key),
    );
    this.#dayOf = language?.dayOf;
    this.#ordinalDots = language?.ordinalMark === '\\.';
  }

  /** The phrase at the beginning of `text`, which isn't white space; `undefined`: the next characters tell. */
  find(text: string, isFinal: boolean): Phrase | undefined {
    const unspaced = UNSPACED.exec(text);
    if (unspaced !== null) return { length: unspaced[0].length, next: '' };
    let length = 0;
    for (;;) {
      const word = wordAt(text, length, isFinal);
      if (word === undefined) return undefined;
      length += word.length;
      const following = this.#following(text.slice(0, length), word);
      const gap = GAP.exec(text.slice(length))?.[0].length ?? 0;
      const rest = text.slice(length + gap, length + gap + MAX_WORD);
      if (following.length === 0) return { length, next: '' };
      if (rest === '' && !isFinal) return undefined;
      const next = /^\S/u.exec(rest)?.[0] ?? '';
      if (gap === 0 || length >= MAX_PHRASE) return { length, next };
      const follows = this.#follows(rest, following, isFinal, text.slice(0, length));
      if (follows === undefined) return undefined;
      if (!follows) return { length, next };
      length += gap;
    }
  }

  #following(phrase: string, word: string): readonly Following[] {
    const name = bare(word);
    const compound = `${phrase.toLowerCase().replaceAll(/\s+/gu, ' ')} `;
    const leads = this.#compounds.some((key) => key.startsWith(compound));
    if (leads || this.#leading.has(word.toLowerCase().replace(/^[("'“]+/u, ''))) return ['anything'];
    if (/[;:!?]$/u.test(word)) return [];
    if (word.endsWith(',')) return this.#isDayOfMonth(phrase) ? ['number'] : [];
    if (SIGN.test(word)) return ['number', 'calendar'];
    if (/\d\.$/u.test(word)) return this.#ordinalDots ? ['calendar', 'anything'] : [];
    if (/[\d½¼¾%°)€$£](?:st|nd|rd|th|s)?$/u.test(word))
      return /\d|[½¼¾]/u.test(word) ? ['number', 'sign', 'unit', 'calendar'] : [];
    if (this.#calendar.has(name)) return ['number', 'sign'];
    if (name === this.#dayOf) return /\d/u.test(phrase) ? ['calendar'] : [];
    if (this.#numberPrefixes.has(name) && !/\d/u.test(phrase)) return ['number'];
    if (this.#units.has(name) || /^\d.*\p{L}$/u.test(word)) return /\d/u.test(phrase) ? ['sign'] : [];
    return [];
  }

  /** "March 5," and "Mon," may be followed by a year or a time. */
  #isDayOfMonth(phrase: string): boolean {
    const [first = ''] = phrase.split(/\s/u);
    return this.#calendar.has(bare(first)) && /^\S+\s\d{1,2}\p{L}*,$/u.test(phrase);
  }

  /** Whether the next word belongs to the phrase; `undefined`: its next characters tell. */
  #follows(rest: string, following: readonly Following[], isFinal: boolean, phrase: string): boolean | undefined {
    const word = /^\S*/u.exec(rest)?.[0] ?? '';
    if (word === '') return false;
    const isOpen = word.length === rest.length && rest.length < MAX_WORD && !isFinal;
    const name = bare(word);
    const isPart = (names: ReadonlySet<string>): boolean | undefined => {
      // "p.m.–5", "km/day"
      const head = bare(word.replace(/[-–—/].*$/u, ''));
      if (!isOpen) return names.has(name) || names.has(head);
      for (const candidate of names) if (candidate.startsWith(name) || candidate === head) return undefined;
      return false;
    };
    const answers = following.map((kind): boolean | undefined => {
      switch (kind) {
        case 'number':
          if (NUMBER_BEGINNING.test(word)) return true;
          return isOpen && MAYBE_NUMBER.test(word) ? undefined : false;
        case 'sign':
          return isOpen && (word === '' || SIGN.test(word)) ? undefined : SIGN.test(word);
        case 'unit':
          if (/^[%°€$£]/u.test(word)) return true;
          return isPart(this.#units);
        case 'calendar':
          return isPart(this.#calendar);
        case 'anything':
          return this.#continuesCompound(phrase, word, isOpen);
      }
    });
    if (answers.includes(true)) return true;
    return answers.includes(undefined) ? undefined : false;
  }

  #continuesCompound(phrase: string, word: string, isOpen: boolean): boolean | undefined {
    const joined = `${phrase} ${word}`.toLowerCase().replaceAll(/\s+/gu, ' ');
    if (isOpen)
      return this.#compounds.some((key) => key.startsWith(joined) || joined.startsWith(key)) ? undefined : false;
    return this.#compounds.some((key) => joined.startsWith(key) || key.startsWith(`${joined} `));
  }
}

/** The word at `start`, once it is known to end; cut where nobody would follow it. */
function wordAt(text: string, start: number, isFinal: boolean): string | undefined {
  const rest = text.slice(start, start + MAX_WORD);
  const word = WORD.exec(rest)?.[0] ?? rest.charAt(0);
  if (word.length < rest.length || isFinal) return word;
  if (rest.length < MAX_WORD) return undefined;
  return /[\uD800-\uDBFF]$/u.test(word) ? word.slice(0, -1) : word;
}

/** Lower case, without full stops and the punctuation around. */
function bare(word: string): string {
  return word
    .toLowerCase()
    .replaceAll('.', '')
    .replaceAll(/^[("'[]+|[,;:!?)"'\]]+$/gu, '');
}

function keys(record: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.keys(record ?? {});
}
