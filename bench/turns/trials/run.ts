// The trials of a run, and what came of them: the agent asks, the caller answers as expected or otherwise.

import { percentile } from '../../statistics.ts';
import { hold } from '../conversation.ts';
import type { ObservedConversation } from '../conversation.ts';
import { figuresOf } from '../figures.ts';
import type { Figures, Spread } from '../figures.ts';
import { judge } from '../outcome.ts';
import type { TurnOutcome } from '../outcome.ts';
import type { RunOptions } from '../run.ts';
import { drawTrials } from './draw.ts';
import type { TrialKind } from './draw.ts';

export interface TrialOutcome {
  readonly kind: TrialKind;
  readonly outcome: TurnOutcome;
}

export interface KindFigures {
  readonly trials: number;
  readonly anticipated: number;
  readonly cutIns: number;
  readonly wrong: number;
}

export interface TrialFigures {
  readonly trials: number;
  /** Of all that were answered. */
  readonly gapMs: Spread;
  readonly anticipatedGapMs: Spread;
  readonly otherGapMs: Spread;
  readonly byKind: Readonly<Record<TrialKind, KindFigures>>;
  /** Trials in which a reply to other words than were said was heard. */
  readonly wrong: number;
  /** Trials in which the agent was heard before the caller had ended. */
  readonly cutIns: number;
  /** Of the whole conversations: order and cost. */
  readonly figures: Figures;
  readonly outcomes: readonly TrialOutcome[];
}

export async function runTrials({ turnCount, seed, profile, mode }: RunOptions): Promise<TrialFigures> {
  const observed: ObservedConversation[] = [];
  const outcomes: TrialOutcome[] = [];
  for (const [index, { script, kinds }] of drawTrials(turnCount, seed).entries()) {
    const conversation = await hold({ script, profile, mode, seed: `${seed}/trials/${index}`, dtx: index % 2 === 1 });
    observed.push(conversation);
    for (const turn of conversation.turns) {
      const kind = kinds[turn.index];
      if (kind !== undefined) outcomes.push({ kind, outcome: judge(turn, conversation) });
    }
  }
  return trialFigures(outcomes, figuresOf(observed));
}

function trialFigures(outcomes: readonly TrialOutcome[], figures: Figures): TrialFigures {
  const of = (kind: TrialKind): KindFigures => kindFigures(outcomes.filter((one) => one.kind === kind));
  const all = kindFigures(outcomes);
  return {
    trials: outcomes.length,
    gapMs: gaps(outcomes),
    anticipatedGapMs: gaps(outcomes.filter(({ outcome }) => outcome.anticipated)),
    otherGapMs: gaps(outcomes.filter(({ outcome }) => !outcome.anticipated)),
    byKind: {
      plain: of('plain'),
      continued: of('continued'),
      'continued after a pause': of('continued after a pause'),
      different: of('different'),
    },
    wrong: all.wrong,
    cutIns: all.cutIns,
    figures,
    outcomes,
  };
}

function kindFigures(outcomes: readonly TrialOutcome[]): KindFigures {
  const count = (test: (outcome: TurnOutcome) => boolean): number =>
    outcomes.filter(({ outcome }) => test(outcome)).length;
  return {
    trials: outcomes.length,
    anticipated: count(({ anticipated }) => anticipated),
    cutIns: count(({ cutIn }) => cutIn),
    wrong: count(({ wrongReplies }) => wrongReplies > 0),
  };
}

function gaps(outcomes: readonly TrialOutcome[]): Spread {
  const gapsMs = outcomes.flatMap(({ outcome }) => outcome.gapMs ?? []);
  return { p50: percentile(gapsMs, 0.5), p95: percentile(gapsMs, 0.95), count: gapsMs.length };
}
