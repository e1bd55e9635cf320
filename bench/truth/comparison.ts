// The account of each turn against what was heard. Pure.

import { percentile } from '../statistics.ts';
import type { Condition } from './conditions.ts';

/** One turn of a script: what was measured in the tracks, and what the agent's report says of it. */
export interface ComparedTurn {
  readonly text: string;
  /** End of speech to first audible; undefined where no answer was heard, or before the end. */
  readonly trueMs: number | undefined;
  /** Undefined where there is none that rests on what the caller's side told of both ends. */
  readonly account: { readonly glassToGlassMs: number; readonly errorMs: number } | undefined;
}

export interface Comparison {
  readonly turns: number;
  /** With both figures. */
  readonly compared: number;
  readonly errorP50Ms: number;
  readonly errorP95Ms: number;
  /** Signed: positive where the account is longer. */
  readonly biasMs: number;
  readonly boundP50Ms: number;
  readonly boundP95Ms: number;
  /** Of those compared, where the truth lies within the bound. */
  readonly coveredRatio: number;
}

export function compare(turns: readonly ComparedTurn[]): Comparison {
  const both = turns.flatMap(({ trueMs, account }) =>
    trueMs === undefined || account === undefined
      ? []
      : [{ errorMs: account.glassToGlassMs - trueMs, boundMs: account.errorMs }],
  );
  const errors = both.map(({ errorMs }) => Math.abs(errorMs));
  const bounds = both.map(({ boundMs }) => boundMs);
  return {
    turns: turns.length,
    compared: both.length,
    errorP50Ms: percentile(errors, 0.5),
    errorP95Ms: percentile(errors, 0.95),
    biasMs: percentile(
      both.map(({ errorMs }) => errorMs),
      0.5,
    ),
    boundP50Ms: percentile(bounds, 0.5),
    boundP95Ms: percentile(bounds, 0.95),
    coveredRatio: both.filter(({ errorMs, boundMs }) => Math.abs(errorMs) <= boundMs).length / both.length,
  };
}

/** The least share of turns whose truth must lie within the stated bound. */
const COVERED_RATIO = 0.95;

/** What of the wanted does not hold, in words; empty where all does. */
export function misses(seen: Comparison, { wanted, wantedBound }: Condition): readonly string[] {
  const checks: readonly (readonly [boolean, string])[] = [
    [seen.compared === seen.turns, `${seen.turns - seen.compared} turns without both figures`],
    [seen.coveredRatio >= COVERED_RATIO, `covered ${percent(seen.coveredRatio)}, wanted ${percent(COVERED_RATIO)}`],
    [within(seen.errorP50Ms, wanted?.p50Ms), `error P50 wanted ${wanted?.p50Ms} ms`],
    [within(seen.errorP95Ms, wanted?.p95Ms), `error P95 wanted ${wanted?.p95Ms} ms`],
    [within(seen.boundP50Ms, wantedBound?.p50Ms), `bound P50 wanted ${wantedBound?.p50Ms} ms`],
    [within(seen.boundP95Ms, wantedBound?.p95Ms), `bound P95 wanted ${wantedBound?.p95Ms} ms`],
  ];
  return checks.filter(([holds]) => !holds).map(([, text]) => text);
}

function within(value: number, limit: number | undefined): boolean {
  return limit === undefined || value <= limit;
}

export const comparisonHead =
  'condition                       turns  compared   |error| P50  P95     bias    bound P50  P95   covered';

export function comparisonLine(name: string, seen: Comparison, condition: Condition): string {
  const { turns, compared, errorP50Ms, errorP95Ms, biasMs, boundP50Ms, boundP95Ms, coveredRatio } = seen;
  const missed = misses(seen, condition);
  return [
    name.padEnd(30),
    String(turns).padStart(7),
    String(compared).padStart(10),
    `${ms(errorP50Ms, 14)}${ms(errorP95Ms, 7)}`,
    ms(biasMs, 8),
    `${ms(boundP50Ms, 13)}${ms(boundP95Ms, 7)}`,
    percent(coveredRatio).padStart(9),
    missed.length === 0 ? '' : `   misses: ${missed.join('; ')}`,
  ].join('');
}

function ms(value: number, width: number): string {
  return value.toFixed(1).padStart(width);
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
