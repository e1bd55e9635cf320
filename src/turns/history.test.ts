import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  estimatedTokens,
  type History,
  type Message,
  type PlacedCall,
  type ToolExchange,
  type ToolOutcome,
  withCall,
  withCaller,
  withHeard,
  withinBudget,
  withLateOutcome,
  withoutLastCaller,
} from './history.ts';

const exchangeWith = (callId: string, outcome: ToolOutcome = { status: 'done', output: 'ok' }): ToolExchange => ({
  role: 'tool',
  callId,
  tool: 'book',
  input: { people: 4 },
  withPrevious: false,
  outcome,
});

const placed = (callId: string, afterCharacters: number): PlacedCall => ({
  exchange: exchangeWith(callId),
  afterCharacters,
});

/** 14 tokens a message, so 28 for an exchange. */
const exchange = (name: string): History =>
  withHeard(withCaller([], `question ${name} `.padEnd(40, '.')), `answer ${name} `.padEnd(40, '.'), false);

const texts = (history: History): string[] =>
  history.map((entry) => (entry.role === 'tool' ? entry.tool : entry.text.replace(/ ?\.*$/, '')));

describe('withinBudget', () => {
  it('leaves a history alone that fits', () => {
    const history = [...exchange('1'), ...exchange('2')];
    expect(withinBudget(history, { maxTokens: 56 })).toBe(history);
  });

  it('drops the oldest exchanges, down to half of the budget', () => {
    const history = ['1', '2', '3', '4', '5'].flatMap(exchange);
    // 140 of 120 tokens: over the budget since the fifth question, and then down to 60.
    expect(texts(withinBudget(history, { maxTokens: 120 }))).toEqual([
      'question 4',
      'answer 4',
      'question 5',
      'answer 5',
    ]);
  });

  it('drops a greeting first', () => {
    const history = [...withHeard([], 'Good evening.', false), ...exchange('1'), ...exchange('2')];
    expect(texts(withinBudget(history, { maxTokens: 60 }))[0]).toBe('question 2');
  });

  it('keeps the last exchange, however large', () => {
    const long = 'word '.repeat(1000);
    const history = withCaller(exchange('1'), long);
    expect(withinBudget(history, { maxTokens: 10 })).toEqual([{ role: 'user', text: long }]);
    expect(withinBudget(withHeard(history, long, true), { maxTokens: 10 })).toHaveLength(2);
  });
});

describe('a reply that called tools', () => {
  it('has them in the history where they stood in its text', () => {
    const history = withHeard([], 'Let me see. One moment. You are booked.', false, [placed('a', 12), placed('b', 24)]);
    expect(history).toEqual([
      { role: 'assistant', text: 'Let me see.', interrupted: false },
      exchangeWith('a'),
      { role: 'assistant', text: 'One moment.', interrupted: false },
      exchangeWith('b'),
      { role: 'assistant', text: 'You are booked.', interrupted: false },
    ]);
  });

  it('has them also where the caller interrupted before them, or heard nothing at all', () => {
    expect(withHeard([], 'Let me', true, [placed('a', 12)])).toEqual([
      { role: 'assistant', text: 'Let me', interrupted: true },
      exchangeWith('a'),
    ]);
    expect(withHeard([], '', true, [placed('a', 12)])).toEqual([exchangeWith('a')]);
  });

  it('leaves them behind when its question is taken back', () => {
    const history = withHeard(withCaller([], 'a table for four'), '', true, [placed('a', 0)]);
    expect(withoutLastCaller(history)).toEqual([exchangeWith('a')]);
    expect(withoutLastCaller(withCaller(withHeard([], 'Hello.', false), 'yes'))).toHaveLength(1);
  });

  it('has each call once, with what came of it in the end', () => {
    const running = exchangeWith('a', { status: 'running' });
    const calls = withCall(withCall([], { exchange: running, afterCharacters: 3 }), placed('a', 3));
    expect(calls).toEqual([placed('a', 3)]);
    const late = exchangeWith('a', { status: 'failed', reason: 'late' });
    expect(withLateOutcome([running, ...withCaller([], 'hello')], late)).toEqual([late, ...withCaller([], 'hello')]);
    expect(withLateOutcome([late], exchangeWith('a'))).toEqual([exchangeWith('a')]);
    expect(withLateOutcome([exchangeWith('a')], running), 'another call of the same name').toHaveLength(2);
  });
});

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('user' as const), text: fc.string({ maxLength: 60 }) }),
  fc.record({ role: fc.constant('assistant' as const), text: fc.string({ maxLength: 60 }), interrupted: fc.boolean() }),
  fc.record({
    role: fc.constant('tool' as const),
    callId: fc.string({ maxLength: 9 }),
    tool: fc.constantFrom('book', 'look'),
    input: fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 60 }), { maxKeys: 2 }),
    withPrevious: fc.boolean(),
    outcome: fc.oneof(
      fc.constant({ status: 'running' as const }),
      fc.record({ status: fc.constant('done' as const), output: fc.string({ maxLength: 60 }) }),
    ),
  }),
);
const histories = fc.array(message, { maxLength: 60 });
const budgets = fc.integer({ min: 0, max: 300 });

