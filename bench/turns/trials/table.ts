// Figures of the trials as plain text.

import { ms, pair, table } from '../table.ts';
import type { Column } from '../table.ts';
import { trialKinds } from './draw.ts';
import type { TrialFigures } from './run.ts';

export interface TrialRow {
  readonly mode: string;
  readonly figures: TrialFigures;
}

const latency: readonly Column<TrialFigures>[] = [
  ['trials', ({ trials }) => String(trials)],
  ['P50', ({ gapMs }) => ms(gapMs.p50)],
  ['P95', ({ gapMs }) => ms(gapMs.p95)],
  ['anticipated', ({ anticipatedGapMs: { count }, trials }) => share(count, trials)],
  ['P50/P95', ({ anticipatedGapMs }) => pair(anticipatedGapMs)],
  ['others P50/P95', ({ otherGapMs }) => pair(otherGapMs)],
  ['wrong replies heard', ({ wrong }) => String(wrong)],
  ['cut-ins', ({ cutIns, trials }) => share(cutIns, trials)],
  ['unanswered', ({ figures }) => String(figures.unanswered)],
  ['left behind', ({ figures }) => String(figures.leftBehind)],
  ['LLM calls/turn', ({ figures }) => figures.calls.perTurn.toFixed(2)],
  ['tokens used/turn', ({ figures }) => figures.tokens.usedPerTurn.toFixed(0)],
  ['wasted', ({ figures }) => figures.tokens.wastedPerTurn.toFixed(0)],
  ['TTS chars/turn', ({ figures }) => figures.characters.spokenPerTurn.toFixed(0)],
];

const byKind: readonly Column<TrialFigures>[] = trialKinds.flatMap((kind): Column<TrialFigures>[] => [
  [kind, ({ byKind: { [kind]: figures } }) => String(figures.trials)],
  ['anticipated', ({ byKind: { [kind]: figures } }) => String(figures.anticipated)],
  ['cut-ins', ({ byKind: { [kind]: figures } }) => String(figures.cutIns)],
  ['wrong', ({ byKind: { [kind]: figures } }) => String(figures.wrong)],
]);

export function trialTable(rows: readonly TrialRow[]): string {
  return [
    'Answers to what the agent asks: yes or no, either or, anything else, how many, when, who, a number; ms from the end of the answer',
    table(rows, latency),
    'Wrong: to words of another sense than those said. By what the caller did: answered plainly; went on after a plain answer, at once or after a pause of people (median 350 ms);',
    'said something that differs from a plain answer by a negation, a number, a name or a date',
    table(rows, byKind),
  ].join('\n');
}

function share(count: number, of: number): string {
  return of === 0 ? '–' : `${count}/${of} ${((100 * count) / of).toFixed(0)} %`;
}
