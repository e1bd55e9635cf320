// The accounts of a call as they become known: provisional while clocks and reports may still say more, amended when they do,
// final at most 5 s after the turn or at hang-up (DESIGN 6). Pure; time is an argument.

import { type TurnAccount, turnAccount, type TurnMarks } from './turn-account.ts';

/** Turns whose answer closes no gap: there was no end of speech to count from, or it was not waited for. */
export type TurnKindWithoutGap = 'greeting' | 'text' | 'dtmf' | 'reprompt' | 'cutIn';

export type AccountStatus = 'provisional' | 'amended' | 'final';

export type AccountedTurn =
  | {
      readonly kind: 'answer';
      readonly replyId: number;
      readonly status: AccountStatus;
      readonly account: TurnAccount;
    }
  | { readonly kind: TurnKindWithoutGap; readonly replyId: number; readonly status: AccountStatus };

/** What is known of a turn at present; asked again when clocks or reports have changed. */
export type MarksOf = () => TurnMarks;

/** Sender reports come every 3 to 5 s, a page reports several times a second. */
const FINAL_AFTER_MS = 5000;
/** Less than this is no news. */
const NEWS_MS = 0.5;

interface OpenTurn {
  readonly replyId: number;
  readonly marksOf: MarksOf | undefined;
  told: AccountedTurn;
  /** When the turn was over; undefined while its answer plays. */
  overAtMs: number | undefined;
}

export class AccountLedger {
  readonly #open = new Map<number, OpenTurn>();

  /** An answer has become audible. Returns its provisional account, or that of a cut-in. */
  answer(replyId: number, marksOf: MarksOf): AccountedTurn {
    const told = accounted(replyId, marksOf, 'provisional');
    this.#open.set(replyId, { replyId, marksOf, told, overAtMs: undefined });
    return told;
  }

  /** A reply of another kind has become audible. */
  withoutGap(replyId: number, kind: TurnKindWithoutGap): AccountedTurn {
    const told: AccountedTurn = { kind, replyId, status: 'provisional' };
    this.#open.set(replyId, { replyId, marksOf: undefined, told, overAtMs: undefined });
    return told;
  }

  /** The reply has ended; its account is final 5 s later. */
  over(replyId: number, nowMs: number): void {
    const turn = this.#open.get(replyId);
    if (turn !== undefined) turn.overAtMs ??= nowMs;
  }

  /** Looks again at what is known: returns the accounts that changed, and those that are final now. */
  poll(nowMs: number): readonly AccountedTurn[] {
    const news: AccountedTurn[] = [];
    for (const turn of this.#open.values()) {
      const isFinal = turn.overAtMs !== undefined && nowMs - turn.overAtMs >= FINAL_AFTER_MS;
      const next = this.#look(turn, isFinal ? 'final' : 'amended');
      if (isFinal || isNews(turn.told, next)) {
        turn.told = next;
        news.push(next);
      }
      if (isFinal) this.#open.delete(turn.replyId);
    }
    return news;
  }

  /** The call is over: whatever is still open is final. */
  close(): readonly AccountedTurn[] {
    const last = [...this.#open.values()].map((turn) => this.#look(turn, 'final'));
    this.#open.clear();
    return last;
  }

  #look({ replyId, marksOf, told }: OpenTurn, status: AccountStatus): AccountedTurn {
    return marksOf === undefined ? { ...told, status } : accounted(replyId, marksOf, status);
  }
}

function accounted(replyId: number, marksOf: MarksOf, status: AccountStatus): AccountedTurn {
  const account = turnAccount(marksOf());
  return account === undefined ? { kind: 'cutIn', replyId, status } : { kind: 'answer', replyId, status, account };
}

function isNews(told: AccountedTurn, next: AccountedTurn): boolean {
  if (told.kind !== 'answer' || next.kind !== 'answer') return told.kind !== next.kind;
  const [before, after] = [told.account, next.account];
  return (
    differs(before.glassToGlassMs, after.glassToGlassMs) ||
    differs(before.errorMs, after.errorMs) ||
    before.basis !== after.basis ||
    before.spans.length !== after.spans.length ||
    before.spans.some(({ ms }, index) => differs(ms, after.spans[index]?.ms))
  );
}

function differs(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return Math.abs(after - before) >= NEWS_MS;
}
