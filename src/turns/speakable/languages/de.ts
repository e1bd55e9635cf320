// German: as it is said in Germany. Ordinals take their ending from the article or preposition before them.

import { toCardinal, toOrdinal } from 'n2words/de-DE';
import type { CountedNoun, Currency, Language } from '../language.ts';

const MONTHS = [
  'Januar',
  'Februar',
  'März',
  'April',
  'Mai',
  'Juni',
  'Juli',
  'August',
  'September',
  'Oktober',
  'November',
  'Dezember',
];

/** Lists of words, as they are written in a sentence. */
function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}

/** Masculine and neuter say 'ein', feminine 'eine'. */
function counted(one: string, many: string = one.replace(/^\S+ /u, '')): CountedNoun {
  return { one, many };
}

const CENT = counted('ein Cent');
const EURO: Currency = { ...counted('ein Euro'), minor: CENT };
const DOLLAR: Currency = { ...counted('ein Dollar'), minor: CENT };
const POUND: Currency = { ...counted('ein Pfund'), minor: counted('ein Penny', 'Pence') };
const FRANC: Currency = { ...counted('ein Franken'), minor: counted('ein Rappen') };
const HOUR = counted('eine Stunde', 'Stunden');
const MINUTE = counted('eine Minute', 'Minuten');
const SECOND = counted('eine Sekunde', 'Sekunden');

/** The weak ending after an article or preposition in the dative or accusative, 'e' after 'der' and 'die', else strong. */
function ordinal(value: number, before: string): string {
  const stem = toOrdinal(value);
  const previous = /(\p{L}+)[,\s]+$/u.exec(before)?.[1]?.toLowerCase() ?? '';
  if (/^(?:am|im|vom|zum|beim|dem|den|des|bis|ab|seit|einem|einen|jeden|zur)$/u.test(previous)) return `${stem}n`;
  return /^(?:der|die|das|jede|diese|dieser)$/u.test(previous) ? stem : `${stem}r`;
}

function year(value: number): string {
  if (value < 1100 || value > 1999) return toCardinal(value);
  const rest = value % 100;
  return `${toCardinal(Math.floor(value / 100))}hundert${rest === 0 ? '' : toCardinal(rest)}`;
}

/** As it stands before 'Uhr': 'ein', not 'eins'. */
function hourWord(hour: number): string {
  return hour === 1 ? 'ein' : toCardinal(hour);
}

