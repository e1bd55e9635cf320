// A turn as it is told to traces, metrics and the report, once: when its account is final. Types only.
// What nobody knows is absent, never 0.

import type { AccountedTurn } from '../latency/account-ledger.ts';
import type { BargeInAccount } from '../latency/barge-in-account.ts';
import type { DraftAccount } from '../latency/draft-account.ts';
import type { TurnAccount } from '../latency/turn-account.ts';
import type { ReceptionReport } from '../rtp/reports.ts';
import type { CallerTurn, ReplyKind } from '../turns/events.ts';

/** `answer` closes a gap and has an account; all others answer no spoken turn, or began before it was over. */
export type FinishedTurnKind = AccountedTurn['kind'] | Exclude<ReplyKind, 'reply'>;

/** Instants are monotonic (`…AtMs`). */
export interface FinishedTurn {
  readonly kind: FinishedTurnKind;
  /** What the agent said: a `reply`, or one of those kinds. */
  readonly replyKind: ReplyKind;
  /** The caller's turn, from 1; absent where none is answered. */
  readonly number?: number | undefined;
  readonly source?: CallerTurn['source'] | undefined;
  /** The reply was begun. */
  readonly startedAtMs: number;
  /** Its last sound was sent, or it was stopped. */
  readonly endedAtMs: number;
  readonly account?: TurnAccount | undefined;
  /** RTP timestamps (32 bits) of both ends of the gap. Never to be compared: each track has a clock of its own. */
  readonly rtp?: TurnTimestamps | undefined;
  /** Our way to the server alone, when the reply was over; undefined before its first receiver report. */
  readonly ownLeg?: OwnLeg | undefined;
  readonly drafts?: DraftAccount | undefined;
  /** Absent where the reply was a text that was there already. */
  readonly request?: ModelRequest | undefined;
  /** What the model was asked for replies that were prepared for this turn and thrown away. */
  readonly discarded?: readonly ModelRequest[] | undefined;
  readonly toolRuns?: readonly ToolRun[] | undefined;
  /** The caller broke in. */
  readonly bargeIn?: BargeInAccount | undefined;
  readonly words?: TurnWords | undefined;
  /** Why the reply failed. */
  readonly error?: Error | undefined;
}

export interface TurnTimestamps {
  /** Of the end of the caller's speech, on their track as we received it. */
  readonly speechEnd?: number | undefined;
  /** Of the first audible sample, on our track as we sent it. */
  readonly firstAudible?: number | undefined;
}

/** RFC 3550 section 6.4.1: what receiver reports say. */
export type OwnLeg = Pick<ReceptionReport, 'roundTripMs' | 'interarrivalJitterMs' | 'fractionLost'>;

/** What was said; told to nobody unless the settings allow it. */
export interface TurnWords {
  readonly transcript?: string | undefined;
  readonly reply?: string | undefined;
  readonly heardText?: string | undefined;
}

/** All that the model was asked for one reply, its tools and further attempts included. */
export interface ModelRequest {
  readonly requestedAtMs: number;
  /** Of the reply, as text. */
  readonly firstChunkAtMs?: number | undefined;
  /** The last word was there, or nobody wanted more. */
  readonly endedAtMs: number;
  /** As the model counted them; absent where it did not, or was not let finish. */
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly error?: Error | undefined;
}

export interface ToolRun {
  readonly callId: string;
  readonly tool: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** JSON; hold what the caller said. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly failed: boolean;
}
