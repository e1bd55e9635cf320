// The accounts of a call as they become known: provisional while clocks and reports may still say more, amended when they do,
// final at most 5 s after the turn or at hang-up (DESIGN 6). Pure; time is an argument.

import { type BargeInAccount, bargeInAccount, type BargeInMarks } from './barge-in-account.ts';
import { type TurnAccount, turnAccount, type TurnMarks } from './turn-account.ts';

/** Turns whose answer closes no gap: there was no end of speech to count from, or it was not waited for. */
export type TurnKindWithoutGap = 'greeting' | 'text' | 'dtmf' | 'reprompt' | 'cutIn';

export type AccountStatus = 'provisional' | 'amended' | 'final';

interface Accounted {
  readonly replyId: number;
  readonly status: AccountStatus;
  /** The caller ended the reply by speaking. */
  readonly bargeIn?: BargeInAccount;
}

export type AccountedTurn =
  | (Accounted & { readonly kind: 'answer'; readonly account: TurnAccount })
  | (Accounted & { readonly kind: TurnKindWithoutGap });

/** What is known of a turn at present; asked again when clocks or reports have changed. */
export type MarksOf = () => TurnMarks;
/** The same of how the caller broke in. */
export type BargeInMarksOf = () => BargeInMarks | undefined;

/**
 * The first look so late after the turn tells it for good; looks are a second apart. What was heard, a page has reported within
 * two; a sender report comes every 3 to 5 s, and the caller's speech was over before the answer.
 */
const FINAL_AFTER_MS = 4000;
/** Less than this is no news. */
const NEWS_MS = 0.5;

interface OpenTurn {
  readonly replyId: number;
  readonly marksOf: MarksOf | undefined;
  bargeInMarksOf: BargeInMarksOf | undefined;
  told: AccountedTurn;
  /** When the turn was over; undefined while its answer plays. */
  overAtMs: number | undefined;
}

export class AccountLedger {
  readonly #open = new Map<number, OpenTurn>();

  /** Whether every account is final. */
  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** An answer has become audible. Returns its provisional account, or that of a cut-in. */
  answer(replyId: number, marksOf: MarksOf): AccountedTurn {
    const told = accounted(replyId, marksOf, 'provisional');
    this.#open.set(replyId, { replyId, marksOf, bargeInMarksOf: undefined, told, overAtMs: undefined });
    return told;
  }

  /** A reply of another kind has become audible. */
  withoutGap(replyId: number, kind: TurnKindWithoutGap): AccountedTurn {
    const told: AccountedTurn = { kind, replyId, status: 'provisional' };
    this.#open.set(replyId, { replyId, marksOf: undefined, bargeInMarksOf: undefined, told, overAtMs: undefined });
    return told;
  }

  /** The reply has ended, perhaps because the caller spoke; its account is final 5 s later at most. */
  over(replyId: number, nowMs: number, bargeInMarksOf?: BargeInMarksOf): void {
    const turn = this.#open.get(replyId);
    if (turn === undefined) return;
    turn.overAtMs ??= nowMs;
    turn.bargeInMarksOf ??= bargeInMarksOf;
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

  #look({ replyId, marksOf, bargeInMarksOf, told }: OpenTurn, status: AccountStatus): AccountedTurn {
    const turn = marksOf === undefined ? { ...told, status } : accounted(replyId, marksOf, status);
    const marks = bargeInMarksOf?.();
    const bargeIn = marks && bargeInAccount(marks);
    return bargeIn === undefined ? turn : { ...turn, bargeIn };
  }
}

function accounted(replyId: number, marksOf: MarksOf, status: AccountStatus): AccountedTurn {
  const account = turnAccount(marksOf());
  return account === undefined ? { kind: 'cutIn', replyId, status } : { kind: 'answer', replyId, status, account };
}

function isNews(told: AccountedTurn, next: AccountedTurn): boolean {
  const { bargeIn } = next;
  if (differs(told.bargeIn?.bargeInMs, bargeIn?.bargeInMs) || told.bargeIn?.basis !== bargeIn?.basis) return true;
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
