// The agent's account of its turns, as data packets on the topic `repartee.turn`, one JSON object each.

export const turnTopic = 'repartee.turn';

export interface TurnSpan {
  readonly name: string;
  readonly ms: number;
}

export interface TurnReport {
  /** Counts from 1 within a call. A later report on the same turn replaces the earlier one. */
  readonly turn: number;
  /** `reply`, or a kind of turn that has no response time (greeting, text, …). */
  readonly kind: string;
  /** From the arrival of the caller's last voiced audio at the agent to its first audible packet. */
  readonly responseMs: number | undefined;
  readonly spans: readonly TurnSpan[];
  readonly transcript: string;
}

/** Reads a packet; undefined where it is not a report. */
export function parseTurnReport(payload: Uint8Array): TurnReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['turn'] !== 'number' || typeof value['kind'] !== 'string') return undefined;
  const { turn, kind, responseMs, spans, transcript } = value;
  return {
    turn,
    kind,
    responseMs: isDuration(responseMs) ? responseMs : undefined,
    spans: Array.isArray(spans) ? spans.filter(isSpan) : [],
    transcript: typeof transcript === 'string' ? transcript : '',
  };
}

/** Takes a report in, in the order of the turns. */
export function turnsAfter(turns: readonly TurnReport[], report: TurnReport): readonly TurnReport[] {
  return [...turns.filter(({ turn }) => turn !== report.turn), report].sort((a, b) => a.turn - b.turn);
}

/** Median response time of the turns that have one; undefined where none has. */
export function medianResponseMs(turns: readonly TurnReport[]): number | undefined {
  const sorted = turns.flatMap(({ responseMs }) => responseMs ?? []).sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isSpan(value: unknown): value is TurnSpan {
  return isRecord(value) && typeof value['name'] === 'string' && isDuration(value['ms']);
}
