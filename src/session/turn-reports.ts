// The account of each turn, as it is logged and shown on the page (data topic `repartee.turn`, JSON).

import { responseAccount } from '../latency/response-account.ts';
import type { ResponseAccount, Span } from '../latency/response-account.ts';
import type { Logger } from '../lib/log.ts';
import type { Room } from '../room/port.ts';
import type { CallerTurn, ReplyKind } from '../turns/events.ts';
import type { CallerLink } from './caller-link.ts';
import type { ReplyInProgress } from './reply-in-progress.ts';

const TOPIC = 'repartee.turn';

export interface TurnReport {
  /** Counts from 1; absent for what answers no turn, as a greeting. A later report on the same turn replaces the earlier one. */
  readonly turn?: number;
  readonly kind: ReplyKind;
  readonly source?: CallerTurn['source'];
  /** What the caller said. */
  readonly transcript?: string;
  /** What the agent wanted to say, as the model wrote it; absent while it is still being spoken. */
  readonly reply?: string;
  /** Why the reply failed, if it did; for people. */
  readonly error?: string;
  /** What the caller has heard of the reply; absent while it is still being spoken. */
  readonly heardText?: string;
  /** From the arrival of the last voiced audio to the first audible packet; absent for typed turns, keys and greetings. */
  readonly responseMs?: number;
  /** Contiguous parts of `responseMs`. */
  readonly spans: readonly Span[];
}

export interface TurnReportsOptions {
  readonly log: Logger;
  readonly onTurn?: (report: TurnReport) => void;
}

export class TurnReports {
  readonly #room: Room;
  readonly #options: TurnReportsOptions;
  #current: { readonly replyId: number; readonly report: TurnReport } | undefined;

  constructor(room: Room, options: TurnReportsOptions) {
    this.#room = room;
    this.#options = options;
  }

  /** The reply's first audible packet was sent. */
  audible(inProgress: ReplyInProgress, link: CallerLink | undefined): void {
    const report: TurnReport = { ...beginning(inProgress), ...accountOf(inProgress, link) };
    this.#current = { replyId: inProgress.reply.id, report };
    this.#publish(report);
  }

  /** The reply is over. */
  over(replyId: number, heardText: string, inProgress: ReplyInProgress | undefined): void {
    if (inProgress?.reply.id !== replyId) return;
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
    const { turn, kind, responseMs, spans } = report;
    this.#options.log.info('turn answered', {
      turn,
      kind,
      responseMs: responseMs === undefined ? undefined : Math.round(responseMs),
      ...totals(spans),
    });
  }

  #publish(report: TurnReport): void {
    this.#options.onTurn?.(report);
    this.#room.sendData(new TextEncoder().encode(JSON.stringify(report)), { topic: TOPIC, reliable: true });
  }
}

/** For a line of the log: a name may stand for several spans. */
function totals(spans: readonly Span[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { name, ms } of spans) sums.set(name, (sums.get(name) ?? 0) + ms);
  return Object.fromEntries([...sums].map(([name, ms]) => [name.replaceAll(' ', '-'), Math.round(ms)]));
}

function beginning({ reply: { kind, turn } }: ReplyInProgress): TurnReport {
  return {
    kind,
    ...(turn && { turn: turn.number, source: turn.source, transcript: turn.text }),
    spans: [],
  };
}

function accountOf({ reply, marks }: ReplyInProgress, link: CallerLink | undefined): ResponseAccount | undefined {
  const { turn } = reply;
  const { startedAtMs, releasedAtMs, firstChunkAtMs, firstAudioAtMs, audibleSentAtMs } = marks;
  if (turn?.endTimestamp === undefined || firstChunkAtMs === undefined) return undefined;
  if (firstAudioAtMs === undefined || audibleSentAtMs === undefined) return undefined;
  const end = link?.endOfSpeech(turn.endTimestamp);
  if (end === undefined) return undefined;
  return responseAccount({
    speechEndArrivedAtMs: end.arrivedAtMs,
    decidedAtMs: turn.decidedAtMs,
    committedAtMs: turn.committedAtMs,
    draft: releasedAtMs === undefined ? undefined : { startedAtMs, releasedAtMs },
    firstChunkAtMs,
    firstAudioAtMs,
    audibleSentAtMs,
  });
}
