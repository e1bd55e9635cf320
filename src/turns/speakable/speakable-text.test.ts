import { describe, expect, it } from 'vitest';
import { SpeakableChunker } from '../speakable-chunks.ts';
import { SourceMap, SpeakableText, type SpeakableTextOptions, type SpokenText } from './speakable-text.ts';

function textOf(runs: readonly SpokenText[]): string {
  return runs.map(({ text }) => text).join('');
}

function spoken(source: string, options: Partial<SpeakableTextOptions> = {}): string {
  const filter = new SpeakableText({ language: 'en-US', ...options });
  return textOf([...filter.push(source), ...filter.flush()]);
}

/** What each push releases. */
function released(pushes: readonly string[], language = 'en-US'): string[] {
  const filter = new SpeakableText({ language });
  return pushes.map((push) => textOf(filter.push(push)));
}

/** Filter, then chunker, fed as a model streams: a few characters at a time. */
function chunks(source: string, language = 'en-US'): string[] {
  const filter = new SpeakableText({ language });
  const chunker = new SpeakableChunker();
  const tokens = source.match(/[^]{1,4}/gu) ?? [];
  const runs = [...tokens.flatMap((token) => filter.push(token)), ...filter.flush()];
  return [...runs.flatMap(({ text }) => chunker.push(text)), ...chunker.flush()];
}

describe('SpeakableText', () => {
  it('passes plain prose as it is, each word with the white space behind it', () => {
    expect(released(['Of', ' course', ', I', ' can', ' do that', '.\n'])).toEqual([
      '',
      'Of ',
      'course, ',
      'I ',
      'can do ',
      'that.\n',
    ]);
  });

  it('holds a name back only while what follows could belong to it', () => {
    expect(released(['March ', 'w'])).toEqual(['', 'March ']);
    expect(released(['March ', '5', ' i'])).toEqual(['', '', 'March fifth ']);
    expect(released(['Dr. ', 'S'])).toEqual(['', 'Doctor ']);
    expect(released(['twelve ', '3 ', 'r'])).toEqual(['twelve ', '', 'three ']);
    expect(released(['3 ', 'k', 'i'])).toEqual(['', '', 'three ']);
  });

  it('speaks the text of a link before its target is complete', () => {
    expect(released(['See [our', ' site', '](https://exa', 'mple.com/', ') now'])).toEqual([
      'See ',
      'our ',
      '',
      '',
      'site ',
    ]);
  });

  it('says what is between marks that are never closed', () => {
    expect(spoken('an [open bracket, a `tick, a *star')).toBe('an open bracket, a tick, a star');
    expect(spoken('a [link](x')).toBe('a link(x');
  });

  it('gives each rewritten piece a run of its own, and untouched text character by character', () => {
    const filter = new SpeakableText({ language: 'en-US' });
    expect([...filter.push('It is **5 km** away'), ...filter.flush()]).toEqual([
      { text: 'It is ', sourceStart: 0, sourceEnd: 6 },
      { text: '', sourceStart: 6, sourceEnd: 8 },
      { text: 'five kilometers', sourceStart: 8, sourceEnd: 12 },
      { text: '', sourceStart: 12, sourceEnd: 14 },
      { text: ' ', sourceStart: 14, sourceEnd: 15 },
      { text: 'away', sourceStart: 15, sourceEnd: 19 },
    ]);
  });

  it('covers marks inside a rewritten piece with its run', () => {
    const filter = new SpeakableText({ language: 'en-US' });
    expect([...filter.push('**5** km'), ...filter.flush()]).toEqual([
      { text: '', sourceStart: 0, sourceEnd: 2 },
      { text: 'five kilometers', sourceStart: 2, sourceEnd: 8 },
    ]);
  });

  it('says words as the pronunciation table has them', () => {
    const pronunciations = { sql: 'sequel', SAP: 'S A P', 'New York': 'the big apple', 'c.o.': 'care of' };
    expect(spoken('SQL, sql and mysql; SAP or sap; in New York, c.o. me. New Jersey', { pronunciations })).toBe(
      'sequel, sequel and mysql; S A P or sap; in the big apple, care of me. New Jersey',
    );
  });

  it('leaves numbers to the voice where it is told so', () => {
    const source = '- **$12.50** on 3/5/2026 at 7:30 pm & 50% off, e.g. 5 km\n1. [a](b)';
    expect(spoken(source, { numbers: 'asIs' })).toBe(
      '$12.50 on 3/5/2026 at 7:30 pm and 50% off, for example 5 km.\n1, a',
    );
  });

  it('takes out markup, and leaves numbers and signs, in a language without data', () => {
    expect(
      spoken('**Prix** : 12,50 € & *5 km* 😀 `x`, voir https://www.exemple.fr/a?b=c.', { language: 'fr-FR' }),
    ).toBe('Prix : 12,50 € & 5 km x, voir exemple.fr/a.');
    expect(spoken('東京は**人口**が多い。', { language: 'ja' })).toBe('東京は人口が多い。');
  });

  it("doesn't wait for the end of a word in scripts that write no spaces", () => {
    expect(released(['東京', 'は', '大きい'], 'ja')).toEqual(['東京', 'は', '大きい']);
  });

  it('leaves out the rest of an endless address', () => {
    expect(spoken(`Go to https://example.com/a?${'x=1&'.repeat(200)}end now`)).toBe(
      'Go to example dot com slash a now',
    );
  });
});

