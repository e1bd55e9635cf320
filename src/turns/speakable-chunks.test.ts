import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpeakableChunker, speakableChunks, type SpeakableChunkOptions } from './speakable-chunks.ts';

async function* endless(): AsyncGenerator<string> {
  for (;;) yield 'Good evening. ';
}

function chunksOf(tokens: readonly string[], options?: SpeakableChunkOptions): string[] {
  const chunker = new SpeakableChunker(options);
  return [...tokens.flatMap((token) => chunker.push(token)), ...chunker.flush()];
}

/** Text as a model writes it, and text as nobody would. */
const prose = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Hello',
      ', ',
      '. ',
      '! ',
      '? ',
      ' and ',
      'the ',
      '3.50',
      '1,000 ',
      'e.g. ',
      '7:30 ',
      'p.m. ',
      '\n',
      ' — ',
    ),
    fc.constantFrom('of ', 'until  ', 'we', "I'm ", '\u00a0'),
    fc.lorem({ maxCount: 3 }),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  ),
  { maxLength: 60 },
);

describe('SpeakableChunker', () => {
  it('keeps every character', () => {
    fc.assert(
      fc.property(prose, (tokens) => {
        expect(chunksOf(tokens).join('')).toBe(tokens.join(''));
      }),
    );
  });

  it('cuts at the same places however the text is split into tokens', () => {
    fc.assert(
      fc.property(prose, (tokens) => {
        const text = tokens.join('');
        expect(chunksOf(Array.from(text), { language: 'en' })).toEqual(chunksOf([text], { language: 'en' }));
      }),
      { examples: [[['one two three four five six ', '\n', ':']]], numRuns: 1000 },
    );
  });

  it('never cuts inside a run of characters without white space', () => {
    fc.assert(
      fc.property(prose, (tokens) => {
        for (const chunk of chunksOf(tokens).slice(0, -1)) expect(chunk).toMatch(/\s$/u);
      }),
    );
  });

  it('bounds the words of every chunk', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 300 }), (text) => {
        for (const chunk of chunksOf([text.replaceAll(/[.,]/g, '')], { firstWords: 5, maxWords: 10 })) {
          expect(chunk.trim().split(/\s+/).length).toBeLessThanOrEqual(20);
        }
      }),
    );
  });

  it('lets the first chunk out at the first clause, and later ones at sentences', () => {
    expect(chunksOf(['Of course, I can do that. It is a small thing, really. Bye!'])).toEqual([
      'Of course, ',
      'I can do that. ',
      'It is a small thing, really. ',
      'Bye!',
    ]);
  });

  it('goes on after a short first chunk with one of middle length', () => {
    const text = 'Yes, you will get a message with all of the details on your phone in a few minutes from now on today';
    expect(chunksOf([text], { language: 'en' })).toEqual([
      'Yes, ',
      'you will get a message with all of the details ',
      'on your phone in a few minutes from now on today',
    ]);
    expect(chunksOf(['Sure, of course, we are open at nine. Come in!'])).toEqual([
      'Sure, ',
      'of course, we are open at nine. ',
      'Come in!',
    ]);
  });

  it('starts after some words where no clause comes, but not on a word that leans on the next', () => {
    const options = { firstWords: 4, language: 'en-US' };
    expect(chunksOf(['one two three four of the five six'], options)).toEqual([
      'one two three four ',
      'of the five six',
    ]);
    expect(chunksOf(['one two three of the big six'], options)).toEqual(['one two three of the big ', 'six']);
    expect(chunksOf(['one two three 7 30 and six'], { firstWords: 4 })).toEqual(['one two three 7 30 and ', 'six']);
  });

  it.each([
    ['The kitchen is open until ten tonight', 'The kitchen is open ', 'en'],
    ['You will get a message with all the details', 'You will get a message ', 'en-GB'],
    ['Dogs are welcome on the terrace', 'Dogs are welcome ', 'en'],
    ['I can see it here now', 'I can see it here ', 'en'],
    ['We are at twelve Main Street now', 'We are at twelve Main Street ', 'en'],
    ['We have a lot of them', 'We have a lot of them', 'en'],
    ['Wir haben heute bis zehn Uhr geöffnet', 'Wir haben heute ', 'de-DE'],
    ['Sie bekommen gleich eine Nachricht von uns', 'Sie bekommen gleich eine Nachricht ', 'de'],
    ['Aukioloaika on tänään myös sunnuntaina sama', 'Aukioloaika on tänään myös sunnuntaina ', 'fi'],
  ])('the first chunk ends where a phrase does: %s', (text, first, language) => {
    expect(chunksOf([text], { language })[0]).toBe(first);
  });

  it.each([
    'It costs 3.50 euros.',
    'Bring something, e.g. a cake or a song.',
    'Ask for Mr. Miller or Dr. Smith at the door.',
    'We open at 7:30 a.m. on weekdays and close at 9 p.m. on most days.',
    'The total is 1,000.25 dollars.',
    'J. R. R. Tolkien wrote it.',
    'See fig. 3 and no. 4 there.',
  ])('leaves whole: %s', (sentence) => {
    expect(chunksOf([sentence, ' Next.'], { firstWords: 50, firstClauseWords: 50 })).toEqual([`${sentence} `, 'Next.']);
  });

  it('ends a sentence at p.m. where a new one begins', () => {
    expect(chunksOf(['We close at 9 p.m. Tomorrow we open late.'])).toEqual([
      'We close at 9 p.m. ',
      'Tomorrow we open late.',
    ]);
  });

  it('keeps a list number with its item', () => {
    expect(chunksOf(['1. Soup\n2. Fish\n'])).toEqual(['1. Soup\n', '2. Fish\n']);
  });

  it('has nothing to flush after the text was cut at its end', () => {
    const chunker = new SpeakableChunker();
    expect(chunker.push('Hello there. ')).toEqual(['Hello there. ']);
    expect(chunker.flush()).toEqual([]);
  });
});

describe('speakableChunks', () => {
  it('yields a chunk before the text has ended', async () => {
    for await (const chunk of speakableChunks(endless())) {
      expect(chunk).toBe('Good evening. ');
      return;
    }
  });
});
