import { describe, expect, it } from 'vitest';

import { estimatedTokens } from '../turns/history.ts';
import { CountedAttempt, tokensOf } from './token-count.ts';

const usage = { inputTokens: 100, outputTokens: 12 };

describe('the tokens of a reply', () => {
  it('are nothing where nothing was asked', () => {
    expect(tokensOf([])).toBeUndefined();
  });

  it('are as the model counted them, steps between tools added up', () => {
    const attempt = new CountedAttempt(90);
    attempt.wrote('Let me see.');
    attempt.counted(usage);
    attempt.wrote('Yes, there is.');
    attempt.counted({ inputTokens: 130, outputTokens: 8 });
    expect(tokensOf([attempt])).toEqual({ inputTokens: 230, outputTokens: 20, basis: 'counted' });
  });

  it('are estimated where the request was aborted: its prompt costs all the same', () => {
    const attempt = new CountedAttempt(90);
    expect(attempt.tokens).toEqual({ inputTokens: 90, outputTokens: 0, basis: 'estimated' });
    attempt.wrote('Yes, there is a table.');
    const outputTokens = estimatedTokens('Yes, there is a table.');
    expect(attempt.tokens).toEqual({ inputTokens: 90, outputTokens, basis: 'estimated' });
  });

  it('of one that was refused at once are none, and of the attempt after it counted', () => {
    const refused = new CountedAttempt(90);
    refused.failed();
    const answered = new CountedAttempt(90);
    answered.wrote('Yes.');
    answered.counted(usage);
    expect(tokensOf([refused, answered])).toEqual({ ...usage, basis: 'counted' });
  });

  it('of one that failed in mid-sentence are estimated', () => {
    const broken = new CountedAttempt(90);
    broken.wrote('Yes');
    broken.failed();
    expect(tokensOf([broken])).toMatchObject({ inputTokens: 90, basis: 'estimated' });
  });
});
