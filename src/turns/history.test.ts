import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { estimatedTokens, type History, type Message, withCaller, withHeard, withinBudget } from './history.ts';

/** 14 tokens a message, so 28 for an exchange. */
const exchange = (name: string): History =>
  withHeard(withCaller([], `question ${name} `.padEnd(40, '.')), `answer ${name} `.padEnd(40, '.'), false);

const texts = (history: History): string[] => history.map(({ text }) => text.replace(/ ?\.*$/, ''));

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

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('user' as const), text: fc.string({ maxLength: 60 }) }),
  fc.record({ role: fc.constant('assistant' as const), text: fc.string({ maxLength: 60 }), interrupted: fc.boolean() }),
);
const histories = fc.array(message, { maxLength: 60 });
const budgets = fc.integer({ min: 0, max: 300 });

const tokensOf = (history: History): number => history.reduce((sum, { text }) => sum + 4 + estimatedTokens(text), 0);
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
