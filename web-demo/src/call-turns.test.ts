import { describe, expect, it } from 'vitest';

import {
  type CallTurn,
  comparableAcoustic,
  turnsAfterAccount,
  turnsAfterHearing,
  turnsAfterReport,
} from './call-turns.ts';
import type { AcousticGap } from './ear/call-ear.ts';
import type { TurnAccount } from './turn-accounts.ts';
import type { TurnReport } from './turn-reports.ts';

const report = (turn: number, more: Partial<TurnReport> = {}): TurnReport => ({
  turn,
  kind: 'reply',
  source: 'voice',
  responseMs: undefined,
  openerMs: undefined,
  spans: [],
  transcript: '',
  reply: undefined,
  heardText: undefined,
  error: undefined,
  ...more,
});
const account = (replyId: number, turn?: number, more: Partial<TurnAccount> = {}): TurnAccount => ({
  kind: 'answer',
  status: 'provisional',
  replyId,
  turn,
  account: undefined,
  ...more,
});
const heard: AcousticGap = { ms: 700, errorMs: 20, speechEndAtMs: 1000, audibleAtMs: 1700 };
const none: readonly CallTurn[] = [];

describe('turns of a call', () => {
  it('put together what is said, accounted for and heard of one turn, in any order', () => {
    const reportFirst = turnsAfterAccount(turnsAfterReport(none, report(1)), account(2, 1));
    const accountFirst = turnsAfterReport(turnsAfterAccount(none, account(2, 1)), report(1));
    expect(reportFirst).toEqual(accountFirst);
    expect(turnsAfterHearing(reportFirst, 2, heard)).toMatchObject([{ key: 'turn-1', turn: 1, acoustic: heard }]);
  });

  it('replace an account in its place, and keep what was heard of the same reply', () => {
    const two = turnsAfterAccount(turnsAfterAccount(none, account(2, 1)), account(3, 2));
    const amended = turnsAfterAccount(turnsAfterHearing(two, 2, heard), account(2, 1, { status: 'final' }));
    expect(amended.map(({ turn, account: one, acoustic }) => [turn, one?.status, acoustic])).toEqual([
      [1, 'final', heard],
      [2, 'provisional', undefined],
    ]);
  });

  it('hold the last reply to a turn, whatever comes late of an earlier one', () => {
    const first = turnsAfterHearing(turnsAfterAccount(none, account(2, 1)), 2, heard);
    const second = turnsAfterAccount(first, account(3, 1));
    expect(second).toMatchObject([{ account: { replyId: 3 }, acoustic: undefined }]);
    expect(turnsAfterAccount(second, account(2, 1, { status: 'final' }))).toBe(second);
    expect(turnsAfterHearing(second, 2, heard)).toBe(second);
  });

  it('show what answers no turn for itself', () => {
    const greeted = turnsAfterAccount(none, account(1, undefined, { kind: 'greeting' }));
    const prompted = turnsAfterAccount(greeted, account(2, undefined, { kind: 'reprompt' }));
    expect(prompted.map(({ key, turn }) => [key, turn])).toEqual([
      ['reply-1', undefined],
      ['reply-2', undefined],
    ]);
  });

  it('compare what was heard with the account of the same thing only', () => {
    const [answered] = turnsAfterHearing(turnsAfterAccount(none, account(2, 1)), 2, heard);
    if (answered === undefined) throw new Error('no turn');
    expect(comparableAcoustic(answered)).toBe(heard);
    expect(comparableAcoustic({ ...answered, report: report(1, { openerMs: 300 }) })).toBeUndefined();
    expect(comparableAcoustic({ ...answered, account: account(2, 1, { kind: 'cutIn' }) })).toBeUndefined();
  });
});
