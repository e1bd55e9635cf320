// Turns for the tests of what is made of them.

import type { CallTurn } from './call-turns.ts';
import type { GapAccount, TurnAccount } from './turn-accounts.ts';
import type { TurnReport } from './turn-reports.ts';

/** As the agent accounts for an answer of 500 ms; `more` differs. */
export function gapAccount(more: Partial<GapAccount> = {}): GapAccount {
  const spans = [
    { name: 'uplink', startAtMs: 1000, ms: 30, errorMs: 8 },
    { name: 'recognition', startAtMs: 1030, ms: 100, errorMs: 0 },
    { name: 'generation', startAtMs: 1130, ms: 350, errorMs: 0 },
    { name: 'downlink', startAtMs: 1480, ms: 20, errorMs: 4 },
  ];
  return {
    glassToGlassMs: 500,
    errorMs: 12,
    responseMs: 450,
    basis: 'reported',
    spans,
    unknown: [],
    hidden: [],
    savedMs: 0,
    ...more,
  };
}

export function answered(turn: number, account: GapAccount, more: Partial<CallTurn> = {}): CallTurn {
  return {
    key: `turn-${turn}`,
    turn,
    report: said(turn),
    account: { kind: 'answer', status: 'final', replyId: turn, turn, account },
    acoustic: undefined,
    ...more,
  };
}

export function withoutGap(kind: string, turn?: number): CallTurn {
  const account: TurnAccount = { kind, status: 'final', replyId: 100, turn, account: undefined };
  return { key: `${kind}-${turn}`, turn, report: undefined, account, acoustic: undefined };
}

export function said(turn: number, more: Partial<TurnReport> = {}): TurnReport {
  return {
    turn,
    kind: 'reply',
    source: 'voice',
    responseMs: 440,
    openerMs: undefined,
    spans: [],
    transcript: `question ${turn}`,
    reply: 'yes',
    heardText: 'yes',
    error: undefined,
    ...more,
  };
}

export const heard = (ms: number) => ({ ms, errorMs: 30, speechEndAtMs: 1000, audibleAtMs: 1000 + ms });