const tokensOf = (history: History): number =>
  history.reduce((sum, entry) => {
    if (entry.role !== 'tool') return sum + 4 + estimatedTokens(entry.text);
    return sum + 8 + estimatedTokens(entry.tool + JSON.stringify(entry.input) + JSON.stringify(entry.outcome));
  }, 0);
const callerCount = (history: History): number => history.filter(({ role }) => role === 'user').length;

describe('any history within any budget', () => {
  it('ends as it did, and begins with a message of the caller where something was dropped', () => {
    fc.assert(
      fc.property(histories, budgets, (history, maxTokens) => {
        const kept = withinBudget(history, { maxTokens });
        expect(kept).toEqual(history.slice(history.length - kept.length));
        expect(kept === history || kept[0]?.role === 'user').toBe(true);
      }),
    );
  });

  it('fits, or is one exchange', () => {
    fc.assert(
      fc.property(histories, budgets, (history, maxTokens) => {
        const kept = withinBudget(history, { maxTokens });
        // Nothing of a greeting can be dropped before a caller has said something.
        expect(tokensOf(kept) <= maxTokens || callerCount(kept) <= 1).toBe(true);
      }),
    );
  });

  it('only grows until it is cut, and is then cut by much', () => {
    fc.assert(
      fc.property(histories, budgets, (history, maxTokens) => {
        let startBefore = 0;
        for (const [index] of history.entries()) {
          const grown = history.slice(0, index + 1);
          const kept = withinBudget(grown, { maxTokens });
          const start = grown.length - kept.length;
          expect(start).toBeGreaterThanOrEqual(startBefore);
          const isCutByMuch = tokensOf(kept) <= maxTokens / 2 || callerCount(kept) === 1;
          expect(start === startBefore || isCutByMuch).toBe(true);
          startBefore = start;
        }
      }),
    );
  });
});

describe('any reply with any tools', () => {
  const replies = fc.record({
    words: fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 12 }),
    places: fc.array(fc.nat({ max: 100 }), { maxLength: 5 }),
    interrupted: fc.boolean(),
  });

  it('enters the history with all that was heard and each tool once, in order, marked as interrupted once at most', () => {
    fc.assert(
      fc.property(replies, ({ words, places, interrupted }) => {
        const heardText = words.join(' ');
        const calls = places
          .toSorted((one, other) => one - other)
          .map((afterCharacters, index) => ({ exchange: exchangeWith(`${index}`), afterCharacters }));
        const history = withHeard([], heardText, interrupted, calls);
        const spoken = history.filter((entry) => entry.role === 'assistant');
        expect(spoken.map(({ text }) => text.replaceAll(' ', '')).join('')).toBe(words.join(''));
        expect(spoken.filter((entry) => entry.interrupted)).toHaveLength(interrupted && heardText !== '' ? 1 : 0);
        expect(spoken.slice(0, -1).some((entry) => entry.interrupted)).toBe(false);
        const called = history.filter((entry) => entry.role === 'tool').map(({ callId }) => callId);
        expect(called).toEqual(calls.map((_, index) => `${index}`));
      }),
    );
  });
});

describe('estimatedTokens', () => {
  it.each([
    { text: '', tokens: 0 },
    { text: 'Hello there!', tokens: 3 },
    { text: 'naïve façade', tokens: 3 },
    { text: '今日は', tokens: 3 },
    { text: 'Привет', tokens: 6 },
  ])('takes "$text" for $tokens', ({ text, tokens }) => {
    expect(estimatedTokens(text)).toBe(tokens);
  });
});
