// One axis for all turns: 0 is the end of the caller's speech. Pure.

import { type CallTurn, comparableAcoustic } from './call-turns.ts';
import { figureOf } from './turn-words.ts';

export interface TimeAxis {
  /** A multiple of `tickMs`. */
  readonly endMs: number;
  readonly tickMs: number;
}

const steps = [50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const mostTicks = 5;

export function timeAxis(turns: readonly CallTurn[]): TimeAxis {
  const longestMs = Math.max(1, ...turns.map(reachMs));
  const tickMs = steps.find((step) => longestMs / step <= mostTicks) ?? Math.ceil(longestMs / mostTicks);
  return { tickMs, endMs: Math.ceil(longestMs / tickMs) * tickMs };
}

function reachMs(turn: CallTurn): number {
  const figure = figureOf(turn);
  const heard = comparableAcoustic(turn);
  const heardMs = heard === undefined ? 0 : heard.ms + heard.errorMs;
  if (figure.type === 'gap') return Math.max(figure.ms + figure.errorMs, heardMs);
  return figure.type === 'part' ? Math.max(figure.ms, heardMs) : 0;
}
