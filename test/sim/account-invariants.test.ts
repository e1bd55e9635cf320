import { describe, expect, it } from 'vitest';

import type { AccountedTurn } from '../../src/latency/account-ledger.ts';
import type { TurnAccount } from '../../src/latency/turn-account.ts';
import { faultsOfAccount, faultsOfBargeIn, noteAccount, takeAccountFaults } from './account-invariants.ts';

const account: TurnAccount = {
  glassToGlassMs: 500,
  errorMs: 8,
  responseMs: 400,
  basis: 'reported',
  spans: [
    { name: 'uplink', startAtMs: 1000, ms: 100, errorMs: 4 },
    { name: 'decision', startAtMs: 1100, ms: 400, errorMs: 4 },
  ],
  unknown: [],
  hidden: [{ name: 'generation', startAtMs: 900, ms: 50 }],
  savedMs: 50,
};
const [uplink, decision] = account.spans;
if (uplink === undefined || decision === undefined) throw new Error('two spans');

describe('the check of accounts', () => {
  it('finds nothing wrong with a right one', () => {
    expect(faultsOfAccount(account)).toEqual([]);
    const spans = [{ name: 'uplink', startAtMs: 0, ms: 500, errorMs: 8 }] as const;
    expect(faultsOfBargeIn({ bargeInMs: 500, errorMs: 8, basis: 'reported', spans })).toEqual([]);
    expect(faultsOfBargeIn({ bargeInMs: undefined, errorMs: undefined, basis: 'unknown', spans: [] })).toEqual([]);
  });

  it.each<[string, Partial<TurnAccount>]>([
    ['a sum that is not the gap', { glassToGlassMs: 501 }],
    ['a hole between two spans', { spans: [uplink, { ...decision, startAtMs: 1101, ms: 399 }], glassToGlassMs: 499 }],
    [
      'a span of no length',
      {
        spans: [
          { ...uplink, ms: 0 },
          { ...decision, startAtMs: 1000 },
        ],
        glassToGlassMs: 400,
      },
    ],
    ['a figure without a basis', { basis: 'unknown', unknown: ['downlink', 'receiver'] }],
    ['a basis without a figure', { glassToGlassMs: undefined, errorMs: undefined }],
    ['a bound that is missing', { errorMs: undefined }],
    [
      'a span that nobody knows',
      { unknown: ['uplink'], basis: 'unknown', glassToGlassMs: undefined, errorMs: undefined },
    ],
    ['hidden work of no length', { hidden: [{ name: 'generation', startAtMs: 900, ms: 0 }] }],
  ])('finds %s', (_name, wrong) => {
    expect(faultsOfAccount({ ...account, ...wrong })).not.toEqual([]);
  });

  it('keeps what was wrong with what the room was told', () => {
    const turn: AccountedTurn = { kind: 'answer', replyId: 1, status: 'final', account: { ...account, errorMs: -1 } };
    noteAccount(new TextEncoder().encode(JSON.stringify(turn)));
    expect(takeAccountFaults()).toEqual([expect.stringContaining('a bound of -1')]);
    expect(takeAccountFaults()).toEqual([]);
  });
});
