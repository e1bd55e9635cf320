// The turns of a call as the page knows them: what was said, what the agent accounts for, and what the page heard itself.
// Pure; each piece comes when it comes, and a later one replaces what was known before.

import type { AcousticGap } from './ear/call-ear.ts';
import type { TurnAccount } from './turn-accounts.ts';
import type { TurnReport } from './turn-reports.ts';

export interface CallTurn {
  /** Stays the same as more becomes known. */
  readonly key: string;
  /** Of the caller's turn, from 1; undefined for what answers none, as a greeting. */
  readonly turn: number | undefined;
  readonly report: TurnReport | undefined;
  /** Of the latest reply to the turn. */
  readonly account: TurnAccount | undefined;
  /** Of the same reply. */
  readonly acoustic: AcousticGap | undefined;
}

/** Takes what was said. */
export function turnsAfterReport(turns: readonly CallTurn[], report: TurnReport): readonly CallTurn[] {
  const { turn } = report;
  const known = turns.find((one) => one.turn === turn);
  return replaced(turns, { ...(known ?? newTurn(`turn-${turn}`, turn)), report });
}

/** Takes an account. Of several replies to a turn (the caller had gone on) the last one counts. */
export function turnsAfterAccount(turns: readonly CallTurn[], account: TurnAccount): readonly CallTurn[] {
  const { turn, replyId } = account;
  const known = turns.find((one) => (turn === undefined ? one.account?.replyId === replyId : one.turn === turn));
  const earlierId = known?.account?.replyId;
  if (earlierId !== undefined && earlierId > replyId) return turns;
  const next = known ?? newTurn(turn === undefined ? `reply-${replyId}` : `turn-${turn}`, turn);
  return replaced(turns, { ...next, account, acoustic: earlierId === replyId ? next.acoustic : undefined });
}

/** Takes what was heard of a reply whose account has come before. */
export function turnsAfterHearing(
  turns: readonly CallTurn[],
  replyId: number,
  acoustic: AcousticGap,
): readonly CallTurn[] {
  const known = turns.find(({ account }) => account?.replyId === replyId);
  return known === undefined ? turns : replaced(turns, { ...known, acoustic });
}

/** What was heard, where it is the same as what is accounted for: an opener is heard before the answer. */
export function comparableAcoustic({ report, account, acoustic }: CallTurn): AcousticGap | undefined {
  return account?.kind === 'answer' && report?.openerMs === undefined ? acoustic : undefined;
}

function newTurn(key: string, turn: number | undefined): CallTurn {
  return { key, turn, report: undefined, account: undefined, acoustic: undefined };
}

function replaced(turns: readonly CallTurn[], next: CallTurn): readonly CallTurn[] {
  return turns.some(({ key }) => key === next.key)
    ? turns.map((turn) => (turn.key === next.key ? next : turn))
    : [...turns, next];
}
