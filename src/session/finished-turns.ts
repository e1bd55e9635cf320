// Turns as they are told to traces and metrics: once each, when the reply is over and its account is final.

import { type DraftRecord, draftAccount } from '../latency/draft-account.ts';
import type { CallObserver } from '../telemetry/call-telemetry.ts';
import type { FinishedTurn, FinishedTurnKind, ModelRequest, OwnLeg } from '../telemetry/finished-turn.ts';
import type { CallerLink } from './caller-link.ts';
import type { ReplyInProgress } from './reply-in-progress.ts';
import type { ReportedAccount } from './turn-accounts.ts';

/** A reply that was prepared, and not wanted. */
export interface DiscardedDraft {
  readonly reply: ReplyInProgress;
  readonly endedAtMs: number;
}

export interface OverReply {
  readonly inProgress: ReplyInProgress;
  readonly heardText: string;
  readonly link: CallerLink | undefined;
  /** What was prepared for this turn in vain. */
  readonly discarded: readonly DiscardedDraft[];
  readonly endedAtMs: number;
  /** How our track arrived at the server by then. */
  readonly ownLeg: OwnLeg | undefined;
  /** An account of it will be told. */
  readonly isAccounted: boolean;
}

export class FinishedTurns {
  readonly #observer: Pick<CallObserver, 'turn'>;
  /** Over, and waiting for their accounts, by the reply's id. */
  readonly #waiting = new Map<number, { readonly turn: FinishedTurn; readonly drafts: readonly DraftRecord[] }>();

  constructor(observer: Pick<CallObserver, 'turn'>) {
    this.#observer = observer;
  }

  over(over: OverReply): void {
    const turn = turnOf(over);
    const drafts = draftsOf(over);
    if (over.isAccounted) this.#waiting.set(over.inProgress.reply.id, { turn, drafts });
    else this.#tell(turn, drafts, 0);
  }

  /** Any account; only a final one counts. */
  account(reported: ReportedAccount): void {
    const waiting = this.#waiting.get(reported.replyId);
    if (reported.status !== 'final' || waiting === undefined) return;
    this.#waiting.delete(reported.replyId);
    const { kind, bargeIn } = reported;
    const account = kind === 'answer' ? reported.account : undefined;
    this.#tell({ ...waiting.turn, kind, account, bargeIn }, waiting.drafts, account?.savedMs ?? 0);
  }

  #tell(turn: FinishedTurn, drafts: readonly DraftRecord[], savedMs: number): void {
    const answersVoice = turn.source === 'voice' && (turn.kind === 'answer' || turn.kind === 'cutIn');
    this.#observer.turn(answersVoice ? { ...turn, drafts: draftAccount(drafts, savedMs) } : turn);
  }
}

function turnOf({ inProgress, heardText, link, discarded, ownLeg, endedAtMs }: OverReply): FinishedTurn {
  const { reply, marks, writtenText, failure } = inProgress;
  const { turn } = reply;
  const end = turn?.endTimestamp === undefined ? undefined : link?.endOfSpeech(turn.endTimestamp);
  return {
    kind: kindOf(inProgress),
    replyKind: reply.kind,
    number: turn?.number,
    source: turn?.source,
    startedAtMs: marks.startedAtMs,
    endedAtMs,
    rtp: { speechEnd: end?.source?.rtpTimestamp, firstAudible: marks.audibleRtpTimestamp },
    ownLeg,
    request: requestOf(inProgress, endedAtMs),
    discarded: discarded.flatMap((draft) => requestOf(draft.reply, draft.endedAtMs) ?? []),
    toolRuns: inProgress.toolRuns(endedAtMs),
    words: { transcript: turn?.text, reply: writtenText, heardText },
    error: failure,
  };
}

/** Without an account: what never became audible was an answer all the same. */
function kindOf({ reply: { kind, turn } }: ReplyInProgress): FinishedTurnKind {
  if (kind !== 'reply') return kind;
  return turn === undefined || turn.source === 'voice' ? 'answer' : turn.source;
}

/** The reply itself among them, where it was prepared ahead. */
function draftsOf({ inProgress, discarded }: OverReply): readonly DraftRecord[] {
  const drafts = discarded.map(({ reply }) => draftRecord(reply, 'discarded'));
  return inProgress.marks.releasedAtMs === undefined ? drafts : [...drafts, draftRecord(inProgress, 'committed')];
}

function draftRecord(
  { isAnticipated, spokenCharacters, tokens }: ReplyInProgress,
  outcome: DraftRecord['outcome'],
): DraftRecord {
  return {
    kind: isAnticipated ? 'anticipated' : 'draft',
    outcome,
    tokens: (tokens?.inputTokens ?? 0) + (tokens?.outputTokens ?? 0),
    tokenBasis: tokens?.basis ?? 'counted',
    spokenCharacters,
  };
}

function requestOf(
  { isGenerated, marks, failure, tokens }: ReplyInProgress,
  endedAtMs: number,
): ModelRequest | undefined {
  if (!isGenerated) return undefined;
  const { startedAtMs, firstWordAtMs, writtenAtMs } = marks;
  return {
    requestedAtMs: startedAtMs,
    firstChunkAtMs: firstWordAtMs,
    endedAtMs: writtenAtMs ?? endedAtMs,
    ...(tokens?.basis === 'counted' && { inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens }),
    error: writtenAtMs === undefined ? failure : undefined,
  };
}
