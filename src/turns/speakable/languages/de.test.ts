import { describe, expect, it } from 'vitest';
import { SpeakableText } from '../speakable-text.ts';

const PAIRS: readonly (readonly [source: string, spoken: string])[] = [
  [
    'Wir haben **Mo–Fr** von 9:00–17:00 Uhr geöffnet, Sa. von 10 bis 14 Uhr.',
    'Wir haben Montag bis Freitag von neun Uhr bis siebzehn Uhr geöffnet, Sa. von zehn bis vierzehn Uhr.',
  ],
  [
    'Am 5. März 2026 um 7:30 Uhr, der 5. März, 5. März.',
    'Am fünften März zweitausendsechsundzwanzig um sieben Uhr dreißig, der fünfte März, fünfter März.',
  ],
  ['5. März ist frei.\n1. Suppe\n2. Fisch', 'fünfter März ist frei.\neins, Suppe.\nzwei, Fisch'],
  [
    'Das kostet 12,50 €. Oder 1.200 €, 0,99 €, 1 € und 3,5 Mio. Euro.',
    'Das kostet zwölf Euro fünfzig. Oder eintausendzweihundert Euro, neunundneunzig Cent, ein Euro und drei Komma fünf Millionen Euro.',
  ],
  ['Es sind 3 Mio. Menschen. Kosten: 2 Mio.', 'Es sind drei Millionen Menschen. Kosten: zwei Millionen.'],
  [
    'Am 05.03.2026 oder am 5.3. treffen wir uns.',
    'Am fünften März zweitausendsechsundzwanzig oder am fünften März treffen wir uns.',
  ],
  [
    'z. B. morgen, d.h. heute, usw. Dr. Müller, ca. 5 kg',
    'zum Beispiel morgen, das heißt heute, und so weiter. Doktor Müller, circa fünf Kilogramm',
  ],
  [
    '20 °C, 5 km, 60 km/h, 1 Std. 30 Min., 3,14 %',
    'zwanzig Grad Celsius, fünf Kilometer, sechzig Kilometer pro Stunde, eine Stunde dreißig Minuten, drei Komma eins vier Prozent',
  ],
  [
    '1999 war gut, seit 2007, im Jahr 2026. 1.234.567 Einwohner',
    'neunzehnhundertneunundneunzig war gut, seit zweitausendsieben, im Jahr zweitausendsechsundzwanzig. eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig Einwohner',
  ],
  [
    'Tel. 030 1234567 oder +49 30 1234567.',
    'Telefon null drei null, eins zwei drei, vier fünf sechs, sieben oder plus vier neun, drei null, eins zwei drei, vier fünf sechs, sieben.',
  ],
  ['Ihre PIN ist 4711. PLZ 10115 Berlin.', 'Ihre PIN ist vier sieben eins eins. PLZ eins null eins eins fünf Berlin.'],
  [
    'Siehe www.beispiel.de/kontakt oder info@beispiel.de.',
    'Siehe beispiel Punkt DE Schrägstrich kontakt oder info at beispiel Punkt DE.',
  ],
  ['1/2 Liter, 3/4, ½', 'ein halb Liter, drei Viertel, ein halb'],
  ['Um 1 Uhr, um 19 Uhr, um 8.30 Uhr', 'Um ein Uhr, um neunzehn Uhr, um acht Uhr dreißig'],
  ['-5 Grad, 2 + 2 = 4, 3 * 4 = 12', 'minus fünf Grad, zwei plus zwei gleich vier, drei mal vier gleich zwölf'],
  ['Müller & Söhne, 100%, § 5, Nr. 7', 'Müller und Söhne, einhundert Prozent, Paragraf fünf, Nummer sieben'],
  ['Version 1.2.3, MP3', 'Version eins Punkt zwei Punkt drei, MP drei'],
  ['```js\nx\n```\nFertig.', 'Code ausgelassen.\nFertig.'],
  ['Es kostet 3. Dann gehen wir.', 'Es kostet drei. Dann gehen wir.'],
  ['Das 21. Jahrhundert, am 3. Dann', 'Das einundzwanzigste Jahrhundert, am dritten Dann'],
  [
    '9-17 Uhr, 2010–2015, Mo.-Fr.',
    'neun bis siebzehn Uhr, zweitausendzehn bis zweitausendfünfzehn, Montag bis Freitag',
  ],
  ['Vom 1. bis 3. Mai ist zu.', 'Vom ersten bis dritten Mai ist zu.'],
  ['Am Mo, 5.5. um 8 Uhr.', 'Am Montag, fünfter Mai um acht Uhr.'],
  [
    'Zimmer ab 89 €/Nacht, Frühstück 12,90 €.',
    'Zimmer ab neunundachtzig Euro pro Nacht, Frühstück zwölf Euro neunzig.',
  ],
  ['Das sind 2 Stück, 15 % Rabatt & mehr.', 'Das sind zwei Stück, fünfzehn Prozent Rabatt und mehr.'],
  ['**Wichtig:** Bitte *pünktlich* sein!!', 'Wichtig: Bitte pünktlich sein!'],
  ['[Hier](https://a.de) klicken 👍.', 'Hier klicken .'],
  ['Die 2. Etage, zum 3. Mal.', 'Die zweite Etage, zum dritten Mal.'],
  ['Es sind -3 °C.', 'Es sind minus drei Grad Celsius.'],
  ['Rufen Sie 0800 123456 an.', 'Rufen Sie null acht null null, eins zwei drei, vier fünf sechs an.'],
];

describe('German', () => {
  it.each(PAIRS)('%j', (source, expected) => {
    const filter = new SpeakableText({ language: 'de-DE' });
    const runs = [...filter.push(source), ...filter.flush()];
    expect(runs.map(({ text }) => text).join('')).toBe(expected);
  });
});
