// What the turns of a call come to. Pure. What was estimated is kept apart from what was reported, and the agent's part from
// the whole gap: they are not to be compared.

import { type Distribution, distribution } from '../../src/latency/distribution.ts';
import { type CallTurn, comparableAcoustic } from './call-turns.ts';
import { figureOf } from './turn-words.ts';

export interface CallStatistics {
  /** Of answers where this browser reported. */
  readonly glassToGlassMs: Distribution | undefined;
  /** Of those where it did not report all. */
  readonly estimatedGlassToGlassMs: Distribution | undefined;
  /** The agent's part, of all answers to spoken turns. */
  readonly responseMs: Distribution | undefined;
  /** What the page heard itself. */
  readonly acousticGapMs: Distribution | undefined;
}

export function callStatistics(turns: readonly CallTurn[]): CallStatistics {
  const gapsOf = (wanted: 'reported' | 'estimated'): Distribution | undefined =>
    distribution(
      turns.map((turn) => {
        const figure = figureOf(turn);
        return figure.type === 'gap' && figure.basis === wanted ? figure.ms : undefined;
      }),
    );
  return {
    glassToGlassMs: gapsOf('reported'),
    estimatedGlassToGlassMs: gapsOf('estimated'),
    responseMs: distribution(turns.map(responseMsOf)),
    acousticGapMs: distribution(turns.map((turn) => comparableAcoustic(turn)?.ms)),
  };
}

/** Undefined for turns without a gap. */
export function responseMsOf(turn: CallTurn): number | undefined {
  if (figureOf(turn).type === 'none') return undefined;
  return turn.account?.account?.responseMs ?? turn.report?.responseMs;
}

/** The figures to show: of the surest kind that there is. */
export interface CallFigures {
  readonly kind: 'reported' | 'estimated' | 'part' | 'none';
  readonly latestMs: number | undefined;
  readonly all: Distribution | undefined;
}

export function callFigures(turns: readonly CallTurn[]): CallFigures {
  const { glassToGlassMs, estimatedGlassToGlassMs, responseMs } = callStatistics(turns);
  const latestGap = (wanted: 'reported' | 'estimated'): number | undefined =>
    turns
      .map(figureOf)
      .filter((figure) => figure.type === 'gap' && figure.basis === wanted)
      .map((figure) => (figure.type === 'gap' ? figure.ms : 0))
      .at(-1);
  if (glassToGlassMs) return { kind: 'reported', latestMs: latestGap('reported'), all: glassToGlassMs };
  if (estimatedGlassToGlassMs) {
    return { kind: 'estimated', latestMs: latestGap('estimated'), all: estimatedGlassToGlassMs };
  }
  const latestMs = turns.map(responseMsOf).findLast((ms) => ms !== undefined);
  return { kind: responseMs === undefined ? 'none' : 'part', latestMs, all: responseMs };
}
