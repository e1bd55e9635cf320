// One line for each turn, for people at a terminal.

import type { TurnReport } from '../session/turn-reports.ts';

/** `2  "Where can I park?" → "Behind the house."  412 ms`; of an opener as well, where there is one; undefined while the reply is still being spoken. */
export function turnLine(report: TurnReport): string | undefined {
  const { turn, kind, source, transcript, heardText, reply, responseMs, openerMs, error } = report;
  if (heardText === undefined) return undefined;
  const said = transcript === undefined ? `(${kind})` : quoted(transcript, source === 'text' ? ' (typed)' : '');
  const answer = error !== undefined && heardText === '' ? '(nothing)' : quoted(heardText, isCut(heardText, reply));
  const took = `${duration('opener ', openerMs)}${duration('', responseMs)}`;
  return `${(turn === undefined ? '–' : String(turn)).padEnd(3)} ${said} → ${answer}${took}${error === undefined ? '' : `  ✗ ${error}`}`;
}

function duration(of: string, ms: number | undefined): string {
  return ms === undefined ? '' : `  ${of}${Math.round(ms)} ms`;
}

function isCut(heardText: string, reply: string | undefined): string {
  return reply !== undefined && heardText.trim().length < reply.trim().length ? ' (cut off)' : '';
}

function quoted(text: string, remark: string): string {
  return `${JSON.stringify(text.replaceAll(/\s+/g, ' ').trim())}${remark}`;
}
