// What the filter has to know of a language, as data: one file per language in languages/. A language without a file gets
// its Markdown, emoji and pronunciations filtered; its numbers, symbols and abbreviations pass as they are.

import { english } from './languages/en.ts';
import { german } from './languages/de.ts';

/** How a count of a thing is said: `one` is the whole phrase, `many` follows a number. */
export interface CountedNoun {
  readonly one: string;
  readonly many: string;
}

export interface Currency extends CountedNoun {
  /** The hundredth, where there is one. */
  readonly minor?: CountedNoun;
}

export interface CalendarDate {
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  readonly year?: number;
}

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly period?: 'am' | 'pm';
  /** Written with a leading zero or an hour above twelve. */
  readonly is24Hour: boolean;
}

/** What is said instead of an abbreviation; its full stop may end the sentence too, or it may be one before names. */
export type Expansion =
  | string
  | { readonly text: string; readonly mayEndSentence: true }
  /** 'St.' before and after a name. */
  | { readonly beforeName: string; readonly afterName: string };

export interface Language {
  /** The character between thousands and the one before decimals. */
  readonly groupMark: string;
  readonly decimalMark: string;
  /** How the digits are said one by one, from zero to nine. */
  readonly digits: readonly string[];
  /** A whole number, written in digits without grouping. */
  readonly cardinal: (digits: string) => string;
  /** `before` is what precedes in the text: it decides the ending in some languages. */
  readonly ordinal: (value: number, before: string) => string;
  readonly year: (value: number) => string;
  readonly time: (time: TimeOfDay) => string;
  readonly date: (date: CalendarDate, before: string) => string;
  /** `undefined`: not said as a fraction. */
  readonly fraction: (numerator: number, denominator: number) => string | undefined;
  /** "1990s" and "'90s" by the digits; undefined where the language has no such form. */
  readonly decade?: (digits: string) => string | undefined;
  /** An amount with cents: `major` is already words. */
  readonly withCents: (major: string, cents: number, minor: CountedNoun) => string;
  /** Marks of an ordinal behind a number, as a regular expression. A full stop among them ends no sentence. */
  readonly ordinalMark: string;
  /** Between the day and the month: 5th of March. */
  readonly dayOf?: string;
  /** Which numeric dates the language writes with slashes; `none` where 3/5 is no date. */
  readonly slashDate: 'monthFirst' | 'dayFirst' | 'none';
  /** Numeric dates with full stops (5.3.2026), day first. */
  readonly dottedDate: boolean;
  /** Words that turn a number before them into a time (7 pm, 19 Uhr), lower case and without full stops. */
  readonly timeWords: Readonly<Record<string, 'am' | 'pm' | 'clock'>>;
  /** Full names in order, and abbreviations (lower case, without full stop) → index from 0. */
  readonly months: readonly string[];
  readonly monthAbbreviations: Readonly<Record<string, number>>;
  readonly days: readonly string[];
  readonly dayAbbreviations: Readonly<Record<string, number>>;
  /** Case counts. */
  readonly units: Readonly<Record<string, CountedNoun>>;
  /** By sign and by ISO 4217 code. */
  readonly currencies: Readonly<Record<string, Currency>>;
  /** Written behind a number: million, k … → how it is said. Lower case, without full stop. */
  readonly multipliers: Readonly<Record<string, string>>;
  /** A number after one of these is a code: digit by digit from four digits on. Lower case. */
  readonly codeWords: readonly string[];
  /** A number after one of these is dialled: digit by digit from three digits on. Lower case. */
  readonly dialWords: readonly string[];
  /** A number from 1100 to 2099 after one of these is a year. Lower case. */
  readonly yearWords: readonly string[];
  /** Before a date without year (3/5), these tell it from a fraction. Lower case. */
  readonly dateWords: readonly string[];
  /** With their full stops; lower case unless the case matters. */
  readonly abbreviations: Readonly<Record<string, Expansion>>;
  /** Signs that stand alone or beside a word. */
  readonly symbols: Readonly<Record<string, string>>;
  readonly words: {
    readonly point: string;
    readonly minus: string;
    readonly plus: string;
    readonly to: string;
    readonly times: string;
    readonly by: string;
    readonly dividedBy: string;
    readonly per: string;
    readonly percent: string;
    readonly about: string;
    readonly number: string;
    readonly version: string;
    readonly and: string;
    readonly dot: string;
    readonly slash: string;
    readonly at: string;
    readonly dash: string;
    readonly underscore: string;
    /** Said instead of a block of code; a reply that leaves it out in silence would sound broken off. */
    readonly codeOmitted: string;
  };
}

/** The data for a BCP 47 tag, or undefined where there is none. */
export function languageOf(tag: string): Language | undefined {
  const [language, ...rest] = tag.toLowerCase().split(/[-_]/u);
  if (language === 'en') return english(rest.length === 0 || rest.includes('us') ? 'US' : 'GB');
  if (language === 'de') return german;
  return undefined;
}
