// What an event waited for, walked back to where waiting began: each event names its latest cause, and the time between them
// is a span named after the work. What was done beside that, or before, is hidden work. Pure.

import type { BoundedInstant } from './bounded.ts';

/** Why something could not happen earlier: the event it came after, and what was done in between. */
export interface Cause<Event extends string, Work extends string> {
  readonly event: Event;
  readonly work: Work;
}

export interface CausedEvent<Event extends string, Work extends string> {
  readonly at: BoundedInstant;
  /** None: it waited for nothing of this turn. The causes of events make no circle. */
  readonly causes: readonly Cause<Event, Work>[];
}

export interface Span<Work extends string> {
  readonly name: Work;
  readonly startAtMs: number;
  readonly ms: number;
  /** How far `ms` may be off: what is unknown of its beginning and of its end. */
  readonly errorMs: number;
}

export interface HiddenWork<Work extends string> {
  readonly name: Work;
  readonly startAtMs: number;
  readonly ms: number;
}

export interface CriticalPath<Work extends string> {
  /** In the order of time, contiguous: from the beginning to the last event. A name may be absent, repeat, or come anywhere. */
  readonly spans: readonly Span<Work>[];
  /** What took none of that time: done before the beginning, or beside what was waited for. */
  readonly hidden: readonly HiddenWork<Work>[];
}

/** Events by name; those that are not there did not happen, or nobody knows when. */
export type Events<Event extends string, Work extends string> = ReadonlyMap<Event, CausedEvent<Event, Work>>;

interface Step<Event extends string, Work extends string> {
  readonly work: Work;
  readonly from: { readonly name: Event; readonly at: BoundedInstant };
  readonly to: { readonly name: Event; readonly at: BoundedInstant };
}

/**
 * The path from `beginning` to `end`. Both must be among the events. A cause that lies after its effect, which only clocks
 * that are off can make, takes no time. Where the causes end short of the beginning, the earliest work is taken to have
 * begun there.
 */
export function criticalPath<Event extends string, Work extends string>(
  events: Events<Event, Work>,
  beginning: Event,
  end: Event,
): CriticalPath<Work> {
  const start = events.get(beginning)?.at;
  const steps = stepsBack(events, end);
  if (start === undefined) throw new Error(`nothing is known of ${beginning}`);
  const spans: Span<Work>[] = [];
  const hidden: HiddenWork<Work>[] = [];
  let reached = events.get(end)?.at ?? start;
  steps.forEach(({ work, from, to }, index) => {
    if (reached.atMs <= start.atMs) {
      hide(hidden, work, from.at.atMs, to.at.atMs);
      return;
    }
    const earliest = index === steps.length - 1 ? start : later(from.at, start);
    if (from.at.atMs < start.atMs) hide(hidden, work, from.at.atMs, start.atMs);
    if (earliest.atMs >= reached.atMs) return;
    spans.unshift({
      name: work,
      startAtMs: earliest.atMs,
      ms: reached.atMs - earliest.atMs,
      errorMs: earliest.errorMs + reached.errorMs,
    });
    reached = earliest;
  });
  for (const { work, from, to } of stepsBeside(events, end, steps)) hide(hidden, work, from.at.atMs, to.at.atMs);
  return { spans, hidden };
}

/** Latest cause by latest cause, the last step first. */
function stepsBack<Event extends string, Work extends string>(
  events: Events<Event, Work>,
  end: Event,
  isKnown: (event: Event) => boolean = () => false,
): readonly Step<Event, Work>[] {
  const steps: Step<Event, Work>[] = [];
  let to = end;
  for (;;) {
    const effect = events.get(to);
    const cause = effect && latestCause(events, effect);
    if (effect === undefined || cause === undefined || isKnown(to)) return steps;
    steps.push({ work: cause.work, from: { name: cause.event, at: cause.at }, to: { name: to, at: effect.at } });
    to = cause.event;
  }
}

/** What was done beside the path: the ways to the causes that were not the latest. */
function stepsBeside<Event extends string, Work extends string>(
  events: Events<Event, Work>,
  end: Event,
  path: readonly Step<Event, Work>[],
): readonly Step<Event, Work>[] {
  const visited = new Set<Event>([end, ...path.map(({ from }) => from.name)]);
  const beside: Step<Event, Work>[] = [];
  for (const name of visited) {
    for (const { event } of events.get(name)?.causes ?? []) {
      if (visited.has(event)) continue;
      const steps = stepsBack(events, event, (known) => visited.has(known));
      beside.push(...steps);
      visited.add(event);
      for (const { from } of steps) visited.add(from.name);
    }
  }
  return beside;
}

function latestCause<Event extends string, Work extends string>(
  events: Events<Event, Work>,
  { causes }: CausedEvent<Event, Work>,
): (Cause<Event, Work> & { readonly at: BoundedInstant }) | undefined {
  let latest: (Cause<Event, Work> & { readonly at: BoundedInstant }) | undefined;
  for (const cause of causes) {
    const at = events.get(cause.event)?.at;
    if (at !== undefined && (latest === undefined || at.atMs > latest.at.atMs)) latest = { ...cause, at };
  }
  return latest;
}

function later(one: BoundedInstant, other: BoundedInstant): BoundedInstant {
  return one.atMs >= other.atMs ? one : other;
}

function hide<Work extends string>(hidden: HiddenWork<Work>[], name: Work, startAtMs: number, endAtMs: number): void {
  if (endAtMs > startAtMs) hidden.push({ name, startAtMs, ms: endAtMs - startAtMs });
}