function mapOf(source: string): SourceMap {
  const filter = new SpeakableText({ language: 'en-US' });
  const map = new SourceMap();
  for (const run of [...filter.push(source), ...filter.flush()]) map.append(run);
  return map;
}

describe('SourceMap', () => {
  it('counts untouched text by the character, rewritten text when it is complete', () => {
    const map = mapOf('It is **5 km** away');
    const said = 'It is five kilometers';
    expect(map.sourceCharacters(0)).toBe(0);
    expect(map.sourceCharacters(3)).toBe(3);
    expect(map.sourceCharacters('It is'.length)).toBe(5);
    expect(map.sourceCharacters('It is five kilo'.length)).toBe('It is **'.length);
    expect(map.sourceCharacters(said.length)).toBe('It is **5 km**'.length);
    expect(map.sourceCharacters(said.length + 3)).toBe('It is **5 km** aw'.length);
    expect(map.sourceCharacters(1000)).toBe('It is **5 km** away'.length);
  });

  it('is at the end at once where nothing is said', () => {
    expect(mapOf('😀').sourceCharacters(0)).toBe(2);
    expect(new SourceMap().sourceCharacters(5)).toBe(0);
  });
});

describe('filter and chunker', () => {
  it('opening hours as a list', () => {
    const answer =
      'Here are our **opening hours**:\n\n- **Mon–Fri:** 9 a.m.–5 p.m.\n- **Sat:** 10:00–14:00\n- **Sun:** closed\n\nAnything else? 😊';
    expect(chunks(answer)).toEqual([
      'Here are our opening hours:\n',
      '\nMonday to Friday: nine a.m. to five p.m.\n',
      "Saturday: ten o'clock to two p.m.\n",
      'Sunday: closed.\n',
      '\nAnything else? ',
    ]);
  });

  it('prices as a table', () => {
    const answer = '| Room | Price |\n|------|------:|\n| Single | $89 |\n| Double | $129.50 |\n\nTax (7.5%) is extra.';
    expect(chunks(answer)).toEqual([
      'Room, ',
      'Price.\n',
      '\nSingle, eighty-nine dollars.\n',
      'Double, one hundred twenty-nine dollars and fifty cents.\n',
      '\nTax (seven point five percent) is extra.',
    ]);
  });

  it('an address and a telephone number', () => {
    const answer = 'We are at 12 Main St., Springfield. Call us at (555) 123-4567, e.g. before 6 p.m. Ask for Dr. Lee.';
    expect(chunks(answer)).toEqual([
      'We are at twelve Main Street, ',
      'Springfield. ',
      'Call us at five five five, one two three, four five six seven, ',
      'for example before six p.m. ',
      'Ask for Doctor Lee.',
    ]);
  });

  it('code between sentences', () => {
    const answer =
      'Run `npm install` first:\n\n```bash\nnpm install --save-exact x\n```\n\nThen open http://localhost:3000/docs.';
    expect(chunks(answer)).toEqual([
      'Run npm install first:\n',
      '\nCode omitted.\n',
      '\nThen open localhost slash docs.',
    ]);
  });

  it('numbered steps', () => {
    const answer = '### Steps\n1. Press **Menu**.\n2. Select _Wi-Fi_, then wait 30 s.\n3. Enter code `482913`.';
    expect(chunks(answer)).toEqual([
      'Steps.\n',
      'one, Press Menu.\n',
      'two, Select Wi-Fi, ',
      'then wait thirty seconds.\n',
      'three, Enter code four eight two nine one three.',
    ]);
  });

  it('a German answer', () => {
    const answer = 'Gerne! Am **5. März** um 19:30 Uhr ist ein Tisch frei. Das Menü kostet 24,90 €, z. B. mit Fisch.';
    expect(chunks(answer, 'de-DE')).toEqual([
      'Gerne! ',
      'Am fünften März um neunzehn Uhr dreißig ist ein Tisch frei. ',
      'Das Menü kostet vierundzwanzig Euro neunzig, zum Beispiel mit Fisch.',
    ]);
  });
});
