// The agent's accounts of what the caller waited for, as data packets on the topic `repartee.account`, one JSON object each
// (docs/latency.md). An account is told at once, amended as more is known, and final a few seconds after the answer.

export const accountTopic = 'repartee.account';

export type AccountStatus = 'provisional' | 'amended' | 'final';
export type AccountBasis = 'reported' | 'estimated' | 'unknown';

export interface AccountSpan {
  readonly name: string;
  /** On the agent's clock. */
  readonly startAtMs: number;
  readonly ms: number;
  readonly errorMs: number;
}

export interface HiddenWork {
  readonly name: string;
  readonly ms: number;
}

/** What was between the end of the caller's speech and the first audible sample of the answer. */
export interface GapAccount {
  /** Undefined where nobody knows one of its ends. */
  readonly glassToGlassMs: number | undefined;
  readonly errorMs: number | undefined;
  /** The part that the agent saw itself. */
  readonly responseMs: number | undefined;
  readonly basis: AccountBasis;
  /** Contiguous, in the order of time. */
  readonly spans: readonly AccountSpan[];
  /** Names of spans that nobody knows. */
  readonly unknown: readonly string[];
  /** Work that took the caller no time. */
  readonly hidden: readonly HiddenWork[];
  readonly savedMs: number;
}

export interface TurnAccount {
  /** `answer`, or a kind of turn that has no gap (greeting, text, cutIn, …). */
  readonly kind: string;
  readonly status: AccountStatus;
  readonly replyId: number;
  /** Of the caller's turn, from 1; undefined for what answers none. */
  readonly turn: number | undefined;
  /** Only of answers. */
  readonly account: GapAccount | undefined;
}

/** Reads a packet; undefined where it is no account. */
export function parseTurnAccount(payload: Uint8Array): TurnAccount | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { kind, status, replyId, turn, account } = value;
  if (typeof kind !== 'string' || typeof replyId !== 'number' || !isOneOf(statuses, status)) return undefined;
  return {
    kind,
    status,
    replyId,
    turn: typeof turn === 'number' ? turn : undefined,
    account: isRecord(account) ? gapAccount(account) : undefined,
  };
}

const statuses = ['provisional', 'amended', 'final'] as const;
const bases = ['reported', 'estimated', 'unknown'] as const;

function gapAccount(value: Record<string, unknown>): GapAccount {
  const { glassToGlassMs, errorMs, responseMs, basis, spans, unknown, hidden, savedMs } = value;
  return {
    glassToGlassMs: durationOf(glassToGlassMs),
    errorMs: durationOf(errorMs),
    responseMs: durationOf(responseMs),
    basis: isOneOf(bases, basis) ? basis : 'unknown',
    spans: listOf(spans).filter(isSpan),
    unknown: listOf(unknown).filter((name) => typeof name === 'string'),
    hidden: listOf(hidden).filter(isWork),
    savedMs: durationOf(savedMs) ?? 0,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return values.some((one) => one === value);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function durationOf(value: unknown): number | undefined {
  return isDuration(value) ? value : undefined;
}

function isWork(value: unknown): value is HiddenWork {
  return isRecord(value) && typeof value['name'] === 'string' && isDuration(value['ms']);
}

function isSpan(value: unknown): value is AccountSpan {
  return isRecord(value) && isWork(value) && typeof value['startAtMs'] === 'number' && isDuration(value['errorMs']);
}
