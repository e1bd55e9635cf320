import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { defineAgent, type AgentOptions } from '../agent.ts';
import { StageError } from '../lib/errors.ts';
import { type Service, type ServiceUse, SpeculationLimits, type SpeculativeUrgency } from './speculation.ts';

const tooMany = (retryAfterMs?: number): StageError =>
  new StageError('LLM', 'too many', { retryable: true, limitReached: true, retryAfterMs });

function bounded(speculation: AgentOptions['speculation'] = {}): {
  readonly clock: VirtualClock;
  readonly limits: SpeculationLimits;
  readonly givenUp: string[];
  readonly begin: (
    name: string,
    urgency?: SpeculativeUrgency,
    more?: { service?: Service; tokens?: number },
  ) => ServiceUse | undefined;
} {
  const clock = new VirtualClock();
  const limits = new SpeculationLimits(defineAgent({ speculation }).speculation, clock);
  const givenUp: string[] = [];
  return {
    clock,
    limits,
    givenUp,
    begin: (name, urgency = 'draft', { service = 'llm', tokens = 0 } = {}) =>
      limits.tryBegin(service, urgency, { tokens, onGivenUp: () => givenUp.push(name) }),
  };
}

describe('speculative work', () => {
  it('gets what committed work leaves, but for one place', () => {
    const { limits, begin } = bounded({ llmRequests: 4 });
    const answer = limits.commit('llm');
    const first = begin('first');
    expect(first).toBeDefined();
    expect(begin('second')).toBeDefined();
    expect(begin('third')).toBeUndefined();
    answer.end();
    expect(begin('third')).toBeDefined();
    first?.end();
    first?.end();
    expect(begin('fourth')).toBeDefined();
    expect(begin('fifth'), 'a place is free once, however often it was left').toBeUndefined();
  });

  it('is counted for each service by itself', () => {
    const { begin } = bounded({ llmRequests: 2, ttsContexts: 2 });
    expect(begin('words')).toBeDefined();
    expect(begin('voice', 'draft', { service: 'tts' })).toBeDefined();
    expect(begin('more words')).toBeUndefined();
    expect(begin('more voice', 'draft', { service: 'tts' })).toBeUndefined();
  });

  it('is never begun where there is one place', () => {
    expect(bounded({ llmRequests: 1 }).begin('draft')).toBeUndefined();
  });

  it('makes room for committed work once that takes more than its own place, the newest first', () => {
    const { limits, begin, givenUp } = bounded({ llmRequests: 4 });
    for (const name of ['one', 'two', 'three']) begin(name);
    limits.commit('llm');
    expect(givenUp).toEqual([]);
    limits.commit('llm');
    expect(givenUp).toEqual(['three']);
    for (let answers = 0; answers < 5; answers += 1) limits.commit('llm');
    expect(givenUp).toEqual(['three', 'two', 'one']);
  });

  it('that has become the answer is not given up, and takes room itself', () => {
    const { limits, begin, givenUp } = bounded({ llmRequests: 3 });
    const draft = begin('committed');
    begin('other');
    draft?.commit();
    limits.commit('llm');
    expect(givenUp).toEqual([]);
    limits.commit('llm');
    limits.commit('llm');
    expect(givenUp).toEqual(['other']);
  });

  it('for what may be said next makes room for a draft on what was said, and never the other way round', () => {
    const { begin, givenUp } = bounded({ llmRequests: 3 });
    begin('guess', 'anticipation');
    begin('other guess', 'anticipation');
    expect(begin('a third guess', 'anticipation')).toBeUndefined();
    expect(begin('draft')).toBeDefined();
    expect(givenUp).toEqual(['other guess']);
    expect(begin('second draft')).toBeDefined();
    expect(begin('guess', 'anticipation')).toBeUndefined();
    expect(givenUp).toEqual(['other guess', 'guess']);
  });

  it('can wait for its place: drafts first, then whoever came first', () => {
    const { limits, begin } = bounded({ ttsContexts: 2 });
    const order: string[] = [];
    const uses: ServiceUse[] = [];
    const wait = (name: string, urgency: SpeculativeUrgency): (() => void) =>
      limits.whenFree('tts', urgency, {
        onGivenUp: () => undefined,
        onFree: (use) => {
          order.push(name);
          uses.push(use);
        },
      });
    const first = begin('first', 'draft', { service: 'tts' });
    wait('guess', 'anticipation');
    const giveUpWaiting = wait('impatient', 'draft');
    wait('draft', 'draft');
    giveUpWaiting();
    expect(order).toEqual([]);
    first?.end();
    expect(order).toEqual(['draft']);
    uses[0]?.end();
    expect(order).toEqual(['draft', 'guess']);
  });
});

