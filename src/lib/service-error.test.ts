import { describe, expect, it } from 'vitest';

import { retryAfterMs, serviceError } from './service-error.ts';

const refusal = { stage: 'STT', service: 'Deepgram', keyName: 'DEEPGRAM_API_KEY' } as const;

describe('serviceError', () => {
  it.each([
    { status: undefined, retryable: true, says: /could not be reached.*base URL/ },
    { status: 400, retryable: false, says: /answered 400.*settings/ },
    { status: 401, retryable: false, says: /DEEPGRAM_API_KEY/ },
    { status: 402, retryable: false, says: /credit/ },
    { status: 404, retryable: false, says: /model/ },
    { status: 429, retryable: true, says: /limit/ },
    { status: 500, retryable: true, says: /try again/ },
    { status: 503, retryable: true, says: /try again/ },
  ])('says what $status means and whether to try again', ({ status, retryable, says }) => {
    const error = serviceError({ ...refusal, status }, 0);
    expect(error).toMatchObject({ name: 'StageError', code: 'STT', retryable });
    expect(error.message).toMatch(says);
  });

  it('quotes what the service said, within reason', () => {
    expect(serviceError({ ...refusal, status: 400, said: ' no such model ' }, 0).message).toMatch(/: no such model\. /);
    expect(serviceError({ ...refusal, status: 400, said: 'x'.repeat(10_000) }, 0).message.length).toBeLessThan(500);
  });

  it('passes on how long the service asks us to wait', () => {
    expect(serviceError({ ...refusal, status: 429, retryAfter: '2' }, 0)).toMatchObject({ retryAfterMs: 2000 });
  });
});

describe('a refusal for the limits of the account', () => {
  it('says so to programs, and nothing else does', () => {
    expect(serviceError({ ...refusal, status: 429 }, 0).limitReached).toBe(true);
    expect(serviceError({ ...refusal, status: 503 }, 0).limitReached).toBe(false);
  });

  it('that no waiting mends asks for credit', () => {
    const error = serviceError({ ...refusal, status: 429, code: 'insufficient_quota', said: 'Quota exceeded' }, 0);
    expect(error).toMatchObject({ retryable: false, limitReached: true });
    expect(error.message).toMatch(/answered 429: Quota exceeded.*no credit left: top it up/);
    expect(error.message).not.toMatch(/wait/);
  });
});

describe('retryAfterMs', () => {
  it('reads seconds and dates, and nothing else', () => {
    const epochMs = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMs('3', epochMs)).toBe(3000);
    expect(retryAfterMs('0.5', epochMs)).toBe(500);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', epochMs)).toBe(10_000);
    expect(retryAfterMs('Thu, 01 Jan 2020 00:00:10 GMT', epochMs)).toBe(0);
    expect(retryAfterMs('soon', epochMs)).toBeUndefined();
    expect(retryAfterMs(null, epochMs)).toBeUndefined();
  });
});
