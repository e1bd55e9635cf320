import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceMap, SpeakableText, type SpeakableTextOptions, type SpokenText } from './speakable-text.ts';

/** What is still held back after a push is never more than this. */
const MAX_HELD = 700;

const options: fc.Arbitrary<SpeakableTextOptions> = fc.record(
  {
    language: fc.constantFrom('en-US', 'en-GB', 'de-DE', 'fr-FR', ''),
    pronunciations: fc.constantFrom({}, { sql: 'sequel', 'New York': 'the city', 'a b c': 'letters' }),
    numbers: fc.constantFrom('words' as const, 'asIs' as const),
  },
  { requiredKeys: ['language'] },
);

/** Text as a model writes it, and text as nobody would. */
const source = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'Hello',
        'I',
        'New York',
        'a b',
        'sql',
        'March',
        'May',
        'Mon',
        'März',
        'e.g.',
        'z. B.',
        'Dr.',
        'St.',
        'code',
        'on',
        ' ',
        ' ',
        ' ',
        '  ',
        '\n',
        '\r\n',
        '\t',
        '. ',
        ', ',
        '! ',
        '? ',
        ': ',
        ' - ',
        '–',
        ' — ',
        '...',
        '!!',

        '*',
        '**',
        '_',
        '__',
        '~~',
        '`',
        '```',
        '~~~\n',
        '# ',
        '- ',
        '* ',
        '1. ',
        '> ',
        '[',
        ']',
        '](',
        ')',
        '![',
        '|',
        '---',

        '<b>',
        '<',
        '>',
        '&amp;',
        '&',
        '\\',
        '[^1]',
        '【',
        '】',
        '<!--',
        '-->',
        'https://',
        'www.',
        '.com',
        '@',
        '/',
        '?q=',

        '5',
        '12',
        '1999',
        '2026',
        '007',
        '1,234',
        '1.234',
        '3.5',
        '12.50',
        '½',
        '1/2',
        '7:30',
        '3/5',
        '$',
        '€',
        '%',
        '°C',
        '#',

        'st',
        'th',
        's',
        ' km',
        ' pm',
        ' Uhr',
        'million',
        ' million',
        ' of ',
        'x',
        '×',
        '=',
        '+',
        '-',
        '~',
        '(',
        '+49 30 ',
        '😀',
        '👨‍👩‍👧',
        '🇩🇪',
        '1️⃣',
        '\u200D',
        '\uFE0F',
        '\uD83D',
        '\uDE00',
        '東京',
        'ไทย',
        '。',
      ),
      fc.lorem({ maxCount: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.nat().map(String),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

function runsOf(pieces: readonly string[], settings: SpeakableTextOptions): SpokenText[] {
  const filter = new SpeakableText(settings);
  return [...pieces.flatMap((piece) => filter.push(piece)), ...filter.flush()];
}

/** One run for each stretch of untouched text, whatever the pushes were. */
function joined(runs: readonly SpokenText[]): SpokenText[] {
  const result: SpokenText[] = [];
  let wasUntouched = false;
  for (const run of runs) {
    const last = result.at(-1);
    const isUntouched = run.text.length === run.sourceEnd - run.sourceStart;
    if (last !== undefined && isUntouched && wasUntouched) {
      result[result.length - 1] = {
        text: last.text + run.text,
        sourceStart: last.sourceStart,
        sourceEnd: run.sourceEnd,
      };
    } else if (last?.text === '' && run.text === '') {
      result[result.length - 1] = { text: '', sourceStart: last.sourceStart, sourceEnd: run.sourceEnd };
    } else result.push(run);
    wasUntouched = isUntouched;
  }
  return result;
}

/** Pieces of `text` that end at the given fractions of it, in any unit of UTF-16. */
function split(text: string, fractions: readonly number[]): string[] {
  const cuts = [
    0,
    ...fractions.map((fraction) => Math.floor(fraction * text.length)).toSorted((a, b) => a - b),
    text.length,
  ];
  return cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
}

describe('SpeakableText', () => {
  it('says the same, for the same source, however the source is split', () => {
    fc.assert(
      fc.property(
        source,
        options,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (text, settings, cuts) => {
          const whole = joined(runsOf([text], settings));
          expect(joined(runsOf(text.split(''), settings))).toEqual(whole);
          expect(joined(runsOf(split(text, cuts), settings))).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('covers the source with runs, without gap or overlap', () => {
    fc.assert(
      fc.property(source, options, (text, settings) => {
        let end = 0;
        for (const run of runsOf(text.split(''), settings)) {
          expect(run.sourceStart).toBe(end);
          expect(run.sourceEnd).toBeGreaterThanOrEqual(run.sourceStart);
          end = run.sourceEnd;
        }
        expect(end).toBe(text.length);
      }),
    );
  });

  it('holds back a bounded piece of text', () => {
    fc.assert(
      fc.property(fc.array(source, { minLength: 20, maxLength: 40 }), options, (pieces, settings) => {
        const filter = new SpeakableText(settings);
        const text = pieces.join('');
        let released = 0;
        for (let index = 0; index < text.length; index += 1) {
          released = filter.push(text.charAt(index)).at(-1)?.sourceEnd ?? released;
          expect(index + 1 - released).toBeLessThanOrEqual(MAX_HELD);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    '[',
    '`',
    '](',
    '<a ',
    '![',
    '**',
    '1',
    '$',
    '(',
    '-',
    '=',
    '#',
    '|',
    '```',
    '<!--',
    '[^',
    '【',
    'http://',
    'z.',
    'März 5 ',
  ])('never holds more than that back behind an unclosed %s', (opening) => {
    for (const filling of ['a', '1', ' ', '1 ', opening, 'ab ', '- ']) {
      const filter = new SpeakableText({ language: 'de' });
      const released = filter.push(opening + filling.repeat(2000)).at(-1)?.sourceEnd ?? 0;
      expect(opening.length + filling.length * 2000 - released).toBeLessThanOrEqual(MAX_HELD);
    }
  });

  it('never throws, and leaves nothing that could not be encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), options, (text, settings) => {
        const said = runsOf([text], settings).map((run) => run.text);
        expect(said.join('').isWellFormed()).toBe(true);
      }),
    );
  });

  it('releases each word of plain prose with the white space behind it', () => {
    const word = fc
      .stringMatching(/^[bfgjklpqvwy][a-z]{4,9}$/)
      .filter((text) => !/^(?:febr|juni|juli|frei|web)/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const filter = new SpeakableText({ language: 'en-US' });
        for (const each of words) {
          const runs = filter.push(`${each} `);
          expect(runs.map((run) => run.text).join('')).toBe(`${each} `);
        }
      }),
    );
  });
});

describe('SourceMap', () => {
  it('never goes back, and ends at the end of the source', () => {
    fc.assert(
      fc.property(source, options, (text, settings) => {
        const map = new SourceMap();
        const runs = runsOf([text], settings);
        for (const run of runs) map.append(run);
        const spoken = runs.reduce((length, run) => length + run.text.length, 0);
        let previous = 0;
        for (let position = 0; position <= spoken; position += 1) {
          const characters = map.sourceCharacters(position);
          expect(characters).toBeGreaterThanOrEqual(previous);
          previous = characters;
        }
        expect(map.sourceCharacters(spoken)).toBe(text.length);
      }),
    );
  });
});
