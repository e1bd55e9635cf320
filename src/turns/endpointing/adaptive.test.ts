import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { english } from '../../../test/fixtures/endpointing/english.ts';
import { german } from '../../../test/fixtures/endpointing/german.ts';
import { half } from '../../../test/fixtures/endpointing/labelled.ts';
import type { Labelled } from '../../../test/fixtures/endpointing/labelled.ts';
import type { TurnSoFar } from '../endpointing.ts';
import { adaptiveEndpointing, hasEndpointingRules } from './adaptive.ts';

const BOUNDS = { minSilenceMs: 150, maxSilenceMs: 2500 };
const policies = {
  en: adaptiveEndpointing({ language: 'en-GB', ...BOUNDS }),
  de: adaptiveEndpointing({ language: 'de', ...BOUNDS }),
  fi: adaptiveEndpointing({ language: 'fi-FI', ...BOUNDS }),
};
type Known = keyof typeof policies;

function silenceMs(text: string, more: Partial<TurnSoFar> = {}, language: Known = 'en'): number {
  return policies[language]({ text, rejected: false, ...more });
}

function shareOf(list: readonly Labelled[], language: Known, fits: (ms: number) => boolean): number {
  const silences = list.map((one) =>
    typeof one === 'string' ? silenceMs(one, {}, language) : silenceMs(one.said, { agentSaid: one.asked }, language),
  );
  return silences.filter(fits).length / silences.length;
}

describe('the silence that ends a turn', () => {
  it.each(['yes', 'No.', 'yes please', 'okay', "that's right", 'Yes, I did.', 'no thanks'])(
    'is shortest after a plain answer to a question by yes or no: %s',
    (text) => {
      expect(silenceMs(text, { agentSaid: 'A table for two. Shall I book it?' })).toBeLessThanOrEqual(250);
    },
  );

  it.each([
    ['yes, and', 'Shall I book it?'],
    ['no the', 'Is that right?'],
    ['okay so', 'Shall I go on?'],
    ['yes but could you', 'Shall I book it?'],
  ])('is long after an answer that goes on: %s', (text, agentSaid) => {
    expect(silenceMs(text, { agentSaid })).toBeGreaterThanOrEqual(1200);
  });

  it.each([
    ['friday', 'For which day?'],
    ['on the third of march', 'When would you like to come?'],
    ['seven thirty', 'At what time?'],
    ['four', 'How many people?'],
    ['94103', 'What is your zip code?'],
    ['Ann Miller', 'And your name, please?'],
  ])('is short after the answer to what was asked: %s', (text, agentSaid) => {
    expect(silenceMs(text, { agentSaid })).toBeLessThanOrEqual(420);
  });

  it.each([
    'What time do you open?',
    'what time do you close on sundays',
    'can I pay by card',
    "I'd like to cancel my booking",
    'my internet is not working',
    'please call me tomorrow',
    "I can't log in",
    'what is it about',
    'which one do you recommend',
    'when I press the button the screen stays black',
    'on the third of May I guess',
    'about two weeks ago I think',
    'I want that',
    'thank you goodbye',
  ])('is about as long as a gap between speakers after a complete clause: %s', (text) => {
    expect(silenceMs(text)).toBeGreaterThanOrEqual(200);
    expect(silenceMs(text)).toBeLessThanOrEqual(450);
  });

  it.each([
    "i'd like to book a table for",
    'I want to',
    'my flight was cancelled and',
    'um',
    'so, um,',
    'let me see',
    'Hold on.',
    'what time do you',
    'my name is',
    'tomorrow at',
    'when I try to log in',
    'because the last time I called',
    'when I press the button on the',
    'when I press the button on the left',
    'I am looking for a coat that',
    'do you have a room which',
  ])('is long after words that want others: %s', (text) => {
    expect(silenceMs(text)).toBeGreaterThanOrEqual(1200);
  });

  it('is neither where nothing is known', () => {
    for (const text of ['', '…?!', '   ']) expect(silenceMs(text)).toBeLessThanOrEqual(BOUNDS.maxSilenceMs);
    expect(silenceMs('')).toBe(600);
    expect(silenceMs('yes', { rejected: true })).toBe(600);
  });
});

