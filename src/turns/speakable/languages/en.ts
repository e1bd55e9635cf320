// English: American by default, British (and everyone else's) with 'and' in numbers and the day first in dates.

import { toCardinal as toBritishCardinal } from 'n2words/en-GB';
import { toCardinal as toAmericanCardinal, toOrdinal } from 'n2words/en-US';
import type { CountedNoun, Currency, Language, TimeOfDay } from '../language.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Lists of words, as they are written in a sentence. */
function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}

function counted(one: string, many = `${one}s`): CountedNoun {
  return { one: `one ${one}`, many };
}

function currency(one: string, many?: string, minor?: CountedNoun): Currency {
  return { ...counted(one, many), ...(minor && { minor }) };
}

const CENT = counted('cent');
const PENNY = counted('penny', 'pence');
const DOLLAR = currency('dollar', 'dollars', CENT);
const EURO = currency('euro', 'euros', CENT);
const POUND = currency('pound', 'pounds', PENNY);
const YEN = currency('yen', 'yen');
const FRANC = currency('Swiss franc');

const POUND_WEIGHT = counted('pound');
const HOUR = counted('hour');
const MINUTE = counted('minute');
const SECOND = counted('second');
const LITER = counted('liter');

/** Each region is made once: regular expressions are compiled from it. */
const REGIONS = { US: regional('US'), GB: regional('GB') };

export function english(region: 'US' | 'GB'): Language {
  return REGIONS[region];
}