describe('tokens', () => {
  it('of all requests count for a minute, and refuse speculative work alone', async () => {
    const { clock, limits, begin } = bounded({ tokensPerMinute: 1000 });
    limits.spend(600);
    await clock.advance(30_000);
    limits.spend(300);
    expect(begin('too long', 'draft', { tokens: 101 })).toBeUndefined();
    expect(begin('short', 'draft', { tokens: 100 })).toBeDefined();
    await clock.advance(30_000);
    expect(begin('too long', 'draft', { tokens: 101 })).toBeDefined();
    limits.spend(5000);
    expect(begin('any')).toBeUndefined();
    expect(begin('voice', 'draft', { service: 'tts' }), 'speech costs no tokens').toBeDefined();
    expect(() => limits.commit('llm')).not.toThrow();
  });
});

describe('a service that refuses for its limits', () => {
  it('is left alone for a while, by speculative work of this service', async () => {
    const { clock, limits, begin } = bounded({ offMs: 30_000 });
    limits.limitReached('llm', tooMany(), 'draft');
    expect(begin('draft')).toBeUndefined();
    expect(begin('voice', 'draft', { service: 'tts' })).toBeDefined();
    await clock.advance(29_999);
    expect(begin('draft')).toBeUndefined();
    await clock.advance(1);
    expect(begin('draft')).toBeDefined();
  });

  it('is left alone for as long as it asks, and not shorter for a second refusal', async () => {
    const { clock, limits, begin } = bounded({ offMs: 30_000 });
    limits.limitReached('llm', tooMany(5000), 'draft');
    limits.limitReached('llm', tooMany(100), 'draft');
    await clock.advance(4999);
    expect(begin('draft')).toBeUndefined();
    await clock.advance(1);
    expect(begin('draft')).toBeDefined();
  });

  it('gets no more speculative work to do where it refused what somebody waits for', () => {
    const { limits, begin, givenUp } = bounded();
    begin('one');
    begin('two');
    limits.limitReached('llm', tooMany(), 'draft');
    expect(givenUp).toEqual([]);
    limits.limitReached('llm', tooMany(), 'committed');
    expect(givenUp).toEqual(['two', 'one']);
  });
});

describe('whatever begins, is committed and ends, in any order', () => {
  const happenings = fc.array(
    fc.record({
      what: fc.constantFrom('anticipation', 'draft', 'draft', 'answer', 'answer', 'commit', 'end', 'end', 'wait'),
      which: fc.nat(9),
    }),
    { minLength: 10, maxLength: 60, size: 'max' },
  );

  it('there is no more than may be, but for answers; these are never given up, and all else once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), happenings, (ttsContexts, order) => {
        const { limits } = bounded({ ttsContexts });
        const work: { readonly use: ServiceUse; isAnswer: boolean }[] = [];
        const speculative = (begin: (onGivenUp: () => void) => ServiceUse | undefined): void => {
          const known: { use: ServiceUse | undefined } = { use: undefined };
          known.use = begin(() => {
            const at = work.findIndex(({ use }) => use === known.use);
            expect(work[at]).toMatchObject({ isAnswer: false });
            work.splice(at, 1);
          });
          if (known.use === undefined) return;
          work.push({ use: known.use, isAnswer: false });
          expect(work.length, 'one place stays free').toBeLessThan(ttsContexts);
        };
        for (const { what, which } of order) {
          const chosen = work[which % Math.max(1, work.length)];
          switch (what) {
            case 'anticipation':
            case 'draft':
              speculative((onGivenUp) => limits.tryBegin('tts', what, { onGivenUp }));
              break;
            case 'wait':
              limits.whenFree('tts', 'draft', {
                onGivenUp: () => undefined,
                onFree: (use) => use.end(),
              });
              break;
            case 'answer':
              work.push({ use: limits.commit('tts'), isAnswer: true });
              break;
            case 'commit':
              if (chosen !== undefined) chosen.isAnswer = true;
              chosen?.use.commit();
              break;
            case 'end':
              if (chosen !== undefined) work.splice(work.indexOf(chosen), 1);
              chosen?.use.end();
              break;
          }
          const answers = work.filter(({ isAnswer }) => isAnswer).length;
          expect(work.length).toBeLessThanOrEqual(Math.max(ttsContexts, answers));
        }
      }),
      { numRuns: 300 },
    );
  });
});