describe('dictation is not cut', () => {
  const spoken = 'four one five five five five two six seven one'.split(' ');

  it.each(spoken.slice(1).map((_, index) => spoken.slice(0, index + 1).join(' ')))(
    'a telephone number that was asked for, after "%s"',
    (text) => {
      expect(silenceMs(text, { agentSaid: 'What is your phone number?' })).toBeGreaterThanOrEqual(1200);
    },
  );

  it('a telephone number is complete with its last digit, said or written, in one piece or in groups', () => {
    for (const text of [spoken.join(' '), '4155552671', '415-555-2671', '415 555 2671.', '+1 415 555 2671']) {
      expect(silenceMs(text, { agentSaid: 'What is your phone number?' })).toBeLessThanOrEqual(420);
      expect(silenceMs(`my number is ${text}`)).toBeLessThanOrEqual(420);
    }
  });

  it.each(['415', '415 555.', 'double five one', 'my number is 4 1 5', 'the card number is 4111 1111', '0171'])(
    'digits with more to come, whatever the punctuation: %s',
    (text) => {
      expect(silenceMs(text, { agentSaid: 'Which number can I write down? Your phone number?' })).toBeGreaterThan(1200);
    },
  );

  it.each(['s', 'S M', 'm-i-l', 'b as in bravo l', "it's spelled m a c", 'double l'])(
    'a name that is being spelled: %s',
    (text) => {
      expect(silenceMs(text, { agentSaid: 'Could you spell that, please?' })).toBeGreaterThanOrEqual(1200);
    },
  );

  it('a spelled name is complete where the letters are those of a name said before', () => {
    expect(silenceMs('Smith, S M I T')).toBeGreaterThanOrEqual(1200);
    expect(silenceMs('Smith, S M I T H')).toBeLessThanOrEqual(420);
  });

  it.each([
    'my email is',
    'my email is ann',
    'ann dot',
    'ann dot lee',
    'ann dot lee at',
    'ann.lee at gmail',
    'ann@mail',
  ])('an e-mail address: %s', (text) => {
    expect(silenceMs(text, { agentSaid: 'What is your e-mail address?' })).toBeGreaterThanOrEqual(1200);
  });

  it('an e-mail address is complete with its domain', () => {
    for (const text of ['ann dot lee at gmail dot com', 'ann@example.org.', "it's ann.lee at example dot co dot uk"]) {
      expect(silenceMs(text, { agentSaid: 'What is your e-mail address?' })).toBeLessThanOrEqual(420);
    }
  });

  it.each([
    'call me back on zero seven five six zero seven',
    'my new number is zero eight seven nine one three four',
    'zero eight nine four four nine six eight',
  ])('a telephone number that nobody asked for: %s', (text) => {
    expect(silenceMs(text)).toBeGreaterThanOrEqual(1200);
  });

  it('a German telephone number that nobody asked for', () => {
    for (const text of ['rufen Sie mich bitte unter null drei null', 'meine neue Nummer ist null eins sieben zwei']) {
      expect(silenceMs(text, {}, 'de')).toBeGreaterThanOrEqual(1200);
    }
  });

  it.each([
    ['my reference is five five four eight one two', 'en'],
    ['n o w a k', 'en'],
    ['seven four nine three one six', 'en'],
    ['meine Kundennummer ist sieben vier neun drei eins sechs', 'de'],
  ] as const)('what may be complete, and has no length of its own, is given some 800 ms: %s', (text, language) => {
    expect(silenceMs(text, {}, language)).toBeGreaterThanOrEqual(700);
    expect(silenceMs(text, {}, language)).toBeLessThanOrEqual(850);
  });

  it.each([
    ['Fourone five five five five two six seven one', 'four one five five five five two six seven one'],
    ['my card number isfour one two', 'my card number is four one two'],
    ['p at e l', 'p a t e l'],
    ['C h er', 'c h e r'],
    ['my e-mail is ann at webdot com', 'my e-mail is ann at web dot com'],
    ['my e-mail is ann at web dotcom', 'my e-mail is ann at web dot com'],
    ['my insu rance number is two', 'my insurance number is two'],
  ])('is counted by what was said, not by the gaps of the recogniser: %s', (heard, said) => {
    expect(silenceMs(heard)).toBe(silenceMs(said));
  });

  it.each([
    ["I don't have one", 'What is your phone number?'],
    ['the same as before', 'What is your e-mail address?'],
    ['call me at 7', undefined],
    ['I want to transfer 20000', undefined],
    ['we need two rooms for 4 people on march 12 2026', undefined],
    ['I like ice', undefined],
    ['I will be there at 7 p m', undefined],
  ])('what only looks like it does not wait: %s', (text, agentSaid) => {
    expect(silenceMs(text, { agentSaid })).toBeLessThanOrEqual(700);
  });
});

