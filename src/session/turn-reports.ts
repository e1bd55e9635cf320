// The account of each turn, as it is logged and shown on the page (data topic `repartee.turn`, JSON).

import type { BargeInMarksOf } from '../latency/account-ledger.ts';
import { responseAccount } from '../latency/response-account.ts';
import type { ResponseAccount, Span } from '../latency/response-account.ts';
import type { Logger } from '../lib/log.ts';
import type { Room } from '../room/port.ts';
import type { CallerTurn, ReplyKind } from '../turns/events.ts';
import type { CallObserver } from '../telemetry/call-telemetry.ts';
import type { CallerLink } from './caller-link.ts';
import { FinishedTurns, type OverReply } from './finished-turns.ts';
import type { ReplyInProgress } from './reply-in-progress.ts';
import { TurnAccounts, type TurnAccountsOptions } from './turn-accounts.ts';

const TOPIC = 'repartee.turn';

export interface TurnReport {
  /** Counts from 1; absent for what answers no turn, as a greeting. A later report on the same turn replaces the earlier one. */
  readonly turn?: number;
  readonly kind: ReplyKind;
  readonly source?: CallerTurn['source'];
  /** It was prepared before the caller began to speak. */
  readonly anticipated?: true;
  /** What the caller said. */
  readonly transcript?: string;
  /** It was answered before the final transcript had come. */
  readonly unconfirmed?: true;
  /** What the agent wanted to say, as the model wrote it; absent while it is still being spoken. */
  readonly reply?: string;
  /** Why the reply failed, if it did; for people. */
  readonly error?: string;
  /** What the caller has heard of the reply; absent while it is still being spoken. */
  readonly heardText?: string;
  /**
   * From the arrival of the last voiced audio to the first audible packet; an opener doesn't count. Absent for typed turns, keys
   * and greetings, and as long as only the opener was heard.
   */
  readonly responseMs?: number;
  /** The same to the first audible packet of the opener; absent where the reply has none. */
  readonly openerMs?: number;
  /** Contiguous parts of `responseMs`. */
  readonly spans: readonly Span[];
}

export interface TurnReportsOptions extends TurnAccountsOptions {
  /** Told of each turn once its account is final. */
  readonly observer?: Pick<CallObserver, 'turn'> | undefined;
  readonly log: Logger;
  readonly onTurn?: (report: TurnReport) => void;
}

interface EndByCaller {
  readonly bargeIn: BargeInMarksOf | undefined;
}

export class TurnReports {
  readonly #room: Room;
  readonly #options: TurnReportsOptions;
  readonly #accounts: TurnAccounts;
  readonly #finished: FinishedTurns | undefined;
  #current: { readonly replyId: number; readonly report: TurnReport; readonly hasContent: boolean } | undefined;

  constructor(room: Room, options: TurnReportsOptions) {
    this.#room = room;
    this.#options = options;
    this.#finished = options.observer && new FinishedTurns(options.observer);
    this.#accounts = new TurnAccounts(room, {
      ...options,
      onAccount: (account) => {
        options.onAccount?.(account);
        this.#finished?.account(account);
      },
    });
  }

  /** The reply's first audible packet was sent. */
  audible(inProgress: ReplyInProgress, link: CallerLink | undefined): void {
    const report: TurnReport = { ...beginning(inProgress), ...accountOf(inProgress, link) };
    const hasContent = inProgress.marks.audibleSentAtMs !== undefined;
    if (hasContent) this.#accounts.audible(inProgress, link);
    this.#current = { replyId: inProgress.reply.id, report, hasContent };
    this.#publish(report);
  }

  /** The reply plays: what follows its opener may have become audible. */
  progress(inProgress: ReplyInProgress, link: CallerLink | undefined): void {
    const { reply, marks } = inProgress;
    const awaitsContent = this.#current?.replyId === reply.id && !this.#current.hasContent;
    if (awaitsContent && marks.audibleSentAtMs !== undefined) this.audible(inProgress, link);
  }

  /** The reply is over. `discarded`: what was prepared for its turn in vain; `bargeIn`: where the caller ended it by speaking. */
  over(
    inProgress: ReplyInProgress,
    { heardText, link, discarded, bargeIn }: Pick<OverReply, 'heardText' | 'link' | 'discarded'> & EndByCaller,
  ): void {
    const { id: replyId } = inProgress.reply;
    const begun = this.#current?.replyId === replyId ? this.#current.report : beginning(inProgress);
    const { failure, writtenText } = inProgress;
    const report: TurnReport = {
      ...begun,
      heardText,
      reply: writtenText,
      ...(failure && { error: failure.message }),
    };
    this.#current = undefined;
    this.#publish(report);
    const endedAtMs = this.#options.clock.nowMs();
    this.#finished?.over({
      inProgress,
      heardText,
      link,
      discarded,
      ownLeg: this.#room.receptionReport,
      endedAtMs,
      isAccounted: this.#accounts.has(replyId),
    });
    this.#accounts.over(replyId, bargeIn);
    const { turn, kind, responseMs, openerMs, spans } = report;
    this.#options.log.info('turn answered', {
      turn,
      kind,
      responseMs: rounded(responseMs),
      openerMs: rounded(openerMs),
      ...totals(spans),
    });
  }

  /** The call is over. Idempotent. */
  close(): void {
    this.#accounts.close();
  }

  #publish(report: TurnReport): void {
    this.#options.onTurn?.(report);
    this.#room.sendData(new TextEncoder().encode(JSON.stringify(report)), { topic: TOPIC, reliable: true });
  }
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

/** For a line of the log: a name may stand for several spans. */
function totals(spans: readonly Span[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { name, ms } of spans) sums.set(name, (sums.get(name) ?? 0) + ms);
  return Object.fromEntries([...sums].map(([name, ms]) => [name.replaceAll(' ', '-'), Math.round(ms)]));
}

function beginning({ reply: { kind, turn }, isAnticipated }: ReplyInProgress): TurnReport {
  return {
    kind,
    ...(turn && { turn: turn.number, source: turn.source, transcript: turn.text }),
    ...(turn?.unconfirmed && { unconfirmed: true }),
    ...(isAnticipated && { anticipated: true }),
    spans: [],
  };
}

function accountOf(
  { reply, marks }: ReplyInProgress,
  link: CallerLink | undefined,
): Partial<ResponseAccount> & Pick<TurnReport, 'openerMs'> {
  const { turn } = reply;
  const { startedAtMs, releasedAtMs, openerSentAtMs, firstChunkAtMs, firstAudioAtMs, audibleSentAtMs } = marks;
  const end = turn?.endTimestamp === undefined ? undefined : link?.endOfSpeech(turn.endTimestamp);
  if (turn === undefined || end === undefined) return {};
  const opener = openerSentAtMs === undefined ? {} : { openerMs: Math.max(0, openerSentAtMs - end.arrivedAtMs) };
  if (firstChunkAtMs === undefined || firstAudioAtMs === undefined || audibleSentAtMs === undefined) return opener;
  const account = responseAccount({
    speechEndArrivedAtMs: end.arrivedAtMs,
    decidedAtMs: turn.decidedAtMs,
    committedAtMs: turn.committedAtMs,
    draft: releasedAtMs === undefined ? undefined : { startedAtMs, releasedAtMs },
    firstChunkAtMs,
    firstAudioAtMs,
    audibleSentAtMs,
  });
  return { ...account, ...opener };
}
