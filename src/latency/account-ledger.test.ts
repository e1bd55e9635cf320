import { describe, expect, it } from 'vitest';

import { AccountLedger } from './account-ledger.ts';
import type { TurnMarks } from './turn-account.ts';

const seen: TurnMarks = {
  speechEnd: undefined,
  speechEndArrivedAtMs: 1040,
  speechEndDecodedAtMs: 1040,
  couldDecideAtMs: 1400,
  decidedBy: 'silence',
  transcriptAtMs: 1200,
  transcribed: 'asSpoken',
  prepared: 'onDecision',
  requestedAtMs: 1400,
  firstChunkAtMs: 1700,
  readyAtMs: 1800,
  audibleSentAtMs: 1801,
  heard: undefined,
};
const known: TurnMarks = {
  ...seen,
  speechEnd: { atMs: 1010, errorMs: 5 },
  heard: { delivered: undefined, played: { atMs: 1850, errorMs: 3 }, basis: 'reported' },
};

describe('AccountLedger', () => {
  it('tells at once what is known, again when more is, and for good 5 s after the turn', () => {
    const ledger = new AccountLedger();
    let marks = seen;
    expect(ledger.answer(1, () => marks)).toMatchObject({ status: 'provisional', account: { basis: 'unknown' } });
    expect(ledger.poll(2000)).toEqual([]);
    marks = known;
    expect(ledger.poll(2500)).toMatchObject([{ status: 'amended', account: { basis: 'reported' } }]);
    expect(ledger.poll(2600)).toEqual([]);
    ledger.over(1, 4000);
    expect(ledger.poll(7999)).toEqual([]);
    expect(ledger.isEmpty).toBe(false);
    expect(ledger.poll(8000)).toMatchObject([{ replyId: 1, status: 'final', account: { basis: 'reported' } }]);
    expect(ledger.isEmpty).toBe(true);
    expect(ledger.poll(20_000)).toEqual([]);
  });

  it('is not final while the answer plays, however long', () => {
    const ledger = new AccountLedger();
    ledger.answer(1, () => known);
    expect(ledger.poll(60_000)).toEqual([]);
  });

  it('ends all that is open at hang-up, once', () => {
    const ledger = new AccountLedger();
    ledger.withoutGap(1, 'greeting');
    ledger.over(1, 1000);
    ledger.answer(2, () => known);
    expect(ledger.close().map(({ kind, status }) => [kind, status])).toEqual([
      ['greeting', 'final'],
      ['answer', 'final'],
    ]);
    expect(ledger.close()).toEqual([]);
  });

  it('calls an answer a cut-in once it is known that it was heard before the end of speech', () => {
    const ledger = new AccountLedger();
    let marks = seen;
    ledger.answer(1, () => marks);
    marks = { ...known, heard: { delivered: undefined, played: { atMs: 900, errorMs: 3 }, basis: 'reported' } };
    expect(ledger.poll(2000)).toEqual([{ kind: 'cutIn', replyId: 1, status: 'amended' }]);
  });
});
