// The figures of one run: a profile in a mode.

import { percentile } from '../statistics.ts';
import type { ObservedConversation, ObservedReply } from './conversation.ts';
import type { ModelCall } from './model.ts';
import { judge } from './outcome.ts';
import type { TurnOutcome } from './outcome.ts';
import { writersOf } from './origin.ts';
import { turnClasses } from './templates.ts';
import type { TurnClass } from './templates.ts';

export interface Ratio {
  readonly count: number;
  readonly of: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

export interface Figures {
  readonly turns: number;
  /** End of the last word → first audible sound at the ear, of all turns that were answered. */
  readonly gapMs: Spread;
  readonly gapMsByClass: Readonly<Partial<Record<TurnClass, Spread>>>;
  /** The session's own account: the mean of each span over all turns that have one. */
  readonly spansMs: Readonly<Record<string, number>>;
  /** All of them, for plots. */
  readonly gapsMs: readonly number[];
  /** By syntax and length of the pause. */
  readonly splits: {
    readonly incompleteShort: Ratio;
    readonly incompleteLong: Ratio;
    readonly completeShort: Ratio;
    readonly completeLong: Ratio;
  };
  /** Turns cut into after a complete clause of which some words are in no answer. */
  readonly unclean: Ratio;
  readonly unanswered: number;
  readonly doublyAnswered: number;
  /** The words of an answered turn that no answer covers. */
  readonly lostWords: number;
  readonly wrongReplies: number;
  readonly needlessReplies: number;
  readonly apologies: number;
  readonly calls: { readonly perTurn: number; readonly usedPerTurn: number };
  /** Used: the prompts of replies that were heard, and as much of what was written as was heard. */
  readonly tokens: { readonly usedPerTurn: number; readonly wastedPerTurn: number };
  readonly characters: { readonly spokenPerTurn: number; readonly wastedRatio: number };
  readonly underruns: Ratio;
  readonly bargeIn: {
    readonly loweredMs: Spread;
    readonly silencedMs: Spread;
    readonly cancelledMs: readonly number[];
  };
  readonly disturbances: { readonly ended: Ratio; readonly holes: Ratio };
  readonly voice: { readonly expired: number; readonly refused: number };
  readonly leftBehind: number;
  /** Turn by turn, in the order of the conversations. */
  readonly outcomes: readonly TurnOutcome[];
}

/** The pauses that the goals speak of are up to this long. */
const SHORT_PAUSE_MS = 900;
/** A hole that is heard as one. */
const HOLE_MS = 100;

export function figuresOf(conversations: readonly ObservedConversation[]): Figures {
  const outcomes = conversations.flatMap((one) => one.turns.map((turn) => judge(turn, one)));
  const gapsMs = outcomes.flatMap(({ gapMs }) => gapMs ?? []);
  const bargeIns = outcomes.flatMap(({ bargeIn }) => bargeIn ?? []);
  const disturbances = outcomes.flatMap(({ disturbance }) => disturbance ?? []);
  const cutInto = outcomes.filter(({ pauses }) => pauses.some(({ split, syntax }) => split && syntax === 'complete'));
  return {
    turns: outcomes.length,
    gapMs: spread(gapsMs),
    gapMsByClass: byClass(outcomes),
    spansMs: meanSpans(outcomes),
    gapsMs,
    splits: splitsOf(outcomes),
    unclean: ratio(cutInto, ({ covered }) => !covered),
    unanswered: count(outcomes, ({ gapMs }) => gapMs === undefined),
    doublyAnswered: count(outcomes, ({ doublyAnswered }) => doublyAnswered),
    lostWords: count(outcomes, ({ gapMs, covered }) => gapMs !== undefined && !covered),
    wrongReplies: sum(outcomes.map(({ wrongReplies }) => wrongReplies)),
    needlessReplies: sum(outcomes.map(({ needlessReplies }) => needlessReplies)),
    apologies: sum(outcomes.map(({ apologies }) => apologies)),
    ...costs(conversations, outcomes.length),
    underruns: {
      count: count(outcomes, ({ underruns }) => underruns.length > 0),
      of: sum(outcomes.map(({ replyCount }) => replyCount)),
    },
    bargeIn: {
      loweredMs: spread(bargeIns.map(({ loweredMs }) => loweredMs)),
      silencedMs: spread(bargeIns.map(({ silencedMs }) => silencedMs)),
      cancelledMs: bargeIns.flatMap(({ cancelledMs }) => cancelledMs ?? []),
    },
    disturbances: {
      ended: ratio(disturbances, ({ endedReply }) => endedReply),
      holes: ratio(disturbances, ({ holeMs, endedReply }) => endedReply || holeMs > HOLE_MS),
    },
    voice: {
      expired: sum(conversations.map(({ voice }) => voice.expiredCount)),
      refused: sum(conversations.map(({ voice }) => voice.refusedCount)),
    },
    leftBehind: sum(conversations.map(({ left }) => left.timers + left.calls + left.contexts)),
    outcomes,
  };
}

function byClass(outcomes: readonly TurnOutcome[]): Figures['gapMsByClass'] {
  const groups = Map.groupBy(outcomes, (outcome) => outcome.class);
  return Object.fromEntries(
    turnClasses.flatMap((name) => {
      const gapsMs = groups.get(name)?.flatMap(({ gapMs }) => gapMs ?? []) ?? [];
      return gapsMs.length === 0 ? [] : [[name, spread(gapsMs)]];
    }),
  );
}

function meanSpans(outcomes: readonly TurnOutcome[]): Figures['spansMs'] {
  const accounts = outcomes.map(({ spans }) => spans).filter((spans) => spans.length > 0);
  const means: Record<string, number> = {};
  for (const { name, ms } of accounts.flat()) means[name] = (means[name] ?? 0) + ms / accounts.length;
  return means;
}

function splitsOf(outcomes: readonly TurnOutcome[]): Figures['splits'] {
  const pauses = outcomes.flatMap((outcome) => outcome.pauses);
  const among = (syntax: 'incomplete' | 'complete', isShort: boolean): Ratio =>
    ratio(
      pauses.filter((pause) => pause.syntax === syntax && pause.ms <= SHORT_PAUSE_MS === isShort),
      ({ split }) => split,
    );
  return {
    incompleteShort: among('incomplete', true),
    incompleteLong: among('incomplete', false),
    completeShort: among('complete', true),
    completeLong: among('complete', false),
  };
}

function costs(
  conversations: readonly ObservedConversation[],
  turnCount: number,
): Pick<Figures, 'calls' | 'tokens' | 'characters'> {
  const calls = conversations.flatMap((one) => one.calls);
  const used = new Map(conversations.flatMap((one) => [...usedCalls(one)]));
  const usedTokens = sum([...used].map(([call, reply]) => call.promptTokens + heardTokens(call, reply)));
  const allTokens = sum(calls.map(({ promptTokens, outputTokens }) => promptTokens + outputTokens));
  const given = sum(conversations.map(({ voice }) => voice.characters));
  const heard = sum(conversations.flatMap(({ replies }) => replies.map(({ heardText }) => heardText.length)));
  return {
    calls: { perTurn: calls.length / turnCount, usedPerTurn: used.size / turnCount },
    tokens: { usedPerTurn: usedTokens / turnCount, wastedPerTurn: (allTokens - usedTokens) / turnCount },
    characters: { spokenPerTurn: given / turnCount, wastedRatio: Math.max(0, 1 - heard / given) },
  };
}

/** The requests whose replies were heard, and how much of each. */
function usedCalls({ calls, replies }: ObservedConversation): Map<ModelCall, ObservedReply> {
  const used = new Map<ModelCall, ObservedReply>();
  for (const reply of replies) {
    if (reply.kind !== 'reply' || reply.audibleAtMs === undefined) continue;
    const writer = writersOf(reply, calls).findLast((call) => !used.has(call));
    if (writer !== undefined) used.set(writer, reply);
  }
  return used;
}

/** The stand-in's tokens are words. */
function heardTokens({ outputTokens }: ModelCall, { heardText }: ObservedReply): number {
  return Math.min(outputTokens, heardText.match(/\S+/g)?.length ?? 0);
}

function spread(values: readonly number[]): Spread {
  return { p50: percentile(values, 0.5), p95: percentile(values, 0.95), count: values.length };
}

function ratio<T>(items: readonly T[], test: (item: T) => boolean): Ratio {
  return { count: count(items, test), of: items.length };
}

function count<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.filter(test).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