function regional(region: 'US' | 'GB'): Language {
  const cardinal = region === 'US' ? toAmericanCardinal : toBritishCardinal;
  const small = (value: number): string => cardinal(value);

  function year(value: number): string {
    const century = Math.floor(value / 100);
    const rest = value % 100;
    if (century < 11 || century > 20 || (century === 20 && rest < 10)) return small(value);
    if (rest === 0) return `${small(century)} hundred`;
    return `${small(century)} ${rest < 10 ? `oh ${small(rest)}` : small(rest)}`;
  }

  function time({ hour, minute, period, is24Hour }: TimeOfDay): string {
    if (hour > 24) return `${small(hour)} ${small(minute)}`;
    const half = period ?? (is24Hour ? (hour % 24 < 12 ? 'am' : 'pm') : undefined);
    const clock = small(hour % 12 === 0 ? 12 : hour % 12);
    const minutes = minute < 10 ? `oh ${small(minute)}` : small(minute);
    const spoken = minute === 0 ? clock : `${clock} ${minutes}`;
    if (half !== undefined) return `${spoken} ${half === 'am' ? 'a.m.' : 'p.m.'}`;
    return minute === 0 ? `${clock} o'clock` : spoken;
  }

  return {
    groupMark: ',',
    decimalMark: '.',
    digits: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
    cardinal: (digits) => cardinal(digits),
    ordinal: (value) => toOrdinal(value),
    year,
    time,
    date: ({ day, month, year: yearValue }, before) => {
      const name = MONTHS[month - 1] ?? '';
      const hasArticle = /\bthe\s$/iu.test(before);
      const ending = yearValue === undefined ? '' : `${region === 'US' && !hasArticle ? ',' : ''} ${year(yearValue)}`;
      if (region === 'US' && !hasArticle) return `${name} ${toOrdinal(day)}${ending}`;
      return `${hasArticle ? '' : 'the '}${toOrdinal(day)} of ${name}${ending}`;
    },
    fraction: (numerator, denominator) => {
      if (numerator < 1 || numerator >= denominator || denominator > 20) return undefined;
      const part = denominator === 2 ? 'half' : denominator === 4 ? 'quarter' : toOrdinal(denominator);
      return numerator === 1 ? `one ${part}` : `${small(numerator)} ${part}s`;
    },
    decade: (digits) => {
      const tens = Number(digits) % 100;
      const century = Math.floor(Number(digits) / 100);
      const plural = tens === 0 ? 'hundreds' : tens === 10 ? 'tens' : small(tens).replace(/y$/u, 'ies');
      if (digits.length === 2) return tens < 20 ? undefined : plural;
      return century === 20 && tens === 0 ? 'two thousands' : `${small(century)} ${plural}`;
    },
    withCents: (major, cents, minor) => `${major} and ${cents === 1 ? minor.one : `${small(cents)} ${minor.many}`}`,
    ordinalMark: 'st|nd|rd|th',
    dayOf: 'of',
    slashDate: region === 'US' ? 'monthFirst' : 'dayFirst',
    dottedDate: false,
    timeWords: { am: 'am', pm: 'pm' },
    months: MONTHS,
    monthAbbreviations: {
      jan: 0,
      feb: 1,
      mar: 2,
      apr: 3,
      jun: 5,
      jul: 6,
      aug: 7,
      sep: 8,
      sept: 8,
      oct: 9,
      nov: 10,
      dec: 11,
    },
    days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    dayAbbreviations: { mon: 0, tue: 1, tues: 1, wed: 2, thu: 3, thur: 3, thurs: 3, fri: 4, sat: 5, sun: 6 },
    units: {
      km: counted('kilometer'),
      m: counted('meter'),
      cm: counted('centimeter'),
      mm: counted('millimeter'),
      'm²': counted('square meter'),
      'km²': counted('square kilometer'),
      'm³': counted('cubic meter'),
      mi: counted('mile'),
      ft: counted('foot', 'feet'),
      'sq ft': counted('square foot', 'square feet'),
      yd: counted('yard'),
      kg: counted('kilogram'),
      g: counted('gram'),
      mg: counted('milligram'),
      lb: POUND_WEIGHT,
      lbs: POUND_WEIGHT,
      oz: counted('ounce'),
      l: LITER,
      L: LITER,
      ml: counted('milliliter'),
      mL: counted('milliliter'),
      gal: counted('gallon'),
      tbsp: counted('tablespoon'),
      tsp: counted('teaspoon'),
      h: HOUR,
      hr: HOUR,
      hrs: HOUR,
      min: MINUTE,
      mins: MINUTE,
      s: SECOND,
      sec: SECOND,
      secs: SECOND,
      ms: counted('millisecond'),
      'km/h': counted('kilometer per hour', 'kilometers per hour'),
      'm/s': counted('meter per second', 'meters per second'),
      mph: counted('mile per hour', 'miles per hour'),
      W: counted('watt'),
      kW: counted('kilowatt'),
      kWh: counted('kilowatt hour'),
      V: counted('volt'),
      mAh: counted('milliamp hour'),
      Hz: counted('hertz', 'hertz'),
      kHz: counted('kilohertz', 'kilohertz'),
      MHz: counted('megahertz', 'megahertz'),
      GHz: counted('gigahertz', 'gigahertz'),
      kB: counted('kilobyte'),
      KB: counted('kilobyte'),
      MB: counted('megabyte'),
      GB: counted('gigabyte'),
      TB: counted('terabyte'),
      Mbps: counted('megabit per second', 'megabits per second'),
      kcal: counted('kilocalorie'),
      '°C': counted('degree Celsius', 'degrees Celsius'),
      '°F': counted('degree Fahrenheit', 'degrees Fahrenheit'),
      '° C': counted('degree Celsius', 'degrees Celsius'),
      '° F': counted('degree Fahrenheit', 'degrees Fahrenheit'),
      '°': counted('degree'),
    },
    currencies: {
      $: DOLLAR,
      US$: DOLLAR,
      USD: DOLLAR,
      '€': EURO,
      EUR: EURO,
      '£': POUND,
      GBP: POUND,
      '¥': YEN,
      JPY: YEN,
      CHF: FRANC,
    },
    multipliers: {
      k: 'thousand',
      thousand: 'thousand',
      m: 'million',
      mn: 'million',
      million: 'million',
      b: 'billion',
      bn: 'billion',
      billion: 'billion',
      trillion: 'trillion',
    },
    codeWords: words(
      'account booking code confirmation extension id number order passcode pin reference reservation',
      'ticket tracking zip',
    ),
    dialWords: words('call dial'),
    yearWords: words(
      'in is for since until till of by from to before after between and around circa during year early late mid spring',
      'summer autumn fall winter founded established',
    ),
    dateWords: words('on by until from since before after due'),
    abbreviations: {
      'e.g.': 'for example',
      'i.e.': 'that is',
      'etc.': { text: 'et cetera', mayEndSentence: true },
      'vs.': 'versus',
      vs: 'versus',
      'approx.': 'approximately',
      'incl.': 'including',
      'dept.': 'department',
      'appt.': 'appointment',
      'apt.': 'apartment',
      'ave.': { beforeName: 'Avenue', afterName: 'Avenue' },
      'blvd.': { beforeName: 'Boulevard', afterName: 'Boulevard' },
      'rd.': { beforeName: 'Road', afterName: 'Road' },
      'mr.': 'Mister',
      Mr: 'Mister',
      'mrs.': 'Missus',
      Mrs: 'Missus',
      'ms.': 'Miz',
      'prof.': 'Professor',
      Dr: 'Doctor',
      'dr.': { beforeName: 'Doctor', afterName: 'Drive' },
      'st.': { beforeName: 'Saint', afterName: 'Street' },
      'jr.': { text: 'Junior', mayEndSentence: true },
      'sr.': { text: 'Senior', mayEndSentence: true },
      'c#': 'C sharp',
      'w/': 'with',
      'w/o': 'without',
    },
    symbols: {
      '&': 'and',
      '%': 'percent',
      '+': 'plus',
      '=': 'equals',
      '@': 'at',
      '≈': 'about',
      '±': 'plus or minus',
      '<': 'less than',
      '>': 'greater than',
      '≤': 'at most',
      '≥': 'at least',
      '≠': 'is not',
      '×': 'times',
      '÷': 'divided by',
      '→': 'to',
      '⇒': 'so',
      '°': 'degrees',
      '€': 'euros',
      $: 'dollars',
      '£': 'pounds',
      '§': 'section',
    },
    words: {
      point: 'point',
      minus: 'minus',
      plus: 'plus',
      to: 'to',
      times: 'times',
      by: 'by',
      dividedBy: 'divided by',
      per: 'per',
      percent: 'percent',
      about: 'about',
      number: 'number',
      version: 'version',
      and: 'and',
      dot: 'dot',
      slash: 'slash',
      at: 'at',
      dash: 'dash',
      underscore: 'underscore',
      codeOmitted: 'Code omitted.',
    },
  };
}