describe('punctuation, the recogniser and the caller', () => {
  it('a comma or a dash holds the turn open, a question mark closes it', () => {
    for (const text of ['the blue one', 'yes', 'on friday']) {
      expect(silenceMs(`${text},`)).toBeGreaterThan(silenceMs(text));
      expect(silenceMs(`${text}...`)).toBeGreaterThan(silenceMs(text));
      expect(silenceMs(`${text}?`)).toBeLessThan(silenceMs(text));
    }
  });

  it('a full stop closes no clause that is open', () => {
    expect(silenceMs("I'd like to book a.")).toBeGreaterThanOrEqual(1200);
  });

  it('an ending that sounds complete shortens the silence where the words leave it open, not where they want others', () => {
    const sounding = { soundComplete: 0.97 };
    expect(silenceMs('on friday', sounding)).toBeLessThanOrEqual(0.85 * silenceMs('on friday'));
    expect(silenceMs('', sounding)).toBeLessThan(silenceMs(''));
    for (const text of ['I want the', 'my number is five five five', 'a table for', 'n o w a k']) {
      expect(silenceMs(text, sounding)).toBe(silenceMs(text));
    }
  });

  it('an ending that sounds incomplete lengthens it, least where the words are clear', () => {
    const sounding = { soundComplete: 0.02 };
    expect(silenceMs('on friday', sounding)).toBeGreaterThanOrEqual(1.5 * silenceMs('on friday'));
    const yes = { agentSaid: 'Shall I book it?' };
    expect(silenceMs('yes', { ...yes, ...sounding })).toBeGreaterThan(silenceMs('yes', yes));
    expect(silenceMs('yes', { ...yes, ...sounding })).toBeLessThanOrEqual(400);
  });

  it('a sound that tells nothing changes nothing, and one that is certain no more than one that is nearly so', () => {
    expect(silenceMs('on friday', { soundComplete: 0.5 })).toBe(silenceMs('on friday'));
    expect(silenceMs('on friday', { soundComplete: 1 })).toBe(silenceMs('on friday', { soundComplete: 0.97 }));
    expect(silenceMs('on friday', { soundComplete: 0 })).toBe(silenceMs('on friday', { soundComplete: 0.02 }));
  });

  it('a caller who pauses long is given more time, and one who never does less; clear words count for more', () => {
    const slow = { innerPausesMs: [1200, 1400, 1000, 1300] };
    const quick = { innerPausesMs: [220, 250, 240, 230] };
    expect(silenceMs('on friday', slow)).toBeGreaterThan(1.2 * silenceMs('on friday'));
    expect(silenceMs('on friday', quick)).toBeLessThan(silenceMs('on friday'));
    const asked = { agentSaid: 'Shall I book it?' };
    expect(silenceMs('yes', { ...asked, ...slow })).toBeLessThanOrEqual(250);
  });

  it('words that do not cover the voice yet are not trusted', () => {
    expect(silenceMs('yes', { uncoveredMs: 400 })).toBe(600);
    expect(silenceMs('yes', { uncoveredMs: 60 })).toBe(silenceMs('yes'));
    expect(silenceMs('a table for', { uncoveredMs: 400 })).toBe(silenceMs('a table for'));
  });

  it('in a language without rules decide alone', () => {
    expect([hasEndpointingRules('fi-FI'), hasEndpointingRules('multi'), hasEndpointingRules('en')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(silenceMs('huomenta', {}, 'fi')).toBe(600);
    expect(silenceMs('mitä kuuluu?', {}, 'fi')).toBeLessThanOrEqual(450);
    expect(silenceMs('no,', {}, 'fi')).toBeGreaterThanOrEqual(1200);
  });
});

describe('labelled pauses', () => {
  it.each([
    ['en', english],
    ['de', german],
  ] as const)(
    '%s: few incomplete turns are ended within 900 ms, few complete ones later than after 700 ms',
    (language, set) => {
      for (const which of ['known', 'heldOut'] as const) {
        const incomplete = half(set.incomplete, which);
        const complete = half(set.complete, which);
        expect(
          shareOf(incomplete, language, (ms) => ms < 900),
          `${which}, cut`,
        ).toBeLessThanOrEqual(0.05);
        expect(
          shareOf(complete, language, (ms) => ms > 700),
          `${which}, slow`,
        ).toBeLessThanOrEqual(0.05);
        expect(
          shareOf(complete, language, (ms) => ms <= 450),
          `${which}, fast`,
        ).toBeGreaterThanOrEqual(0.9);
      }
    },
  );
});

describe('whatever the words are', () => {
  const words = fc.constantFrom(
    ...'yes and the i want four 555 s at dot email because friday um if what'.split(' '),
    ...'und weil kann ich null punkt . , ? @ - ß 日本 é'.split(' '),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 30 }).map((list) => list.join(' ')),
  );
  const turns = fc.record({
    text: texts,
    rejected: fc.boolean(),
    uncoveredMs: fc.integer({ min: -500, max: 5000 }),
    agentSaid: fc.option(texts, { nil: undefined }),
    innerPausesMs: fc.array(fc.integer({ min: 200, max: 3000 }), { maxLength: 10 }),
    soundComplete: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  });
  const language = fc.constantFrom<Known>('en', 'de', 'fi');

  it('the silence is within its bounds, and the same for the same turn', () => {
    fc.assert(
      fc.property(turns, turns, language, (turn, other, tag) => {
        const before = policies[tag](turn);
        expect(before).toBeGreaterThanOrEqual(BOUNDS.minSilenceMs);
        expect(before).toBeLessThanOrEqual(BOUNDS.maxSilenceMs);
        policies[tag](other);
        expect(policies[tag](turn)).toBe(before);
      }),
    );
  });

  it('longer pauses of the caller never shorten it, and a more complete sound never lengthens it', () => {
    fc.assert(
      fc.property(turns, language, fc.double({ min: 0, max: 1, noNaN: true }), (turn, tag, soundComplete) => {
        const slower = { ...turn, innerPausesMs: turn.innerPausesMs.map((pauseMs) => pauseMs + 300) };
        expect(policies[tag](slower)).toBeGreaterThanOrEqual(policies[tag](turn));
        const sounding = (complete: number) => policies[tag]({ ...turn, soundComplete: complete });
        const lower = turn.soundComplete ?? 0.5;
        expect(sounding(Math.max(soundComplete, lower))).toBeLessThanOrEqual(sounding(Math.min(soundComplete, lower)));
      }),
    );
  });

  it('narrower bounds are kept', () => {
    const policy = adaptiveEndpointing({ language: 'en', minSilenceMs: 400, maxSilenceMs: 1000 });
    expect(policy({ text: 'yes', rejected: false })).toBe(400);
    expect(policy({ text: 'I want the', rejected: false })).toBe(1000);
  });
});

describe('an answer that was expected', () => {
  const seats = { agentSaid: 'Would you like a window or an aisle seat?' };

  it('is taken for whole soon after its final is usually there, whatever its words say', () => {
    const silences = ['window', 'by the window', 'yes', 'Yes.'].map((text) =>
      silenceMs(text, { ...seats, expected: true }),
    );
    for (const ms of silences) expect(ms).toBeGreaterThanOrEqual(250);
    for (const ms of silences) expect(ms).toBeLessThanOrEqual(300);
    expect(silenceMs('window', seats)).toBeGreaterThan(300);
  });

  it('is waited for where a mark says that it goes on, or a word may be missing', () => {
    expect(silenceMs('yes,', { ...seats, expected: true })).toBe(silenceMs('yes,', seats));
    expect(silenceMs('window', { ...seats, expected: true, uncoveredMs: 400 })).toBeGreaterThan(400);
  });
});
