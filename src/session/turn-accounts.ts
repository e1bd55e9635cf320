// The accounts of a conversation's turns: made as replies become audible, amended as clocks and the caller's page tell more, and
// told each time (data topic `repartee.account`, JSON).

import {
  AccountLedger,
  type AccountedTurn,
  type BargeInMarksOf,
  type TurnKindWithoutGap,
} from '../latency/account-ledger.ts';
import type { BargeInAccount } from '../latency/barge-in-account.ts';
import type { BoundedInstant } from '../latency/bounded.ts';
import type { HeardMarks, TurnAccount, TurnMarks } from '../latency/turn-account.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { Ticker } from '../lib/ticker.ts';
import type { Room } from '../room/port.ts';
import type { CallerLink } from './caller-link.ts';
import type { ReplyInProgress } from './reply-in-progress.ts';

/** Data topic of the accounts. */
export const ACCOUNT_TOPIC = 'repartee.account';
/** As often as a page reports; `AccountLedger` counts on it. */
const LOOK_PERIOD_MS = 1000;
/** What is done in the same step of the turn engine lies closer together than this. */
const SAME_STEP_MS = 2;

/** An account, with the number of the caller's turn (from 1) where one is answered. */
export type ReportedAccount = AccountedTurn & { readonly turn: number | undefined };

export interface TurnAccountsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each account: provisional, amended, final. */
  readonly onAccount?: (account: ReportedAccount) => void;
}

export class TurnAccounts {
  readonly #room: Pick<Room, 'sendData'>;
  readonly #options: TurnAccountsOptions;
  readonly #ledger = new AccountLedger();
  readonly #turns = new Map<number, number | undefined>();
  /** Looks again at what is known, while an account is open. */
  #ticker: Ticker | undefined;
  #closed = false;

  constructor(room: Pick<Room, 'sendData'>, options: TurnAccountsOptions) {
    this.#room = room;
    this.#options = options;
  }

