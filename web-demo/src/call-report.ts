// What the page knows of a call, as one JSON file: fields are named as in docs/session-report.schema.json where they are the
// same; `acoustic` is what the page heard itself. Pure.

import type { Distribution } from '../../src/latency/distribution.ts';
import { callStatistics, responseMsOf } from './call-statistics.ts';
import { type CallTurn, comparableAcoustic } from './call-turns.ts';
import { figureOf, spansOf } from './turn-words.ts';

/** What a call was, whatever happened in it. */
export interface CallFacts {
  readonly room: string;
  /** The agent's. */
  readonly identity: string;
  readonly callers: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  /** Absent while it goes on. */
  readonly endedAt?: string | undefined;
}

export interface CallReport {
  readonly version: 1;
  /** Whose knowledge this is: the agent's own report holds more. */
  readonly source: 'page';
  readonly call: CallFacts;
  readonly stages: Readonly<Record<string, string>>;
  readonly turns: readonly Readonly<Record<string, unknown>>[];
  readonly statistics: Readonly<Record<string, Distribution | Readonly<Record<string, number>>>>;
}

export function callReport(
  call: CallFacts,
  stages: Readonly<Record<string, string>>,
  turns: readonly CallTurn[],
): CallReport {
  const counts: Record<string, number> = {};
  for (const turn of turns) counts[kindOf(turn)] = (counts[kindOf(turn)] ?? 0) + 1;
  const known = Object.entries(callStatistics(turns)).filter(([, figures]) => figures !== undefined);
  return {
    version: 1,
    source: 'page',
    call,
    stages,
    turns: turns.map(reportedTurn),
    statistics: { turns: counts, ...Object.fromEntries(known) },
  };
}

function kindOf({ report, account }: CallTurn): string {
  return account === undefined || account.kind === 'answer' ? (report?.kind ?? 'reply') : account.kind;
}

/** What nobody knows is absent: JSON leaves out what is undefined. */
function reportedTurn(turn: CallTurn): Readonly<Record<string, unknown>> {
  const { report, account } = turn;
  const gap = account?.account;
  const heard = comparableAcoustic(turn);
  const figure = figureOf(turn);
  return {
    turn: turn.turn,
    kind: kindOf(turn),
    source: report?.source,
    transcript: report?.transcript,
    reply: report?.reply,
    heardText: report?.heardText,
    error: report?.error,
    /** `final` once nothing changes any more. */
    status: account?.status,
    responseMs: responseMsOf(turn),
    openerMs: report?.openerMs,
    glassToGlassMs: gap?.glassToGlassMs,
    errorMs: gap?.errorMs,
    basis: gap?.basis,
    unknown: gap?.unknown,
    hidden: gap?.hidden,
    savedMs: gap?.savedMs,
    spans: spansOf(turn).map(({ name, ms, errorMs }) => ({ name, ms, errorMs })),
    acoustic: heard && {
      gapMs: heard.ms,
      errorMs: heard.errorMs,
      residualMs: figure.type === 'gap' ? figure.ms - heard.ms : undefined,
    },
  };
}
