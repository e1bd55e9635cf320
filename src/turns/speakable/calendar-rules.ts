// Dates, times of day, days of the week.

import type { CalendarDate, Language, TimeOfDay } from './language.ts';
import { anyOf, numberRule, rule, wordsBefore, type Place, type Rule } from './rule.ts';

const START = String.raw`(?<![\p{L}\p{N}]|\d[.,:/-])`;
const TIME_START = String.raw`(?<![\p{L}\p{N}]|\d[.,:])`;
const END = String.raw`(?![\p{L}\p{N}]|[-/:]\d)`;

export function calendarRules(language: Language): Rule[] {
  return [...numericDates(language), ...namedDates(language), ...decades(language), ...times(language)];
}

function isDate({ day, month }: CalendarDate): boolean {
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

/** Two digits are a year of this century up to '49. */
function fullYear(digits: string | undefined): number | undefined {
  if (digits === undefined || digits === '') return undefined;
  const value = Number(digits);
  return digits.length > 2 ? value : value + (value < 50 ? 2000 : 1900);
}

function dateOf(day: string, month: string, year: string | undefined): CalendarDate {
  const value = fullYear(year);
  return { day: Number(day), month: Number(month), ...(value !== undefined && { year: value }) };
}

function numericDates({ date, time, slashDate, dottedDate, dateWords, days, dayAbbreviations }: Language): Rule[] {
  const say = (found: CalendarDate, place: Place): string | undefined =>
    isDate(found) ? date(found, place.before) : undefined;
  const rules = [
    numberRule(
      new RegExp(String.raw`${START}(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?${END}`, 'uy'),
      ([, year, month = '', day = '', hour, minute], place) => {
        const said = say(dateOf(day, month, year), place);
        if (said === undefined || hour === undefined) return said;
        return `${said}, ${time({ hour: Number(hour), minute: Number(minute), is24Hour: true })}`;
      },
    ),
  ];
  if (slashDate !== 'none') {
    const dayNames = [...days, ...Object.keys(dayAbbreviations)].map((name) => name.toLowerCase());
    const context = new Set([...dateWords, ...dayNames]);
    rules.push(
      numberRule(
        new RegExp(String.raw`${START}(\d{1,2})\/(\d{1,2})(?:\/(\d{4}|\d{2}))?${END}`, 'uy'),
        ([, first = '', second = '', year], place) => {
          if (year === undefined && !context.has(wordsBefore(place)[0] ?? '')) return undefined;
          return say(slashDate === 'monthFirst' ? dateOf(second, first, year) : dateOf(first, second, year), place);
        },
      ),
    );
  }
  if (dottedDate) {
    rules.push(
      numberRule(
        new RegExp(String.raw`${START}(\d{1,2})\.\s?(\d{1,2})\.(\d{4}|\d{2})?(?!\d)`, 'uy'),
        ([match, day = '', month = '', year], place) => {
          const said = say(dateOf(day, month, year), place);
          // The last full stop ends the sentence as well.
          const isLast = year === undefined && place.at + match.length === place.phrase.length && place.next === '';
          return said !== undefined && isLast ? `${said}.` : said;
        },
      ),
    );
  }
  return rules;
}

function namedDates({ date, months, monthAbbreviations, ordinalMark, dayOf, year }: Language): Rule[] {
  const indices = new Map([
    ...months.map((name, index) => [name.toLowerCase(), index] as const),
    ...Object.entries(monthAbbreviations),
  ]);
  const name = String.raw`(${anyOf(months)}|(?:${anyOf(Object.keys(monthAbbreviations))})(?![\p{L}])\.?)`;
  const of = dayOf === undefined ? '' : String.raw`(?:\s${dayOf})?`;
  const say = (day: string, month: string, yearDigits: string | undefined, { before }: Place): string | undefined => {
    const index = indices.get(month.toLowerCase().replace('.', ''));
    const found = dateOf(day, String((index ?? -1) + 1), yearDigits);
    return isDate(found) ? date(found, before) : undefined;
  };
  const yearOf = String.raw`(?:,?\s(\d{4})(?![\d]|[.,:]\d))?`;
  return [
    numberRule(
      new RegExp(String.raw`${START}(\d{1,2})(?:${ordinalMark})?${of}\s${name}${yearOf}`, 'iuy'),
      ([, day = '', month = '', yearDigits], place) => say(day, month, yearDigits, place),
    ),
    numberRule(
      new RegExp(String.raw`(?<![\p{L}])${name}\s(\d{1,2})(?:st|nd|rd|th)?(?![\p{L}\d]|[.,:]\d)${yearOf}`, 'iuy'),
      ([, month = '', day = '', yearDigits], place) =>
        dayOf === undefined ? undefined : say(day, month, yearDigits, place),
    ),
    numberRule(
      new RegExp(String.raw`(?<![\p{L}])${name}\s(\d{4})(?![\d\p{L}]|[.,:]\d)`, 'iuy'),
      ([, month = '', yearDigits = '']) => {
        const index = indices.get(month.toLowerCase().replace('.', ''));
        return index === undefined ? undefined : `${months[index] ?? ''} ${year(Number(yearDigits))}`;
      },
    ),
  ];
}

/** 1990s, '90s */
function decades({ decade }: Language): Rule[] {
  if (decade === undefined) return [];
  return [rule(/(?<![\p{L}\p{N}])['’]?(\d0|\d\d00|\d{3}0)s(?![\p{L}\p{N}])/uy, ([, digits = '']) => decade(digits))];
}

function times({ time, timeWords }: Language): Rule[] {
  // Full stops between the letters are free: pm, p.m., p. m.
  const words = Object.keys(timeWords).map((word) =>
    word.length === 2 ? word.split('').join(String.raw`\.?\s?`) + String.raw`\.?` : word,
  );
  const word = String.raw`(?:\s?(${words.join('|')})(?![\p{L}]))`;
  const hasClock = Object.values(timeWords).includes('clock');
  const say = (hour: string, minute: string, written: string | undefined): string | undefined => {
    if (Number(hour) > 24 || Number(minute) > 59) return undefined;
    const meaning = timeWords[(written ?? '').toLowerCase().replaceAll(/[.\s]/gu, '')];
    const found: TimeOfDay = {
      hour: Number(hour),
      minute: Number(minute),
      ...((meaning === 'am' || meaning === 'pm') && { period: meaning }),
      is24Hour: hour.startsWith('0') || Number(hour) > 12,
    };
    return time(found);
  };
  return [
    numberRule(
      new RegExp(String.raw`${TIME_START}(\d{1,2}):(\d{2})(?![\d:])${word}?`, 'iuy'),
      ([, hour = '', minute = '', written]) => say(hour, minute, written),
    ),
    numberRule(
      new RegExp(String.raw`${TIME_START}(\d{1,2})${hasClock ? String.raw`(?:\.(\d{2}))?` : '()'}${word}`, 'iuy'),
      ([, hour = '', minute, written]) => say(hour, minute === undefined || minute === '' ? '0' : minute, written),
    ),
  ];
}

/** Days and ranges of months. Abbreviated days are words of their own (sat, sun, so): what stands beside them tells. */
export function dayRules(language: Language): Rule[] {
  const { words } = language;
  const days = calendarNames(language.days, language.dayAbbreviations);
  const months = calendarNames(language.months, language.monthAbbreviations);
  const ranges = [days, months].map(({ pattern, nameOf }) =>
    rule(new RegExp(String.raw`${pattern}\s?[-–—]\s?${pattern}(?!\p{L})`, 'iuy'), ([, from = '', to = '']) =>
      isCapitalized(from) && isCapitalized(to) ? `${nameOf(from)} ${words.to} ${nameOf(to)}` : undefined,
    ),
  );
  return [
    ...ranges,
    rule(new RegExp(String.raw`${days.pattern}(?=,?\s\d|:|,$)`, 'uiy'), ([, day = '']) =>
      isCapitalized(day) ? days.nameOf(day) : undefined,
    ),
  ];
}

interface CalendarNames {
  /** One name or abbreviation, in a group. */
  readonly pattern: string;
  readonly nameOf: (written: string) => string;
}

function calendarNames(names: readonly string[], abbreviations: Readonly<Record<string, number>>): CalendarNames {
  const indices = new Map([
    ...names.map((name, index) => [name.toLowerCase(), index] as const),
    ...Object.entries(abbreviations),
  ]);
  const abbreviation = String.raw`(?:${anyOf(Object.keys(abbreviations))})(?!\p{L})\.?`;
  return {
    pattern: String.raw`(?<![\p{L}\p{N}])(${anyOf(names)}|${abbreviation})`,
    nameOf: (written) => names[indices.get(written.toLowerCase().replace('.', '')) ?? -1] ?? written,
  };
}

function isCapitalized(word: string): boolean {
  return /^\p{Lu}/u.test(word);
}