  /** The content of a reply has become audible. */
  audible(inProgress: ReplyInProgress, link: CallerLink | undefined): void {
    const { id, turn } = inProgress.reply;
    if (this.#closed || this.#turns.has(id)) return;
    const marksOf = link && marksFor(inProgress, link);
    const kind = kindOf(inProgress);
    if (marksOf === undefined && kind === undefined) return;
    this.#turns.set(id, turn?.number);
    if (kind !== undefined) this.#tell(this.#ledger.withoutGap(id, kind));
    else if (marksOf !== undefined) this.#tell(this.#ledger.answer(id, marksOf));
    this.#ticker ??= new Ticker(this.#options.clock, LOOK_PERIOD_MS, () => this.#look());
  }

  /** Whether there is an account of it, or will be. */
  has(replyId: number): boolean {
    return this.#turns.has(replyId);
  }

  /** The reply is over; `bargeInMarksOf`: where the caller ended it by speaking. */
  over(replyId: number, bargeInMarksOf: BargeInMarksOf | undefined): void {
    this.#ledger.over(replyId, this.#options.clock.nowMs(), bargeInMarksOf);
  }

  /** The call is over: all that is open is told for good. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#rest();
    for (const account of this.#ledger.close()) this.#tell(account);
  }

  #rest(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  #look(): void {
    for (const account of this.#ledger.poll(this.#options.clock.nowMs())) this.#tell(account);
    if (this.#ledger.isEmpty) this.#rest();
  }

  #tell(account: AccountedTurn): void {
    const reported: ReportedAccount = { ...account, turn: this.#turns.get(account.replyId) };
    this.#options.onAccount?.(reported);
    if (reported.kind === 'answer' && reported.status === 'final') this.#log(reported.turn, reported.account);
    if (reported.bargeIn !== undefined && reported.status === 'final')
      this.#logBargeIn(reported.turn, reported.bargeIn);
    this.#room.sendData(new TextEncoder().encode(JSON.stringify(reported)), { topic: ACCOUNT_TOPIC, reliable: true });
  }

  #log(turn: number | undefined, { glassToGlassMs, errorMs, responseMs, basis, savedMs, spans }: TurnAccount): void {
    this.#options.log.info('what the caller waited for', {
      turn,
      glassToGlassMs: rounded(glassToGlassMs),
      errorMs: rounded(errorMs),
      responseMs: rounded(responseMs),
      savedMs: rounded(savedMs),
      basis,
      spans: inWords(spans),
    });
  }

  #logBargeIn(turn: number | undefined, { bargeInMs, errorMs, basis, spans }: BargeInAccount): void {
    this.#options.log.info('how long the caller heard the agent after breaking in', {
      turn,
      bargeInMs: rounded(bargeInMs),
      errorMs: rounded(errorMs),
      basis,
      spans: inWords(spans),
    });
  }
}

/** Undefined for an answer to something that was said. */
function kindOf({ reply: { kind, turn } }: ReplyInProgress): TurnKindWithoutGap | undefined {
  if (kind === 'greeting' || kind === 'reprompt') return kind;
  return turn === undefined || turn.source === 'voice' ? undefined : turn.source;
}

/** Undefined where the reply answers nothing that has an end. */
function marksFor({ reply, marks, isAnticipated }: ReplyInProgress, link: CallerLink): (() => TurnMarks) | undefined {
  const { turn } = reply;
  const { startedAtMs, releasedAtMs, firstChunkAtMs, firstAudioAtMs, audibleSentAtMs, audibleRtpTimestamp } = marks;
  const end = turn?.endTimestamp === undefined ? undefined : link.endOfSpeech(turn.endTimestamp);
  if (turn === undefined || end === undefined || firstChunkAtMs === undefined || firstAudioAtMs === undefined) {
    return undefined;
  }
  if (audibleSentAtMs === undefined || audibleRtpTimestamp === undefined) return undefined;
  const { clocks } = link;
  let speechEnd: BoundedInstant | undefined;
  let heard: HeardMarks | undefined;
  const words = link.wordsToldBefore(isAnticipated ? turn.committedAtMs : startedAtMs);
  const transcriptAtMs = words?.atMs ?? turn.committedAtMs;
  const known = {
    speechEndArrivedAtMs: end.arrivedAtMs,
    speechEndDecodedAtMs: end.decodedAtMs,
    couldDecideAtMs: turn.decidedAtMs,
    decidedBy: Math.abs(turn.decidedAtMs - transcriptAtMs) < SAME_STEP_MS ? 'words' : 'silence',
    transcriptAtMs,
    transcribed: words?.onRequest === true && transcriptAtMs > turn.decidedAtMs ? 'onDecision' : 'asSpoken',
    prepared: releasedAtMs === undefined ? 'onDecision' : isAnticipated ? 'anticipated' : 'draft',
    requestedAtMs: startedAtMs,
    firstChunkAtMs,
    readyAtMs: firstAudioAtMs,
    audibleSentAtMs,
  } as const;
  return () => {
    // What clocks and page know of an instant is forgotten after half a minute; a bound that was right stays right.
    speechEnd = surer(speechEnd, clocks.endOfSpeech(end), (instant) => instant);
    heard = surerHearing(heard, clocks.heard(audibleRtpTimestamp, audibleSentAtMs));
    return { ...known, speechEnd, heard };
  };
}

function surer<T>(before: T | undefined, now: T | undefined, instantOf: (known: T) => BoundedInstant): T | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return instantOf(now).errorMs <= instantOf(before).errorMs ? now : before;
}

/** A report is not to be replaced by an estimate, whatever their bounds. */
function surerHearing(before: HeardMarks | undefined, now: HeardMarks | undefined): HeardMarks | undefined {
  if (before !== undefined && now !== undefined && before.basis !== now.basis) {
    return before.basis === 'reported' ? before : now;
  }
  return surer(before, now, ({ played }) => played);
}

function inWords(spans: readonly { readonly name: string; readonly ms: number }[]): string {
  return spans.map(({ name, ms }) => `${name} ${rounded(ms)}`).join(', ');
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}
