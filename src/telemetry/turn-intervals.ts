// Where the parts of a turn lie in time, as intervals that can be drawn. Pure.

import type { Span } from '../latency/critical-path.ts';
import type { TurnAccount } from '../latency/turn-account.ts';
import type { FinishedTurn } from './finished-turn.ts';

/** On the monotonic clock. */
export interface Interval {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

export interface NamedInterval extends Interval {
  readonly name: string;
}

/** Each ends exactly where the next one begins: sums of fractions of milliseconds would leave gaps and overlaps. */
export function contiguous<Work extends string>(
  spans: readonly Span<Work>[],
): readonly (NamedInterval & { readonly errorMs: number })[] {
  return spans.map(({ name, startAtMs, ms, errorMs }, index) => ({
    name,
    errorMs,
    startAtMs,
    endAtMs: spans[index + 1]?.startAtMs ?? startAtMs + ms,
  }));
}

export function placedHiddenWork({ hidden }: Pick<TurnAccount, 'hidden'>): readonly NamedInterval[] {
  return hidden.map(({ name, startAtMs, ms }) => ({ name, startAtMs, endAtMs: startAtMs + ms }));
}

/** How long each kind of hidden work took in all: `repartee.hidden.draft_wait_ms`. */
export function hiddenTotals(account: TurnAccount | undefined): Readonly<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { name, ms } of account?.hidden ?? []) {
    const key = `repartee.hidden.${name.replaceAll(/\W/g, '_')}_ms`;
    totals[key] = (totals[key] ?? 0) + ms;
  }
  return totals;
}

/** From the first to the last of all that belongs to the turn: what was prepared lies before its gap, the reply after it. */
export function extentOf(turn: FinishedTurn): Interval {
  const { startedAtMs, endedAtMs, account, request, discarded = [], toolRuns = [], bargeIn } = turn;
  const requests = [...(request === undefined ? [] : [request]), ...discarded];
  const spans = [...(account?.spans ?? []), ...(bargeIn?.spans ?? [])];
  const intervals: readonly Interval[] = [
    { startAtMs: startedAtMs, endAtMs: endedAtMs },
    ...spans.map(({ startAtMs, ms }) => ({ startAtMs, endAtMs: startAtMs + ms })),
    ...(account === undefined ? [] : placedHiddenWork(account)),
    ...requests.map((asked) => ({ startAtMs: asked.requestedAtMs, endAtMs: asked.endedAtMs })),
    ...toolRuns.map((run) => ({ startAtMs: run.startedAtMs, endAtMs: run.endedAtMs })),
  ];
  return {
    startAtMs: Math.min(...intervals.map(({ startAtMs }) => startAtMs)),
    endAtMs: Math.max(...intervals.map(({ endAtMs }) => endAtMs)),
  };
}