export const german: Language = {
  groupMark: '.',
  decimalMark: ',',
  digits: ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun'],
  cardinal: (digits) => toCardinal(digits),
  ordinal,
  year,
  time: ({ hour, minute }) => `${hourWord(hour)} Uhr${minute === 0 ? '' : ` ${toCardinal(minute)}`}`,
  date: ({ day, month, year: yearValue }, before) =>
    `${ordinal(day, before)} ${MONTHS[month - 1] ?? ''}${yearValue === undefined ? '' : ` ${year(yearValue)}`}`,
  fraction: (numerator, denominator) => {
    if (numerator < 1 || numerator >= denominator || denominator > 12) return undefined;
    if (denominator === 2) return 'ein halb';
    const part = `${toOrdinal(denominator).replace(/te$/u, '')}tel`;
    return `${hourWord(numerator)} ${part[0]?.toUpperCase() ?? ''}${part.slice(1)}`;
  },
  withCents: (major, cents) => `${major} ${toCardinal(cents)}`,
  ordinalMark: '\\.',
  slashDate: 'none',
  dottedDate: true,
  timeWords: { uhr: 'clock' },
  months: MONTHS,
  monthAbbreviations: {
    jan: 0,
    feb: 1,
    mär: 2,
    mrz: 2,
    apr: 3,
    jun: 5,
    jul: 6,
    aug: 7,
    sep: 8,
    sept: 8,
    okt: 9,
    nov: 10,
    dez: 11,
  },
  days: ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag', 'Samstag', 'Sonntag'],
  dayAbbreviations: { mo: 0, di: 1, mi: 2, do: 3, fr: 4, sa: 5, so: 6 },
  units: {
    km: counted('ein Kilometer'),
    m: counted('ein Meter'),
    cm: counted('ein Zentimeter'),
    mm: counted('ein Millimeter'),
    'm²': counted('ein Quadratmeter'),
    qm: counted('ein Quadratmeter'),
    'km²': counted('ein Quadratkilometer'),
    'm³': counted('ein Kubikmeter'),
    kg: counted('ein Kilogramm'),
    g: counted('ein Gramm'),
    mg: counted('ein Milligramm'),
    l: counted('ein Liter'),
    L: counted('ein Liter'),
    ml: counted('ein Milliliter'),
    EL: counted('ein Esslöffel'),
    TL: counted('ein Teelöffel'),
    h: HOUR,
    Std: HOUR,
    'Std.': HOUR,
    min: MINUTE,
    Min: MINUTE,
    'Min.': MINUTE,
    s: SECOND,
    Sek: SECOND,
    'Sek.': SECOND,
    ms: counted('eine Millisekunde', 'Millisekunden'),
    'km/h': counted('ein Kilometer pro Stunde', 'Kilometer pro Stunde'),
    W: counted('ein Watt'),
    kW: counted('ein Kilowatt'),
    kWh: counted('eine Kilowattstunde', 'Kilowattstunden'),
    V: counted('ein Volt'),
    Hz: counted('ein Hertz'),
    kHz: counted('ein Kilohertz'),
    MHz: counted('ein Megahertz'),
    GHz: counted('ein Gigahertz'),
    kB: counted('ein Kilobyte'),
    MB: counted('ein Megabyte'),
    GB: counted('ein Gigabyte'),
    TB: counted('ein Terabyte'),
    kcal: counted('eine Kilokalorie', 'Kilokalorien'),
    '°C': counted('ein Grad Celsius', 'Grad Celsius'),
    '°F': counted('ein Grad Fahrenheit', 'Grad Fahrenheit'),
    '° C': counted('ein Grad Celsius', 'Grad Celsius'),
    '°': counted('ein Grad'),
  },
  currencies: {
    '€': EURO,
    EUR: EURO,
    Euro: EURO,
    $: DOLLAR,
    USD: DOLLAR,
    '£': POUND,
    GBP: POUND,
    CHF: FRANC,
  },
  multipliers: {
    tsd: 'tausend',
    'tsd.': 'tausend',
    tausend: 'tausend',
    mio: 'Millionen',
    'mio.': 'Millionen',
    millionen: 'Millionen',
    mrd: 'Milliarden',
    'mrd.': 'Milliarden',
    milliarden: 'Milliarden',
  },
  codeWords: words(
    'code pin plz postleitzahl nummer kundennummer bestellnummer buchungsnummer auftragsnummer',
    'rechnungsnummer referenz kennwort durchwahl ticket',
  ),
  dialWords: words('notruf wählen rufnummer'),
  yearWords: words('in im seit bis ab von vor nach um jahr jahre jahres anfang ende mitte'),
  dateWords: [],
  abbreviations: {
    'z.B.': 'zum Beispiel',
    'd.h.': 'das heißt',
    'u.a.': 'unter anderem',
    'usw.': { text: 'und so weiter', mayEndSentence: true },
    'etc.': { text: 'et cetera', mayEndSentence: true },
    'ca.': 'circa',
    'bzw.': 'beziehungsweise',
    'ggf.': 'gegebenenfalls',
    'evtl.': 'eventuell',
    'inkl.': 'inklusive',
    'zzgl.': 'zuzüglich',
    'vgl.': 'vergleiche',
    'nr.': 'Nummer',
    'tel.': 'Telefon',
    'str.': { text: 'Straße', mayEndSentence: true },
    'dr.': 'Doktor',
    'prof.': 'Professor',
    'hr.': 'Herr',
    'fr.': 'Frau',
    'st.': 'Sankt',
    'mind.': 'mindestens',
    'max.': 'maximal',
    'min.': 'mindestens',
    'tägl.': 'täglich',
  },
  symbols: {
    '&': 'und',
    '%': 'Prozent',
    '+': 'plus',
    '=': 'gleich',
    '@': 'at',
    '≈': 'etwa',
    '±': 'plus minus',
    '<': 'kleiner als',
    '>': 'größer als',
    '≤': 'höchstens',
    '≥': 'mindestens',
    '≠': 'ungleich',
    '×': 'mal',
    '÷': 'geteilt durch',
    '→': 'nach',
    '⇒': 'also',
    '°': 'Grad',
    '€': 'Euro',
    $: 'Dollar',
    '£': 'Pfund',
    '§': 'Paragraf',
  },
  words: {
    point: 'Komma',
    minus: 'minus',
    plus: 'plus',
    to: 'bis',
    times: 'mal',
    by: 'mal',
    dividedBy: 'geteilt durch',
    per: 'pro',
    percent: 'Prozent',
    about: 'etwa',
    number: 'Nummer',
    version: 'Version',
    and: 'und',
    dot: 'Punkt',
    slash: 'Schrägstrich',
    at: 'at',
    dash: 'Minus',
    underscore: 'Unterstrich',
    codeOmitted: 'Code ausgelassen.',
  },
};
