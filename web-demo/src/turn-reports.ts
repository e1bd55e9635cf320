// What was said in a turn, as data packets of the agent on the topic `repartee.turn`, one JSON object each.

export const turnTopic = 'repartee.turn';

export interface TurnSpan {
  readonly name: string;
  readonly ms: number;
}

export interface TurnReport {
  /** Counts from 1 within a call. A later report on the same turn replaces the earlier one. */
  readonly turn: number;
  /** `reply`, or another kind of thing that agents say (apology, goodbye, …). */
  readonly kind: string;
  /** `voice`, `text` or `dtmf`. */
  readonly source: string | undefined;
  /** From the arrival of the caller's last voiced audio at the agent to its first audible packet. */
  readonly responseMs: number | undefined;
  /** The same to the first words, where those were chosen before the answer. */
  readonly openerMs: number | undefined;
  readonly spans: readonly TurnSpan[];
  readonly transcript: string;
  /** The whole reply, and what the caller has heard of it; undefined while it is still being spoken. */
  readonly reply: string | undefined;
  readonly heardText: string | undefined;
  readonly error: string | undefined;
}

/** Reads a packet; undefined where it is not a report on a turn of the caller's. */
export function parseTurnReport(payload: Uint8Array): TurnReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['turn'] !== 'number' || typeof value['kind'] !== 'string') return undefined;
  const { turn, kind, responseMs, openerMs, spans, transcript } = value;
  return {
    turn,
    kind,
    source: textOf(value['source']),
    responseMs: isDuration(responseMs) ? responseMs : undefined,
    openerMs: isDuration(openerMs) ? openerMs : undefined,
    spans: Array.isArray(spans) ? spans.filter(isSpan) : [],
    transcript: textOf(transcript) ?? '',
    reply: textOf(value['reply']),
    heardText: textOf(value['heardText']),
    error: textOf(value['error']),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isSpan(value: unknown): value is TurnSpan {
  return isRecord(value) && typeof value['name'] === 'string' && isDuration(value['ms']);
}
