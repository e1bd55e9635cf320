// Figures as plain text: one table per profile, modes down, figures across.

import type { Figures, Ratio, Spread } from './figures.ts';
import { turnClasses } from './templates.ts';

export interface Row {
  readonly mode: string;
  readonly figures: Figures;
}

export type Column<F = Figures> = readonly [title: string, cell: (figures: F) => string];

const latency: readonly Column[] = [
  ['turns', ({ turns }) => String(turns)],
  ['P50', ({ gapMs }) => ms(gapMs.p50)],
  ['P95', ({ gapMs }) => ms(gapMs.p95)],
  ...turnClasses.map((name): Column => [name, ({ gapMsByClass }) => pair(gapMsByClass[name])]),
];

/** The spans that occur, each in the order of a turn that has them all. */
function spanColumns(rows: readonly Row[]): readonly Column[] {
  const names = new Set(rows.flatMap(({ figures }) => Object.keys(figures.spansMs)));
  return [...names].map((name): Column => [name, ({ spansMs }) => ms(spansMs[name] ?? 0)]);
}

const order: readonly Column[] = [
  ['split ≤ 900, incomplete', ({ splits }) => percent(splits.incompleteShort)],
  ['longer, incomplete', ({ splits }) => percent(splits.incompleteLong)],
  ['cut-in ≤ 900, complete', ({ splits }) => percent(splits.completeShort)],
  ['longer, complete', ({ splits }) => percent(splits.completeLong)],
  ['of those unclean', ({ unclean }) => `${unclean.count}/${unclean.of}`],
  ['unanswered', ({ unanswered }) => String(unanswered)],
  ['doubly', ({ doublyAnswered }) => String(doublyAnswered)],
  ['wrong replies', ({ wrongReplies }) => String(wrongReplies)],
  ['words lost', ({ lostWords }) => String(lostWords)],
  ['apologies', ({ apologies }) => String(apologies)],
  ['left behind', ({ leftBehind }) => String(leftBehind)],
];

const cost: readonly Column[] = [
  ['LLM calls/turn', ({ calls }) => calls.perTurn.toFixed(2)],
  ['of those used', ({ calls }) => calls.usedPerTurn.toFixed(2)],
  ['wasted', ({ calls }) => (calls.perTurn - calls.usedPerTurn).toFixed(2)],
  ['tokens used/turn', ({ tokens }) => tokens.usedPerTurn.toFixed(0)],
  ['wasted', ({ tokens }) => tokens.wastedPerTurn.toFixed(0)],
  ['TTS chars/turn', ({ characters }) => characters.spokenPerTurn.toFixed(0)],
  ['wasted', ({ characters }) => `${(100 * characters.wastedRatio).toFixed(0)} %`],
  ['contexts expired', ({ voice }) => String(voice.expired)],
  ['refused', ({ voice }) => String(voice.refused)],
  ['holes > 60 ms', ({ underruns }) => percent(underruns)],
];

const yielding: readonly Column[] = [
  ['interruptions', ({ bargeIn }) => String(bargeIn.silencedMs.count)],
  ['lowered P50/P95', ({ bargeIn }) => pair(bargeIn.loweredMs)],
  ['silenced P50/P95', ({ bargeIn }) => pair(bargeIn.silencedMs)],
  ['upstream cancelled, at most', ({ bargeIn }) => cancelled(bargeIn.cancelledMs)],
  ['mhm, coughs', ({ disturbances }) => String(disturbances.ended.of)],
  ['ended the reply', ({ disturbances }) => percent(disturbances.ended)],
  ['ended, or a hole > 100 ms', ({ disturbances }) => percent(disturbances.holes)],
  ['answered needlessly', ({ needlessReplies }) => String(needlessReplies)],
];

export function profileTable(rows: readonly Row[]): string {
  return [
    'Glass-to-glass in ms, all answered turns; by class P50/P95',
    table(rows, latency),
    'Where it goes: the mean of each span in the account of the session, which begins and ends at the agent',
    table(rows, spanColumns(rows)),
    'Order',
    table(rows, order),
    'Cost',
    table(rows, cost),
    'Yielding, in ms from the first speech sample',
    table(rows, yielding),
  ].join('\n');
}

/** A line for each mode. */
export function table<F>(
  rows: readonly { readonly mode: string; readonly figures: F }[],
  columns: readonly Column<F>[],
): string {
  const cells = [
    ['mode', ...columns.map(([title]) => title)],
    ...rows.map(({ mode, figures }) => [mode, ...columns.map(([, cell]) => cell(figures))]),
  ];
  const widths = ['mode', ...columns].map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells
    .map((row) =>
      row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))),
    )
    .map((row) => `  ${row.join('  ')}`)
    .concat('')
    .join('\n');
}

export function ms(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(0);
}

export function pair(spread: Spread | undefined): string {
  return spread === undefined || spread.count === 0 ? '–' : `${ms(spread.p50)}/${ms(spread.p95)}`;
}

/** After the decision; of how many that still had something to cancel. */
function cancelled(values: readonly number[]): string {
  return values.length === 0 ? '–' : `${Math.max(...values).toFixed(0)} ms of ${values.length}`;
}

function percent({ count, of }: Ratio): string {
  return of === 0 ? '–' : `${count}/${of} ${((100 * count) / of).toFixed(0)} %`;
}
