import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/sim/virtual-clock.ts';
import { UNINTELLIGIBLE } from '../port.ts';
import { answer, examples, greeting } from './front-desk.ts';
import { intents } from './intents.ts';
import { lead, rules, tail } from './rules.ts';
import { Understanding } from './understand.ts';

const clock = new VirtualClock();
const understanding = new Understanding(intents, { rules, lead, tail });

/** The desk's answers to each of `texts`, said one after another. */
function conversation(...texts: readonly string[]): string[] {
  return texts.map((_, index) => answer(texts.slice(0, index + 1), clock));
}

function intentOf(text: string): string | undefined {
  return understanding.understand(text).at(-1)?.intent.name;
}

describe('the table', () => {
  it.each(intents.flatMap((intent) => intent.examples.map((example) => ({ example, name: intent.name }))))(
    'understands its own example: $example',
    ({ example, name }) => {
      expect(understanding.understand(example).map(({ intent }) => intent.name)).toEqual([name]);
    },
  );

  it('has about sixty intents or more, each with an example and a name of its own', () => {
    expect(intents.length).toBeGreaterThanOrEqual(60);
    expect(new Set(intents.map(({ name }) => name)).size).toBe(intents.length);
    for (const intent of intents) expect(intent.examples).not.toHaveLength(0);
    expect(examples.flatMap(({ sentences }) => sentences)).toHaveLength(
      intents.reduce((sum, intent) => sum + intent.examples.length, 0),
    );
  });

  it('answers in words that a voice can say: no digits, no abbreviations', () => {
    for (const intent of intents) {
      for (const example of intent.examples) expect(answer([example], clock)).toMatch(/^[A-Za-z][^\d;()&/@]*[.?!]$/);
    }
    expect(greeting).not.toMatch(/\d/);
  });

  it('has a story of forty seconds: a hundred and ten words at the least', () => {
    expect(answer(['tell me a long story'], clock).split(' ').length).toBeGreaterThan(130);
  });
});

describe('booking a table', () => {
  it('asks for what is missing, confirms, and books', () => {
    expect(conversation("I'd like to book a table", 'on friday', 'at seven p m', 'for four', 'yes please')).toEqual([
      'With pleasure. For which day would you like it?',
      'A table on Friday, with pleasure. And at what time?',
      'And for how many people?',
      'That is a table for four on Friday at seven p m. Shall I book it?',
      'Wonderful. I have booked a table for four on Friday at seven p m. We look forward to seeing you.',
    ]);
  });

  it('takes everything in one sentence, typed with digits too', () => {
    const said = 'That is a table for four on Friday at seven thirty p m. Shall I book it?';
    expect(conversation('can i book a table for four on friday at seven thirty p m')).toEqual([said]);
    expect(conversation('Could I book a table for 4 on Friday at 7:30 pm, please?')).toEqual([said]);
    expect(conversation('Could I reserve a table for 4 on Friday at 19:30?')).toEqual([said]);
  });

  it('takes a bare number as the answer to what it asked', () => {
    const [, , time, party] = conversation('a table for tonight, can i book a table', 'tonight', 'seven', 'four');
    expect(time).toBe('And for how many people?');
    expect(party).toBe('That is a table for four tonight at seven. Shall I book it?');
  });

  it('changes what the caller corrects', () => {
    const said = conversation('can i book a table for two tomorrow at noon', 'no', 'make it eight', 'yes');
    expect(said.at(-1)).toBe(
      'Wonderful. I have booked a table for two tomorrow at eight. We look forward to seeing you.',
    );
  });

  it('changes and cancels a booking', () => {
    const opening = ['can i book a table for two tomorrow at noon', 'yes'];
    expect(conversation(...opening, 'move my booking to saturday at nine', 'yes').at(-1)).toContain(
      'a table for two on Saturday at nine',
    );
    expect(conversation(...opening, 'cancel my booking', 'when is my booking').slice(-2)).toEqual([
      'All right, I have cancelled a table for two tomorrow at noon. I hope to see you another time.',
      'I have no booking from you yet. Would you like to make one?',
    ]);
  });
});

describe('conversation', () => {
  it('repeats what it said', () => {
    const [said, again] = conversation('where can i park', 'could you say that again');
    expect(again).toBe(said);
  });

  it('answers two sentences in one turn', () => {
    expect(conversation('Hi! Do you have parking?')[0]).toContain('car park');
    expect(conversation('what are your opening hours and do you have parking')[0]).toMatch(
      /Tuesday to Sunday.*car park/,
    );
  });

  it('suggests different sentences each time it does not understand, and each of them is understood', () => {
    const said = conversation('blue elephants fly', UNINTELLIGIBLE, 'xyzzy', '');
    expect(new Set(said).size).toBe(said.length);
    for (const reply of said) {
      const suggestions = reply.slice(reply.indexOf(':') + 1).split(' Or: ');
      expect(suggestions).toHaveLength(2);
      for (const suggestion of suggestions) expect(intentOf(suggestion)).toBeDefined();
    }
  });

  it('is the same every time', () => {
    const texts = ['tell me a joke', 'another joke', 'gibberish of a kind', 'thanks'];
    expect(conversation(...texts)).toEqual(conversation(...texts));
  });
});

describe('free text', () => {
  it.each([
    ['Hey, is there any chance to get a table for 4 on Friday at 7:30pm?', 'book'],
    ['what about vegan stuff', 'vegetarian'],
    ['do you guys have a parking garage', 'parking'],
    ['Is the kitchen still open at ten?', 'kitchen'],
    ['i lost an umbrella', 'lostProperty'],
    ['any discount for my students', 'discount'],
    ['Are you on a bus line?', 'publicTransport'],
    ['Got Wi-Fi?', 'wifi'],
  ])('%s', (text, intent) => {
    expect(intentOf(text)).toBe(intent);
  });

  it.each(['the quick brown fox jumped over the lazy dogs', 'who won the football match yesterday', 'sell me a car'])(
    'does not pretend to understand: %s',
    (text) => {
      expect(intentOf(text)).toBeUndefined();
    },
  );
});
