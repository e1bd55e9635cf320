// One line for each turn, for people at a terminal.

import type { TurnReport } from '../session/turn-reports.ts';

/** `2  "Where can I park?" → "Behind the house."  412 ms`; undefined while the reply is still being spoken. */
export function turnLine(report: TurnReport): string | undefined {
  const { turn, kind, source, transcript, heardText, reply, responseMs, error } = report;
  if (heardText === undefined) return undefined;
  const said = transcript === undefined ? `(${kind})` : quoted(transcript, source === 'text' ? ' (typed)' : '');
  const answer = error !== undefined && heardText === '' ? '(nothing)' : quoted(heardText, isCut(heardText, reply));
  const took = responseMs === undefined ? '' : `  ${Math.round(responseMs)} ms`;
  return `${(turn === undefined ? '–' : String(turn)).padEnd(3)} ${said} → ${answer}${took}${error === undefined ? '' : `  ✗ ${error}`}`;
}

function isCut(heardText: string, reply: string | undefined): string {
  return reply !== undefined && heardText.trim().length < reply.trim().length ? ' (cut off)' : '';
}

function quoted(text: string, remark: string): string {
  return `${JSON.stringify(text.replaceAll(/\s+/g, ' ').trim())}${remark}`;
}
